"""The version a release must at least have, computed from what changed.

Source: Data Package, recipe “Data Package Version” (datapackage.org/recipes/data-package-version), which follows
Semantic Versioning. What it leaves open is decided here:

    change                                          level   by
    ----------------------------------------------  ------  -----------------------------------------------------
    package renamed; table removed                  major   recipe: names and identifiers
    column added, removed, moved                    major   recipe: add, remove or re-order fields
    column retyped                                  major   recipe: type or format
    key changed                                     major   decided: joins and look-ups by the old key fail
    constraint tightened                            major   recipe; a pattern that is replaced counts as tighter
    row removed that other tables referred to       major   recipe: delete data that another resource refers to
    row renamed (renames.csv)                       major   recipe: identifiers; kept queries ask for the old one
    table added, row added                          minor   recipe
    constraint loosened, reference changed          minor   recipe
    row removed that no other table referred to     minor   decided: nothing that joins breaks, but data went away
    cell changed                                    patch   recipe: correct errors, in columns that refer as well
    description changed                             patch   recipe: descriptive metadata, labels and licences too

    version 0.x: what is major elsewhere raises the second number, as minor changes do; 1.0.0 is the publisher's to say
    first release: any version (the recipe: 0.1.0 while in public consultation, 1.0.0 else)
    nothing changed in tables or metadata: any version above the last (code or papers may have changed)
    withdrawn versions: compared is with the newest release that is not withdrawn, which is what readers were sent to;
        counted on is from the highest version ever published, as a number is never used twice
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum

from pipeline.package import is_higher, version_key
from pipeline.release.changes import Change
from pipeline.release.kinds import Kind

_EXAMPLES = 5


class Level(IntEnum):
    """How much of a version number a change raises."""

    NONE = 0
    PATCH = 1
    MINOR = 2
    MAJOR = 3


LEVELS: Mapping[str, Level] = {
    Kind.PACKAGE_RENAMED: Level.MAJOR,
    Kind.TABLE_REMOVED: Level.MAJOR,
    Kind.COLUMN_ADDED: Level.MAJOR,
    Kind.COLUMN_REMOVED: Level.MAJOR,
    Kind.COLUMN_MOVED: Level.MAJOR,
    Kind.COLUMN_RETYPED: Level.MAJOR,
    Kind.KEY_CHANGED: Level.MAJOR,
    Kind.TIGHTENED: Level.MAJOR,
    Kind.REFERRED_REMOVED: Level.MAJOR,
    Kind.ROW_RENAMED: Level.MAJOR,
    Kind.TABLE_ADDED: Level.MINOR,
    Kind.ROW_ADDED: Level.MINOR,
    Kind.ROW_REMOVED: Level.MINOR,
    Kind.LOOSENED: Level.MINOR,
    Kind.REFERENCE_CHANGED: Level.MINOR,
    Kind.CELL_CHANGED: Level.PATCH,
    Kind.DESCRIBED: Level.PATCH,
}


@dataclass(frozen=True)
class Reason:
    """Changes of one kind in one table: how many, and the first ones by key or column."""

    level: Level
    kind: Kind
    table: str
    count: int
    examples: tuple[str, ...]


@dataclass(frozen=True)
class Requirement:
    """The level that the changes ask for, with the reasons, gravest first.

    `version` is the lowest that may be written, "" for a first release; `since` what the changes are counted from.
    """

    level: Level
    reasons: tuple[Reason, ...] = ()
    version: str = ""
    since: str = ""

    def allows(self, declared: str) -> bool:
        """Whether a declared version is high enough."""
        return not is_higher(self.version, declared)


def required(found: Iterable[Change], since: str, highest: str) -> Requirement:
    """What changes since the version `since` ask for; `highest` is the highest version ever published."""
    counts: dict[tuple[str, str], int] = {}
    examples: dict[tuple[str, str], list[str]] = {}
    for change in found:
        group = (change.change, change.table)
        counts[group] = counts.get(group, 0) + 1
        named = examples.setdefault(group, [])
        if len(named) < _EXAMPLES and (name := _name(change)):
            named.append(name)
    reasons = [
        Reason(LEVELS[kind], Kind(kind), table, count, tuple(examples[kind, table]))
        for (kind, table), count in counts.items()
    ]
    order = list(LEVELS)
    reasons.sort(key=lambda reason: (-reason.level, order.index(reason.kind)))
    level = reasons[0].level if reasons else Level.NONE
    return Requirement(level, tuple(reasons), raised(highest, level), since)


def _name(change: Change) -> str:
    if change.change == Kind.ROW_RENAMED:
        return f"{change.before} → {change.after}"
    return f"{change.key} {change.column}".strip()


def raised(version: str, level: Level) -> str:
    """The lowest version above `version` that a change of this level allows; "" where there is no version before."""
    key = version_key(version)
    if key is None:
        return ""
    major, minor, patch = key
    if level is Level.MAJOR and major > 0:
        return f"{major + 1}.0.0"
    if level >= Level.MINOR:
        return f"{major}.{minor + 1}.0"
    return f"{major}.{minor}.{patch + 1}"

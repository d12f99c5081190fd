"""What changed between two sides, as text for a terminal and as JSON for programs."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from typing import Any

from pipeline.comparing import Comparison
from pipeline.fiction import NOTICE
from pipeline.language import Language, Text
from pipeline.release.changes import Change
from pipeline.release.kinds import WORDS, Kind
from pipeline.release.snapshots import CURATED, Snapshot
from pipeline.reports.required import because, lines, verdict
from pipeline.reports.visible import visible
from pipeline.tables import curated_tables, mart_tables

_MOST = 40  # changes of one kind in one table
_LONGEST = 160
_MARKS = {
    Kind.ROW_ADDED: "+",
    Kind.ROW_REMOVED: "-",
    Kind.REFERRED_REMOVED: "-",
    Kind.ROW_RENAMED: "→",
    Kind.CELL_CHANGED: "~",
}
ONLY_CURATED = Text(
    "一方是数据文件夹:只比较整理表;集市表的变化在发布时计入,所需版本可能更高",
    "one side is a data folder: only the curated tables are compared; what changes in the marts counts when it is "
    "released, and may ask for a higher version",
)
NOTHING = Text("没有差异", "no differences")


@dataclass(frozen=True)
class TableChanges:
    """The changes of one table, by kind in the order of `Kind`."""

    name: str
    groups: tuple[tuple[Kind, tuple[Change, ...]], ...]

    def title(self, language: Language) -> str:
        """As its readers call it, with its name in the release."""
        if not self.name:
            return "datapackage.json"
        of = self.name.removeprefix(CURATED)
        known = curated_tables() if of != self.name else mart_tables()
        found = next((table.title(language) for table in known if table.name == of), "")
        return f"{found} {visible(self.name)}".strip()

    def counted(self, language: Language) -> str:
        return ", ".join(f"{WORDS[kind](language)} × {len(found):,}" for kind, found in self.groups)


def by_table(found: Sequence[Change]) -> list[TableChanges]:
    """Changes grouped by table, in the order they come in."""
    order = list(Kind)
    tables = []
    for name, ours in groupby(found, key=lambda change: change.table):
        ranked = sorted(ours, key=lambda change: order.index(Kind(change.change)))
        groups = groupby(ranked, key=lambda change: Kind(change.change))
        tables.append(TableChanges(name, tuple((kind, tuple(of_kind)) for kind, of_kind in groups)))
    return tables


def counts(found: Sequence[Change]) -> list[tuple[Kind, int]]:
    """How many changes of each kind there are."""
    kinds = [Kind(change.change) for change in found]
    return [(kind, kinds.count(kind)) for kind in Kind if kind in kinds]


def shown(side: Snapshot) -> str:
    """A side in one line: where it is, what it says it is."""
    return f"{visible(side.label)} ({visible(side.name)} {visible(side.version)})"


def render(found: Comparison, language: Language, form: str) -> str:
    """Render as `text`, `json` or `html`."""
    if form == "json":
        return json.dumps(_content(found, language), ensure_ascii=False, indent=2)
    if form == "html":
        from pipeline.reports.changed_page import page

        return page(found, language)
    return "\n".join(_lines(found, language))


def _lines(found: Comparison, language: Language) -> Iterator[str]:
    yield f"{shown(found.before)} → {shown(found.after)}"
    if found.fictional:
        yield NOTICE(language)
    total = ", ".join(f"{WORDS[kind](language)} × {count:,}" for kind, count in counts(found.changes))
    yield total or NOTHING(language)
    if found.changes:
        yield verdict(found.requirement)(language)
        yield from lines(found.requirement, language)
    if not found.whole:
        yield ONLY_CURATED(language)
    for table in by_table(found.changes):
        yield ""
        yield f"{table.title(language)} — {table.counted(language)}"
        for kind, ours in table.groups:
            for change in ours[:_MOST]:
                yield f"  {_MARKS.get(kind, '!')} {_line(change, kind, language)}"
            if len(ours) > _MOST:
                rest = len(ours) - _MOST
                more = Text(
                    f"  … 另有 {rest:,} 处(--format json 全部列出)", f"  … {rest:,} more (--format json lists all)"
                )
                yield more(language)


def _line(change: Change, kind: Kind, language: Language) -> str:
    before, after = (visible(text, _LONGEST) for text in (change.before, change.after))
    column, key = visible(change.column), visible(change.key)
    match kind:
        case Kind.ROW_ADDED | Kind.ROW_REMOVED | Kind.REFERRED_REMOVED:
            return f"{key}  {cells(change)}"
        case Kind.ROW_RENAMED:
            return f"{before} → {after}"
        case Kind.CELL_CHANGED:
            return f"{key}  {column}: {before or '∅'} → {after or '∅'}"
        case _:
            told = f": {before or '∅'} → {after or '∅'}" if before or after else ""
            return f"{WORDS[kind](language)} {column}".rstrip() + told


def cells(change: Change) -> str:
    """The cells of a whole row but those of its key, in one line."""
    row: dict[str, str] = json.loads(change.after or change.before)
    return visible(", ".join(f"{name}={cell}" for name, cell in row.items() if cell != change.key), _LONGEST)


def _content(found: Comparison, language: Language) -> dict[str, Any]:
    requirement = found.requirement
    return {
        **({"notice": NOTICE(language)} if found.fictional else {}),
        "before": _side(found.before),
        "after": _side(found.after),
        "only_curated": not found.whole,
        "required": {
            "level": requirement.level.name.lower(),
            "version": requirement.version,
            "allowed": requirement.allows(found.after.version),
            "reasons": [
                {
                    "level": reason.level.name.lower(),
                    "change": reason.kind.value,
                    "table": reason.table,
                    "count": reason.count,
                    "examples": list(reason.examples),
                    "message": because(reason)(language),
                }
                for reason in requirement.reasons
            ],
        },
        "counts": {kind.value: count for kind, count in counts(found.changes)},
        "changes": [asdict(change) for change in found.changes],
    }


def _side(side: Snapshot) -> dict[str, str]:
    return {"path": side.label, "name": side.name, "version": side.version}

"""What changed in the schema of one table: columns, key, references, constraints, descriptions."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from difflib import SequenceMatcher

from pipeline.release.kinds import Kind
from pipeline.release.snapshots import Published
from pipeline.tables import Field, Table

# Name in a schema, name in a Field, whether it is an upper bound.
_BOUNDS = (
    ("minimum", "minimum", False),
    ("exclusiveMinimum", "exclusive_minimum", False),
    ("maximum", "maximum", True),
    ("exclusiveMaximum", "exclusive_maximum", True),
    ("minLength", "min_length", False),
    ("maxLength", "max_length", True),
)


@dataclass(frozen=True)
class Difference:
    """One difference."""

    kind: Kind
    column: str = ""
    before: str = ""
    after: str = ""


def table_differences(old: Published, new: Published) -> Iterator[Difference]:
    """The differences of two schemas and of what is said of the tables. Positions of columns count from 1."""
    yield from _columns(old.schema, new.schema)
    if old.schema.primary_key != new.schema.primary_key:
        yield Difference(Kind.KEY_CHANGED, "", _listed(old.schema.primary_key), _listed(new.schema.primary_key))
    yield from _references(old.schema, new.schema)
    yield from _unique_keys(old.schema, new.schema)
    for column in new.schema.names:
        if column in old.schema.names:
            yield from _field(old.schema.field(column), new.schema.field(column))
    if old.title != new.title:
        yield Difference(Kind.DESCRIBED, "", old.title, new.title)
    if old.description != new.description:
        yield Difference(Kind.DESCRIBED, "", old.description, new.description)


def _columns(old: Table, new: Table) -> Iterator[Difference]:
    for position, name in enumerate(old.names, 1):
        if name not in new.names:
            yield Difference(Kind.COLUMN_REMOVED, name, str(position), "")
    for position, name in enumerate(new.names, 1):
        if name not in old.names:
            yield Difference(Kind.COLUMN_ADDED, name, "", str(position))
    had, has = ([name for name in one.names if name in other.names] for one, other in ((old, new), (new, old)))
    blocks = SequenceMatcher(None, had, has, autojunk=False).get_matching_blocks()
    stayed = {name for block in blocks for name in had[block.a : block.a + block.size]}
    for name in has:
        if name not in stayed:
            yield Difference(Kind.COLUMN_MOVED, name, str(old.names.index(name) + 1), str(new.names.index(name) + 1))


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)


def _references(old: Table, new: Table) -> Iterator[Difference]:
    had, has = ({_listed(key.fields): key for key in table.foreign_keys} for table in (old, new))
    for fields in sorted(had.keys() | has.keys()):
        was, now = (
            f"{key.resource}({_listed(key.reference_fields)})" if (key := keys.get(fields)) else ""
            for keys in (had, has)
        )
        if was != now:
            yield Difference(Kind.REFERENCE_CHANGED, fields, was, now)


def _unique_keys(old: Table, new: Table) -> Iterator[Difference]:
    had, has = ({frozenset(key): _listed(key) for key in table.unique_keys} for table in (old, new))
    for key in sorted(has.keys() - had.keys(), key=sorted):
        yield Difference(Kind.TIGHTENED, has[key], "", "unique")
    for key in sorted(had.keys() - has.keys(), key=sorted):
        yield Difference(Kind.LOOSENED, had[key], "unique", "")


def _field(old: Field, new: Field) -> Iterator[Difference]:
    was, now = (each.type if each.format == "default" else f"{each.type} ({each.format})" for each in (old, new))
    if was != now:
        yield Difference(Kind.COLUMN_RETYPED, new.name, was, now)
    for name, before, after, tighter in _constraints(old, new):
        if before != after:
            kind = Kind.TIGHTENED if tighter else Kind.LOOSENED
            yield Difference(kind, new.name, f"{name} {before}".rstrip(), f"{name} {after}".rstrip())
    for before, after in (
        (old.title.both, new.title.both),
        (old.description.both, new.description.both),
        (_labels(old, new), _labels(new, old)),
    ):
        if before != after:
            yield Difference(Kind.DESCRIBED, new.name, before, after)


def _labels(one: Field, other: Field) -> str:
    """Labels of the values both sides have; of the others the constraint tells."""
    return "; ".join(f"{value}: {label.both}" for value, label in one.enum if value in other.values)


def _constraints(old: Field, new: Field) -> Iterator[tuple[str, str, str, bool]]:
    """Name, before, after of each constraint, and whether a change of it is a tightening where it is a change.

    A pattern that is another one may exclude what was allowed, and so counts as tighter.
    """
    yield "required", _shown(old.required), _shown(new.required), new.required
    yield "unique", _shown(old.unique), _shown(new.unique), new.unique
    yield "pattern", old.pattern or "", new.pattern or "", new.pattern is not None
    for name, own, upper in _BOUNDS:
        before, after = _shown(getattr(old, own)), _shown(getattr(new, own))
        yield name, before, after, _tighter(before, after, upper=upper)
    yield "enum", *_enum(old, new)


def _shown(value: str | int | bool | None) -> str:
    """A constraint as text; what is not demanded is empty."""
    if isinstance(value, bool):
        return "true" if value else ""
    return "" if value is None else str(value)


def _tighter(before: str, after: str, *, upper: bool) -> bool:
    """Whether one bound excludes more than another; dates and times compare as text. No bound is the widest."""
    if not before or not after:
        return bool(after)
    try:
        return (Decimal(after) < Decimal(before)) is upper
    except InvalidOperation:
        return (after < before) is upper


def _enum(old: Field, new: Field) -> tuple[str, str, bool]:
    """Lists of values as sets: their order means nothing. A list where there was none is tighter."""
    before, after = sorted(set(old.values)), sorted(set(new.values))
    tighter = bool(after) and (not before or not set(before) <= set(after))
    return ", ".join(before), ", ".join(after), tighter

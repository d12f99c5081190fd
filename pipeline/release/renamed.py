"""Declared renames: which identifier of the older side became which one of the newer, and where identifiers stand.

A row whose identifier changed is the same row. So that it, and all that refers to it, can be compared, the cells of the
older side are read as if the rename had been made there already.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from pipeline.release.snapshots import CURATED, Published, Row, Snapshot

RENAMES = f"{CURATED}renames"
Column = tuple[str, str]  # table, column


@dataclass(frozen=True)
class Renames:
    """`keys` is old → new by curated table; `columns` says of which curated table a column holds identifiers."""

    keys: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    columns: Mapping[Column, str] = field(default_factory=dict)

    @cached_property
    def everywhere(self) -> dict[str, str]:
        """Old → new where only one table has renamed this identifier: for columns that hold those of several tables."""
        pairs = [pair for keys in self.keys.values() for pair in keys.items()]
        told: dict[str, set[str]] = {}
        for old, new in pairs:
            told.setdefault(old, set()).add(new)
        return {old: next(iter(new)) for old, new in told.items() if len(new) == 1}

    def of(self, table: Published) -> dict[int, Mapping[str, str]]:
        """The renames that columns of a table follow, by their position."""
        found: dict[int, Mapping[str, str]] = {}
        for position, each in enumerate(table.schema.fields):
            origin = self.columns.get((table.name, each.name))
            if origin is not None and origin in self.keys:
                found[position] = self.keys[origin]
            elif origin is None and each.name.endswith("_id") and self.everywhere:
                found[position] = self.everywhere
        return found

    def follows(self, before: str, after: str) -> bool:
        """Whether a cell, or each entry of a list joined by semicolons, only follows a rename."""
        return ";".join(self.everywhere.get(part, part) for part in before.split(";")) == after


def renames(before: Snapshot, after: Snapshot) -> Renames:
    """The renames declared on the newer side that happened between the two."""
    declared = after.tables.get(RENAMES)
    if declared is None:
        return Renames()
    chains = dict(_declared(declared))
    columns = {**_identifiers(before), **_identifiers(after)}
    keys: dict[str, Mapping[str, str]] = {}
    for name in sorted({table for table, _ in chains}):
        had, has = before.tables.get(CURATED + name), after.tables.get(CURATED + name)
        if had is None or has is None or len(had.schema.primary_key) != 1 or len(has.schema.primary_key) != 1:
            continue
        step = {old: new for (table, old), new in chains.items() if table == name}
        concerned = {*step, *step.values()}
        old_keys, new_keys = (_present(table, concerned) for table in (had, has))
        happened: dict[str, str] = {}
        for old in sorted(step):
            new = _end(old, step)
            gone, come = old in old_keys - new_keys, new in new_keys - old_keys
            if gone and come and new not in happened.values():
                happened[old] = new
        if happened:
            keys[name] = happened
    return Renames(keys, columns)


def _declared(table: Published) -> Iterator[tuple[tuple[str, str], str]]:
    names = table.schema.names
    if {"table", "old_key", "new_key"} <= set(names):
        of, old, new = (names.index(name) for name in ("table", "old_key", "new_key"))
        for row in table.rows:
            yield (row[of], row[old]), row[new]


def _end(old: str, step: Mapping[str, str]) -> str:
    """What an identifier is called after all its renames; a chain that loops ends where it began."""
    seen, now = {old}, step[old]
    while now in step and now not in seen:
        seen.add(now)
        now = step[now]
    return now


def _present(table: Published, concerned: set[str]) -> set[str]:
    at = table.schema.names.index(table.schema.primary_key[0])
    return {row[at] for row in table.rows if row[at] in concerned}


def _identifiers(side: Snapshot) -> dict[Column, str]:
    """Columns that hold identifiers of a curated table: its key, what refers to it, what marts take over."""
    found = {
        (table.name, table.schema.primary_key[0]): table.curated
        for table in side.tables.values()
        if table.curated and len(table.schema.primary_key) == 1
    }
    while True:
        more = {column: of for column, of in _reached(side, found) if column not in found}
        if not more:
            return found
        found.update(more)


def _reached(side: Snapshot, known: Mapping[Column, str]) -> Iterator[tuple[Column, str]]:
    for table in side.tables.values():
        for key in table.schema.foreign_keys:
            for own, other in zip(key.fields, key.reference_fields, strict=True):
                if (key.resource, other) in known:
                    yield (table.name, own), known[key.resource, other]
        for each in table.schema.fields:
            origin, _, column = str(each.descriptor.get("ms:from", "")).partition(".")
            if (CURATED + origin, column) in known:
                yield (table.name, each.name), known[CURATED + origin, column]


def renamed(rows: Iterable[Row], following: Mapping[int, Mapping[str, str]]) -> Iterator[Row]:
    """Rows of the older side as they would be had the renames been made there."""
    if not following:
        yield from rows
        return
    for row in rows:
        cells = list(row)
        for position, keys in following.items():
            cells[position] = keys.get(cells[position], cells[position])
        yield tuple(cells)

"""What changed rows are about: the programmes, years, units of measure and indicators they touch."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from sys import intern

from pipeline.release.changes import Change, joined
from pipeline.release.kinds import Kind
from pipeline.release.snapshots import CURATED, Snapshot

# The columns by which a record leads to its programme, years, unit and indicator; no more of a row is kept.
_LEADING: Mapping[str, tuple[str, ...]] = {
    "programmes": ("programme_id", "start_year", "end_year"),
    "sources": ("programme_id",),
    "tasks": ("programme_id",),
    "assignments": ("task_id",),
    "indicators": ("task_id", "unit_code", "name_zh", "name_en"),
    "targets": ("indicator_id", "start_year", "end_year", "unit_code"),
    "observations": ("indicator_id", "period_start", "period_end", "unit_code"),
    "milestones": ("task_id", "due_on"),
    "citations": ("target_id", "observation_id", "milestone_id", "source_id"),
    "exclusions": ("source_id",),
    "links": ("from_target_id",),
    "caveats": ("table", "record_id"),
    "units": ("unit_code",),
    "unit_symbols": ("unit_code",),
}
# Where a column leads.
_REFERENCES = {
    "programme_id": "programmes",
    "task_id": "tasks",
    "indicator_id": "indicators",
    "target_id": "targets",
    "from_target_id": "targets",
    "observation_id": "observations",
    "milestone_id": "milestones",
    "source_id": "sources",
}
_YEARS = ("start_year", "end_year", "period_start", "period_end", "due_on")
Cells = Mapping[str, str]


@dataclass
class Touched:
    """What a group of changes is about. `rows` counts the records by curated table."""

    rows: dict[str, set[str]] = field(default_factory=dict)
    programmes: set[str] = field(default_factory=set)
    years: set[int] = field(default_factory=set)
    units: set[str] = field(default_factory=set)
    indicators: dict[str, str] = field(default_factory=dict)


@dataclass
class _Side:
    """Rows of one side by key, read where they are first asked for."""

    snapshot: Snapshot
    known: dict[str, dict[str, tuple[str, ...]]] = field(default_factory=dict)

    def find(self, table: str, key: str) -> Cells | None:
        if table not in self.known:
            self.known[table] = dict(self._rows(table))
        cells = self.known[table].get(key)
        return None if cells is None else dict(zip(_LEADING[table], cells, strict=True))

    def _rows(self, table: str) -> Iterator[tuple[str, tuple[str, ...]]]:
        published = self.snapshot.tables.get(CURATED + table)
        if published is None or not published.schema.primary_key:
            return
        names = published.schema.names
        key = [names.index(name) for name in published.schema.primary_key]
        kept = [names.index(name) if name in names else -1 for name in _LEADING[table]]
        for row in published.rows:
            yield joined([row[at] for at in key]), tuple(intern(row[at]) if at >= 0 else "" for at in kept)


def touched(found: Iterable[Change], before: Snapshot | None, after: Snapshot) -> dict[str, Touched]:
    """Changes of curated rows as `added`, `corrected`, `removed`, `renamed`, with what each group is about."""
    sides = [_Side(after), *([_Side(before)] if before else [])]
    groups: dict[str, Touched] = {}
    told: set[tuple[str, str, str]] = set()
    for change in found:
        group = _GROUPS.get(change.change)
        table = change.table.removeprefix(CURATED)
        if group is None or table == change.table or (group, table, change.key) in told:
            continue
        into = groups.setdefault(group, Touched())
        into.rows.setdefault(table, set()).add(change.key)
        if group == "corrected":  # other changes come once a row
            told.add((group, table, change.key))
        cells = _cells(change)
        if cells is None:
            cells = next((row for side in sides if (row := _row(side, table, change.key)) is not None), {})
        _follow(table, change.key, cells, sides, into, 0)
    return groups


_GROUPS: Mapping[str, str] = {
    Kind.ROW_ADDED: "added",
    Kind.CELL_CHANGED: "corrected",
    Kind.ROW_REMOVED: "removed",
    Kind.REFERRED_REMOVED: "removed",
    Kind.ROW_RENAMED: "renamed",
}


def everything(after: Snapshot) -> Touched:
    """What a first release is about: its programmes with their years."""
    into = Touched()
    for name, table in after.tables.items():
        if of := table.curated:
            into.rows[of] = {str(number) for number, _ in enumerate(table.rows)}
        if name == f"{CURATED}programmes":
            for row in table.rows:
                cells = dict(zip(table.schema.names, row, strict=True))
                _follow("programmes", cells.get("programme_id", ""), cells, [], into, 0)
    return into


def _cells(change: Change) -> Cells | None:
    """The cells of a row that a change tells whole."""
    if change.change not in (Kind.ROW_ADDED, Kind.ROW_REMOVED, Kind.REFERRED_REMOVED):
        return None
    cells: dict[str, str] = json.loads(change.after or change.before)
    return cells


def _row(side: _Side, table: str, key: str) -> Cells | None:
    return side.find(table, key) if table in _LEADING else None


def _follow(table: str, key: str, cells: Cells, sides: list[_Side], into: Touched, depth: int) -> None:
    """Note what a row says and go to the rows it belongs to; damaged data may lead in a circle, so not for ever."""
    if depth > 8:
        return
    if table == "programmes":
        into.programmes.add(key)
    if table == "indicators":
        into.indicators[key] = " ".join(filter(None, (cells.get("name_zh"), cells.get("name_en"))))
    if unit := cells.get("unit_code"):
        into.units.add(unit)
    if depth == 0 or table != "programmes":
        into.years.update(_years(cells))
    leading = _LEADING.get(table, ())
    for column in leading:
        of, other = _REFERENCES.get(column), cells.get(column, "")
        if table == "caveats" and column == "record_id":
            of = cells.get("table", "")
        if not of or not other or (of, other) == (table, key) or of not in _LEADING:
            continue
        above = next((row for side in sides if (row := side.find(of, other)) is not None), {})
        _follow(of, other, above, sides, into, depth + 1)


def _years(cells: Cells) -> Iterator[int]:
    found = [int(cells[name][:4]) for name in _YEARS if cells.get(name, "")[:4].isdecimal()]
    if found:
        yield from range(min(found), min(max(found), min(found) + 50) + 1)

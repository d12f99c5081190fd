"""Typed rows with their places, and what leads from one to another."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property, lru_cache
from operator import attrgetter, itemgetter
from typing import Any

from pipeline.curated import CuratedFile, Reading, Record
from pipeline.findings import Finding, Fix, Place
from pipeline.language import Text
from pipeline.tables import Field, Table
from pipeline.tables import table as table_named

Cell = str | int | bool | Decimal | date | None
Cells = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One record whose cells have a type when they are asked for.

    `faulty` names the cells that cannot be relied on (their value is None).
    """

    source: CuratedFile
    record: Record
    faulty: frozenset[str]

    def __getitem__(self, name: str) -> Any:
        table = self.source.table
        at = table.positions[name]
        cell = self.record.cells[at]
        if cell is None or (self.faulty and name in self.faulty):
            return None
        read = _READERS.get(table.fields[at].type)
        return cell if read is None else read(cell)

    @property
    def key(self) -> str:
        return "/".join(str(self[name]) for name in self.source.table.primary_key)

    def place(self, name: str | None = None) -> Place:
        return self.source.place(self.record, name)

    def text(self, name: str) -> str | None:
        """The cell as written."""
        return self.record.cells[self.source.table.positions[name]]

    def finding(self, code: str, name: str | None = None, fix: Fix | None = None, /, **facts: str | Text) -> Finding:
        return Finding(code, self.place(name), self.text(name) if name else None, facts, fix)


@dataclass(frozen=True)
class Unit:
    """A unit of measure: value × factor is the value in the base unit."""

    code: str
    dimension: str
    base: str
    factor: Fraction
    integral: bool


@dataclass(frozen=True)
class Dataset:
    """All curated rows by table; look-ups are built once, on first use."""

    tables: Mapping[str, tuple[Row, ...]]
    incomplete: frozenset[str]

    @cached_property
    def sound(self) -> frozenset[str]:
        """Tables without a faulty cell: a million rows need not be asked one by one."""
        return frozenset(name for name, rows in self.tables.items() if not any(row.faulty for row in rows))

    @cached_property
    def remembered(self) -> dict[str, list[Row]]:
        """Rows that were picked for one check and are the same for the next, by what they are."""
        return {}

    @cached_property
    def _indexes(self) -> dict[str, dict[str, Row]]:
        return {}

    @cached_property
    def _programmes(self) -> dict[tuple[str, str | None], Row | None]:
        return {}

    def cells(self, table: str) -> Sequence[Cells]:
        """The cells of all rows of a table as written, taken once for all checks."""
        if table not in self._cells:
            self._cells[table] = cells_of(self.tables[table])
        return self._cells[table]

    @cached_property
    def _cells(self) -> dict[str, Sequence[Cells]]:
        return {}

    def find(self, table: str, key: str | None) -> Row | None:
        """The row with this primary key (parts joined by slashes), if there is one."""
        if key is None:
            return None
        if table not in self._indexes:
            self._indexes[table] = {row.key: row for row in reversed(self.tables[table])}
        return self._indexes[table].get(key)

    @cached_property
    def _by_source(self) -> dict[tuple[str, str | None], list[Row]]:
        rows: dict[tuple[str, str | None], list[Row]] = {}
        for table in ("citations", "exclusions", "rankings"):
            for row in self.tables[table]:
                rows.setdefault((table, row["source_id"]), []).append(row)
        return rows

    def of_source(self, table: str, source_id: str) -> list[Row]:
        """Citations, exclusions or rankings asked for of one source."""
        return self._by_source.get((table, source_id), [])

    @cached_property
    def assignments(self) -> dict[str, list[Row]]:
        """Assignments with a printed name, by programme."""
        rows: dict[str, list[Row]] = {}
        for row in self.tables["assignments"]:
            if row["printed_name"] and (programme := self.programme_of(row)):
                rows.setdefault(programme.key, []).append(row)
        return rows

    @cached_property
    def units(self) -> dict[str, Unit]:
        needed = ("unit_code", "dimension", "base_unit_code", "numerator", "denominator", "integral")
        return {
            row["unit_code"]: Unit(
                row["unit_code"],
                row["dimension"],
                row["base_unit_code"],
                Fraction(row["numerator"], row["denominator"]),
                row["integral"],
            )
            for row in self.tables["units"]
            if not row.faulty.intersection(needed)
        }

    @cached_property
    def caveats(self) -> dict[tuple[str, str], frozenset[str]]:
        """Kinds of the caveats of a record, by (table, record_id)."""
        kinds: dict[tuple[str, str], set[str]] = {}
        for row in self.tables["caveats"]:
            kinds.setdefault((row["table"], row["record_id"]), set()).add(row["kind"])
        return {record: frozenset(found) for record, found in kinds.items()}

    def has_caveat(self, row: Row, *kinds: str) -> bool:
        return bool(self.caveats.get((row.source.table.name, row.key), frozenset()).intersection(kinds))

    def programme_of(self, row: Row) -> Row | None:
        """The programme a row belongs to, by way of its task and indicator."""
        table = row.source.table.name
        if table == "programmes":
            return row
        if table in ("tasks", "sources"):
            return self.find("programmes", row["programme_id"])
        parent = {
            "targets": ("indicators", "indicator_id"),
            "observations": ("indicators", "indicator_id"),
            "reports": ("indicators", "indicator_id"),
            "target_revisions": ("targets", "target_id"),
            "indicators": ("tasks", "task_id"),
            "assignments": ("tasks", "task_id"),
            "milestones": ("tasks", "task_id"),
            "citations": ("sources", "source_id"),
            "exclusions": ("sources", "source_id"),
            "rankings": ("tasks", "task_id"),
        }[table]
        way = (parent[0], row[parent[1]])
        if way not in self._programmes:  # many rows have one parent
            above = self.find(*way)
            self._programmes[way] = self.programme_of(above) if above else None
        return self._programmes[way]


def columns_of(rows: Sequence[Row], *names: str) -> list[Iterable[str | None]]:
    """Columns of rows of one table as written, to be gone through once each.

    What is done with a column as a whole takes a tenth of what it takes row by row, and a million rows are ten checks.
    """
    return columns(rows[0].source.table, cells_of(rows), names) if rows else [() for _ in names]


def columns(table: Table, cells: Sequence[Cells], names: Sequence[str]) -> list[Iterable[str | None]]:
    """The columns with these names of cells in the order of the schema, to be gone through once each."""
    return [map(itemgetter(table.positions[name]), cells) for name in names]


def cells_of(rows: Iterable[Row]) -> Sequence[Cells]:
    """The cells of rows as written."""
    return list(map(attrgetter("record.cells"), rows))


def written(table: str, *names: str) -> Callable[[Row], tuple[str | None, ...]]:
    """A function for the cells of a row as written, without their types: what stands twice is judged once by them.

    Two names at least. The cells must be sound.
    """
    positions = table_named(table).positions
    cells: Callable[[Any], tuple[str | None, ...]] = itemgetter(*(positions[name] for name in names))
    return lambda row: cells(row.record.cells)


def typed(reading: Reading, tables: Iterable[Table], faulty: Mapping[tuple[str, int], set[str]]) -> Dataset:
    """Rows whose sound cells have types; `faulty` names unsound cells by (file, row). A cell a row lacks is unsound."""
    rows: dict[str, list[Row]] = {table.name: [] for table in tables}
    touched = {file for file, _ in faulty}
    for file in reading.files:
        missing = file.missing_columns
        if file.file not in touched and not file.absent:
            rows[file.table.name] += [Row(file, record, missing) for record in file.records]
            continue
        cut: dict[int, set[str]] = {}
        for at, name in file.absent:
            cut.setdefault(at, set()).add(name)
        for record in file.records:
            bad = missing.union(faulty.get((file.file, record.row), ()), cut.get(record.row, ()))
            rows[file.table.name].append(Row(file, record, bad))
    return Dataset({name: tuple(found) for name, found in rows.items()}, reading.incomplete)


def _boolean(cell: str) -> bool:
    return cell == "true"


# A million cells hold far fewer numbers and dates: what was read last is kept.
_KEPT = 50_000
_READERS: Mapping[str, Callable[[str], Cell]] = {
    "integer": lru_cache(_KEPT)(int),
    "number": lru_cache(_KEPT)(Decimal),
    "boolean": _boolean,
    "date": lru_cache(_KEPT)(date.fromisoformat),
}


def parse_cell(field: Field, cell: str | None) -> Cell:
    """The typed value of a cell whose form has been found right."""
    read = _READERS.get(field.type)
    return cell if cell is None or read is None else read(cell)

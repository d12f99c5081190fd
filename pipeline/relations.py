"""A table as text in the database: columns c0, c1 … in the order of its fields, rows in the order of its records.

What the structural checks compile to SQL runs on relations; a relation finds the records again that its rows stand for.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import duckdb

from pipeline.curated import CuratedFile, Record
from pipeline.tables import Table

if TYPE_CHECKING:
    import polars as pl

Located = tuple[CuratedFile, Record]
_FEW = 50_000  # records up to which polars is not worth its import
_AT_ONCE = 122_880  # records handed to the database in one statement


class Relation(Protocol):
    """A table to judge. `extra` are columns beside those of the schema, `missing` fields without a column."""

    @property
    def table(self) -> Table: ...

    @property
    def measured(self) -> bool:
        """Whether `settle` needs the columns `newlines` and `bytes` of the sieved rows."""
        ...

    @property
    def missing(self) -> frozenset[str]: ...

    @property
    def extra(self) -> tuple[str, ...]: ...

    @property
    def irregular(self) -> Sequence[Located]:
        """Records that stand in no row (a cell too few or too many), once `settle` was called."""
        ...

    def source(self, connection: duckdb.DuckDBPyConnection) -> tuple[str, list[str]]:
        """What to select from, and the values of its parameters."""
        ...

    def doubt(self) -> None:
        """The database could not read it. Raises UnplainError where the file can be read in another way."""
        ...

    def settle(self, connection: duckdb.DuckDBPyConnection, sieved: str) -> None:
        """Learn from the sieved rows what is needed to find records again."""
        ...

    def fetch(self, rows: Sequence[int]) -> list[Located]:
        """The records of rows (from 0, ascending)."""
        ...


@dataclass
class Loaded:
    """Records in memory, those of several files one behind the other."""

    table: Table
    records: list[Located]
    missing: frozenset[str] = frozenset()
    extra: tuple[str, ...] = ()
    irregular: Sequence[Located] = ()
    measured: bool = False

    def source(self, connection: duckdb.DuckDBPyConnection) -> tuple[str, list[str]]:
        columns = ", ".join(f"cell[{i + 1}] AS c{i}" for i in range(len(self.table.fields)))
        if len(self.records) <= _FEW:
            rows = f"(SELECT {columns} FROM (SELECT unnest(from_json(?, '[[\"VARCHAR\"]]')) AS cell))"  # noqa: S608
            return rows, [_cells(self.records)]
        names = ", ".join(f"c{i} VARCHAR" for i in range(len(self.table.fields)))
        connection.execute(f"CREATE OR REPLACE TEMP TABLE loaded ({names})")
        for start in range(0, len(self.records), _AT_ONCE):
            some = [record.cells for _, record in self.records[start : start + _AT_ONCE]]
            with handed_over(connection, some) as rows:
                connection.execute(f"INSERT INTO loaded FROM {rows}")
        return "loaded", []

    def doubt(self) -> None:
        """There is no other way."""

    def settle(self, connection: duckdb.DuckDBPyConnection, sieved: str) -> None:
        """Records are at hand."""

    def fetch(self, rows: Sequence[int]) -> list[Located]:
        return [self.records[row] for row in rows]


class _Stream:
    """A frame as nothing but a stream of Arrow arrays: given a frame of polars, DuckDB asks for pyarrow."""

    def __init__(self, frame: "pl.DataFrame") -> None:
        self._frame = frame

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self._frame.__arrow_c_stream__(requested_schema)


@contextmanager
def handed_over(connection: duckdb.DuckDBPyConnection, rows: Sequence[Sequence[str | None]]) -> Iterator[str]:
    """Cells as a relation of the database while in the context: its SQL, with the columns c0, c1 …

    For many rows: an Arrow array a column takes a fourth of the time of an array of Python strings, and that a fifth
    of JSON; but polars takes a moment to import. A lone surrogate is none and becomes a question mark.
    """
    import polars as pl

    columns = {}
    for i, cells in enumerate(zip(*rows, strict=True)):
        try:
            columns[f"c{i}"] = pl.Series(cells, dtype=pl.String)
        except UnicodeEncodeError:
            said = [cell and cell.encode("utf-8", "replace").decode() for cell in cells]
            columns[f"c{i}"] = pl.Series(said, dtype=pl.String)
    connection.register("handed_over", _Stream(pl.DataFrame(columns)))
    try:
        # an empty cell is missing, on both sides
        cells_of = ", ".join(f"nullif({name}, '') AS {name}" for name in columns)
        yield f"(SELECT {cells_of} FROM handed_over)"  # noqa: S608 - names made here
    finally:
        connection.unregister("handed_over")


def _cells(records: Sequence[Located]) -> str:
    """The cells of records as JSON; a lone surrogate of a damaged file is none and becomes a question mark."""
    cells = json.dumps([record.cells for _, record in records], ensure_ascii=False)
    return cells.encode("utf-8", "replace").decode("utf-8")

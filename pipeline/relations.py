"""A table as text in the database: columns c0, c1 … in the order of its fields, rows in the order of its records.

What the structural checks compile to SQL runs on relations; a relation finds the records again that its rows stand for.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import duckdb

from pipeline.curated import CuratedFile, Record
from pipeline.tables import Table

Located = tuple[CuratedFile, Record]
_AT_ONCE = 50_000  # records handed to the database in one statement


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
        rows = f"(SELECT {columns} FROM (SELECT unnest(from_json(?, '[[\"VARCHAR\"]]')) AS cell))"  # noqa: S608
        if len(self.records) <= _AT_ONCE:
            return rows, [_cells(self.records)]
        names = ", ".join(f"c{i} VARCHAR" for i in range(len(self.table.fields)))
        connection.execute(f"CREATE OR REPLACE TEMP TABLE loaded ({names})")
        for start in range(0, len(self.records), _AT_ONCE):
            connection.execute(f"INSERT INTO loaded FROM {rows}", [_cells(self.records[start : start + _AT_ONCE])])
        return "loaded", []

    def doubt(self) -> None:
        """There is no other way."""

    def settle(self, connection: duckdb.DuckDBPyConnection, sieved: str) -> None:
        """Records are at hand."""

    def fetch(self, rows: Sequence[int]) -> list[Located]:
        return [self.records[row] for row in rows]


def _cells(records: Sequence[Located]) -> str:
    """The cells of records as JSON; a lone surrogate of a damaged file is none and becomes a question mark."""
    cells = json.dumps([record.cells for _, record in records], ensure_ascii=False)
    return cells.encode("utf-8", "replace").decode("utf-8")

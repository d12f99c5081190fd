"""What the gate expects, as schemas/gate.toml declares it: of the tables themselves, and against the last release."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from pipeline.language import Text
from pipeline.tables import Table, curated_tables, mart_tables, schemas_dir

CURATED = "curated-"  # before the name of a curated table, where a release publishes it
MART = "gate-mart-expectation"
VANISHED = "gate-record-vanished"


@dataclass(frozen=True)
class Expectation:
    """One expectation of a published table, by its Great Expectations type; broken, it is a finding of rule `code`.

    An expectation of another rule than MART is one against the last release. It is held against a frame that joins the
    records of both (columns of pipeline/against.py): `compares` is the column looked at, `within` a column that must be
    the same on both sides for a comparison to mean anything; with `covers` the frame has a row a programme, with how
    many of its records fill that column. `field` is the curated column to point at.
    """

    mart: str
    type: str
    kwargs: Mapping[str, Any]
    title: Text
    code: str = MART
    compares: str = ""
    within: str = ""
    covers: str = ""
    field: str = ""

    @property
    def against_last(self) -> bool:
        return self.code != MART

    @property
    def suite(self) -> str:
        """Expectations of one suite are held against one frame."""
        if self.covers:
            return f"{self.mart}, coverage against the last release"
        return f"{self.mart}, against the last release" if self.against_last else self.mart

    @property
    def table(self) -> Table:
        return published_table(self.mart)

    def names(self, column: str) -> bool:
        """Whether a column of the table is needed to judge this, or to say which row breaks it."""
        values = (value if isinstance(value, list) else [value] for value in self.kwargs.values())
        return column in self.table.primary_key or any(column in each for each in values)

    @property
    def needs(self) -> tuple[str, ...]:
        """Columns that the last release must have, for this to be judged."""
        named = (
            *self.table.primary_key,
            self.compares,
            self.within,
            self.covers,
            "programme_id" if self.covers else "",
        )
        return tuple(name for name in dict.fromkeys(named) if name)


@cache
def expectations() -> tuple[Expectation, ...]:
    """What is expected: a unique key of every mart, then what schemas/gate.toml says of single tables."""
    declared = tomllib.loads((schemas_dir() / "gate.toml").read_text(encoding="utf-8"))
    entries = [*declared["expectation"], *declared["against"]]
    return (*(_key(table) for table in mart_tables()), *(_declared(entry) for entry in entries))


def _declared(entry: dict[str, Any]) -> Expectation:
    said = {name: value for name, value in entry.items() if not name.startswith("title_")}
    return Expectation(**said, title=Text(entry["title_zh"], entry["title_en"]))


def _key(table: Table) -> Expectation:
    key = list(table.primary_key)
    title = Text(f"主键 {'/'.join(key)} 不重复", f"the key {'/'.join(key)} occurs once")
    if len(key) == 1:
        return Expectation(table.name, "expect_column_values_to_be_unique", {"column": key[0]}, title)
    return Expectation(table.name, "expect_compound_columns_to_be_unique", {"column_list": key}, title)


@cache
def published_table(name: str) -> Table:
    """The schema of a table by the name under which a release publishes it."""
    tables = {table.name: table for table in mart_tables()}
    tables |= {CURATED + table.name: table for table in curated_tables()}
    return tables[name]


def origin(mart: str) -> tuple[str, str]:
    """Curated table and column that the first key column of a published table holds the identifiers of.

    A mart says so by `ms:from`; ("", "") where its key is its own.
    """
    table = published_table(mart)
    first = table.field(table.primary_key[0])
    if mart.startswith(CURATED):
        return table.name, first.name
    name, _, column = str(first.descriptor.get("ms:from", "")).partition(".")
    return (name, column) if column else ("", "")


def parents(mart: str) -> Mapping[str, str]:
    """Columns of a published table that say what a record belongs to, with the curated table of that.

    A record belongs to what its own curated table refers to and has a place in the same document.
    """
    own, _ = origin(mart)
    keys = [key for table in curated_tables() if table.name == own for key in table.foreign_keys]
    held = {key.fields[0]: key.resource for key in keys if len(key.fields) == 1 and key.resource in _NESTED}
    names = published_table(mart).names
    return {column: of for column, of in held.items() if column in names and column not in _BESIDE}


_NESTED = frozenset({"programmes", "tasks", "indicators", "targets"})
_BESIDE = frozenset({"parent_programme_id"})  # a programme follows from another, and is no part of it

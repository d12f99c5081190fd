"""The last release beside the warehouse: frames that join the records of both by key, for the gate to judge.

A frame of records has one row for each record of the last release that is gone or has changed in a column that an
expectation looks at (the others are as they were, which is all that is expected), under the identifier it has now, with
the columns

    <key>_now        the key today, missing where the record is gone
    <c>_was, <c>_now the column before and today, as text in the form of a release
    <c>_kept         missing where the record is there and the column, which was filled, is empty
    <c>_factor       the greater magnitude over the lesser; <c>_sign_was, <c>_sign_now: -1, 0, 1

where <c> is a column that an expectation compares; the last two are there for numbers, and missing where the column
they are to be read within (a base unit) is not the same on both sides. A frame of coverage has a row a programme:
<c>_number_was, <c>_number_now: how many of its records fill <c>; <c>_share_was, <c>_share_now: in per cent. What it
was is counted over the records that are still there: one that is gone is reported as such, and not once more here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from pipeline.expectations import CURATED, Expectation, parents, published_table
from pipeline.language import Text
from pipeline.tables import Table
from pipeline.warehouse import quote

_LAST = "last_release"
_NUMBERS = ("integer", "number")


@dataclass(frozen=True)
class Base:
    """The release to compare with: `tables` are its Parquet files by the name of the table.

    `renames` says by table and column which identifier is called what now.
    """

    version: str
    tables: Mapping[str, Path]
    renames: Mapping[str, Mapping[str, Mapping[str, str]]] = field(default_factory=dict)


@dataclass(frozen=True)
class Frame:
    """A pandas frame, the columns that name its rows, and those shown with a row that is not as expected."""

    content: Any
    key: tuple[str, ...]
    shown: tuple[str, ...]


def lacking(connection: duckdb.DuckDBPyConnection, base: Base, expected: Expectation) -> Text | None:
    """Why an expectation cannot be held against a release: it had not the table, or not the column in this type."""
    mart = expected.mart
    path = base.tables.get(mart)
    if path is None:
        return Text(f"{base.version} 版没有表 {mart}", f"release {base.version} has no table {mart}")
    had = _columns(connection, "read_parquet(?)", [str(path)])
    has = _columns(connection, _relation(mart))
    other = ", ".join(name for name in expected.needs if had.get(name) != has.get(name))
    if not other:
        return None
    return Text(
        f"{base.version} 版的表 {mart} 没有同一类型的列 {other}",
        f"the table {mart} of release {base.version} has no {other} of the same type",
    )


def records(connection: duckdb.DuckDBPyConnection, base: Base, mart: str, expected: Sequence[Expectation]) -> Frame:
    """The records of the last release and what became of them."""
    table = published_table(mart)
    had = _load(connection, base, mart, expected)
    belongs = [name for name in parents(mart) if name in had]
    compared = {each.compares: each.within for each in expected if each.compares}
    columns = {name: f"l.{quote(name)}" for name in table.primary_key}
    columns |= {f"{name}_now": f"n.{quote(name)}" for name in table.primary_key}
    shown = {f"{name}_was": _text(table, "l", name) for name in belongs}
    for name in dict.fromkeys((*compared, *filter(None, compared.values()))):
        shown |= {f"{name}_was": _text(table, "l", name), f"{name}_now": _text(table, "n", name)}
    columns |= shown
    for name, within in compared.items():
        columns |= _comparison(table, name, within)
    chosen = ", ".join(f"{sql} AS {quote(name)}" for name, sql in columns.items())
    order = ", ".join(f"l.{quote(name)}" for name in table.primary_key)
    looked_at = (*table.primary_key[:1], *compared, *filter(None, compared.values()))
    changed = " OR ".join(f"l.{quote(name)} IS DISTINCT FROM n.{quote(name)}" for name in dict.fromkeys(looked_at))
    frame = connection.execute(
        f"SELECT {chosen} FROM {_LAST} AS l LEFT JOIN {_relation(mart)} AS n ON {_same(table)} "  # noqa: S608
        f"WHERE {changed} ORDER BY {order}"
    ).df()
    return Frame(frame, table.primary_key, tuple(shown))


def coverage(connection: duckdb.DuckDBPyConnection, base: Base, mart: str, expected: Sequence[Expectation]) -> Frame:
    """How many records of each programme fill a column, in the last release and now."""
    table = published_table(mart)
    _load(connection, base, mart, expected)
    covered = dict.fromkeys(each.covers for each in expected)
    counts = ", ".join(
        ["count(*) AS total", *(f"count(*) FILTER ({_filled(table, n)}) AS {quote(n)}" for n in covered)]
    )
    columns: dict[str, str] = {"programme_id": "now.programme_id"}
    for name in covered:
        for side in ("was", "now"):
            number = f"{side}.{quote(name)}"
            columns |= {
                f"{name}_number_{side}": number,
                f"{name}_share_{side}": f"round(100.0 * {number} / {side}.total, 6)",
            }
    chosen = ", ".join(f"{sql} AS {quote(name)}" for name, sql in columns.items())
    frame = connection.execute(
        f"WITH was AS (SELECT programme_id, {counts} FROM {_LAST} AS l "  # noqa: S608 - quoted names of schemas
        f"WHERE EXISTS (SELECT 1 FROM {_relation(mart)} AS n WHERE {_same(table)}) GROUP BY programme_id), "
        f"now AS (SELECT programme_id, {counts} FROM {_relation(mart)} GROUP BY programme_id) "
        f"SELECT {chosen} FROM was JOIN now ON was.programme_id = now.programme_id ORDER BY now.programme_id"
    ).df()
    return Frame(frame, ("programme_id",), tuple(name for name in columns if name != "programme_id"))


def _relation(mart: str) -> str:
    """Where a published table stands in the warehouse."""
    if mart.startswith(CURATED):
        return f"curated.{quote(mart.removeprefix(CURATED))}"
    return f"main.{quote(mart)}"


def _columns(connection: duckdb.DuckDBPyConnection, source: str, values: Sequence[str] = ()) -> dict[str, str]:
    """Columns of a table and their types."""
    found = connection.execute(f"DESCRIBE SELECT * FROM {source}", values).fetchall()  # noqa: S608 - quoted by callers
    return {row[0]: row[1] for row in found}


def _load(
    connection: duckdb.DuckDBPyConnection, base: Base, mart: str, expected: Sequence[Expectation]
) -> dict[str, str]:
    """Put what is looked at of a table of the last release beside the warehouse, with its renames made.

    Returns its columns.
    """
    path = str(base.tables[mart])
    needed = {*parents(mart), *(name for each in expected for name in each.needs)}
    had = _columns(connection, "read_parquet(?)", [path])
    columns = {name: kind for name, kind in had.items() if name in needed}
    chosen = ", ".join(map(quote, columns))
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {_LAST} AS SELECT {chosen} FROM read_parquet(?)", [path])  # noqa: S608
    for name, keys in base.renames.get(mart, {}).items():
        if name in columns and keys:
            connection.execute(
                f"UPDATE {_LAST} SET {quote(name)} = renamed.now "  # noqa: S608 - quoted name of a schema
                f"FROM (SELECT unnest(?) AS was, unnest(?) AS now) AS renamed WHERE {quote(name)} = renamed.was",
                [list(keys), list(keys.values())],
            )
    return columns


def _same(table: Table) -> str:
    return " AND ".join(f"l.{quote(name)} = n.{quote(name)}" for name in table.primary_key)


def _comparison(table: Table, name: str, within: str) -> Mapping[str, str]:
    """What can be said of a column before and now, as SQL by the name it has in the frame."""
    was, now, key = f"l.{quote(name)}", f"n.{quote(name)}", f"n.{quote(table.primary_key[0])}"
    columns = {f"{name}_kept": f"CASE WHEN {key} IS NULL OR {was} IS NULL OR {now} IS NOT NULL THEN true END"}
    if table.field(name).type in _NUMBERS:
        alike = f"l.{quote(within)} IS NOT DISTINCT FROM n.{quote(within)}" if within else "true"
        both = f"{was} IS NOT NULL AND {now} IS NOT NULL AND {alike}"
        sizes = f"CAST(abs({was}) AS DOUBLE), CAST(abs({now}) AS DOUBLE)"
        columns[f"{name}_factor"] = (
            f"CASE WHEN {both} AND {was} <> 0 AND {now} <> 0 THEN round(greatest({sizes}) / least({sizes}), 9) END"
        )
        columns[f"{name}_sign_was"] = f"CASE WHEN {both} THEN sign({was}) END"
        columns[f"{name}_sign_now"] = f"CASE WHEN {both} THEN sign({now}) END"
    return columns


def _text(table: Table, side: str, name: str) -> str:
    """A cell as a release writes it: a number without trailing zeros."""
    text = f"CAST({side}.{quote(name)} AS VARCHAR)"
    if table.field(name).type != "number":
        return text
    return f"CASE WHEN contains({text}, '.') THEN rtrim(rtrim({text}, '0'), '.') ELSE {text} END"


def _filled(table: Table, name: str) -> str:
    """Whether a column says something: a count more than none, a flag that it holds."""
    match table.field(name).type:
        case "integer":
            return f"{quote(name)} > 0"
        case "boolean":
            return quote(name)
        case "number":
            return f"{quote(name)} IS NOT NULL"
        case _:
            return f"{quote(name)} <> ''"

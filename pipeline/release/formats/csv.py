"""Canonical CSV: UTF-8, LF, key order, decimals without trailing zeros; the content that digests are made of."""

from pathlib import Path

import duckdb

from pipeline.release.resources import Resource
from pipeline.tables import Field
from pipeline.warehouse import literal, quote


def write(connection: duckdb.DuckDBPyConnection, resource: Resource, target: Path) -> None:
    """Write one resource of the open warehouse to `target`."""
    target.parent.mkdir(parents=True, exist_ok=True)
    rows = resource.rows([_cell(field) for field in resource.table.fields])
    connection.execute(f"COPY ({rows}) TO {literal(target)} (FORMAT csv, HEADER, DELIMITER ',', QUOTE '\"')")


def _cell(field: Field) -> str:
    column = quote(field.name)
    if field.type != "number":
        return column
    text = f"CAST({column} AS VARCHAR)"
    return f"CASE WHEN contains({text}, '.') THEN rtrim(rtrim({text}, '0'), '.') ELSE {text} END AS {column}"

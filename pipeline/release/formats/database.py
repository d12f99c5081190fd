"""One DuckDB file with everything: marts in `main`, curated tables in `curated`, comments, a `release` table.

Written in storage version v1.0.0, so that DuckDB 1.0 and later and the browser build can open it. Such files are never
byte-identical between runs; the file is derived and no part of the content digest.
"""

from collections.abc import Sequence
from pathlib import Path

import duckdb

from pipeline.package import Package
from pipeline.release.resources import Resource
from pipeline.warehouse import STORAGE_VERSION, comment_on, literal


def write(
    connection: duckdb.DuckDBPyConnection,
    resources: Sequence[Resource],
    target: Path,
    package: Package,
    released_on: str,
) -> None:
    """Copy the resources of the warehouse that `connection` has open into a database of their own."""
    connection.execute(f"ATTACH {literal(target)} AS released (STORAGE_VERSION '{STORAGE_VERSION}')")
    try:
        connection.execute("CREATE SCHEMA released.curated")
        for resource in resources:
            _copy(connection, resource)
        for statement in release_table(package, released_on, "released.main.release"):
            connection.execute(statement)
    finally:
        connection.execute("DETACH released")


def release_table(package: Package, released_on: str, relation: str = "main.release") -> tuple[str, str]:
    """The statements that make the table `release`: one row, which release this is."""
    cells = {
        "name": literal(package.name),
        "version": literal(package.version),
        "released_on": f"CAST({literal(released_on)} AS DATE)",
        "title_zh": literal(package.title.zh),
        "title_en": literal(package.title.en),
    }
    row = ", ".join(f"{cell} AS {name}" for name, cell in cells.items())
    return f"CREATE TABLE {relation} AS SELECT {row}", f"COMMENT ON TABLE {relation} IS '本次发布 | This release'"


def _copy(connection: duckdb.DuckDBPyConnection, resource: Resource) -> None:
    name = f"released.{resource.relation}"
    connection.execute(f"CREATE TABLE {name} AS {resource.rows()}")
    comment_on(connection, resource.table, name)

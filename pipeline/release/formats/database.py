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
        connection.execute(
            "CREATE TABLE released.main.release AS "
            "SELECT ? AS name, ? AS version, CAST(? AS DATE) AS released_on, ? AS title_zh, ? AS title_en",
            [package.name, package.version, released_on, package.title.zh, package.title.en],
        )
        connection.execute("COMMENT ON TABLE released.main.release IS '本次发布 | This release'")
    finally:
        connection.execute("DETACH released")


def _copy(connection: duckdb.DuckDBPyConnection, resource: Resource) -> None:
    name = f"released.{resource.relation}"
    connection.execute(f"CREATE TABLE {name} AS {resource.rows()}")
    comment_on(connection, resource.table, name)

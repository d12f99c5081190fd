"""Parquet for analysts: typed, Snappy (read by every client), the package version in its metadata."""

from pathlib import Path

import duckdb

from pipeline.release.resources import Resource


def write(connection: duckdb.DuckDBPyConnection, resource: Resource, target: Path, version: str) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    path, stated = (str(value).replace("'", "''") for value in (target, version))
    connection.execute(
        f"COPY ({resource.rows()}) TO '{path}' "
        f"(FORMAT parquet, COMPRESSION snappy, KV_METADATA {{datapackage_version: '{stated}'}})"
    )

"""Parquet for analysts: typed, Snappy (read by every client), the package version in its metadata."""

from pathlib import Path

import duckdb

from pipeline.release.resources import Resource
from pipeline.warehouse import literal


def write(connection: duckdb.DuckDBPyConnection, resource: Resource, target: Path, version: str) -> None:
    """Write one resource of the open warehouse to `target`; `version` goes into the metadata."""
    target.parent.mkdir(parents=True, exist_ok=True)
    connection.execute(
        f"COPY ({resource.rows()}) TO {literal(target)} "
        f"(FORMAT parquet, COMPRESSION snappy, KV_METADATA {{datapackage_version: {literal(version)}}})"
    )

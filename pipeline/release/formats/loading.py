"""NAME.sql: makes the DuckDB file anew from the Parquet files beside it, where the zip was taken and the file left out.

What it makes holds what database.py writes: the same tables in the same schemas, comments, the table `release`.
"""

from pipeline.release.formats import database
from pipeline.release.formats.edition import Edition, Published
from pipeline.warehouse import comments, literal

PATH = "{name}.sql"


def content(edition: Edition) -> str:
    """Statements to be run in the release folder; the paths of the Parquet files are relative to it."""
    name = edition.package.name
    statements = ["BEGIN TRANSACTION", "CREATE SCHEMA curated"]
    for each in edition.tables:
        statements += _table(each)
    statements += [*database.release_table(edition.package, edition.entry.released_on), "COMMIT"]
    return f'-- duckdb {name}.duckdb -c ".read {name}.sql"\n' + "".join(f"{each};\n" for each in statements)


def _table(each: Published) -> list[str]:
    relation = each.resource.relation
    made = f"CREATE TABLE {relation} AS SELECT * FROM read_parquet({literal(each.parquet.path)})"  # noqa: S608 - quoted
    return [made, *comments(each.resource.table, relation)]

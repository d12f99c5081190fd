"""The descriptor of the curated folder: datapackage/datapackage.json, valid for any Data Package tool as it stands."""

import csv
import json
from pathlib import Path

from pipeline.curated import SLUG
from pipeline.package import descriptor, read_package, resource
from pipeline.tables import Table, curated_tables

FILE_NAME = "datapackage.json"


def files(folder: Path) -> dict[str, str]:
    """The descriptor of a data folder, by its path beside that folder."""
    return {f"{folder.name}/{FILE_NAME}": content(folder)}


def content(folder: Path) -> str:
    """The descriptor of a data folder, with one resource a table and, for programme tables, one a programme.

    A file that is optional and not there is no resource.
    """
    shared = {table.name: table.name for table in curated_tables() if not table.per_programme}
    resources = [
        resource(table, table.name, table.path, shared)
        for table in curated_tables()
        if not table.per_programme and _expected(folder, table, table.path)
    ]
    for programme in programmes(folder):
        own = {table.name: f"{programme}-{table.name}" for table in curated_tables() if table.per_programme}
        resources += [
            resource(table, own[table.name], path, {**shared, **own})
            for table in curated_tables()
            if table.per_programme and _expected(folder, table, path := table.path.format(programme_id=programme))
        ]
    described = descriptor(read_package(folder), document_sources(folder), resources)
    return json.dumps(described, ensure_ascii=False, indent=2) + "\n"


def _expected(folder: Path, table: Table, path: str) -> bool:
    return not table.optional or (folder / path).is_file()


def programmes(folder: Path) -> list[str]:
    base = folder / "programmes"
    entries = base.iterdir() if base.is_dir() else ()  # git keeps no empty folder
    return sorted(entry.name for entry in entries if entry.is_dir() and SLUG.fullmatch(entry.name))


def document_sources(folder: Path) -> list[dict[str, str]]:
    """Title and hash of each source document, for `sources` of a descriptor."""
    with (folder / "sources.csv").open(encoding="utf-8", newline="") as file:
        return [{"title": row["title_zh"], "ms:sha256": row["sha256"]} for row in csv.DictReader(file)]

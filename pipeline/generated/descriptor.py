"""The descriptor of the curated folder: datapackage/datapackage.json, valid for any Data Package tool as it stands."""

import json
from pathlib import Path

from pipeline.curated import SLUG, read_table
from pipeline.language import RefusalError, Text
from pipeline.package import descriptor, read_package, resource
from pipeline.paths import located, values_in
from pipeline.tables import Table, curated_tables, table

FILE_NAME = "datapackage.json"


class SourcesError(RefusalError):
    """sources.csv cannot be read whole; `reason` says so in both languages."""


def files(folder: Path) -> dict[str, str]:
    """The descriptor of a data folder, by its path beside that folder."""
    return {f"{folder.name}/{FILE_NAME}": content(folder)}


def content(folder: Path) -> str:
    """The descriptor of a data folder, with one resource a table and, for programme tables, one a programme or file.

    A file that is optional and not there is no resource.
    """
    shared = {each.name: each.name for each in curated_tables() if not each.per_programme}
    resources = [
        resource(each, each.name, each.path, shared)
        for each in curated_tables()
        if not each.per_programme and _expected(folder, each, each.path)
    ]
    for programme in programmes(folder):
        own = {each.name: f"{programme}-{each.name}" for each in curated_tables() if each.per_programme}
        resources += [
            resource(each, "-".join((own[each.name], *_further(each, path))), path, {**shared, **own})
            for each in curated_tables()
            if each.per_programme
            for path in located(folder, each, programme).paths
            if _expected(folder, each, path)
        ]
    described = descriptor(read_package(folder), document_sources(folder), resources)
    return json.dumps(described, ensure_ascii=False, indent=2) + "\n"


def _further(table: Table, path: str) -> list[str]:
    """What tells a file of a table from the others of the programme; names of resources are lower-case."""
    values = values_in(table, path) or {}
    return [value.lower() for name, value in values.items() if name != "programme_id"]


def _expected(folder: Path, table: Table, path: str) -> bool:
    return not table.optional or (folder / path).is_file()


def programmes(folder: Path) -> list[str]:
    base = folder / "programmes"
    entries = base.iterdir() if base.is_dir() else ()  # git keeps no empty folder
    return sorted(entry.name for entry in entries if entry.is_dir() and SLUG.fullmatch(entry.name))


def document_sources(folder: Path) -> list[dict[str, str]]:
    """Title and hash of each source document, for `sources` of a descriptor. Raises SourcesError."""
    described = table("sources")
    file = read_table(folder, described)
    if file is None:
        raise SourcesError(
            Text(
                f"{described.path} 有误,请先改正(minsheng validate)",
                f"{described.path} is faulty; correct it first (minsheng validate)",
            )
        )
    title, sha256 = (described.names.index(name) for name in ("title_zh", "sha256"))
    return [{"title": r.cells[title] or "", "ms:sha256": r.cells[sha256] or ""} for r in file.records]

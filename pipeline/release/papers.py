"""Everything in a release that is neither table nor changes.csv: formats, descriptor, read-me, change log, quality."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeline import package as packages
from pipeline.findings import Report
from pipeline.gate import Outcome
from pipeline.generated.descriptor import document_sources
from pipeline.release import page
from pipeline.release.formats import edition, registry
from pipeline.release.resources import Resource
from pipeline.release.since import Since, change_log
from pipeline.release.store import Entry, Store
from pipeline.verification import FILE_NAME as LOCK_NAME


def write(
    folder: Path,
    beside: Path,
    store: Store,
    package: packages.Package,
    contents: Sequence[tuple[Resource, dict[str, Any]]],
    entry: Entry,
    report: Report,
    since: Since,
) -> None:
    """Write the formats, the descriptor, the read-me, the change log and what validation said."""
    names = {
        "main": {r.table.name: r.name for r, _ in contents if r.schema == "main"},
        "curated": {r.table.name: r.name for r, _ in contents if r.schema == "curated"},
    }
    described = [packages.resource(r.table, r.name, r.path, names[r.schema], extra) for r, extra in contents]
    descriptor = packages.descriptor(package, document_sources(folder), described)
    tables = [r for r, _ in contents]
    files = registry.write(edition.read(package, entry, tables, beside), beside)
    descriptor = {
        **descriptor,
        "created": f"{entry.released_on}T00:00:00Z",
        "ms:release": entry.as_dict(),
        "ms:database": f"{package.name}.duckdb",
        "ms:formats": [file.described() for file in files],
    }
    write_json(beside / "datapackage.json", descriptor)
    withdrawn = [each for each in store.entries() if each.withdrawn]
    (beside / "README.md").write_text(
        page.readme(package, entry, tables, files, report.waived, withdrawn), encoding="utf-8", newline="\n"
    )
    (beside / "CHANGELOG.md").write_text(change_log(folder, package, since, beside), encoding="utf-8", newline="\n")
    quality = beside / "quality"
    quality.mkdir()
    write_json(quality / "validation.json", report.as_dict("en"))
    lock = folder / LOCK_NAME
    if lock.is_file():
        (quality / LOCK_NAME).write_bytes(lock.read_bytes())


def write_verdicts(beside: Path, gate: tuple[Outcome, ...], verdict: Mapping[str, Any]) -> None:
    """Write what the gate and the referee found, known last because both judge what stands here already."""
    write_json(beside / "quality" / "gate.json", [outcome.as_dict() for outcome in gate])
    write_json(beside / "quality" / "frictionless.json", verdict)


def write_json(path: Path, content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8", newline="\n")

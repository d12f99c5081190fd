"""Everything in a release that is neither table nor changes.csv: formats, descriptor, read-me, change log, quality."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeline import package as packages
from pipeline.findings import Report, Waived
from pipeline.generated.descriptor import document_sources
from pipeline.release import page
from pipeline.release.formats import registry
from pipeline.release.formats.edition import File
from pipeline.release.resources import Resource
from pipeline.release.since import Since, change_log
from pipeline.release.store import Entry, Store
from pipeline.tracing import Verdict
from pipeline.verification import FILE_NAME as LOCK_NAME


def write_descriptor(
    folder: Path,
    beside: Path,
    package: packages.Package,
    contents: Sequence[tuple[Resource, dict[str, Any]]],
    entry: Entry,
) -> None:
    """Write datapackage.json."""
    names = {
        "main": {r.table.name: r.name for r, _ in contents if r.schema == "main"},
        "curated": {r.table.name: r.name for r, _ in contents if r.schema == "curated"},
    }
    described = [packages.resource(r.table, r.name, r.path, names[r.schema], extra) for r, extra in contents]
    descriptor = {
        **packages.descriptor(package, document_sources(folder), described),
        "created": f"{entry.released_on}T00:00:00Z",
        "ms:release": entry.as_dict(),
        "ms:database": f"{package.name}.duckdb",
        "ms:formats": registry.announced(package.name),
    }
    write_json(beside / "datapackage.json", descriptor)


def write_change_log(folder: Path, beside: Path, package: packages.Package, since: Since) -> None:
    """Write the change log with its entry for this version."""
    (beside / "CHANGELOG.md").write_text(change_log(folder, package, since, beside), encoding="utf-8", newline="\n")


def write_quality(folder: Path, beside: Path, report: Report, gate: Verdict, verdict: Mapping[str, Any]) -> None:
    """Write what validation, gate and referee found, and the lock of what was verified against the documents."""
    quality = beside / "quality"
    write_json(quality / "validation.json", report.as_dict("en"))
    write_json(quality / "gate.json", gate.as_dict())
    write_json(quality / "great_expectations.json", gate.validations())
    write_json(quality / "frictionless.json", verdict)
    lock = folder / LOCK_NAME
    if lock.is_file():
        (quality / LOCK_NAME).write_bytes(lock.read_bytes())


def write_readme(
    beside: Path,
    store: Store,
    package: packages.Package,
    contents: Sequence[tuple[Resource, dict[str, Any]]],
    files: Sequence[File],
    entry: Entry,
    waived: Sequence[Waived],
) -> None:
    """Write the page people read first."""
    withdrawn = [each for each in store.entries() if each.withdrawn]
    said = page.readme(package, entry, [r for r, _ in contents], files, waived, withdrawn)
    (beside / "README.md").write_text(said, encoding="utf-8", newline="\n")


def write_json(path: Path, content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8", newline="\n")

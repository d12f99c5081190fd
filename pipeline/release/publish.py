"""From a sound data folder to a published release: validate, build, gate, write, referee, move into place."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from importlib import metadata
from pathlib import Path
from typing import Any

import duckdb

from pipeline import clock, warehouse
from pipeline import package as packages
from pipeline.dataset import Dataset
from pipeline.findings import Report
from pipeline.gate import Gatekeeper, Outcome
from pipeline.generated.descriptor import document_sources
from pipeline.language import Text
from pipeline.release import page, referee
from pipeline.release.formats import csv, database, edition, parquet, registry
from pipeline.release.resources import Resource, resources
from pipeline.release.since import Since, change_log, since_last
from pipeline.release.store import Entry, Store, StoreError, digest, hashed, highest, write_sums
from pipeline.release.stores import opened
from pipeline.release.versioning import Requirement
from pipeline.tables import schemas_dir
from pipeline.validation import validate
from pipeline.verification import FILE_NAME as LOCK_NAME
from pipeline.verification import is_current, read_lock

Step = Callable[[Text], None]


class Outcomes(StrEnum):
    """How a release ended."""

    RELEASED = "released"
    UNCHANGED = "unchanged"
    INVALID = "invalid data"
    BUILD_FAILED = "build failed"
    GATE_CLOSED = "gate closed"
    REFEREE_REFUSED = "referee refused"
    VERSION_TAKEN = "version taken"
    VERSION_LOWER = "version lower"
    VERSION_TOO_LOW = "version too low for the changes"
    NOT_VERIFIED = "not verified"
    EMPTY = "no promised value"


@dataclass(frozen=True)
class Released:
    """The end of a release run, with what is needed to say why."""

    outcome: Outcomes
    entry: Entry | None = None
    report: Report | None = None
    build: warehouse.Build | None = None
    gate: tuple[Outcome, ...] = ()
    referee: Mapping[str, Any] | None = None
    requirement: Requirement | None = None  # what the changes ask of the version, where it was judged

    @property
    def ok(self) -> bool:
        return self.outcome in (Outcomes.RELEASED, Outcomes.UNCHANGED)


def release(folder: Path, store_address: str | Path, build_folder: Path, say: Step) -> Released:
    """Release a data folder into a store, a folder or an address that fsspec knows.

    Nothing is published unless every step passed. Raises DataFolderError, PackageFileError, WarehouseError, StoreError.
    """
    package = packages.read_package(folder)
    store = opened(store_address, package.name)
    today = clock.today()
    say(Text("检查数据", "validating"))
    validation = validate(folder)
    if validation.report.exit_code(strict=True):
        return Released(Outcomes.INVALID, report=validation.report)
    if not validation.data.tables["targets"]:
        return Released(Outcomes.EMPTY)  # the gate would refuse it too, after a minute of building
    inputs = inputs_digest(folder)
    if not _verified(folder, validation.data):
        return Released(Outcomes.NOT_VERIFIED)
    entry = store.settle(package.version, today)
    if entry is not None and entry.inputs == inputs:
        return Released(Outcomes.UNCHANGED, entry)
    with Gatekeeper() as gatekeeper:
        say(Text("构建集市表", "building the marts"))
        build = warehouse.build(validation.data, build_folder, unit_tests=False)
        if build.path is None:
            return Released(Outcomes.BUILD_FAILED, build=build)
        say(Text("发布关卡与写出数据包", "gating and writing the package"))
        judging = gatekeeper.judge(build.path)
        with store.building(package.version) as beside:
            contents = _write_tables(build.path, beside, package, today)
            gate = judging.result()
            if not all(outcome.passed for outcome in gate):
                return Released(Outcomes.GATE_CLOSED, gate=gate)
            written = digest(beside)
            if entry is not None and entry.digest == written:
                return Released(Outcomes.UNCHANGED, entry)
            since = since_last(store, package, beside)
            if refused := _version_refused(store, package, entry, since.requirement):
                return refused
            name = f"{package.name}-{package.version}"
            entry = Entry(package.version, today.isoformat(), name, f"{name}.zip", written, inputs)
            _write_papers(folder, beside, store, package, contents, entry, validation.report, gate, since)
            say(Text("独立校验", "independent validation"))
            verdict = referee.judge(beside / "datapackage.json")
            if not verdict["valid"]:
                return Released(Outcomes.REFEREE_REFUSED, referee=verdict)
            _write_json(beside / "quality" / "frictionless.json", verdict)
            write_sums(beside)
            store.publish(beside, entry, today)
    return Released(Outcomes.RELEASED, entry)


def _version_refused(
    store: Store, package: packages.Package, taken: Entry | None, requirement: Requirement
) -> Released | None:
    """Why the declared version cannot be given to what has changed, if it cannot."""
    if taken is not None:
        return Released(Outcomes.VERSION_TAKEN, taken, requirement=requirement)
    top = highest(store.entries())
    if top is not None and packages.is_higher(top.version, package.version):
        return Released(Outcomes.VERSION_LOWER, top, requirement=requirement)
    if not requirement.allows(package.version):
        return Released(Outcomes.VERSION_TOO_LOW, top, requirement=requirement)
    return None


def _verified(folder: Path, data: Dataset) -> bool:
    """Whether the lock that goes into the release records the rows as they are."""
    lock = read_lock(folder)
    return all(is_current(data, source, lock.sources.get(source["source_id"])) for source in data.tables["sources"])


def inputs_digest(folder: Path) -> str:
    """What a release is made from: the data folder, the schemas, the dbt project and the code that runs them."""
    roots = {
        "data": folder,
        "schemas": schemas_dir(),
        "dbt_project": warehouse.dbt_project_folder(),
        "pipeline": Path(packages.__file__).parent,
    }
    lines = [f"duckdb {metadata.version('duckdb')}\n"]
    for name, root in roots.items():
        for path in sorted(root.rglob("*")):
            relative = path.relative_to(root)
            if path.is_file() and not {"__pycache__", "target", "logs", "sources"} & set(relative.parts):
                lines.append(f"{hashed(path)}  {name}/{relative.as_posix()}\n")
    return "sha256:" + hashlib.sha256("".join(lines).encode()).hexdigest()


def _write_tables(
    built: Path, beside: Path, package: packages.Package, today: date
) -> list[tuple[Resource, dict[str, Any]]]:
    """Write every table in every format; returns the resources with size and hash of their CSV."""
    with _refusing(beside), duckdb.connect() as connection:
        connection.execute(f"ATTACH {warehouse.literal(built)} AS warehouse (READ_ONLY)")
        connection.execute("USE warehouse")
        written = []
        for resource in resources():
            target = beside / resource.path
            csv.write(connection, resource, target)
            parquet.write(connection, resource, beside / resource.parquet_path, package.version)
            extra = {"bytes": target.stat().st_size, "hash": f"sha256:{hashed(target)}"}
            written.append((resource, {**extra, "ms:parquet": resource.parquet_path}))
        database.write(connection, resources(), beside / f"{package.name}.duckdb", package, today.isoformat())
    return written


@contextmanager
def _refusing(beside: Path) -> Iterator[None]:
    """Turn what DuckDB says of a full or read-only disk into a refusal."""
    try:
        yield
    except duckdb.Error as error:
        raise StoreError(
            Text(f"无法写入 {beside.parent}:{error}", f"cannot write to {beside.parent}: {error}")
        ) from None


def _write_papers(
    folder: Path,
    beside: Path,
    store: Store,
    package: packages.Package,
    contents: list[tuple[Resource, dict[str, Any]]],
    entry: Entry,
    report: Report,
    gate: tuple[Outcome, ...],
    since: Since,
) -> None:
    """Write everything that is neither table nor changes.csv: descriptor, read-me, change log, quality."""
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
    _write_json(beside / "datapackage.json", descriptor)
    withdrawn = [each for each in store.entries() if each.withdrawn]
    (beside / "README.md").write_text(
        page.readme(package, entry, tables, files, report.waived, withdrawn), encoding="utf-8", newline="\n"
    )
    (beside / "CHANGELOG.md").write_text(change_log(folder, package, since, beside), encoding="utf-8", newline="\n")
    quality = beside / "quality"
    quality.mkdir()
    _write_json(quality / "validation.json", report.as_dict("en"))
    _write_json(quality / "gate.json", [outcome.as_dict() for outcome in gate])
    lock = folder / LOCK_NAME
    if lock.is_file():
        (quality / LOCK_NAME).write_bytes(lock.read_bytes())


def _write_json(path: Path, content: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8", newline="\n")

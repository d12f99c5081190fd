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
from pipeline.release import changes, page, referee
from pipeline.release.formats import csv, database, edition, parquet, registry
from pipeline.release.resources import Resource, resources
from pipeline.release.store import Entry, Store, StoreError, digest, hashed, write_sums
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

    @property
    def ok(self) -> bool:
        return self.outcome in (Outcomes.RELEASED, Outcomes.UNCHANGED)


def release(folder: Path, store_folder: Path, build_folder: Path, say: Step) -> Released:
    """Release a data folder into a store.

    Nothing is published unless every step passed. Raises DataFolderError, PackageFileError, WarehouseError, StoreError.
    """
    package = packages.read_package(folder)
    store = Store(store_folder, package.name)
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
    entry = store.find(package.version) or store.adopt(package.version, today)
    higher = [e for e in store.entries() if _version(e.version) > _version(package.version)]
    if entry is None and higher:
        return Released(Outcomes.VERSION_LOWER, higher[-1])
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
            if entry is not None:
                same = entry.digest == written
                return Released(Outcomes.UNCHANGED if same else Outcomes.VERSION_TAKEN, entry)
            name = f"{package.name}-{package.version}"
            entry = Entry(package.version, today.isoformat(), name, f"{name}.zip", written, inputs)
            _write_papers(folder, beside, store, package, contents, entry, validation.report, gate)
            say(Text("独立校验", "independent validation"))
            verdict = referee.judge(beside / "datapackage.json")
            if not verdict["valid"]:
                return Released(Outcomes.REFEREE_REFUSED, referee=verdict)
            _write_json(beside / "quality" / "frictionless.json", verdict)
            write_sums(beside)
            store.publish(beside, entry, today)
    return Released(Outcomes.RELEASED, entry)


def _version(version: str) -> tuple[int, int, int]:
    return packages.version_key(version) or (0, 0, 0)


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
) -> None:
    """Write everything that is not a table: descriptor, read-me, change log, changes, quality."""
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
        "ms:release": entry.__dict__,
        "ms:database": f"{package.name}.duckdb",
        "ms:formats": [file.described() for file in files],
    }
    _write_json(beside / "datapackage.json", descriptor)
    previous = store.entries()
    last = store.folder / previous[-1].path if previous else None
    changes.write(list(changes.changes(tables, last, beside)), beside / "changes.csv")
    (beside / "README.md").write_text(
        page.readme(package, entry, tables, files, report.waived), encoding="utf-8", newline="\n"
    )
    log = folder / "CHANGELOG.md"
    history = (
        log.read_text(encoding="utf-8", errors="replace") if log.is_file() else f"# {package.name} {package.version}\n"
    )
    (beside / "CHANGELOG.md").write_text(history, encoding="utf-8", newline="\n")
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

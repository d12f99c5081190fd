"""From a sound data folder to a published release: validate, build, gate, write, referee, move into place."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any

import duckdb

from pipeline import clock, warehouse
from pipeline import package as packages
from pipeline.against import Base
from pipeline.dataset import Dataset
from pipeline.findings import Report
from pipeline.gate import Gatekeeper, Outcome
from pipeline.language import Text
from pipeline.release import attestation, papers, referee, signing
from pipeline.release.base import base_of
from pipeline.release.formats import csv, database, edition, parquet, registry
from pipeline.release.inputs import commit, read_inputs
from pipeline.release.resources import Resource, resources
from pipeline.release.since import since_last
from pipeline.release.snapshots import of_release
from pipeline.release.store import Entry, Store, StoreError, digest, hashed, highest, write_sums
from pipeline.release.stores import opened
from pipeline.release.versioning import Requirement
from pipeline.tracing import Verdict, trace
from pipeline.validation import Validation, validate
from pipeline.verification import is_current, read_lock
from pipeline.worker import Worker

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
    FICTION_AMONG_REAL = "fiction among real"


@dataclass(frozen=True)
class Released:
    """The end of a release run, with what is needed to say why."""

    outcome: Outcomes
    entry: Entry | None = None
    report: Report | None = None
    build: warehouse.Build | None = None
    gate: Verdict | None = None
    referee: Mapping[str, Any] | None = None
    requirement: Requirement | None = None  # what the changes ask of the version, where it was judged
    fictional: bool = False

    @property
    def ok(self) -> bool:
        return self.outcome in (Outcomes.RELEASED, Outcomes.UNCHANGED)


def release(
    folder: Path, store_address: str | Path, build_folder: Path, say: Step, key: Path | None = None
) -> Released:
    """Release a data folder into a store, a folder or an address that fsspec knows.

    It is signed with the minisign key where one is given.

    Nothing is published unless every step passed. Raises DataFolderError, PackageFileError, WarehouseError, StoreError,
    SigningError.
    """
    package = packages.read_package(folder)
    store = opened(store_address, package.name)
    today = clock.today()
    inputs = read_inputs(folder)
    with ExitStack() as workers:
        changed = all(entry.inputs != inputs.digest for entry in store.entries())
        builder = workers.enter_context(_builder(build_folder) if changed else Worker())
        say(Text("检查数据", "validating"))
        validation = validate(folder)
        if unsound := _unsound(folder, validation):
            return unsound
        entry = store.settle(package.version, today)
        if entry is not None and entry.inputs == inputs.digest:
            return Released(Outcomes.UNCHANGED, entry)
        if other := _of_other_kind(store, package):
            return Released(Outcomes.FICTION_AMONG_REAL, other, fictional=package.fictional)
        if key is not None:
            signing.ensure_ready(key)
        gatekeeper = workers.enter_context(Gatekeeper())
        say(Text("构建集市表", "building the marts"))
        # a version is judged as of the day of its release: made anew by better code, it is still the same
        day = entry.day if entry else today
        build = warehouse.build(validation.data, build_folder, as_of=day, unit_tests=False, worker=builder)
        if build.path is None:
            return Released(Outcomes.BUILD_FAILED, build=build)
        say(Text("发布关卡与写出数据包", "gating and writing the package"))
        builder.begin(referee.import_frictionless)
        with store.building(package.version) as beside:
            base = base_of(store, package, validation.data)
            judging = gatekeeper.judge(build.path, base)  # in its own process, while this one writes
            contents, written = _write_csv(build.path, beside), digest(beside)
            if entry is not None and entry.digest == written:
                return Released(Outcomes.UNCHANGED, entry)
            since = since_last(store, package, beside)
            if refused := _version_refused(store, package, entry, since.requirement):
                return _closed(_traced(judging, validation, base)) or refused
            name = f"{package.name}-{package.version}"
            entry = Entry(package.version, today.isoformat(), name, f"{name}.zip", written, inputs.digest)
            papers.write_descriptor(folder, beside, package, contents, entry)
            refereeing = builder.begin(referee.judge, beside / "datapackage.json")
            _write_binary(build.path, beside, package, today)
            files = registry.write(edition.read(package, entry, [r for r, _ in contents], beside), beside)
            papers.write_change_log(folder, beside, package, since)
            say(Text("独立校验", "independent validation"))
            gate = _traced(judging, validation, base)
            if closed := _closed(gate):
                return closed
            verdict = refereeing.result()
            if not verdict["valid"]:
                return Released(Outcomes.REFEREE_REFUSED, referee=verdict)
            papers.write_quality(folder, beside, validation.report, gate, verdict)
            waived = (*validation.report.waived, *gate.report.waived)
            papers.write_readme(beside, store, package, contents, files, entry, waived)
            papers.write_json(
                beside / attestation.PATH,
                attestation.statement(package.name, entry, beside, inputs, commit(folder), _texts(validation.data)),
            )
            write_sums(beside)
            if key is not None:
                signing.sign(beside, key, package.name, entry)
            store.publish(beside, entry, today)
    return Released(Outcomes.RELEASED, entry, fictional=package.fictional)


def _builder(build_folder: Path) -> Worker:
    """A process that gets dbt ready while data are checked."""
    return Worker(partial(warehouse.prepare_dbt, build_folder))


def _unsound(folder: Path, validation: Validation) -> Released | None:
    """Why the data cannot be released, if they cannot."""
    if validation.report.exit_code(strict=True):
        return Released(Outcomes.INVALID, report=validation.report)
    if not validation.data.tables["targets"]:
        return Released(Outcomes.EMPTY)  # the gate would refuse it too, after a minute of building
    return None if _verified(folder, validation.data) else Released(Outcomes.NOT_VERIFIED)


def _of_other_kind(store: Store, package: packages.Package) -> Entry | None:
    """The last release, where it is fictional and this package is not, or the other way round."""
    last = highest(store.entries())
    if last is None or of_release(store.local(last)).fictional == package.fictional:
        return None
    return last


def _traced(judging: Future[tuple[Outcome, ...]], validation: Validation, base: Base | None) -> Verdict:
    return trace(judging.result(), validation, base.version if base else "")


def _closed(gate: Verdict) -> Released | None:
    """A closed gate is said before anything that speaks of the version: it is about the data."""
    return None if gate.passed else Released(Outcomes.GATE_CLOSED, gate=gate)


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


def _texts(data: Dataset) -> dict[str, str]:
    """The SHA-256 of each source document, by source_id."""
    return {source["source_id"]: source["sha256"] for source in data.tables["sources"]}


def _verified(folder: Path, data: Dataset) -> bool:
    """Whether the lock that goes into the release records the rows as they are."""
    lock = read_lock(folder)
    return all(is_current(data, source, lock.sources.get(source["source_id"])) for source in data.tables["sources"])


def _write_csv(built: Path, beside: Path) -> list[tuple[Resource, dict[str, Any]]]:
    """Write every table as CSV; returns the resources with size and hash of the file, and where the Parquet will be."""
    with _reading(built, beside) as connection:
        written = []
        for resource in resources():
            target = beside / resource.path
            csv.write(connection, resource, target)
            extra = {"bytes": target.stat().st_size, "hash": f"sha256:{hashed(target)}"}
            written.append((resource, {**extra, "ms:parquet": resource.parquet_path}))
    return written


def _write_binary(built: Path, beside: Path, package: packages.Package, today: date) -> None:
    """Write every table as Parquet, and all of them as a DuckDB file."""
    with _reading(built, beside) as connection:
        for resource in resources():
            parquet.write(connection, resource, beside / resource.parquet_path, package.version)
        database.write(connection, resources(), beside / f"{package.name}.duckdb", package, today.isoformat())


@contextmanager
def _reading(built: Path, beside: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that reads the warehouse, for writing into `beside`."""
    with _refusing(beside), duckdb.connect(config=_limits(beside)) as connection:
        connection.execute(f"ATTACH {warehouse.literal(built)} AS warehouse (READ_ONLY)")
        connection.execute("USE warehouse")
        yield connection


def _limits(beside: Path) -> dict[str, str | bool | int | float | list[str]]:
    return {"memory_limit": warehouse.MEMORY, "temp_directory": str(beside.parent / "spilt")}


@contextmanager
def _refusing(beside: Path) -> Iterator[None]:
    """Turn what DuckDB says of a full or read-only disk into a refusal."""
    try:
        yield
    except duckdb.Error as error:
        raise StoreError(
            Text(f"无法写入 {beside.parent}:{error}", f"cannot write to {beside.parent}: {error}")
        ) from None

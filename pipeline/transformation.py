"""The marts: the dbt project, read once in a process, and run on a database that holds the curated rows."""

import json
import os
import tempfile
from contextlib import suppress
from dataclasses import dataclass, fields
from datetime import date
from functools import cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import duckdb

from pipeline.fiction import FICTIONAL_PREFIX
from pipeline.regular import read_regular
from pipeline.replacing import replace_file

if TYPE_CHECKING:
    from dbt.cli.main import dbtRunnerResult
    from dbt.contracts.graph.manifest import Manifest

# What dbt may keep in memory: of a million reports the days and years of a hundred programmes are joined and sorted.
_MEMORY = "1GB"
# What dbt calls the file in which it keeps what it has read.
_SAVED = "partial_parse.msgpack"
_FAILED = frozenset({"error", "fail", "runtime error"})


@dataclass(frozen=True)
class Failure:
    """A dbt node that failed: its name, what dbt says, and the first rows a failing test returned."""

    node: str
    message: str
    rows: tuple[str, ...] = ()


@dataclass(frozen=True)
class Thresholds:
    """By what attainment is judged: shares, and the days after a period within which its figure is to be reported."""

    approx_tolerance: float
    yellow_below: float
    red_below: float
    report_due_days: int


def dbt_project_folder() -> Path:
    """The dbt project, in a checkout beside the package, in a wheel inside it."""
    package = Path(str(resources.files("pipeline")))
    inside = package / "dbt_project"
    return inside if inside.is_dir() else package.parent / "dbt_project"


@cache
def thresholds() -> Thresholds:
    """The variables of the dbt project, which is their only place."""
    from yaml import safe_load

    said = safe_load((dbt_project_folder() / "dbt_project.yml").read_text(encoding="utf-8"))["vars"]
    return Thresholds(**{field.name: said[field.name] for field in fields(Thresholds)})


def prepare(file_name: str, target: Path) -> None:
    """Do what needs no rows and takes longer than most builds: import dbt, read the project.

    `file_name` is that of the database, `target` the folder where a build before may have kept what dbt had read.
    """
    import dbt.adapters.duckdb.connections  # noqa: F401

    _project_for(file_name, target)


def build_marts(
    warehouse: Path, target: Path, as_of: date, unit_tests: bool
) -> tuple[dict[str, int], tuple[Failure, ...]]:
    """Build and test the models in a database; returns how many nodes of each kind were run, and what failed.

    `target` is the folder where dbt writes what it compiles. Unit tests judge the SQL, not the data.
    """
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt_common.exceptions import DbtBaseException

    chosen = ["--vars", json.dumps({"as_of": as_of.isoformat(), "fictional_prefix": FICTIONAL_PREFIX})]
    # the database is new: there is nothing to look up in it
    chosen += ["--no-populate-cache", *([] if unit_tests else ["--exclude-resource-type", "unit_test"])]
    try:
        project = _project_for(warehouse.name, target)
        # a run leaves traces in the manifest: each has its own
        manifest = project.manifest.deepcopy()  # type: ignore[no-untyped-call]
        result = _invoke("build", str(warehouse.resolve()), target, chosen, manifest)
    except DbtBaseException as error:
        return {}, (Failure("dbt", str(error)),)
    finally:
        DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
    if result.result is None:
        return {}, (Failure("dbt", str(result.exception)),)
    with suppress(OSError):  # where it cannot be kept, it is read again
        replace_file(target / _SAVED, project.saved)
    nodes: dict[str, int] = {}
    failures: list[Failure] = []
    run: Any = result.result
    for node in run:
        kind = node.node.resource_type.value
        nodes[kind] = nodes.get(kind, 0) + 1
        if node.status.value in _FAILED:
            failures.append(Failure(node.node.name, str(node.message), _failing_rows(warehouse, node.node)))
    return nodes, tuple(failures)


@dataclass(frozen=True)
class _Project:
    """What dbt has read of the project, and what it keeps of that in a file to read less the next time."""

    manifest: "Manifest"
    saved: bytes


_READ: dict[str, _Project] = {}


def _project_for(file_name: str, target: Path) -> _Project:
    """The project for a database: to read all of it takes as long as to build the marts of a few programmes.

    It is read once in a process, and only what has changed of it since a build in the same folder. Names in it begin
    with that of the database, which is its file's; neither a folder nor a variable is in it. Nothing is written to the
    folder before rows are found sound.
    """
    if file_name not in _READ:
        with tempfile.TemporaryDirectory() as name:
            beside = Path(name)
            with suppress(OSError):
                (beside / _SAVED).write_bytes(read_regular(target / _SAVED))
            read = _invoke("parse", file_name, beside, [])
            if read.exception:
                raise read.exception
            _READ[file_name] = _Project(cast("Manifest", read.result), (beside / _SAVED).read_bytes())
    return _READ[file_name]


def _invoke(
    command: str, warehouse: str, target: Path, options: list[str], manifest: "Manifest | None" = None
) -> "dbtRunnerResult":
    from dbt.cli.main import dbtRunner  # 1.5 s to import

    project = str(dbt_project_folder())
    os.environ["MINSHENG_WAREHOUSE"] = warehouse
    os.environ["MINSHENG_MEMORY"] = _MEMORY
    os.environ["DO_NOT_TRACK"] = "1"
    arguments = ["--no-write-json", "--log-level", "none", "--log-level-file", "none", "--log-path"]
    arguments += [str(target / "logs"), command, *options, "--target-path", str(target.resolve())]
    return dbtRunner(manifest).invoke([*arguments, "--project-dir", project, "--profiles-dir", project])


def _failing_rows(warehouse: Path, node: Any) -> tuple[str, ...]:
    """The first rows a failing data test returns: dbt itself only counts them."""
    query = getattr(node, "compiled_code", None)
    if node.resource_type.value != "test" or not query:
        return ()
    try:
        with duckdb.connect(str(warehouse), read_only=True) as connection:
            found = connection.execute(query)
            names = [column[0] for column in found.description or ()]
            rows = found.fetchmany(5)
    except duckdb.Error:
        return ()
    return tuple(", ".join(f"{n}={v}" for n, v in zip(names, row, strict=True)) for row in rows)

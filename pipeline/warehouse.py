"""The warehouse stage: typed tables into DuckDB, marts by dbt, one file that is complete or not there.

The file is built beside its place and moved into it, so that readers see the old warehouse or the new one. dbt runs
in this process or in one that has imported it meanwhile, with the connection closed after each use.
"""

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Self

import duckdb

from pipeline.clock import today
from pipeline.dataset import Dataset, Row
from pipeline.fiction import fictional
from pipeline.language import RefusalError, Text
from pipeline.locking import LockedError, alone
from pipeline.relations import handed_over
from pipeline.tables import SQL_TYPES, Table, curated_tables
from pipeline.transformation import Failure, build_marts, prepare
from pipeline.worker import Worker

FILE_NAME = "warehouse.duckdb"
# Files of this storage version are read by DuckDB 1.0 and later and by the browser build.
STORAGE_VERSION = "v1.0.0"
# What the database may keep in memory, in any process; beyond that it writes to a folder beside its file. Everything
# it does here streams, so that a million rows take no longer for it.
MEMORY = "256MB"
# What the database is called while it is built: its views know it by that name.
_BUILT_AS = "building"
_BESIDE = f"{_BUILT_AS}.{FILE_NAME}"  # one name for all builds: the names in what dbt has read begin with it
_DBT = "dbt"  # the folder for what dbt writes, in that of the build
_AT_ONCE = 122_880  # rows handed over in one statement: as many as stand together in the file


class WarehouseError(RefusalError):
    """The warehouse could not be built or opened; `reason` says why in both languages."""


@dataclass(frozen=True)
class Build:
    """What a build did: nodes run by kind, and failures. `path` is the warehouse, None where it failed.

    `fictional` says whether any programme in it is.
    """

    path: Path | None
    nodes: Mapping[str, int]
    failures: tuple[Failure, ...]
    fictional: bool = False

    @property
    def ok(self) -> bool:
        return not self.failures


def build(
    data: Dataset, folder: Path, *, as_of: date | None = None, unit_tests: bool = True, worker: Worker | None = None
) -> Build:
    """Build `folder`/warehouse.duckdb from sound rows, targets judged as of a day, by default that of clock.py.

    Raises WarehouseError where the folder cannot be written, RefusalError where SOURCE_DATE_EPOCH is no time.
    Unit tests judge the SQL and not the data: a release, which comes after them, goes without. With a worker that was
    prepared by `prepare_dbt`, dbt runs there.
    """
    with _underway(data, folder, as_of, unit_tests, worker) as finish:
        return finish()


class EarlyBuild:
    """A build that begins in a worker while its rows are still being judged, and is thrown away unless it is finished.

    Of a million reports to judge the meaning takes half as long as to build, in a process that has one core. Rows are
    loaded before: by a thread beside the judging they would be ready in three times the time, and dbt begin later.
    """

    def __init__(self, folder: Path, worker: Worker, *, as_of: date | None = None, unit_tests: bool = True) -> None:
        self._folder, self._worker, self._as_of, self._unit_tests = folder, worker, as_of, unit_tests
        self._begun = ExitStack()
        self._finish: Callable[[], Build] | None = None

    def __enter__(self) -> Self:
        return self

    def begin(self, data: Dataset) -> None:
        """Load rows and let dbt begin. What keeps it from beginning is told by `finish`, which comes upon it again."""
        with suppress(RefusalError):
            underway = _underway(data, self._folder, self._as_of, self._unit_tests, self._worker)
            self._finish = self._begun.enter_context(underway)

    def finish(self, data: Dataset) -> Build:
        """The build of these rows, which are those it began with; raises what `build` does."""
        if self._finish is None:
            return build(data, self._folder, as_of=self._as_of, unit_tests=self._unit_tests, worker=self._worker)
        return self._finish()

    def __exit__(self, *_: object) -> None:
        # not told of an error: it would be taken for one of the build
        self._begun.close()


@contextmanager
def _underway(
    data: Dataset, folder: Path, as_of: date | None, unit_tests: bool, worker: Worker | None
) -> Iterator[Callable[[], Build]]:
    """A build whose rows are loaded and which dbt has begun, if there is a worker; gives what waits for its end."""
    with _lifted(folder), _alone(folder):
        beside = folder / _BESIDE
        _clear(beside)
        running = None
        try:
            with _connect(beside) as connection:
                load(connection, data)
            run = (beside, folder / _DBT, as_of or today(), unit_tests)
            running = worker.begin(build_marts, *run) if worker else None

            def finish() -> Build:
                nodes, failures = running.result() if running else build_marts(*run)
                if failures:
                    return Build(None, nodes, failures)
                target = folder / FILE_NAME
                with _lifted(folder):
                    beside.replace(target)
                return Build(target, nodes, (), fictional(data))

            yield finish
        finally:
            if worker and running and not running.done():
                worker.stop()
            _clear(beside)


def _clear(database: Path) -> None:
    """Remove a database that was not finished, with what a process that was stopped leaves beside it."""
    database.unlink(missing_ok=True)
    Path(f"{database}.wal").unlink(missing_ok=True)
    shutil.rmtree(f"{database}.tmp", ignore_errors=True)


@contextmanager
def _lifted(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        why = error.strerror or str(error)
        raise WarehouseError(Text(f"无法写入 {folder}:{why}", f"cannot write to {folder}: {why}")) from error


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep a second build out while one is running."""
    try:
        with alone(folder):
            yield
    except LockedError:
        raise WarehouseError(Text(f"{folder} 中另有构建正在进行", f"another build is running in {folder}")) from None


@contextmanager
def _connect(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A new database file in the storage version that older readers know."""
    connection = duckdb.connect(config={"memory_limit": MEMORY, "temp_directory": f"{path}.tmp"})
    try:
        connection.execute(f"ATTACH {literal(path)} AS warehouse (STORAGE_VERSION '{STORAGE_VERSION}')")
        connection.execute("USE warehouse")
        yield connection
    finally:
        connection.close()


def load(connection: duckdb.DuckDBPyConnection, data: Dataset) -> None:
    """Create schema `curated`: one typed table a curated table, with comments and the place of each row."""
    connection.execute("CREATE SCHEMA curated")
    for table in curated_tables():
        _load_table(connection, table, data.tables[table.name])


def _load_table(connection: duckdb.DuckDBPyConnection, table: Table, rows: Sequence[Row]) -> None:
    name = f"curated.{quote(table.name)}"
    columns = [f"{quote(f.name)} {SQL_TYPES[f.type]}" for f in table.fields]
    connection.execute(f"CREATE TABLE {name} ({', '.join(columns)}, _file VARCHAR, _line BIGINT)")
    types = [*(SQL_TYPES[f.type] for f in table.fields), "VARCHAR", "BIGINT"]
    casts = ", ".join(_cast(f"c{i}", kind) for i, kind in enumerate(types))
    for start in range(0, len(rows), _AT_ONCE):
        some = rows[start : start + _AT_ONCE]
        cells = [[*row.record.cells, row.source.file, str(row.record.line)] for row in some]
        with handed_over(connection, cells) as relation:
            connection.execute(f"INSERT INTO {name} SELECT {casts} FROM {relation}")  # noqa: S608 - names quoted
    comment_on(connection, table, name)


def _cast(column: str, kind: str) -> str:
    """SQL for the typed value of a cell. A short number is read as a narrow decimal first: the wide one takes 9 µs,
    more than all other cells of a row together; nine characters fit into both.
    """
    wide = f"CAST({column} AS {kind})"
    if not kind.startswith("DECIMAL"):
        return wide
    narrow = f"CAST(CAST({column} AS DECIMAL(18, 9)) AS {kind})"
    return f"CASE WHEN strlen({column}) <= 9 THEN {narrow} ELSE {wide} END"


def comment_on(connection: duckdb.DuckDBPyConnection, table: Table, name: str) -> None:
    """Put the descriptions of a table and its columns into the database, in both languages."""
    for statement in comments(table, name):
        connection.execute(statement)


def comments(table: Table, name: str) -> list[str]:
    """The statements that describe a table and its columns; `name` is the table's in SQL."""
    described = [("TABLE", name, table.description)]
    described += [("COLUMN", f"{name}.{quote(f.name)}", f.description) for f in table.fields]
    return [f"COMMENT ON {kind} {what} IS {literal(text.both)}" for kind, what, text in described]


def literal(value: object) -> str:
    """A SQL string, for the statements that take no parameters (COMMENT, ATTACH, COPY)."""
    return "'" + str(value).replace("'", "''") + "'"


def quote(identifier: str) -> str:
    """A SQL identifier in double quotes."""
    return '"' + identifier.replace('"', '""') + '"'


@contextmanager
def opened(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A warehouse to be read with its views, also those of the schemas staging and intermediate."""
    with duckdb.connect(config={"memory_limit": MEMORY}) as connection:
        connection.execute(f"ATTACH {literal(path)} AS {_BUILT_AS} (READ_ONLY)")
        connection.execute(f"USE {_BUILT_AS}")
        yield connection


def prepare_dbt(folder: Path) -> None:
    """What a worker can do before there are rows to build from, in a folder."""
    prepare(_BESIDE, folder / _DBT)

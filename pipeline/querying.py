"""Questions to a warehouse or a released database: read-only, within bounds, and closed to all else."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from pipeline.language import Text
from pipeline.warehouse import WarehouseError

# A query reads the database and nothing else: no other file, no network, and it cannot lift this.
_CLOSED: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "python_enable_replacements": "false",
    "memory_limit": "1GB",
    "temp_directory": "",
    "lock_configuration": "true",
}
ANSWER_SECONDS = 60
ANSWER_ROWS = 100_000


@dataclass(frozen=True)
class Result:
    """The answer to a query."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


def query(path: Path, sql: str) -> Result:
    """Ask a warehouse or released database, read-only.

    Raises WarehouseError with what DuckDB says, or where the answer takes more than ANSWER_SECONDS or ANSWER_ROWS.
    """
    if not path.is_file():
        raise WarehouseError(
            Text(f"没有 {path};请先运行 minsheng build", f"there is no {path}; run minsheng build first")
        )
    try:
        with (
            duckdb.connect(str(path), read_only=True, config=_CLOSED) as connection,
            _interrupted(connection, ANSWER_SECONDS),
        ):
            found: duckdb.DuckDBPyConnection | None = connection.execute(sql)
            if found is None:  # nothing but blanks or comments
                raise WarehouseError(Text("没有要执行的 SQL 语句", "there is no SQL statement to run"))
            columns = tuple(column[0] for column in found.description or ())
            rows = found.fetchmany(ANSWER_ROWS + 1)
    except duckdb.InterruptException:
        raise WarehouseError(
            Text(f"查询超过 {ANSWER_SECONDS} 秒,已中止", f"the query took more than {ANSWER_SECONDS} s and was stopped")
        ) from None
    except UnicodeEncodeError:
        raise WarehouseError(Text("SQL 语句不是 UTF-8 文本", "the SQL statement is no UTF-8 text")) from None
    except duckdb.Error as error:
        raise WarehouseError(Text(f"查询失败:{error}", f"the query failed: {error}")) from None
    if len(rows) > ANSWER_ROWS:
        raise WarehouseError(
            Text(f"结果超过 {ANSWER_ROWS} 行,请加 LIMIT", f"the answer has more than {ANSWER_ROWS} rows; add a LIMIT")
        )
    return Result(columns, tuple(rows))


@contextmanager
def _interrupted(connection: duckdb.DuckDBPyConnection, seconds: float) -> Iterator[None]:
    """Let a statement that has no end come to one. Raises duckdb.InterruptException."""
    timer = threading.Timer(seconds, connection.interrupt)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()

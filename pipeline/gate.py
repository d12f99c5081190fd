"""The release gate: Great Expectations on the marts, as data frames with the key as index columns.

Great Expectations 1.24 has no working DuckDB engine, so the marts reach it as pandas frames. Its import takes seconds;
the gate therefore runs in a process of its own that can import while dbt is still building (`Gatekeeper`).
"""

import os
import tomllib
from collections.abc import Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from types import TracebackType
from typing import Any

import duckdb

from pipeline.language import Text
from pipeline.tables import Table, mart_tables, schemas_dir

_SHOWN_KEYS = 20


@dataclass(frozen=True)
class Expectation:
    """One expectation of a mart, by its Great Expectations type."""

    mart: str
    type: str
    kwargs: Mapping[str, Any]
    title: Text


@dataclass(frozen=True)
class Outcome:
    """An expectation and how it fared; `keys` are the first records that break it."""

    expectation: Expectation
    passed: bool
    unexpected: int
    keys: tuple[str, ...]
    error: str = ""

    def as_dict(self) -> dict[str, Any]:
        return {
            "mart": self.expectation.mart,
            "expectation": self.expectation.type,
            "kwargs": dict(self.expectation.kwargs),
            "title_zh": self.expectation.title.zh,
            "title_en": self.expectation.title.en,
            "passed": self.passed,
            "unexpected": self.unexpected,
            "keys": list(self.keys),
            "error": self.error,
        }


def expectations() -> tuple[Expectation, ...]:
    """What is expected: a unique key of every mart, then what schemas/gate.toml says of single ones."""
    declared = tomllib.loads((schemas_dir() / "gate.toml").read_text(encoding="utf-8"))["expectation"]
    return (
        *(_key(table) for table in mart_tables()),
        *(
            Expectation(entry["mart"], entry["type"], entry["kwargs"], Text(entry["title_zh"], entry["title_en"]))
            for entry in declared
        ),
    )


def _key(table: Table) -> Expectation:
    key = list(table.primary_key)
    title = Text(f"主键 {'/'.join(key)} 不重复", f"the key {'/'.join(key)} occurs once")
    if len(key) == 1:
        return Expectation(table.name, "expect_column_values_to_be_unique", {"column": key[0]}, title)
    return Expectation(table.name, "expect_compound_columns_to_be_unique", {"column_list": key}, title)


def check(warehouse: Path) -> tuple[Outcome, ...]:
    """Hold the marts of a warehouse against all expectations."""
    expected = expectations()
    outcomes: list[Outcome] = []
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        for table in mart_tables():
            frame = connection.table(f"main.{table.name}").df()
            mine = [e for e in expected if e.mart == table.name]
            outcomes += _judge(table, frame, mine)
    return tuple(outcomes)


def _judge(table: Table, frame: Any, expected: list[Expectation]) -> list[Outcome]:
    import_great_expectations()
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    asset = context.data_sources.add_pandas("marts").add_dataframe_asset(table.name)
    batch = asset.add_batch_definition_whole_dataframe("whole").get_batch(batch_parameters={"dataframe": frame})
    suite = gx.ExpectationSuite(name=table.name)
    for number, entry in enumerate(expected):
        suite.add_expectation_configuration(
            ExpectationConfiguration(type=entry.type, kwargs=dict(entry.kwargs), meta={"number": number})
        )
    form = {"result_format": "COMPLETE", "unexpected_index_column_names": list(table.primary_key)}
    results = batch.validate(suite, result_format=form).results
    by_number = {result["expectation_config"]["meta"]["number"]: result for result in results}
    return [_outcome(table, entry, by_number[number]) for number, entry in enumerate(expected)]


def _outcome(table: Table, entry: Expectation, result: Any) -> Outcome:
    found = result.result or {}
    records = found.get("unexpected_index_list") or []
    keys = tuple("/".join(str(record[name]) for name in table.primary_key) for record in records[:_SHOWN_KEYS])
    raised = result.exception_info or {}
    errors = [raised] if "raised_exception" in raised else list(raised.values())
    error = next((str(e.get("exception_message", "")) for e in errors if e.get("raised_exception")), "")
    return Outcome(entry, bool(result.success), int(found.get("unexpected_count") or 0), keys, error)


def import_great_expectations() -> None:
    """Import Great Expectations with its usage statistics switched off."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx

    assert gx.__version__  # noqa: S101 - the import is what is wanted


class Gatekeeper:
    """Runs the gate in a second process, which imports Great Expectations while this one builds the marts."""

    def __enter__(self) -> "Gatekeeper":
        self._pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"))
        self._pool.submit(import_great_expectations)
        return self

    def judge(self, warehouse: Path) -> Future[tuple[Outcome, ...]]:
        """Begin to hold a warehouse against the expectations; the outcomes are the result of the future."""
        return self._pool.submit(check, warehouse)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)

"""The release gate: Great Expectations on the tables of a release, and on what became of those of the last one.

Great Expectations 1.24 has no working DuckDB engine, so the tables reach it as pandas frames, with the key as index
columns. Its import takes seconds; the gate therefore runs in a process of its own that can import while dbt is still
building (`Gatekeeper`).
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from pipeline.against import Base, Frame, coverage, lacking, records
from pipeline.expectations import Expectation, expectations
from pipeline.language import Text
from pipeline.warehouse import MEMORY, quote
from pipeline.worker import Worker

_SHOWN_KEYS = 20
# What of a result depends on nothing but the frame: no run, no batch, no address of a metric.
_RESULT = ("element_count", "unexpected_count", "unexpected_percent", "missing_count", "observed_value")


@dataclass(frozen=True)
class Outcome:
    """An expectation and how it fared.

    `records` are all rows that break it, by column: their key and what their frame shows with it. `error` is what
    Great Expectations raised, `lacking` why the last release does not let it be judged: then it neither passed nor
    failed. `result` is what Great Expectations says, without what differs from run to run.
    """

    expectation: Expectation
    passed: bool
    unexpected: int
    records: tuple[Mapping[str, str], ...] = ()
    key: tuple[str, ...] = ()
    error: str = ""
    lacking: Text | None = None
    result: Mapping[str, Any] = field(default_factory=dict)

    @property
    def judged(self) -> bool:
        return self.lacking is None

    @property
    def keys(self) -> tuple[str, ...]:
        """The first records that break it."""
        return tuple("/".join(record[name] for name in self.key) for record in self.records[:_SHOWN_KEYS])

    def as_dict(self) -> dict[str, Any]:
        expected = self.expectation
        return {
            "mart": expected.mart,
            "code": expected.code,
            "expectation": expected.type,
            "kwargs": dict(expected.kwargs),
            "title_zh": expected.title.zh,
            "title_en": expected.title.en,
            "passed": self.passed if self.judged else None,
            "unexpected": self.unexpected,
            "keys": list(self.keys),
            "error": self.error,
        }


def check(warehouse: Path, base: Base | None = None) -> tuple[Outcome, ...]:
    """Hold the tables of a warehouse against all expectations; without a base, against those of the tables alone."""
    with duckdb.connect(str(warehouse), read_only=True, config={"memory_limit": MEMORY}) as connection:
        return tuple(outcome for outcome in _check(connection, base))


def _check(connection: duckdb.DuckDBPyConnection, base: Base | None) -> Iterator[Outcome]:
    suites: dict[str, list[Expectation]] = {}
    for entry in expectations():
        if entry.against_last and base is None:
            continue
        try:
            why = lacking(connection, base, entry) if entry.against_last and base else None
        except duckdb.Error as error:  # the file of the last release is no Parquet
            yield Outcome(entry, passed=False, unexpected=0, error=str(error))
            continue
        if why:
            yield Outcome(entry, passed=False, unexpected=0, lacking=why)
        else:
            suites.setdefault(entry.suite, []).append(entry)
    whole = _whole_frames()
    for expected in suites.values():
        yield from _judge(whole, _frame(connection, base, expected), expected)


def _frame(connection: duckdb.DuckDBPyConnection, base: Base | None, expected: Sequence[Expectation]) -> Frame:
    first = expected[0]
    if base is None or not first.against_last:
        columns = ", ".join(quote(name) for name in first.table.names if any(each.names(name) for each in expected))
        frame = connection.execute(f"SELECT {columns} FROM main.{quote(first.mart)}").df()  # noqa: S608
        return Frame(frame, first.table.primary_key, ())
    return (coverage if first.covers else records)(connection, base, first.mart, expected)


def _whole_frames() -> Any:
    """The definition of a batch that is a whole frame. One serves all suites: to make one takes as long as to judge."""
    import_great_expectations()
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    asset = context.data_sources.add_pandas("release").add_dataframe_asset("table")
    return asset.add_batch_definition_whole_dataframe("whole")


def _judge(whole: Any, frame: Frame, expected: Sequence[Expectation]) -> Iterator[Outcome]:
    import great_expectations as gx
    from great_expectations.expectations.expectation_configuration import ExpectationConfiguration

    batch = whole.get_batch(batch_parameters={"dataframe": frame.content})
    suite = gx.ExpectationSuite(name=expected[0].suite)
    for number, entry in enumerate(expected):
        suite.add_expectation_configuration(
            ExpectationConfiguration(type=entry.type, kwargs=dict(entry.kwargs), meta={"number": number})
        )
    form = {"result_format": "COMPLETE", "unexpected_index_column_names": [*frame.key, *frame.shown]}
    results = batch.validate(suite, result_format=form).results
    by_number = {result["expectation_config"]["meta"]["number"]: result for result in results}
    for number, entry in enumerate(expected):
        yield _outcome(frame, entry, by_number[number])


def _outcome(frame: Frame, entry: Expectation, result: Any) -> Outcome:
    found = result.result or {}
    broken = found.get("unexpected_index_list") or []
    rows = tuple({name: _cell(row[name]) for name in (*frame.key, *frame.shown)} for row in broken)
    raised = result.exception_info or {}
    errors = [raised] if "raised_exception" in raised else list(raised.values())
    error = next((str(e.get("exception_message", "")) for e in errors if e.get("raised_exception")), "")
    said = result.to_json_dict()["result"]
    return Outcome(
        expectation=entry,
        passed=bool(result.success),
        unexpected=int(found.get("unexpected_count") or 0),
        records=rows,
        key=frame.key,
        error=error,
        result={name: said[name] for name in _RESULT if name in said},
    )


def _cell(value: Any) -> str:
    """A cell of a frame as text; pandas has more than one way to say that it is missing."""
    return "" if value is None or value != value else str(value)  # noqa: PLR0124 - NaN alone is not itself


def import_great_expectations() -> None:
    """Import Great Expectations with its usage statistics switched off."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    import great_expectations as gx

    assert gx.__version__  # noqa: S101 - the import is what is wanted


class Gatekeeper(Worker):
    """Runs the gate in a process that imports Great Expectations while another builds the marts."""

    def __init__(self) -> None:
        super().__init__(import_great_expectations)

    def judge(self, warehouse: Path, base: Base | None = None) -> Future[tuple[Outcome, ...]]:
        """Begin to hold a warehouse against the expectations; the outcomes are the result of the future."""
        return self.begin(check, warehouse, base)

"""From the gate's outcomes to findings at the curated cells behind them, and what is left once waivers are heard."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pipeline.dataset import Dataset, Row
from pipeline.expectations import CURATED, MART, VANISHED, Expectation, expectations, origin, parents
from pipeline.findings import Finding, NotChecked, Place, Report
from pipeline.gate import Outcome
from pipeline.language import Text
from pipeline.tables import table
from pipeline.validation import Validation
from pipeline.waivers import settle

Record = tuple[str, str]  # curated table, key


@dataclass(frozen=True)
class Verdict:
    """What the gate said: every outcome, and the report on what it found. `since` is the release compared with."""

    outcomes: tuple[Outcome, ...]
    report: Report
    since: str = ""

    @property
    def passed(self) -> bool:
        return self.report.ok

    def as_dict(self) -> dict[str, Any]:
        """The content of quality/gate.json."""
        said = self.report.as_dict("en")
        return {
            "passed": self.passed,
            "since": self.since or None,
            "expectations": [outcome.as_dict() for outcome in self.outcomes],
            **{name: said[name] for name in ("findings", "not_checked", "waived")},
        }

    def validations(self) -> list[dict[str, Any]]:
        """The results of Great Expectations, suite by suite, without what differs from run to run."""
        suites: dict[str, list[Outcome]] = {}
        for outcome in self.outcomes:
            if outcome.judged:
                suites.setdefault(outcome.expectation.suite, []).append(outcome)
        return [_suite(name, outcomes) for name, outcomes in suites.items()]


def _suite(name: str, outcomes: Sequence[Outcome]) -> dict[str, Any]:
    passed = sum(outcome.passed for outcome in outcomes)
    counts = {"evaluated_expectations": len(outcomes), "successful_expectations": passed}
    results = [
        {
            "success": outcome.passed,
            "expectation_config": {"type": outcome.expectation.type, "kwargs": dict(outcome.expectation.kwargs)},
            "result": {**outcome.result, "unexpected_index_list": [dict(record) for record in outcome.records]},
        }
        for outcome in outcomes
    ]
    return {"suite_name": name, "success": passed == len(outcomes), "statistics": counts, "results": results}


def trace(outcomes: Sequence[Outcome], validation: Validation, since: str = "") -> Verdict:
    """Trace outcomes back to the rows that were validated, and hear the waivers.

    `since` is the version compared with, "" where there was none. Raises RefusalError where SOURCE_DATE_EPOCH is no
    time.
    """
    data = validation.data
    unjudged = [NotChecked(o.expectation.code, o.lacking) for o in outcomes if o.lacking]
    if not since:
        first = Text("没有可比的上一版", "there is no last release to compare with")
        unjudged += [NotChecked(each.code, first) for each in expectations() if each.against_last]
    judged = settle(tuple(_findings(outcomes, data, since)), tuple(dict.fromkeys(unjudged)), data)
    report = replace(validation.report, findings=judged.findings, not_checked=judged.not_checked, waived=judged.waived)
    return Verdict(tuple(outcomes), report, since)


def _findings(outcomes: Sequence[Outcome], data: Dataset, since: str) -> Iterator[Finding]:
    """One finding a fault: marts that hold the same record show the same fault."""
    found: dict[tuple[str, Place, str], Finding] = {}
    gone = _Gone(outcomes, data)
    for outcome in outcomes:
        expected = outcome.expectation
        if outcome.passed or not outcome.judged:
            continue
        facts: dict[str, str | Text] = {"mart": expected.mart, "title": expected.title, "since": since}
        if outcome.error or not outcome.records:
            each = Finding(MART, _somewhere(expected), None, {**facts, "problem": _problem(outcome)})
            found.setdefault((MART, each.place, expected.title.en), each)
            continue
        for record in outcome.records:
            key = "/".join(record[name] for name in outcome.key)
            if expected.code == VANISHED and gone.with_another(expected, key):
                continue
            place, value = _place(expected, key, record, data, gone)
            own: dict[str, str | Text] = {
                "record": key,
                "problem": Text(f":{key}", f": {key}"),
                **_compared(expected, record),
            }
            each = Finding(expected.code, place, value, {**facts, **own, **gone.more(expected, key)})
            found.setdefault((expected.code, place, expected.title.en if expected.code == MART else ""), each)
    yield from found.values()


def _problem(outcome: Outcome) -> Text:
    """Why an expectation of a whole table failed, or could not be held."""
    if outcome.error:
        return Text(f"(无法判断:{outcome.error})", f" (it could not be judged: {outcome.error})")
    observed = str(outcome.result.get("observed_value", outcome.unexpected))
    return Text(f":现为 {observed}", f": it is {observed}")


def _compared(expected: Expectation, record: Mapping[str, str]) -> dict[str, str]:
    """What a record was and what it is now, as facts of a finding."""
    if expected.covers:
        (share,) = {name.rpartition("_")[0] for name in expected.kwargs.values() if isinstance(name, str)}
        shown = (lambda cell: f"{float(cell):.2f}%") if share.endswith("_share") else str
        return {"was": shown(record[f"{share}_was"]), "now": shown(record[f"{share}_now"])}
    if not expected.compares:
        return {}
    unit = record.get(f"{expected.within}_now", "") if expected.within else ""
    cells = {"was": record[f"{expected.compares}_was"], "now": record[f"{expected.compares}_now"]}
    return {**cells, "unit": f" {unit}" if unit else ""}


class _Gone:
    """Records of the last release that are no more, each with the record it went with, where that is gone too."""

    def __init__(self, outcomes: Sequence[Outcome], data: Dataset) -> None:
        belonged: dict[Record, list[Record]] = {}
        for outcome in outcomes:
            if outcome.expectation.code == VANISHED:
                mart = outcome.expectation.mart
                above = parents(mart)
                for record in outcome.records:
                    own = (origin(mart)[0], "/".join(record[name] for name in outcome.key))
                    if data.find(*own) is None:
                        held = [(of, record.get(f"{column}_was", "")) for column, of in above.items()]
                        belonged.setdefault(own, []).extend(held)
        self.belonged: Mapping[Record, Sequence[Record]] = belonged
        self.members = Counter(self._top(record) for record in belonged)

    def _top(self, record: Record) -> Record:
        """The outermost record it went with."""
        seen = {record}
        while above := next((r for r in self.belonged[record] if r in self.belonged and r not in seen), None):
            record = above
            seen.add(record)
        return record

    def with_another(self, expected: Expectation, key: str) -> bool:
        """Whether a record went with the one it belonged to, which is what is reported."""
        own = (origin(expected.mart)[0], key)
        return own in self.belonged and self._top(own) != own

    def more(self, expected: Expectation, key: str) -> dict[str, Text]:
        """How many records went with this one, as a fact of its finding."""
        if expected.code != VANISHED:
            return {}
        others = self.members[origin(expected.mart)[0], key] - 1
        if others < 1:
            return {"more": Text("", "")}
        return {"more": Text(f",连同所属 {others} 条记录", f", and {others} of its records with it")}


def _place(
    expected: Expectation, key: str, record: Mapping[str, str], data: Dataset, gone: _Gone
) -> tuple[Place, str | None]:
    """Where the curated record behind a row of a published table stands, and its cell; of one that is gone, stood."""
    if expected.covers:
        row = data.find("programmes", key)
        place = row.place() if row else _somewhere(expected)
        return replace(place, record=f"{key}/{expected.mart}.{expected.covers}"), None
    row = _row(expected, record, data)
    if row is not None:
        return row.place(expected.field or None), row.text(expected.field) if expected.field else None
    name, column = origin(expected.mart)
    above = [data.find(*each) for each in gone.belonged.get((name, key), ())]
    programme = next((p for each in above if each and (p := data.programme_of(each))), None)
    columns = {**record, "programme_id": programme.key} if programme else {}
    file = table(name).path.format_map(columns) if programme else _somewhere(expected).file
    return Place(file, field=column, record=key), key


def _row(expected: Expectation, record: Mapping[str, str], data: Dataset) -> Row | None:
    """The curated row that a row of a published table repeats, or is made from."""
    if expected.mart.startswith(CURATED):
        tables = [expected.mart.removeprefix(CURATED)]
    else:
        fields = [expected.table.field(name) for name in expected.table.primary_key]
        tables = [str(each.descriptor.get("ms:from", "")).partition(".")[0] for each in fields]
    for name in filter(None, tables):
        key = table(name).primary_key
        if record.keys() >= set(key):
            return data.find(name, "/".join(record[column] for column in key))
    values = [record[column] for column in expected.table.primary_key]
    return next((row for name in _NAMED for value in values if (row := data.find(name, value))), None)


def _somewhere(expected: Expectation) -> Place:
    """The file to look at where there is no row to point at."""
    name, _ = origin(expected.mart)
    path = table(name).path if name else ""
    return Place(path if path and "{" not in path else table("programmes").path)


_NAMED = ("targets", "observations", "milestones", "tasks", "indicators", "programmes")

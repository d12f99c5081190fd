"""A year of reports in examples/shili: sound as it stands, and judged on three days as was worked out by hand.

In the middle of the year only what ended with the year before could be overdue, and a list of one year has no such
target; every other status is there on that day, and all seven at the end of the year.
"""

import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pipeline.fiction import fictional
from pipeline.formatting import formatting
from pipeline.ledger import REPORTS
from pipeline.querying import query
from pipeline.validation import Validation, validate
from pipeline.verifying import verify
from pipeline.warehouse import build

EXAMPLE = Path(__file__).resolve().parent.parent / "examples" / "shili"
PROGRAMME = "shili-2025"
DAYS = ("2025-07-31", "2026-01-31", "2026-03-10")
WARNINGS = {
    "achieved": "green",
    "on_track": "green",
    "behind": "yellow",
    "at_risk": "red",
    "overdue": "red",
    "no_data": None,
    "not_measurable": None,
}

# Status on each of DAYS. At the end of June 181 of 365 days are over, 0.4959 of the year (0.1653 of three years);
# at the end of April 0.3288; of March 0.2466; of the year 1 (0.3333). Green from 0.9 of that, yellow from 0.7.
JUDGED = {
    # 18,900 of 36,000 persons: 0.525 / 0.4959 = 1.06; then 36,480
    "t01-01": ("on_track", "achieved", "achieved"),
    # 3,650 of 9,000: 0.4056 / 0.4959 = 0.82; then 9,346
    "t01-02": ("behind", "achieved", "achieved"),
    # about 5.5, so between 5.225 and 5.775: 5.6 in June; 5.4 in December
    "t01-04": ("on_track", "achieved", "achieved"),
    # in words, without a number
    "t01-05": ("not_measurable", "not_measurable", "not_measurable"),
    # 13 of 90 in three years, by steps of 30 and 35: expected 30/90 × 0.4959 = 0.1653, 0.1444 / 0.1653 = 0.87; then
    # 31/90 = 0.3444 where 30/90 = 0.3333 is expected
    "t02-01": ("behind", "on_track", "on_track"),
    # the step of 2026: nothing is reported of that year yet
    "t02-03": ("no_data", "no_data", "no_data"),
    # 930 of 2,000: 0.465 / 0.4959 = 0.94; then 1,790
    "t02-04": ("on_track", "overdue", "overdue"),
    # from 82 to 90: (84.9 - 82) / 8 = 0.3625 / 0.4959 = 0.73; then 89.4
    "t02-06": ("behind", "overdue", "overdue"),
    # without a value (L) until July, reported on 6 August: 6.4 where 6 is the least
    "t02-07": ("no_data", "achieved", "achieved"),
    # 1,260 of 6,000, by quarters: 0.21 / 0.4959 = 0.42; then 6,150
    "t03-01": ("at_risk", "achieved", "achieved"),
    # 2 of 18 in three years: 0.1111 / 0.1653 = 0.67; by September 4/18 = 0.2222 / 0.2493 = 0.89;
    # by December, reported on 24 February, 5/18 = 0.2778 / 0.3333 = 0.83
    "t03-04": ("at_risk", "behind", "behind"),
    # from 4.1 to 4.6: 0.21 / 0.5 = 0.42 / 0.4959 = 0.85; 4.58 in December, corrected to 4.61 on 12 February
    "t04-01": ("behind", "overdue", "achieved"),
    # about 52,000, so 49,400 will do: 29,000 / 52,000 = 0.5577 / 0.4959 = 1.12; then 50,600
    "t04-02": ("on_track", "achieved", "achieved"),
    # a grade is reached or not: 2 of 3
    "t04-04": ("behind", "overdue", "overdue"),
    # known until April (May and June came on 20 August): 6 of 45 = 0.1333 / 0.3288 = 0.41; then 38 of 38, as revised
    "t05-01": ("at_risk", "achieved", "achieved"),
    # 3 + 2 + 6 + 9 = 20 of 120 = 0.1667 / 0.3288 = 0.51; then 111 without November, 122 with it on 20 February
    "t05-02": ("at_risk", "overdue", "achieved"),
    # no more than 240 million yuan: 42 by April; then 251
    "t05-03": ("on_track", "overdue", "overdue"),
    # 30 of 300 = 0.1 / 0.3288 = 0.30; withdrawn from 1 September
    "t05-04": ("at_risk", "not_measurable", "not_measurable"),
    # 8.5 + 16 + 22.4 + 25.1 = 72 of 180 = 0.4 / 0.4959 = 0.81; then 186.4, the forecast of 7 not counted
    "t06-01": ("behind", "achieved", "achieved"),
    # below 10 minutes: 10 / 10.9 = 0.92 / 0.4959; 10 in December is not below 10
    "t06-03": ("on_track", "overdue", "overdue"),
    # 9 of 120 in three years: 0.075 / 0.1653 = 0.45; then 26/120 = 0.2167 / 0.3333 = 0.65
    "t06-05": ("at_risk", "at_risk", "at_risk"),
    # from 34.6 down to 32: 34.7 in June is on the wrong side; 32.4 in December
    "t07-01": ("at_risk", "overdue", "overdue"),
    # no more than 5 days: 3; then 6
    "t07-02": ("on_track", "overdue", "overdue"),
    # silent since March: 88.9 / 95 = 0.9358 where 0.2466 is expected; 93.1 in November, nothing for December
    "t08-02": ("on_track", "overdue", "overdue"),
    # never reported
    "t08-03": ("no_data", "no_data", "no_data"),
    # 5 of 40 in March: 0.125 / 0.2466 = 0.51; then 38
    "t08-04": ("at_risk", "overdue", "overdue"),
    # to be kept at 98 or more: 97.2 in June; 98.4 in December
    "t09-02": ("at_risk", "achieved", "achieved"),
    # the three of task 10 by April of 5,000, 3,200 and 1,800: 0.26, 0.2188 and 0.3333 of 0.3288
    "t10-01": ("behind", "achieved", "achieved"),
    "t10-02": ("at_risk", "achieved", "achieved"),
    "t10-03": ("on_track", "achieved", "achieved"),
}


@dataclass(frozen=True)
class Year:
    """The warehouses of the three days."""

    paths: dict[str, Path]

    def ask(self, day: str, sql: str) -> list[tuple[Any, ...]]:
        return list(query(self.paths[day], sql).rows)


@pytest.fixture(scope="module")
def validation() -> Validation:
    return validate(EXAMPLE)


@pytest.fixture(scope="module")
def year(validation: Validation, tmp_path_factory: pytest.TempPathFactory) -> Year:
    paths = {}
    for day in DAYS:
        built = build(
            validation.data, tmp_path_factory.mktemp("built"), as_of=date.fromisoformat(day), unit_tests=False
        )
        assert built.path is not None, built.failures
        paths[day] = built.path
    return Year(paths)


def test_the_folder_is_sound_but_for_one_contradiction_that_is_shown(validation: Validation) -> None:
    report = validation.report
    assert report.exit_code(strict=True) == 0
    assert [(each.code, each.place.record) for each in report.findings] == [
        ("reports-conflict", f"{PROGRAMME}-i06-02/2025-06/shili-transport/1")
    ]
    assert fictional(validation.data)
    assert not formatting(EXAMPLE).changes


def test_every_digit_of_the_document_is_accounted_for(tmp_path: Path) -> None:
    copy = Path(shutil.copytree(EXAMPLE, tmp_path / "shili"))
    found = verify(copy)
    assert found.ok
    assert found.any_text
    assert (copy / "verification.json").read_bytes() == (EXAMPLE / "verification.json").read_bytes()
    account = found.sources[0].account
    assert account is not None
    assert (account.digits, account.cited + account.excluded, account.unaccounted) == (74, 74, ())


def test_eight_units_report_the_year(validation: Validation) -> None:
    rows = validation.data.tables[REPORTS]
    assert len({row["organization_id"] for row in rows}) == 8
    periods = {row["period"] for row in rows}
    assert {f"2025-{month:02}" for month in range(1, 13)} < periods
    assert {"2025-Q1", "2025-Q2", "2025-Q3", "2025-Q4", "2025-S1", "2025-S2"} < periods
    assert {row["status"] for row in rows} == {"A", "P", "F", "L"}
    assert all(row["status"] == "A" for row in rows if row["evidence"])


@pytest.mark.parametrize(("position", "day"), list(enumerate(DAYS)))
def test_targets_stand_as_worked_out_by_hand(year: Year, position: int, day: str) -> None:
    found = {row[0]: row[1:] for row in year.ask(day, "SELECT target_id, status, warning FROM attainment")}
    stated = {f"{PROGRAMME}-{key}": statuses[position] for key, statuses in JUDGED.items()}
    assert {key: found[key] for key in stated} == {key: (status, WARNINGS[status]) for key, status in stated.items()}


@pytest.mark.parametrize(
    ("day", "missing"), [("2025-07-31", {"overdue"}), ("2026-01-31", set()), ("2026-03-10", set())]
)
def test_every_status_occurs(year: Year, day: str, missing: set[str]) -> None:
    assert {row[0] for row in year.ask(day, "SELECT DISTINCT status FROM attainment")} == set(WARNINGS) - missing
    colours = year.ask(day, "SELECT DISTINCT warning FROM attainment WHERE warning IS NOT NULL")
    assert {row[0] for row in colours} == {"green", "yellow", "red"}


def test_every_row_says_that_it_is_invented(year: Year) -> None:
    for mart in ("programmes", "attainment", "attainment_history", "unit_performance", "reporting_status"):
        assert year.ask(DAYS[2], f"SELECT DISTINCT fictional FROM {mart}") == [(True,)]


def test_what_is_owed_is_late_partial_empty_or_missing(year: Year) -> None:
    sql = (
        "SELECT DISTINCT status FROM reporting_status WHERE indicator_id = "
        f"'{PROGRAMME}-i{{}}' AND organization_id = 'shili-{{}}'"
    )

    def stands(indicator: str, unit: str, day: str = DAYS[2]) -> list[tuple[Any, ...]]:
        return year.ask(day, sql.format(indicator, unit))

    assert stands("05-02", "housing") == [("reported",)]
    assert stands("06-04", "transport") == [("without_value",)]
    assert stands("08-02", "market-regulation", DAYS[1]) == [("due",)]
    assert stands("08-02", "market-regulation") == [("partly",)]
    assert stands("08-03", "market-regulation") == [("missing",)]
    # the figure of two lead units is settled by the one that reports it
    assert stands("09-01", "civil-affairs") == [("reported",)]
    # the last day is 31 January: what the desk sent in February came late
    assert stands("03-04", "education") == [("late",)]
    assert stands("03-04", "education", DAYS[1]) == [("due",)]


def test_a_correction_and_a_late_report_show_on_their_day(year: Year) -> None:
    sql = (
        "SELECT CAST(as_of AS VARCHAR), CAST(actual_base AS DOUBLE), CAST(actual_to AS VARCHAR) "
        f"FROM attainment_history WHERE target_id = '{PROGRAMME}-{{}}' AND as_of >= '{{}}' ORDER BY as_of LIMIT {{}}"
    )
    assert year.ask(DAYS[2], sql.format("t04-01", "2026-01-01", 2)) == [
        ("2026-01-06", 4.58, "2025-12-31"),
        ("2026-02-12", 4.61, "2025-12-31"),
    ]
    # May, June and July of the housing bureau: 7 August (July), 20 August (May and June)
    assert year.ask(DAYS[2], sql.format("t05-02", "2025-08-01", 2)) == [
        ("2025-08-06", 35.0, "2025-07-31"),
        ("2025-08-20", 61.0, "2025-07-31"),
    ]


def test_a_revision_counts_from_its_day(year: Year) -> None:
    sql = (
        "SELECT CAST(value_base AS INT), revision, status FROM attainment_history "
        f"WHERE target_id = '{PROGRAMME}-{{}}' AND as_of = '2025-09-01'"
    )
    assert year.ask(DAYS[1], sql.format("t05-01"))[0][:2] == (38, 1)
    assert year.ask(DAYS[1], sql.format("t05-04")) == [(None, 1, "not_measurable")]
    columns = "CAST(first_value AS INT), CAST(value_base AS INT)"
    first = f"SELECT {columns} FROM attainment WHERE target_id = '{PROGRAMME}-t05-01'"
    assert [year.ask(day, first) for day in DAYS[:2]] == [[(45, 45)], [(45, 38)]]


def test_of_two_units_that_differ_the_lead_unit_counts(year: Year) -> None:
    """Housing said 118 on 20 August; transport, which leads the task, had said 132 in July."""
    sql = (
        "SELECT CAST(actual_base AS INT) FROM attainment_history "
        f"WHERE target_id = '{PROGRAMME}-t06-02' AND as_of <= '2025-07-31' ORDER BY as_of DESC LIMIT 1"
    )
    assert year.ask(DAYS[2], sql) == [(132,)]


def test_a_unit_that_is_silent_is_seen_to_be(year: Year) -> None:
    """Market regulation reported nothing between April and the end of the year."""
    sql = (
        "SELECT CAST(max(actual_to) AS VARCHAR) FROM attainment_history "
        f"WHERE target_id LIKE '{PROGRAMME}-t08-%' AND as_of < '2026-01-01'"
    )
    assert year.ask(DAYS[1], sql) == [("2025-03-31",)]

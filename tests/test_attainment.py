"""Attainment from files of reports to the marts: the fictional programme with reports, as of two days."""

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from pipeline.querying import query
from pipeline.tables import table
from pipeline.validation import validate
from pipeline.warehouse import build
from tests.conftest import FIXTURES

PROGRAMME = "programmes/shili-2030"
CANTEENS = "shili-2030-i02-01"
REPORTED = {
    "shili-civil-affairs/2030-Q1": [
        f"{CANTEENS},2030-Q1,shili-civil-affairs,1,9,item,period,A,月报,养老科,2030-04-05,",
        f"{CANTEENS},2030-Q1,shili-civil-affairs,2,8,item,period,A,月报,养老科,2030-04-20,重复一处",
    ],
    "shili-civil-affairs/2030-Q2": [
        f"{CANTEENS},2030-Q2,shili-civil-affairs,1,7,item,period,A,月报,养老科,2030-07-05,",
    ],
    "shili-education/2030-S1": [
        "shili-2030-i03-01,2030-S1,shili-education,1,90.8,percent,level,A,年报,学前科,2030-07-08,",
    ],
    "shili-human-resources/2030-Q2": [
        "shili-2030-i01-01,2030-Q2,shili-human-resources,1,1.5,wan-person,cumulative,A,月报,就业科,2030-07-06,",
        "shili-2030-i01-02,2030-Q2,shili-human-resources,1,,person,cumulative,O,,就业科,2030-07-06,尚未汇总",
    ],
}
REVISION = "shili-2030-t02-01,1,2030-06-01,in_force,ge,20,,item,2030,shili-civil-affairs,示政办〔2030〕6号,2030-05-20,"


def _write(path: Path, name: str, lines: Iterable[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([",".join(table(name).names), *lines]) + "\n", encoding="utf-8")


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The warehouse of the fictional programme with reports, as of 20 July 2030."""
    folder = tmp_path_factory.mktemp("attainment")
    data = Path(shutil.copytree(FIXTURES / "shili", folder / "shili"))
    for place, lines in REPORTED.items():
        _write(data / PROGRAMME / "reports" / f"{place}.csv", "reports", lines)
    _write(data / PROGRAMME / "target_revisions.csv", "target_revisions", [REVISION])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", "1910736000")  # 2030-07-20
        made = build(validate(data).data, folder / "build", unit_tests=False)
    assert made.ok, made.failures
    assert made.path is not None
    return made.path


def _asked(judged: Path, columns: str, mart: str, where: str) -> tuple[tuple[Any, ...], ...]:
    return query(judged, f"SELECT {columns} FROM {mart} WHERE {where}").rows


def test_a_target_is_judged_by_its_reports_and_the_revision_in_force(judged: Path) -> None:
    """8 corrected from 9, and 7, are 15 of 20 by half a year; of the 30 first promised it would be half."""
    columns = (
        "CAST(first_value AS INT), CAST(value_base AS INT), CAST(actual_base AS INT), CAST(actual_to AS VARCHAR), "
        "CAST(completion AS DOUBLE), CAST(expected AS DOUBLE), status, warning, CAST(as_of AS VARCHAR)"
    )
    assert _asked(judged, columns, "attainment", "target_id = 'shili-2030-t02-01'") == (
        (30, 20, 15, "2030-06-30", 0.75, 0.49589, "on_track", "green", "2030-07-20"),
    )
    assert _asked(judged, "status, CAST(completion AS DOUBLE)", "attainment", "target_id = 'shili-2030-t02-05'") == (
        ("on_track", 0.5),
    )


@pytest.mark.parametrize(
    ("target", "status", "warning", "reason"),
    [
        ("shili-2030-t01-01", "on_track", "green", "against_time"),  # 15000 of about 27000 persons
        ("shili-2030-t03-01", "at_risk", "red", "against_time"),  # 0.3 of 1.5 points above the starting value
        ("shili-2030-t01-02", "no_data", None, "not_reported"),  # a report that says that the number is missing
        ("shili-2030-t01-05", "not_measurable", None, "no_value"),
        ("shili-2030-t02-02", "no_data", None, "not_reported"),
    ],
)
def test_each_status_has_its_reason(judged: Path, target: str, status: str, warning: str | None, reason: str) -> None:
    found = _asked(judged, "status, warning, reason", "attainment", f"target_id = '{target}'")
    assert found == ((status, warning, reason),)


def test_history_tells_what_was_known_on_each_day(judged: Path) -> None:
    columns = "CAST(as_of AS VARCHAR), CAST(value_base AS INT), CAST(actual_base AS INT), status"
    where = "target_id = 'shili-2030-t02-01' ORDER BY as_of"
    assert _asked(judged, columns, "attainment_history", where) == (
        ("2030-04-05", 30, 9, "on_track"),
        ("2030-04-20", 30, 8, "on_track"),
        ("2030-06-01", 20, 8, "on_track"),
        ("2030-07-05", 20, 15, "on_track"),
    )


def test_units_and_deadlines_show_how_targets_stand(judged: Path) -> None:
    """Three canteen targets are measured or not yet, the fourth row is a share of cost and counts nowhere."""
    columns = "targets, on_track, no_data, CAST(green_per_cent AS DOUBLE)"
    where = "organization_id = 'shili-civil-affairs' AND domain_code = 'elderly-care'"
    assert _asked(judged, columns, "unit_performance", where) == ((4, 2, 2, 100.0),)
    columns = "CAST(due_on AS VARCHAR), is_over, status"
    assert _asked(judged, columns, "deadline_calendar", "deadline_id = 'shili-2030-t03-01'") == (
        ("2030-12-31", False, "at_risk"),
    )


def test_programmes_without_reports_have_nothing_to_judge(warehouse: Path) -> None:
    """Of the real programmes nothing is reported: no target has more than a place for it, on any day."""
    found = query(
        warehouse,
        "SELECT status, bool_and((value_base IS NULL) = (status = 'not_measurable')), count(as_of), count(warning) "
        "FROM attainment GROUP BY status ORDER BY status",
    )
    assert found.rows == (("no_data", True, 0, 0), ("not_measurable", True, 0, 0))
    assert query(warehouse, "SELECT count(*) FROM attainment_history").rows == ((0,),)
    assert query(warehouse, "SELECT (SELECT count(*) FROM attainment) - (SELECT count(*) FROM targets)").rows == ((0,),)

"""The gate: every expectation seen to hold and to fail, by editing what was released; what is waived, what is refused."""

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import pytest

from pipeline import gate
from pipeline.against import Base
from pipeline.expectations import MART, Expectation, expectations, parents
from pipeline.findings import Finding, Place
from pipeline.gate import Outcome, check
from pipeline.language import Text
from pipeline.package import read_package
from pipeline.release.base import base_of
from pipeline.release.publish import Outcomes, Released, release
from pipeline.release.resources import resources
from pipeline.release.store import Store, StoreError
from pipeline.reports import stages
from pipeline.rules import catalogue
from pipeline.sources import NO_TEXTS
from pipeline.tracing import Verdict, trace
from pipeline.validation import Validation, validate
from pipeline.verifying import verify
from tests.conftest import FIXTURES
from tests.editing import append_row, delete_row, set_cell

EPOCH = "1893456000"  # 2030-01-01
SHILI = "programmes/shili-2030"
TARGETS = f"{SHILI}/targets.csv"
CODES = tuple(code for code, rule in catalogue().items() if rule.at_release)
Edit = Callable[[duckdb.DuckDBPyConnection], object]


@dataclass(frozen=True)
class Home:
    """A folder with the fictional data, released once, its warehouse, and what was validated."""

    folder: Path
    validation: Validation

    @property
    def store(self) -> Store:
        return Store(self.folder / "releases", "shili")

    @property
    def base(self) -> Base:
        base = base_of(self.store, read_package(self.folder / "data"), self.validation.data)
        assert base is not None
        return base


@pytest.fixture(scope="module", autouse=True)
def day() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", EPOCH)
        yield


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, day: None) -> Home:
    folder = tmp_path_factory.mktemp("home")
    shutil.copytree(FIXTURES / "shili", folder / "data")
    shutil.copytree(FIXTURES / "texts", folder / "data" / "sources")
    first = run(folder)
    assert first.outcome is Outcomes.RELEASED, (first.report, first.build, first.gate, first.referee)
    return Home(folder, validate(folder / "data", NO_TEXTS))


def run(folder: Path) -> Released:
    return release(folder / "data", folder / "releases", folder / "build", lambda step: None)


def judged(home: Home, tmp_path: Path, edit: str, base: Base | None = None) -> tuple[Outcome, ...]:
    """The outcomes for the warehouse of the fixture after a statement of SQL."""
    warehouse = tmp_path / "warehouse.duckdb"
    shutil.copy(home.folder / "build" / "warehouse.duckdb", warehouse)
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(edit)
    return check(warehouse, base or home.base)


def traced(home: Home, outcomes: Sequence[Outcome]) -> Verdict:
    return trace(outcomes, home.validation, "0.1.0")


def failed(outcomes: Sequence[Outcome]) -> set[tuple[str, str, str]]:
    """Rule, table and column looked at."""
    return {
        (o.expectation.code, o.expectation.mart, o.expectation.compares or o.expectation.covers)
        for o in outcomes
        if not o.passed
    }


def test_a_release_beside_itself_is_as_expected(home: Home, tmp_path: Path) -> None:
    outcomes = judged(home, tmp_path, "SELECT 1")
    assert failed(outcomes) == set()
    assert len(outcomes) == len(expectations())
    assert traced(home, outcomes).passed


JUMP, UNIT, GONE = "gate-value-jump", "gate-unit-changed", "gate-record-vanished"
EMPTIED, SHRUNK = "gate-value-vanished", "gate-coverage-shrunk"
ONE, TWO = "shili-2030-t01-01", "shili-2030-t01-02"

CASES: tuple[tuple[str, set[tuple[str, str, str]]], ...] = (
    (f"UPDATE targets SET value_base = value_base * 10 WHERE target_id = '{ONE}'", {(JUMP, "targets", "value_base")}),
    (f"UPDATE targets SET value_base = value_base / 10 WHERE target_id = '{ONE}'", {(JUMP, "targets", "value_base")}),
    (f"UPDATE targets SET value_base = value_base * 9.99 WHERE target_id = '{ONE}'", set()),
    (f"UPDATE targets SET value_base = value_base / 9.99 WHERE target_id = '{ONE}'", set()),
    (f"UPDATE targets SET value_base = -value_base WHERE target_id = '{ONE}'", {(JUMP, "targets", "value_base")}),
    (f"UPDATE targets SET value_base = 0 WHERE target_id = '{ONE}'", {(JUMP, "targets", "value_base")}),
    (
        "UPDATE targets SET upper_value_base = 5000 WHERE upper_value_base IS NOT NULL",
        {(JUMP, "targets", "upper_value_base")},
    ),
    (
        "UPDATE targets SET upper_value_base = NULL WHERE upper_value_base IS NOT NULL",
        {(EMPTIED, "targets", "upper_value_base")},
    ),
    ("UPDATE targets SET upper_value_base = 9 WHERE upper_value_base IS NULL", set()),
    ("UPDATE curated.observations SET value = 905", {(JUMP, "curated-observations", "value")}),
    ("UPDATE curated.observations SET value = NULL", {(EMPTIED, "curated-observations", "value")}),
    (
        "UPDATE curated.observations SET value = 905, unit_code = 'permille'",
        {(UNIT, "curated-observations", "unit_code")},
    ),
    (f"UPDATE targets SET unit_code = 'person' WHERE target_id = '{ONE}'", {(UNIT, "targets", "unit_code")}),
    (
        f"UPDATE targets SET base_unit_code = 'yuan', unit_code = 'yuan', value_base = 1 WHERE target_id = '{ONE}'",
        {(UNIT, "targets", "unit_code")},
    ),
    (
        "UPDATE indicators SET unit_code = 'person' WHERE indicator_id = 'shili-2030-i01-01'",
        {(UNIT, "indicators", "unit_code")},
    ),
    (
        f"UPDATE targets SET value_base = NULL WHERE target_id = '{ONE}'",
        {(EMPTIED, "targets", "value_base"), (SHRUNK, "targets", "value_base")},
    ),
    ("DELETE FROM curated.milestones", {(GONE, "curated-milestones", "")}),
    ("DELETE FROM curated.sources", {(GONE, "curated-sources", "")}),
    ("DELETE FROM curated.observations", {(GONE, "curated-observations", "")}),
    ("DELETE FROM benefit_standards", {(GONE, "benefit_standards", "")}),
    (f"DELETE FROM targets WHERE target_id = '{TWO}'", {(GONE, "targets", "")}),
    ("DELETE FROM indicators WHERE indicator_id = 'shili-2030-i01-02'", {(GONE, "indicators", "")}),
    ("DELETE FROM tasks WHERE task_id = 'shili-2030-02-m1'", {(GONE, "tasks", "")}),
    ("UPDATE programmes SET programme_id = 'other'", {(GONE, "programmes", "")}),
    ("UPDATE indicators SET concept_code = NULL", {(SHRUNK, "indicators", "concept_code")}),
    (
        f"UPDATE targets SET citations = 0 WHERE target_id = '{ONE}'",
        {(MART, "targets", ""), (SHRUNK, "targets", "citations")},
    ),
    (f"UPDATE targets SET lead_units_zh = '' WHERE target_id = '{ONE}'", {(SHRUNK, "targets", "lead_units_zh")}),
    (
        "UPDATE tasks SET lead_units_zh = NULL WHERE task_id = 'shili-2030-01'",
        {(SHRUNK, "tasks", "lead_units_zh")},
    ),
    ("UPDATE tasks SET quantified = false WHERE task_id = 'shili-2030-01'", {(SHRUNK, "tasks", "quantified")}),
    (
        "INSERT INTO tasks (task_id, programme_id, lead_units_zh) VALUES ('shili-2030-99', 'shili-2030', '')",
        {(SHRUNK, "tasks", "lead_units_zh")},
    ),
)


@pytest.mark.parametrize(("edit", "wanted"), CASES, ids=[edit for edit, _ in CASES])
def test_an_expectation_fails_where_it_should_and_no_other(
    home: Home, tmp_path: Path, edit: str, wanted: set[tuple[str, str, str]]
) -> None:
    assert failed(judged(home, tmp_path, edit)) == wanted


def test_every_expectation_against_the_last_release_has_a_case() -> None:
    seen = {each for _, wanted in CASES for each in wanted}
    declared = {(e.code, e.mart, e.compares or e.covers) for e in expectations() if e.against_last}
    rare = {(JUMP, "curated-observations", "upper_value"), (EMPTIED, "curated-observations", "upper_value")}
    assert declared - rare <= seen
    assert {code for code, _, _ in seen} == set(CODES)

"""The gate: every expectation seen to hold and to fail by an edit of what was released; what is waived or refused."""

import json
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from pipeline import gate
from pipeline.against import Base
from pipeline.expectations import MART, expectations
from pipeline.findings import Place
from pipeline.gate import Outcome, check
from pipeline.language import Language
from pipeline.package import read_package
from pipeline.release.base import base_of
from pipeline.release.folder_store import FolderStore
from pipeline.release.publish import Outcomes, Released, release
from pipeline.release.store import StoreError
from pipeline.reports import stages
from pipeline.rules import catalogue
from pipeline.sources import NO_TEXTS
from pipeline.tracing import Verdict, trace
from pipeline.validation import Validation, validate
from pipeline.verifying import verify
from tests.conftest import EPOCH, FIXTURES, copied
from tests.editing import append_row, delete_row, reprint, set_cell
from tests.test_diff import rename_target
from tests.test_versioning import resort

SHILI = "programmes/shili-2030"
TARGETS = f"{SHILI}/targets.csv"
LANGUAGES: tuple[Language, ...] = ("en", "zh")
CODES = tuple(code for code, rule in catalogue().items() if rule.at_release)


@dataclass(frozen=True)
class Home:
    """A folder with the fictional data, released once, its warehouse, and what was validated."""

    folder: Path
    validation: Validation

    @property
    def store(self) -> FolderStore:
        return FolderStore(self.folder / "releases", "shili")

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
def home(tmp_path_factory: pytest.TempPathFactory, shili_released: Path, day: None) -> Home:
    folder = copied(shili_released, tmp_path_factory.mktemp("home"))
    shutil.copytree(FIXTURES / "texts", folder / "data" / "sources")
    return Home(folder, validate(folder / "data", NO_TEXTS))


def run(folder: Path) -> Released:
    return release(folder / "data", folder / "releases", folder / "build", lambda step: None)


def edited(home: Home, folder: Path, sql: str) -> Path:
    """The warehouse of the fixture after a statement of SQL."""
    folder.mkdir(parents=True, exist_ok=True)
    warehouse = folder / "warehouse.duckdb"
    shutil.copy(home.folder / "build" / "warehouse.duckdb", warehouse)
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(sql)
    return warehouse


def published(warehouse: Path, mart: str) -> Base:
    """A release with one table as a warehouse has it."""
    relation = f"curated.{mart.removeprefix('curated-')}" if mart.startswith("curated-") else mart
    path = warehouse.with_name(f"{mart}.parquet")
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(f"COPY {relation} TO '{path}' (FORMAT parquet)")
    return Base("0.1.0", {mart: path})


def traced(home: Home, outcomes: Sequence[Outcome]) -> Verdict:
    return trace(outcomes, home.validation, "0.1.0")


def failed(outcomes: Sequence[Outcome]) -> set[tuple[str, str]]:
    """Rule and column looked at."""
    return {(o.expectation.code, o.expectation.compares or o.expectation.covers) for o in outcomes if not o.passed}


def test_a_release_beside_itself_is_as_expected(home: Home) -> None:
    outcomes = check(home.folder / "build" / "warehouse.duckdb", home.base)
    assert failed(outcomes) == set()
    assert all(outcome.judged for outcome in outcomes)
    assert len(outcomes) == len(expectations())
    assert traced(home, outcomes).passed


JUMP, UNIT, GONE = "gate-value-jump", "gate-unit-changed", "gate-record-vanished"
EMPTIED, SHRUNK, REWRITTEN = "gate-value-vanished", "gate-coverage-shrunk", "gate-history-rewritten"
ONE, TWO, DUE = "shili-2030-t01-01", "shili-2030-t01-02", "shili-2030-d03-01"
CITY = "shili-2030"

OBSERVATIONS = "curated-observations"
BENEFIT = (
    "INSERT INTO benefit_standards BY NAME SELECT target_id, programme_id, jurisdiction_code, jurisdiction_zh, "
    "jurisdiction_en, fictional, "
    "task_id, domain_code, indicator_zh, indicator_en, basis, start_year, end_year, comparator, value, unit_code, "
    f"unit_zh, value_base, base_unit_code, lead_units_zh, printed, caveat_kinds FROM targets WHERE target_id = '{ONE}'"
)


REPORTS, REVISIONS = "curated-reports", "curated-target_revisions"
REPORTED = (
    "INSERT INTO curated.reports BY NAME SELECT 'shili-2030-i02-01' AS indicator_id, '2030-Q1' AS period, "
    "'shili-civil-affairs' AS organization_id, unnest([1, 2]) AS revision, unnest([5, 6]) AS value, "
    "'item' AS unit_code, 'cumulative' AS accumulation, 'P' AS status, DATE '2030-04-10' AS reported_on"
)
REVISED = (
    f"INSERT INTO curated.target_revisions BY NAME SELECT '{TWO}' AS target_id, 1 AS revision, 'in_force' AS status, "
    "DATE '2030-06-01' AS effective_on, 'between' AS comparator, 9000 AS value, 9500 AS upper_value, "
    "'person' AS unit_code, 2030 AS end_year"
)


@dataclass(frozen=True)
class Case:
    """What a statement done to the warehouse after the release, and one done before it, break in a table."""

    mart: str
    sql: str
    wanted: frozenset[tuple[str, str]] = frozenset()
    before: str = "SELECT 1"

    def __str__(self) -> str:
        return self.sql


def case(mart: str, sql: str, *wanted: tuple[str, str], before: str = "SELECT 1") -> Case:
    return Case(mart, sql, frozenset(wanted), before)


def target(change: str, *wanted: tuple[str, str]) -> Case:
    return case("targets", f"UPDATE targets SET {change} WHERE target_id = '{ONE}'", *wanted)


CASES = (
    target("value_base = value_base * 10", (JUMP, "value_base")),
    target("value_base = value_base / 10", (JUMP, "value_base")),
    target("value_base = value_base * 9.99"),
    target("value_base = value_base / 9.99"),
    target("value_base = -value_base", (JUMP, "value_base")),
    target("value_base = 0", (JUMP, "value_base")),
    target("value_base = NULL", (EMPTIED, "value_base"), (SHRUNK, "value_base")),
    target("upper_value_base = 9"),
    target("unit_code = 'person'", (UNIT, "unit_code")),
    target("base_unit_code = 'yuan', unit_code = 'yuan', value_base = 1", (UNIT, "unit_code")),
    target("citations = 0", (MART, ""), (SHRUNK, "citations")),
    target("lead_units_zh = ''", (SHRUNK, "lead_units_zh")),
    case(
        "targets", "UPDATE targets SET upper_value_base = 5000 WHERE upper_value_base > 0", (JUMP, "upper_value_base")
    ),
    case("targets", "UPDATE targets SET upper_value_base = NULL", (EMPTIED, "upper_value_base")),
    case("targets", f"DELETE FROM targets WHERE target_id = '{TWO}'", (GONE, "")),
    case(OBSERVATIONS, "UPDATE curated.observations SET value = 905", (JUMP, "value")),
    case(OBSERVATIONS, "UPDATE curated.observations SET value = NULL", (EMPTIED, "value")),
    case(OBSERVATIONS, "UPDATE curated.observations SET value = 905, unit_code = 'permille'", (UNIT, "unit_code")),
    case(OBSERVATIONS, "DELETE FROM curated.observations", (GONE, "")),
    case(
        OBSERVATIONS,
        "UPDATE curated.observations SET upper_value = 1",
        (JUMP, "upper_value"),
        before="UPDATE curated.observations SET upper_value = 95",
    ),
    case(
        OBSERVATIONS,
        "UPDATE curated.observations SET upper_value = NULL",
        (EMPTIED, "upper_value"),
        before="UPDATE curated.observations SET upper_value = 95",
    ),
    *(
        case(REPORTS, f"{REPORTED}; UPDATE curated.reports SET {change} WHERE revision = 1", *wanted, before=REPORTED)
        for change, *wanted in (
            ("value = 5.01", (REWRITTEN, "value")),
            ("unit_code = 'person'", (REWRITTEN, "unit_code")),
            ("accumulation = 'period'", (REWRITTEN, "accumulation")),
            ("status = 'A'", (REWRITTEN, "status")),
            ("status = 'O', value = NULL", (REWRITTEN, "status")),
            ("reported_on = DATE '2030-04-09'", (REWRITTEN, "reported_on")),
            ("revision = 3", (GONE, "")),
            ("note_zh = '漏报一家'",),
        )
    ),
    case(REPORTS, REPORTED),  # a release without reports, and the first ones
    case(REPORTS, f"{REPORTED}; DELETE FROM curated.reports WHERE revision = 2", (GONE, ""), before=REPORTED),
    *(
        case(REVISIONS, f"{REVISED}; UPDATE curated.target_revisions SET {change}", *wanted, before=REVISED)
        for change, *wanted in (
            ("effective_on = DATE '2030-07-01'", (REWRITTEN, "effective_on")),
            ("status = 'withdrawn', comparator = NULL, value = NULL", (REWRITTEN, "status")),
            ("comparator = 'ge'", (REWRITTEN, "comparator")),
            ("value = 9001", (REWRITTEN, "value")),
            ("upper_value = 9501", (REWRITTEN, "upper_value")),
            ("unit_code = 'wan-person'", (REWRITTEN, "unit_code")),
            ("end_year = 2031", (REWRITTEN, "end_year")),
            ("document_zh = '示政办〔2030〕6号'",),
        )
    ),
    case(REVISIONS, "SELECT 1", (GONE, ""), before=REVISED),
    case("curated-milestones", "DELETE FROM curated.milestones", (GONE, "")),
    case("curated-sources", "DELETE FROM curated.sources", (GONE, "")),
    case("benefit_standards", "DELETE FROM benefit_standards", (GONE, ""), before=BENEFIT),
    case("programmes", "UPDATE programmes SET programme_id = 'other'", (GONE, "")),
    case("indicators", "DELETE FROM indicators WHERE indicator_id = 'shili-2030-i01-02'", (GONE, "")),
    case(
        "indicators",
        "UPDATE indicators SET unit_code = 'person' WHERE indicator_id = 'shili-2030-i01-01'",
        (UNIT, "unit_code"),
    ),
    case("indicators", "UPDATE indicators SET concept_code = NULL", (SHRUNK, "concept_code")),
    case("tasks", "DELETE FROM tasks WHERE task_id = 'shili-2030-02-m1'", (GONE, "")),
    case("tasks", "UPDATE tasks SET lead_units_zh = NULL WHERE number = '1'", (SHRUNK, "lead_units_zh")),
    case("tasks", "UPDATE tasks SET quantified = false WHERE number = '1'", (SHRUNK, "quantified")),
    case(
        "tasks",
        "INSERT INTO tasks SELECT * REPLACE ('shili-2030-99' AS task_id, '' AS lead_units_zh) FROM tasks LIMIT 1",
        (SHRUNK, "lead_units_zh"),
    ),
)


@pytest.mark.parametrize("each", CASES, ids=str)
def test_an_expectation_fails_where_it_should_and_no_other(
    home: Home, tmp_path: Path, each: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tables are compared one by one: only those of the table that is edited are asked."""
    base = published(edited(home, tmp_path / "before", each.before), each.mart)
    mine = tuple(entry for entry in expectations() if entry.mart == each.mart)
    monkeypatch.setattr(gate, "expectations", lambda: mine)
    assert failed(check(edited(home, tmp_path / "after", each.sql), base)) == each.wanted


def test_every_expectation_against_the_last_release_has_a_case() -> None:
    seen = {(code, each.mart, column) for each in CASES for code, column in each.wanted}
    assert {(e.code, e.mart, e.compares or e.covers) for e in expectations() if e.against_last} <= seen
    assert {code for code, _, _ in seen} == set(CODES)


def test_what_an_older_release_had_not_is_not_judged_and_said_so(home: Home, tmp_path: Path) -> None:
    """A table that is new and a column of another type are no reason to refuse, and no pass."""
    path = tmp_path / "targets.parquet"
    had = str(home.base.tables["targets"])
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE t AS SELECT * EXCLUDE (citations) REPLACE (CAST(value_base AS VARCHAR) AS value_base) "
            "FROM read_parquet(?)",
            [had],
        )
        connection.execute(f"COPY t TO '{path}' (FORMAT parquet)")
    tables = {name: file for name, file in home.base.tables.items() if name != "curated-milestones"}
    outcomes = check(home.folder / "build" / "warehouse.duckdb", Base("0.1.0", {**tables, "targets": path}))
    lacking = {(o.expectation.mart, o.expectation.compares or o.expectation.covers) for o in outcomes if not o.judged}
    assert lacking == {("targets", "value_base"), ("targets", "citations"), ("curated-milestones", "")}
    found = traced(home, outcomes)
    assert found.passed
    assert any("has no table curated-milestones" in each.reason.en for each in found.report.not_checked)
    assert any("has no value_base of the same type" in each.reason.en for each in found.report.not_checked)
    stated = {(e["mart"], e["passed"]) for e in found.as_dict()["expectations"] if e["passed"] is not True}
    assert stated == {("targets", None), ("curated-milestones", None)}


def test_a_table_of_the_last_release_that_cannot_be_read_closes_the_gate(home: Home, tmp_path: Path) -> None:
    """The checksums may have been made anew over a damaged file."""
    path = tmp_path / "programmes.parquet"
    path.write_bytes(b"PAR1 damaged")
    outcomes = check(home.folder / "build" / "warehouse.duckdb", Base("0.1.0", {"programmes": path}))
    found = traced(home, outcomes)
    assert [(f.code, f.place.file) for f in found.report.findings] == [(MART, "programmes.csv")]
    assert "could not be judged" in found.report.findings[0].message("en")


def only(home: Home, mart: str, code: str, *records: dict[str, str], **more: str) -> Verdict:
    """The verdict where records break one expectation, as if Great Expectations had said so."""
    expected = next(e for e in expectations() if (e.mart, e.code) == (mart, code))
    key = ("programme_id",) if expected.covers else expected.table.primary_key
    rows = tuple({**record, **more} for record in records)
    return traced(home, [Outcome(expected, passed=False, unexpected=len(rows), records=rows, key=key)])


def test_findings_stand_at_the_curated_cell(home: Home) -> None:
    cells = {"value_base_was": "27000", "value_base_now": "270", "base_unit_code_now": "person"}
    (finding,) = only(home, "targets", JUMP, {"target_id": ONE, **cells}).report.findings
    assert finding.place == Place(TARGETS, 2, 1, "I", "value", ONE)
    assert finding.value == "2.7"
    assert finding.message("en") == "it was 27000 in release 0.1.0 and is 270 person now"
    units = {"unit_code_was": "person", "unit_code_now": "wan-person"}
    (finding,) = only(home, "indicators", UNIT, {"indicator_id": "shili-2030-i01-01", **units}).report.findings
    assert (finding.place.file, finding.place.line, finding.place.field) == (f"{SHILI}/indicators.csv", 2, "unit_code")
    shares = {"concept_code_share_was": "21.428571", "concept_code_share_now": "14.285714"}
    (finding,) = only(home, "indicators", SHRUNK, {"programme_id": "shili-2030", **shares}).report.findings
    assert finding.place == Place("programmes.csv", 2, 1, None, None, "shili-2030/indicators.concept_code")
    assert "21.43% in release 0.1.0, 14.29% now" in finding.message("en")


@pytest.mark.parametrize(
    ("mart", "record", "place"),
    [
        ("targets", {"target_id": ONE}, Place(TARGETS, 2, 1, None, None, ONE)),
        ("target_years", {"target_id": ONE, "year": "2030"}, Place(TARGETS, 2, 1, None, None, ONE)),
        (
            "deadlines",
            {"deadline_id": DUE, "due_on": "2030-06-30"},
            Place(f"{SHILI}/milestones.csv", 2, 1, None, None, DUE),
        ),
        (
            "lead_unit_ledger",
            {"task_id": "shili-2030-02", "role": "lead", "position": "1"},
            Place(f"{SHILI}/assignments.csv", 3, 2, None, None, "shili-2030-02/lead/1"),
        ),
        (
            "concept_comparison",
            {"concept_code": "inclusive-preschool-share", "record_id": "shili-2030-o03-01", "year": "2029"},
            Place(f"{SHILI}/observations.csv", 2, 1, None, None, "shili-2030-o03-01"),
        ),
        ("data_quality", {"programme_id": CITY, "measure": "x"}, Place("programmes.csv", 2, 1, record=CITY)),
        ("targets", {"target_id": "nowhere"}, Place("programmes.csv", None, None, None, "target_id", "nowhere")),
    ],
)  # fmt: skip
def test_rows_of_marts_lead_to_the_curated_row(home: Home, mart: str, record: dict[str, str], place: Place) -> None:
    (finding,) = only(home, mart, MART, record).report.findings
    assert finding.place == place
    assert mart in finding.message("zh")


def test_what_fails_as_a_whole_or_cannot_be_judged_is_a_finding_too(home: Home) -> None:
    rows = next(e for e in expectations() if e.type == "expect_table_row_count_to_be_between")
    none = Outcome(rows, passed=False, unexpected=0, result={"observed_value": 0})
    (finding,) = traced(home, [none]).report.findings
    assert (finding.code, finding.place) == (MART, Place("programmes.csv"))
    assert finding.message("en").endswith("”: it is 0")
    jump = next(e for e in expectations() if e.code == JUMP)
    found = traced(home, [Outcome(jump, passed=False, unexpected=0, error="no such column")])
    assert not found.passed
    assert "it could not be judged: no such column" in found.report.findings[0].message("en")


def vanished(mart: str, *records: dict[str, str]) -> Outcome:
    expected = next(e for e in expectations() if (e.mart, e.code) == (mart, GONE))
    return Outcome(expected, passed=False, unexpected=len(records), records=records, key=expected.table.primary_key)


def test_records_that_went_together_are_one_finding(home: Home) -> None:
    """A measure with its indicator and targets: the measure is reported, at the file it stood in, with the number."""
    outcomes = [
        vanished("tasks", {"task_id": "x-m1", "programme_id_was": "shili-2030", "parent_task_id_was": "shili-2030-03"}),
        vanished("indicators", {"indicator_id": "x-i1", "task_id_was": "x-m1"}),
        vanished(
            "targets",
            {"target_id": "x-t1", "indicator_id_was": "x-i1"},
            {"target_id": "x-t2", "indicator_id_was": "x-i1"},
            {"target_id": "x-t3", "indicator_id_was": "shili-2030-i01-01"},
        ),
        vanished("benefit_standards", {"target_id": "x-t1"}, {"target_id": "x-t3"}, {"target_id": ONE}),
    ]
    found = {f.place: f.message("en") for f in traced(home, outcomes).report.findings}
    assert found == {
        Place(f"{SHILI}/tasks.csv", field="task_id", record="x-m1"): (
            "x-m1 was in tasks of release 0.1.0 and is gone, and 3 of its records with it"
        ),
        Place(TARGETS, field="target_id", record="x-t3"): "x-t3 was in targets of release 0.1.0 and is gone",
        Place(TARGETS, 2, 1, None, None, ONE): f"{ONE} was in benefit_standards of release 0.1.0 and is gone",
    }


def test_a_report_that_is_gone_is_missed_in_the_file_it_stood_in(home: Home) -> None:
    key = {"indicator_id": "shili-2030-i02-01", "period": "2030-Q1", "organization_id": "shili-civil-affairs"}
    gone = vanished(REPORTS, {**key, "revision": "1", "indicator_id_was": "shili-2030-i02-01"})
    (finding,) = traced(home, [gone]).report.findings
    assert finding.place.file == f"{SHILI}/reports/shili-civil-affairs/2030-Q1.csv"
    assert finding.place.record == "shili-2030-i02-01/2030-Q1/shili-civil-affairs/1"
    revision = {"target_id": TWO, "revision": "1", "target_id_was": TWO}
    (finding,) = traced(home, [vanished(REVISIONS, revision)]).report.findings
    assert (finding.place.file, finding.place.record) == (f"{SHILI}/target_revisions.csv", f"{TWO}/1")


def waive(folder: Path, code: str, record: str) -> None:
    path = folder / "waivers.csv"
    if not path.exists():
        path.write_text("code,record,reason,owner,review_by\n", encoding="utf-8")
    said = {"reason": "0.1.0 版误录,已核对原文", "owner": "市统计局综合科", "review_by": "2030-12-31"}
    append_row(folder, "waivers.csv", {"code": code, "record": record, **said})


def test_waivers_of_the_gate_are_heard_at_a_release_only(home: Home, data_folder: Path) -> None:
    waive(data_folder, SHRUNK, "shili-2030/indicators.concept_code")
    waive(data_folder, JUMP, ONE)
    validation = validate(data_folder, NO_TEXTS)
    assert validation.report.findings == ()
    assert validation.report.not_checked == ()
    jump = next(e for e in expectations() if e.code == JUMP)
    cells = {"value_base_was": "27000", "value_base_now": "270", "base_unit_code_now": "person"}
    outcome = Outcome(jump, passed=False, unexpected=1, records=({"target_id": ONE, **cells},), key=("target_id",))
    found = trace([outcome], validation, "0.1.0")
    assert [(w.finding.code, w.waiver.owner) for w in found.report.waived] == [(JUMP, "市统计局综合科")]
    assert [(f.code, f.place.cell) for f in found.report.findings] == [("waiver-unused", "waivers.csv!B2")]
    first = trace([], validation)
    assert first.passed
    assert {entry.code for entry in first.report.not_checked} >= set(CODES) - {MART}


def test_what_rests_on_the_tables_alone_is_not_waived(home: Home, data_folder: Path) -> None:
    waive(data_folder, MART, ONE)
    assert [f.code for f in validate(data_folder, NO_TEXTS).report.findings] == ["waiver-not-allowed"]


def test_a_base_that_was_tampered_with_is_refused(home: Home, tmp_path: Path) -> None:
    damaged = tmp_path / "releases"
    shutil.copytree(home.folder / "releases", damaged, symlinks=True)
    table = damaged / "shili-0.1.0" / "data" / "targets.parquet"
    table.write_bytes(table.read_bytes() + b" ")
    package = read_package(home.folder / "data")
    with pytest.raises(StoreError, match="differ from SHA256SUMS"):
        base_of(FolderStore(damaged, "shili"), package, home.validation.data)
    assert base_of(FolderStore(tmp_path / "none", "shili"), package, home.validation.data) is None


def declare(folder: Path, version: str) -> None:
    toml = folder / "package.toml"
    text = toml.read_text(encoding="utf-8")
    toml.write_text(text.replace('version = "0.1.0"', f'version = "{version}"'), encoding="utf-8")


@pytest.fixture(scope="module")
def second(home: Home, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Released, Released]:
    """A misprint corrected by a power of ten, an indicator taken out, a target renamed: refused, then declared."""
    folder = Path(shutil.copytree(home.folder, tmp_path_factory.mktemp("second") / "home", symlinks=True))
    data = folder / "data"
    reprint(data, data / "sources", "2.7万人左右", "27万人左右")
    set_cell(data, TARGETS, "target_id", ONE, "value", "27")
    delete_row(data, f"{SHILI}/citations.csv", "target_id", "shili-2030-t01-05")
    delete_row(data, TARGETS, "target_id", "shili-2030-t01-05")
    delete_row(data, f"{SHILI}/indicators.csv", "indicator_id", "shili-2030-i01-05")
    rename_target(data, "shili-2030-t02-01", "shili-2030-t02-09")
    for name in ("targets", "links", "citations"):
        resort(data / SHILI / f"{name}.csv")
    verify(data)
    declare(data, "0.2.0")
    closed = run(folder)
    left = sorted(path.name for path in (folder / "releases").iterdir())
    assert left == [".lock", "index.json", "latest", "shili-0.1.0", "shili-0.1.0.zip"]
    waive(data, JUMP, ONE)
    waive(data, GONE, "shili-2030-i01-05")
    resort(data / "waivers.csv")
    return folder, closed, run(folder)


def test_a_closed_gate_says_why_and_releases_nothing(second: tuple[Path, Released, Released]) -> None:
    _, closed, _ = second
    assert closed.outcome is Outcomes.GATE_CLOSED, (closed.report, closed.build)
    assert closed.gate is not None
    found = {(f.code, f.place.file, f.place.record, f.place.field) for f in closed.gate.report.findings}
    assert found == {
        (JUMP, TARGETS, ONE, "value"),
        (GONE, f"{SHILI}/indicators.csv", "shili-2030-i01-05", "indicator_id"),
    }
    english, chinese = (stages.released(closed, Path("releases"), lang) for lang in LANGUAGES)
    assert "it was 27000 in release 0.1.0 and is 270000 person now" in english
    assert "shili-2030-i01-05 was in indicators of release 0.1.0 and is gone, and 1 of its records with it" in english
    assert english.endswith("the gate is closed; nothing is released")
    assert "0.1.0 版为 27000,现为 270000 person" in chinese
    assert chinese.endswith("发布关卡未通过,不予发布")


def test_what_was_declared_is_released_and_shown(second: tuple[Path, Released, Released]) -> None:
    folder, _, released = second
    assert released.outcome is Outcomes.RELEASED, (released.report, released.gate)
    place = folder / "releases" / "shili-0.2.0"
    said = json.loads((place / "quality" / "gate.json").read_text(encoding="utf-8"))
    assert (said["passed"], said["since"], said["findings"]) == (True, "0.1.0", [])
    assert {(w["code"], w["waiver"]["owner"]) for w in said["waived"]} == {
        (JUMP, "市统计局综合科"),
        (GONE, "市统计局综合科"),
    }
    assert {e["code"] for e in said["expectations"] if not e["passed"]} == {JUMP, GONE}
    page = (place / "README.md").read_text(encoding="utf-8")
    assert "2 waivers for 2 findings" in page
    assert "gate-value-jump | shili-2030-t01-01 | 1 | 0.1.0 版误录" in page
    suites = json.loads((place / "quality" / "great_expectations.json").read_text(encoding="utf-8"))
    by_name = {suite["suite_name"]: suite for suite in suites}
    assert by_name["targets"]["success"]
    broken = [r for r in by_name["targets, against the last release"]["results"] if not r["success"]]
    assert [r["result"]["unexpected_index_list"][0]["target_id"] for r in broken] == ["shili-2030-t01-05", ONE]


def test_the_first_release_says_that_there_was_nothing_to_compare_with(home: Home) -> None:
    path = home.folder / "releases" / "shili-0.1.0" / "quality" / "gate.json"
    said = json.loads(path.read_text(encoding="utf-8"))
    assert (said["passed"], said["since"]) == (True, None)
    assert {entry["code"] for entry in said["not_checked"]} == set(CODES) - {MART}

"""Waivers: what they set aside and for how long, how they are judged, and what a release says of them."""

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline import curated, waivers
from pipeline.checks import rows, structure
from pipeline.cli import app
from pipeline.findings import Place, Report, Waiver
from pipeline.generated import descriptor
from pipeline.language import RefusalError
from pipeline.querying import query
from pipeline.release.page import literally
from pipeline.release.publish import Outcomes, Released, release
from pipeline.reports.text import render
from pipeline.rules import catalogue
from pipeline.sources import SourceTexts
from pipeline.tables import curated_tables, table
from pipeline.validation import validate
from pipeline.verifying import PROVENANCE
from tests.conftest import FIXTURES, copied
from tests.editing import Edit, append_line, delete_file, delete_row, insert_line, insert_row, set_cell
from tests.test_rules import (
    ASSIGNMENTS,
    CAVEATS,
    CITATIONS,
    INDICATORS,
    JURISDICTIONS,
    LANGUAGES,
    LINKS,
    MILESTONES,
    OBSERVATIONS,
    ORGANIZATION_NAMES,
    ORGANIZATIONS,
    TARGETS,
    WAIVERS,
    slugs_in,
)

TODAY = "1894665600"  # 2030-01-15
LEAD = "shili-2030-03/lead/1"
LATE = "shili-2030-t01-01"
ORDER = ("not-canonical-order",)  # left open where a key is faulty


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", TODAY)


def waive(folder: Path, code: str, record: str, **cells: str) -> None:
    """Add a waiver, sound but for the cells given."""
    if not (folder / WAIVERS).exists():
        (folder / WAIVERS).write_text(",".join(table("waivers").names) + "\n", encoding="utf-8")
    sound = {"reason": "机构改革公告尚未印发", "owner": "市统计局综合科", "review_by": "2030-12-31"}
    insert_row(folder, WAIVERS, {**sound, "code": code, "record": record, **cells})


def damage(folder: Path) -> None:
    """A target that ends after its programme: one finding of year-outside-programme."""
    set_cell(folder, TARGETS, "target_id", LATE, "end_year", "2031")


def found(report: Report) -> set[tuple[str, str]]:
    """Code and cell of each finding, the folder of the file left out."""
    return {(finding.code, finding.place.cell.rpartition("/")[2]) for finding in report.findings}


def test_the_file_has_the_columns_of_the_contract() -> None:
    assert table("waivers").names == ("code", "record", "reason", "owner", "review_by")
    assert table("waivers").path == WAIVERS


# ------------------------------------------------------------------------------------------------ in force


def test_a_waived_finding_is_no_error_and_is_shown(data_folder: Path, texts: SourceTexts) -> None:
    damage(data_folder)
    assert not validate(data_folder, texts).report.ok
    waive(data_folder, "year-outside-programme", LATE)
    report = validate(data_folder, texts).report
    assert report.findings == ()
    assert report.not_checked == ()
    assert (report.errors, report.warnings) == (0, 0)
    assert report.exit_code(strict=True) == 0
    (entry,) = report.waived
    assert entry.finding.place == Place(TARGETS, 2, 1, "F", "end_year", LATE)
    assert entry.waiver == Waiver(
        code="year-outside-programme",
        record=LATE,
        reason="机构改革公告尚未印发",
        owner="市统计局综合科",
        review_by=date(2030, 12, 31),
        place=Place(WAIVERS, 2, 1, record=f"year-outside-programme/{LATE}"),
    )


def test_a_waiver_covers_all_findings_of_its_rule_at_its_record(data_folder: Path, texts: SourceTexts) -> None:
    damage(data_folder)
    set_cell(data_folder, TARGETS, "target_id", LATE, "start_year", "2029")
    waive(data_folder, "year-outside-programme", LATE)
    report = validate(data_folder, texts).report
    assert report.findings == ()
    assert [(w.finding.place.field, w.waiver.place.line) for w in report.waived] == [("start_year", 2), ("end_year", 2)]


def test_a_waiver_covers_nothing_else(data_folder: Path, texts: SourceTexts) -> None:
    """Neither the same rule at another record nor another rule at the same record."""
    damage(data_folder)
    set_cell(data_folder, TARGETS, "target_id", LATE, "value", "2.70005")
    set_cell(data_folder, TARGETS, "target_id", "shili-2030-t01-02", "end_year", "2032")
    waive(data_folder, "year-outside-programme", LATE)
    report = validate(data_folder, texts).report
    assert found(report) == {
        ("year-outside-programme", "targets.csv!F3"),
        ("count-not-integral", "targets.csv!I2"),
        ("quantity-mismatch", "citations.csv!H4"),
    }
    assert [w.finding.place.cell.rpartition("/")[2] for w in report.waived] == ["targets.csv!F2"]


def test_where_two_tables_have_a_key_the_table_may_be_named(data_folder: Path, texts: SourceTexts) -> None:
    """An observation with the key of a target: the bare key covers both, with the table in front one of them."""
    set_cell(data_folder, OBSERVATIONS, "observation_id", "shili-2030-o03-01", "value", "101")
    set_cell(data_folder, OBSERVATIONS, "observation_id", "shili-2030-o03-01", "observation_id", "shili-2030-t03-01")
    set_cell(data_folder, CITATIONS, "observation_id", "shili-2030-o03-01", "observation_id", "shili-2030-t03-01")
    set_cell(data_folder, CAVEATS, "record_id", "shili-2030-o03-01", "record_id", "shili-2030-t03-01")
    set_cell(data_folder, TARGETS, "target_id", "shili-2030-t03-01", "value", "102")
    both = {("share-out-of-range", "observations.csv!G2"), ("share-out-of-range", "targets.csv!I12")}
    assert both <= found(validate(data_folder, texts).report)
    waive(data_folder, "share-out-of-range", "targets:shili-2030-t03-01")
    report = validate(data_folder, texts).report
    assert both & found(report) == {("share-out-of-range", "observations.csv!G2")}
    assert "waiver-unused" not in {finding.code for finding in report.findings}
    set_cell(data_folder, WAIVERS, "code", "share-out-of-range", "record", "shili-2030-t03-01")
    assert not both & found(validate(data_folder, texts).report)


def test_without_the_file_nothing_is_waived_and_nothing_is_missing(data_folder: Path, texts: SourceTexts) -> None:
    validation = validate(data_folder, texts)
    assert validation.data.tables["waivers"] == ()
    assert validation.report.waived == ()
    assert "waivers" not in validation.data.incomplete


def test_a_file_without_rows_is_as_good_as_none(data_folder: Path, texts: SourceTexts) -> None:
    waive(data_folder, "lead-missing", LEAD)
    delete_row(data_folder, WAIVERS, "code", "lead-missing")
    assert validate(data_folder, texts).report.findings == ()


def test_only_what_is_called_waivers_csv_is_read(data_folder: Path, texts: SourceTexts) -> None:
    """A misnamed file waives nothing, and that is said."""
    damage(data_folder)
    waive(data_folder, "year-outside-programme", LATE)
    (data_folder / WAIVERS).rename(data_folder / "waiver.csv")
    assert found(validate(data_folder, texts).report) == {
        ("source-error", "waiver.csv"),
        ("year-outside-programme", "targets.csv!F2"),
    }


def test_a_file_that_is_there_but_cannot_be_read_is_a_finding(data_folder: Path, texts: SourceTexts) -> None:
    (data_folder / WAIVERS).symlink_to(data_folder / "nowhere.csv")
    report = validate(data_folder, texts).report
    assert found(report) == {("source-error", WAIVERS)}
    judged = set(waivers.RULES) - {"waiver-not-allowed"}
    assert {entry.code for entry in report.not_checked} == {*judged, "cell-whitespace", "not-canonical-order"}


@pytest.mark.parametrize("where", ["reference/waivers.csv", "programmes/shili-2030/waivers.csv"])
def test_a_waiver_in_another_folder_is_not_read(data_folder: Path, texts: SourceTexts, where: str) -> None:
    damage(data_folder)
    waive(data_folder, "year-outside-programme", LATE)
    (data_folder / WAIVERS).rename(data_folder / where)
    assert {code for code, _ in found(validate(data_folder, texts).report)} == {
        "source-error",
        "year-outside-programme",
    }


# ------------------------------------------------------------------------------------------------ expired, unused


@pytest.mark.parametrize(("review_by", "holds"), [("2030-01-14", False), ("2030-01-15", True), ("2030-01-16", True)])
def test_a_waiver_holds_up_to_its_review_date(
    data_folder: Path, texts: SourceTexts, review_by: str, holds: bool
) -> None:
    damage(data_folder)
    waive(data_folder, "year-outside-programme", LATE, review_by=review_by)
    report = validate(data_folder, texts).report
    assert report.ok == holds
    assert len(report.waived) == holds
    if not holds:
        assert found(report) == {("waiver-expired", "waivers.csv!E2"), ("year-outside-programme", "targets.csv!F2")}
        expired = next(finding for finding in report.findings if finding.code == "waiver-expired")
        for language in LANGUAGES:
            assert "2030-01-15" in expired.message(language)


def test_an_unused_waiver_is_an_error_that_names_the_nearest_record(data_folder: Path, texts: SourceTexts) -> None:
    damage(data_folder)
    waive(data_folder, "year-outside-programme", "shili-2030-t1-01")
    report = validate(data_folder, texts).report
    assert found(report) == {("waiver-unused", "waivers.csv!B2"), ("year-outside-programme", "targets.csv!F2")}
    unused = next(finding for finding in report.findings if finding.code == "waiver-unused")
    assert unused.fix is not None
    assert unused.fix.value == LATE


def test_an_expired_waiver_may_be_unused_as_well(data_folder: Path, texts: SourceTexts) -> None:
    waive(data_folder, "year-outside-programme", LATE, review_by="2029-12-31")
    assert found(validate(data_folder, texts).report) == {
        ("waiver-expired", "waivers.csv!E2"),
        ("waiver-unused", "waivers.csv!B2"),
    }


def test_unused_is_not_judged_where_the_rule_was_not(data_folder: Path, texts: SourceTexts) -> None:
    """The faulty programme leaves open whether the target ends after it."""
    set_cell(data_folder, "programmes.csv", "programme_id", "shili-2030", "end_year", "2O30")
    waive(data_folder, "year-outside-programme", LATE)
    waive(data_folder, "lead-missing", "shili-2030-01")
    report = validate(data_folder, texts).report
    assert found(report) == {("type-error", "programmes.csv!J2"), ("waiver-unused", "waivers.csv!B2")}
    (entry,) = [entry for entry in report.not_checked if entry.code == "waiver-unused"]
    for language in LANGUAGES:
        assert "waivers.csv!B3" in entry.reason(language)
        assert "year-outside-programme" in entry.reason(language)
    assert report.exit_code(strict=True) == 1


def test_unused_is_not_judged_where_the_check_of_the_rule_names_another_code(
    data_folder: Path, texts: SourceTexts
) -> None:
    """One check judges names under two codes and says under the first of them what it could not judge."""
    delete_file(data_folder, "reference/organization_names.csv")
    waive(data_folder, "organization-name-mismatch", LEAD)
    report = validate(data_folder, texts).report
    assert {code for code, _ in found(report)} == {"source-error"}
    assert {"organization-unregistered", "waiver-unused"} <= {entry.code for entry in report.not_checked}
    assert "organization-name-mismatch" not in {entry.code for entry in report.not_checked}


def test_a_waiver_is_judged_by_the_day_of_the_run(
    data_folder: Path, texts: SourceTexts, monkeypatch: pytest.MonkeyPatch
) -> None:
    waive(data_folder, "lead-missing", LEAD)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "yesterday")
    with pytest.raises(RefusalError, match="yesterday"):
        validate(data_folder, texts)


# ------------------------------------------------------------------------------------------------ not to be waived


def test_a_rule_on_which_a_release_rests_cannot_be_waived(data_folder: Path, texts: SourceTexts) -> None:
    delete_row(data_folder, CITATIONS, "citation_id", "shili-2030-d03-01-c1")
    waive(data_folder, "target-uncited", "shili-2030-d03-01")
    waive(data_folder, "numeral-unaccounted", "shili-2030/267")
    report = validate(data_folder, texts).report
    assert report.waived == ()
    assert found(report) == {
        ("waiver-not-allowed", "waivers.csv!A2"),
        ("waiver-not-allowed", "waivers.csv!A3"),
        ("target-uncited", "milestones.csv!A2"),
        ("numeral-unaccounted", "sources.csv!A2"),
    }


def test_waivers_cannot_be_waived(data_folder: Path, texts: SourceTexts) -> None:
    waive(data_folder, "lead-missing", LEAD)
    waive(data_folder, "waiver-unused", f"lead-missing/{LEAD}")
    assert found(validate(data_folder, texts).report) == {
        ("waiver-unused", "waivers.csv!B2"),
        ("waiver-not-allowed", "waivers.csv!A3"),
    }


def test_what_a_release_rests_on_is_not_waivable() -> None:
    """What makes rows untyped or unrelated, what stands between a source and its lock, and the waivers themselves."""
    references = {key.rule for each in curated_tables() for key in each.foreign_keys}
    structural = {*slugs_in(curated), *slugs_in(structure)} & set(catalogue())
    assert "source-error" in structural
    for code in {*references, *structural, *rows.RULES, *PROVENANCE, *waivers.RULES}:
        assert not catalogue()[code].waivable, code


def test_the_message_on_a_rule_that_cannot_be_waived_names_those_that_can(
    data_folder: Path, texts: SourceTexts
) -> None:
    waive(data_folder, "span-mismatch", "shili-2030-t01-01-c1")
    (finding,) = validate(data_folder, texts).report.findings
    assert finding.code == "waiver-not-allowed"
    assert "quantity-mismatch" in finding.expected("en")
    assert "span-mismatch" not in finding.expected("en")


# ------------------------------------------------------------------------------------------------ faulty waivers


def test_a_code_that_is_no_rule_is_told_with_the_nearest(data_folder: Path, texts: SourceTexts) -> None:
    waive(data_folder, "lead-mising", LEAD)
    (finding,) = validate(data_folder, texts).report.findings
    assert (finding.code, finding.place.cell, finding.value) == ("waiver-unknown-rule", "waivers.csv!A2", "lead-mising")
    assert finding.fix is not None
    assert finding.fix.value == "lead-missing"
    assert "lead-missing" in finding.message("zh")


@pytest.mark.parametrize(
    ("cells", "expected", "not_checked"),
    [
        ({"code": ""}, {("constraint-error", "waivers.csv!A2")}, {*ORDER, "waiver-unknown-rule", "waiver-unused"}),
        ({"record": ""}, {("constraint-error", "waivers.csv!B2")}, {*ORDER, "waiver-unused"}),
        ({"reason": ""}, {("constraint-error", "waivers.csv!C2")}, {"waiver-unexplained"}),
        ({"owner": ""}, {("constraint-error", "waivers.csv!D2")}, {"waiver-unexplained"}),
        ({"review_by": ""}, {("constraint-error", "waivers.csv!E2")}, {"waiver-expired"}),
        ({"review_by": "2030年底"}, {("type-error", "waivers.csv!E2")}, {"waiver-expired"}),
        ({"owner": "待定", "reason": "N/A"}, {("waiver-unexplained", f"waivers.csv!{c}2") for c in "CD"}, set()),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, dict) else "",
)
def test_a_faulty_cell_of_a_waiver_is_one_finding(
    data_folder: Path,
    texts: SourceTexts,
    cells: Mapping[str, str],
    expected: set[tuple[str, str]],
    not_checked: set[str],
) -> None:
    """Rule, record and date decide whether it covers a finding; in doubt it covers none."""
    damage(data_folder)
    sound = {"code": "year-outside-programme", "record": LATE}
    waive(data_folder, **{**sound, **cells})
    report = validate(data_folder, texts).report
    late = {("year-outside-programme", "targets.csv!F2")}
    doubtful = {"code", "record", "review_by"} & cells.keys()
    assert found(report) == (expected | late if doubtful else expected)
    assert len(report.waived) == (0 if doubtful else 1)
    assert {entry.code for entry in report.not_checked} == not_checked


def test_faults_of_a_faulty_record_are_reported_beside_its_waiver(data_folder: Path, texts: SourceTexts) -> None:
    """A waiver masks nothing but its finding; a typo in the key or the cells of its record leaves open its use."""
    set_cell(data_folder, ORGANIZATIONS, "organization_id", "shili-education", "valid_to", "2029-12-31")
    waive(data_folder, "organization-not-in-force", LEAD)
    assert validate(data_folder, texts).report.ok
    set_cell(data_folder, ASSIGNMENTS, "printed_name", "市教育局", "position", "一")
    report = validate(data_folder, texts).report
    assert found(report) == {("type-error", "assignments.csv!C4"), ("organization-not-in-force", "assignments.csv!E4")}
    assert "waiver-unused" in {entry.code for entry in report.not_checked}
    set_cell(data_folder, ASSIGNMENTS, "printed_name", "市教育局", "position", "1")
    set_cell(data_folder, ASSIGNMENTS, "printed_name", "市教育局", "organization_id", "shili-educ")
    report = validate(data_folder, texts).report
    assert found(report) == {("organization-unregistered", "assignments.csv!E4")}
    assert "waiver-unused" in {entry.code for entry in report.not_checked}


def test_the_same_waiver_twice_is_a_duplicate_key(data_folder: Path, texts: SourceTexts) -> None:
    damage(data_folder)
    for _ in range(2):
        waive(data_folder, "year-outside-programme", LATE)
    report = validate(data_folder, texts).report
    assert found(report) == {("primary-key", "waivers.csv!B3")}
    assert len(report.waived) == 1


def test_where_the_file_cannot_be_read_whole_unread_waivers_are_not_in_force(
    data_folder: Path, texts: SourceTexts
) -> None:
    damage(data_folder)
    set_cell(data_folder, TARGETS, "target_id", "shili-2030-t01-02", "end_year", "2032")
    waive(data_folder, "year-outside-programme", LATE)
    append_line(data_folder, WAIVERS, 'year-outside-programme,"shili-2030-t01-02,理由充分,统计科,2030-12-31')
    report = validate(data_folder, texts).report
    assert {code for code, _ in found(report)} == {"dialect-error", "year-outside-programme"}
    assert [entry.finding.place.record for entry in report.waived] == [LATE]
    assert "waiver-unused" in {entry.code for entry in report.not_checked}


@pytest.mark.parametrize("text", ["无", "-", "N/A", "n.a.", "TBD", "待定", "待补充。", "xxx", "?", "李", "  ", "——"])
def test_words_that_say_nothing(text: str) -> None:
    assert waivers.says_nothing(text)


@pytest.mark.parametrize("text", ["统计科", "李明", "Li", "原文如此", "see caveat v03-02", "Office 12"])
def test_words_that_say_something(text: str) -> None:
    assert not waivers.says_nothing(text)


# ------------------------------------------------------------------------------------------------ output


def test_the_json_report_adds_a_key_and_changes_none(data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINSHENG_SOURCES", str(FIXTURES / "texts"))
    damage(data_folder)
    waive(data_folder, "year-outside-programme", LATE)
    result = CliRunner().invoke(app, ["validate", str(data_folder), "--format", "json", "--lang", "en", "--strict"])
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert [key for key in report if key != "notice"] == ["ok", "counts", "findings", "not_checked", "waived"]
    assert report["counts"] == {"error": 0, "warning": 0, "not_checked": 0}
    assert report["findings"] == []
    (entry,) = report["waived"]
    assert (entry["code"], entry["severity"], entry["record"]) == ("year-outside-programme", "error", LATE)
    assert (entry["file"], entry["line"], entry["column"]) == (TARGETS, 2, "F")
    assert entry["waiver"] == {
        "reason": "机构改革公告尚未印发",
        "owner": "市统计局综合科",
        "review_by": "2030-12-31",
        "file": WAIVERS,
        "line": 2,
    }


def test_the_text_report_lists_owner_and_review_date(data_folder: Path, texts: SourceTexts) -> None:
    damage(data_folder)
    waive(data_folder, "year-outside-programme", LATE)
    report = validate(data_folder, texts).report
    english = render(report, "en").splitlines()
    cell = f"targets.csv!F2 ({LATE})  [year-outside-programme]"
    assert f"WAIVED {cell} — 市统计局综合科, review by 2030-12-31" in english
    assert english[-1].startswith("OK — 20 files, 105 rows: 0 errors, 0 warnings, 0 not checked, 1 waived")
    chinese = render(report, "zh").splitlines()
    assert f"已豁免 {cell} — 市统计局综合科, 复核期限 2030-12-31" in chinese
    assert "0 条未检查,1 条已豁免" in chinese[-1]


def test_a_waiver_with_an_owner_that_would_colour_the_terminal(data_folder: Path, texts: SourceTexts) -> None:
    """What it sets aside is shown all the same, without the colour, and its own cell is an error."""
    damage(data_folder)
    waive(data_folder, "year-outside-programme", LATE, owner="综合\x1b[31m科")
    report = validate(data_folder, texts).report
    assert found(report) == {("control-character", "waivers.csv!D2")}
    shown = render(report, "en")
    assert "— 综合\\u001b[31m科, review by 2030-12-31" in shown
    assert "\x1b" not in shown


def test_explain_says_whether_a_rule_can_be_waived() -> None:
    shown = {
        code: CliRunner().invoke(app, ["explain", code, "--lang", "en"]).output
        for code in ("waiver-expired", "lead-missing")
    }
    assert "review date" in shown["waiver-expired"]
    assert "cannot be waived" in shown["waiver-expired"]
    assert "cannot be waived" not in shown["lead-missing"]


def test_the_descriptor_of_a_folder_lists_the_file_where_there_is_one(data_folder: Path) -> None:
    def resources() -> list[str]:
        (content,) = descriptor.files(data_folder).values()
        return [resource["path"] for resource in json.loads(content)["resources"]]

    assert WAIVERS not in resources()
    waive(data_folder, "lead-missing", LEAD)
    assert WAIVERS in resources()


def test_text_of_a_waiver_is_no_markup() -> None:
    assert literally("a|b\n<script> [x](y) `c`") == "a\\|b \\<script\\> \\[x\\](y) \\`c\\`"


# ------------------------------------------------------------------------------------------------ builds and releases


# Damages that break every rule a waiver may set aside, together.
DAMAGES: tuple[Edit, ...] = (
    lambda d: set_cell(d, TARGETS, "target_id", LATE, "end_year", "2031"),
    lambda d: set_cell(d, TARGETS, "target_id", LATE, "value", "2.70005"),
    lambda d: set_cell(d, MILESTONES, "milestone_id", "shili-2030-d03-01", "due_on", "2031-06-30"),
    lambda d: set_cell(d, INDICATORS, "indicator_id", "shili-2030-i01-04", "measure_type", "share"),
    lambda d: delete_row(d, ASSIGNMENTS, "task_id", "shili-2030-02"),
    lambda d: set_cell(d, ASSIGNMENTS, "printed_name", "市教育局", "organization_id", "shili-civil-affairs"),
    lambda d: set_cell(d, ORGANIZATIONS, "organization_id", "shili-human-resources", "valid_to", "2029-12-31"),
    lambda d: insert_line(d, JURISDICTIONS, "990200,邻市,Lin (fictional),prefecture,990000,,"),
    lambda d: set_cell(d, ORGANIZATIONS, "organization_id", "shili-civil-affairs", "jurisdiction_code", "990200"),
    lambda d: set_cell(d, ORGANIZATION_NAMES, "printed_name", "****保障局", "evidence", ""),
    lambda d: delete_row(d, LINKS, "from_target_id", "shili-2030-t02-03"),
    lambda d: delete_row(d, LINKS, "from_target_id", "shili-2030-t02-05"),
    lambda d: set_cell(d, LINKS, "from_target_id", "shili-2030-t01-02", "kind", "restates"),
)
BROKEN = {
    *("quantity-mismatch", "count-not-integral", "share-out-of-range", "lead-missing", "redaction-unexplained"),
    *("year-outside-programme", "milestone-outside-programme"),
    *("organization-name-mismatch", "organization-not-in-force", "organization-out-of-jurisdiction", "lead-duplicate"),
    *("parts-do-not-add-up", "restated-value-differs", "conflicting-targets"),
}
# what the release gate finds besides: a task lost its lead unit
SHRUNK = {("gate-coverage-shrunk", f"shili-2030/{mart}.lead_units_zh") for mart in ("targets", "tasks")}


@dataclass(frozen=True)
class Home:
    """A data folder released without waivers as 0.1.0, and with everything waived that can be as 0.2.0."""

    data: Path
    store: Path
    waived: int

    def release(self) -> Released:
        return release(self.data, self.store, self.store.parent / "build", lambda step: None)

    def changes(self, version: str) -> list[dict[str, str]]:
        with (self.store / f"shili-{version}" / "changes.csv").open(encoding="utf-8", newline="") as file:
            return [row for row in csv.DictReader(file) if row["table"] == "curated-waivers"]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, shili_released: Path) -> Home:
    folder = copied(shili_released, tmp_path_factory.mktemp("home"))
    data = folder / "data"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", TODAY)
        for edit in DAMAGES:
            edit(data)
        broken = {(f.code, f.place.record or "") for f in validate(data).report.findings}
        assert {code for code, _ in broken} == BROKEN
        for code, record in sorted(broken | SHRUNK):
            waive(data, code, record, reason=f"已核对|<b>{code}</b>")
        toml = data / "package.toml"
        toml.write_text(toml.read_text(encoding="utf-8").replace('"0.1.0"', '"0.2.0"'), encoding="utf-8")
        second = Home(data, folder / "releases", len(broken | SHRUNK))
        result = second.release()
        assert result.outcome is Outcomes.RELEASED, (result.report, result.build, result.gate, result.referee)
    return second


def test_the_released_page_names_every_waiver_in_force(home: Home) -> None:
    """What may be waived stops neither the build nor the gate nor the referee; and nobody has to look for it."""
    page = (home.store / "shili-0.2.0" / "README.md").read_text(encoding="utf-8")
    assert f"{home.waived} waivers for " in page
    for code in {*BROKEN, "gate-coverage-shrunk"}:
        assert f"已核对\\|\\<b\\>{code}\\</b\\>" in page
    assert page.count("市统计局综合科") == home.waived
    assert "No finding of the checks is waived" in (home.store / "shili-0.1.0" / "README.md").read_text(
        encoding="utf-8"
    )


def test_released_results_of_the_checks_hold_the_waived_findings(home: Home) -> None:
    for version, codes in (("0.1.0", set()), ("0.2.0", BROKEN)):
        path = home.store / f"shili-{version}" / "quality" / "validation.json"
        report = json.loads(path.read_text(encoding="utf-8"))
        assert report["ok"]
        assert {entry["code"] for entry in report["waived"]} == codes


def test_waivers_are_released_as_a_table(home: Home) -> None:
    """Empty where there are none, so that a query holds for every release and rows, not tables, come and go."""
    for version, count in (("0.1.0", 0), ("0.2.0", home.waived)):
        folder = home.store / f"shili-{version}"
        assert query(folder / "shili.duckdb", "SELECT count(*) FROM curated.waivers").rows == ((count,),)
        described = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))["resources"]
        (resource,) = [each for each in described if each["name"] == "curated-waivers"]
        with (folder / resource["path"]).open(encoding="utf-8", newline="") as file:
            assert len(list(csv.DictReader(file))) == count
    assert {row["change"] for row in home.changes("0.2.0")} == {"row added"}
    assert len(home.changes("0.2.0")) == home.waived


def test_nothing_is_released_once_a_waiver_has_expired(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    assert home.release().outcome is Outcomes.UNCHANGED
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1925000000")  # 2031-01-01
    result = home.release()
    assert result.outcome is Outcomes.INVALID
    assert result.report is not None
    assert {f.code for f in result.report.findings} == {"waiver-expired", *BROKEN}

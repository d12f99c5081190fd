"""All faults in one run and none masked: a fault silences only what needs the faulty cell, and that is said."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.findings import Report
from pipeline.sources import NO_TEXTS, SourceTexts
from pipeline.validation import validate
from tests.conftest import FIXTURES
from tests.editing import Edit, append_line, delete_file, rewrite_bytes, set_cell

PROGRAMMES = "programmes.csv"
SOURCES = "sources.csv"
CONCEPTS = "reference/concepts.csv"
ORGANIZATIONS = "reference/organizations.csv"
ORGANIZATION_NAMES = "reference/organization_names.csv"
UNIT_SYMBOLS = "reference/unit_symbols.csv"
UNITS = "reference/units.csv"
ASSIGNMENTS = "programmes/shili-2030/assignments.csv"
CAVEATS = "programmes/shili-2030/caveats.csv"
CITATIONS = "programmes/shili-2030/citations.csv"
EXCLUSIONS = "programmes/shili-2030/exclusions.csv"
INDICATORS = "programmes/shili-2030/indicators.csv"
LINKS = "programmes/shili-2030/links.csv"
MILESTONES = "programmes/shili-2030/milestones.csv"
TARGETS = "programmes/shili-2030/targets.csv"
TASKS = "programmes/shili-2030/tasks.csv"


def target(number: str, column: str, value: str) -> Edit:
    """An edit of one cell of targets.csv."""
    return lambda d: set_cell(d, TARGETS, "target_id", f"shili-2030-{number}", column, value)


def citation(number: str, column: str, value: str) -> Edit:
    """An edit of one cell of citations.csv."""
    return lambda d: set_cell(d, CITATIONS, "citation_id", f"shili-2030-{number}-c1", column, value)


def link(number: str, column: str, value: str) -> Edit:
    """An edit of one cell of links.csv."""
    return lambda d: set_cell(d, LINKS, "from_target_id", f"shili-2030-{number}", column, value)


def found(report: Report) -> set[tuple[str, str]]:
    """Code and cell of every finding, the folder of the file left out."""
    return {(finding.code, finding.place.cell.rpartition("/")[2]) for finding in report.findings}


def unchecked(report: Report) -> set[str]:
    return {entry.code for entry in report.not_checked}


def test_all_faults_of_a_row_are_reported(data_folder: Path, texts: SourceTexts) -> None:
    for column, value in (
        ("kind", "goal"),
        ("start_year", "二〇三〇"),
        ("year_stated", "no"),
        ("comparator", ">="),
        ("value", "8,000"),
        ("unit_code", "renci"),
    ):
        target("t01-02", column, value)(data_folder)
    assert found(validate(data_folder, texts).report) == {
        ("constraint-error", "targets.csv!C3"),
        ("type-error", "targets.csv!E3"),
        ("type-error", "targets.csv!G3"),
        ("constraint-error", "targets.csv!H3"),
        ("type-error", "targets.csv!I3"),
        ("unit-unknown", "targets.csv!K3"),
    }


def test_all_faults_of_a_column_are_reported(data_folder: Path, texts: SourceTexts) -> None:
    for number in ("t01-01", "t01-02", "t01-04", "t03-01"):
        target(number, "value", "很多")(data_folder)
    report = validate(data_folder, texts).report
    assert found(report) == {("type-error", f"targets.csv!I{line}") for line in (2, 3, 5, 12)}


def test_faults_of_several_files_and_stages_are_reported_together(data_folder: Path, texts: SourceTexts) -> None:
    """A broken file, a bad header, a cell, a key, a reference, a meaning and a span, all in one run."""
    delete_file(data_folder, "reference/domains.csv")
    rewrite_bytes(data_folder, MILESTONES, lambda content: b"\xef\xbb\xbf" + content)
    append_line(data_folder, CAVEATS, "")
    append_line(data_folder, UNITS, "item,个,item,items,item,1,1,,,true")
    set_cell(data_folder, ORGANIZATIONS, "organization_id", "shili-labour", "valid_from", "2010年")
    set_cell(data_folder, INDICATORS, "indicator_id", "shili-2030-i02-01", "concept_code", "canteens")
    set_cell(data_folder, ASSIGNMENTS, "printed_name", "市教育局", "organization_id", "shili-human-resources")
    target("t01-01", "end_year", "2031")(data_folder)
    set_cell(data_folder, EXCLUSIONS, "start", "182", "printed", "65周岁")
    assert found(validate(data_folder, texts).report) == {
        ("source-error", "domains.csv"),
        ("encoding-error", "milestones.csv"),
        ("blank-row", "caveats.csv!A5"),
        ("primary-key", "units.csv!A9"),
        ("type-error", "organizations.csv!F5"),
        ("foreign-key", "indicators.csv!E7"),
        ("organization-name-mismatch", "assignments.csv!E4"),
        ("year-outside-programme", "targets.csv!F2"),
        ("span-mismatch", "exclusions.csv!B6"),
    }


def test_a_faulty_cell_does_not_hide_other_conditions_of_its_row(data_folder: Path, texts: SourceTexts) -> None:
    """Years in the wrong order are seen although the value beside them is no number."""
    target("t03-05", "value", "一百")(data_folder)
    target("t03-05", "start_year", "2033")(data_folder)
    assert found(validate(data_folder, texts).report) == {
        ("type-error", "targets.csv!I16"),
        ("year-order", "targets.csv!F16"),
    }


def test_the_conditions_of_a_row_are_listed_one_by_one(data_folder: Path, texts: SourceTexts) -> None:
    """A faulty value leaves value-missing and upper-value open, not the order of the years."""
    target("t01-02", "value", "8000人")(data_folder)
    report = validate(data_folder, texts).report
    assert {"value-missing", "upper-value"} <= unchecked(report)
    assert "year-order" not in unchecked(report)


@dataclass(frozen=True)
class Typo:
    """A fault of one cell: its finding is the only one; `open` must be listed as not checked, `closed` must not."""

    what: str
    edit: Edit
    finding: tuple[str, str]
    open: frozenset[str]
    closed: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return self.what


TYPOS = (
    Typo(
        "value of a target",
        target("t01-02", "value", "8000人"),
        ("type-error", "targets.csv!I3"),
        frozenset({"count-not-integral", "conflicting-targets", "quantity-mismatch"}),
        frozenset({"unit-dimension-mismatch", "year-outside-programme", "target-uncited"}),
    ),
    Typo(
        "value of a target that restates another",
        target("t02-05", "value", "30个"),
        ("type-error", "targets.csv!I11"),
        frozenset({"restated-value-differs"}),
    ),
    Typo(
        "value of a part",
        target("t02-02", "value", "12个"),
        ("type-error", "targets.csv!I8"),
        frozenset({"parts-do-not-add-up"}),
    ),
    Typo(
        "value of a target from a list",
        target("t03-03", "value", "75%"),
        ("type-error", "targets.csv!I14"),
        frozenset({"list-value-unclaimed"}),
    ),
    Typo(
        "unit of a target",
        target("t02-02", "unit_code", "ge"),
        ("unit-unknown", "targets.csv!K8"),
        frozenset({"unit-dimension-mismatch", "quantity-mismatch", "parts-do-not-add-up"}),
        frozenset({"year-outside-programme", "target-uncited"}),
    ),
    Typo(
        "measure type of an indicator",
        lambda d: set_cell(d, INDICATORS, "indicator_id", "shili-2030-i01-04", "measure_type", "Share"),
        ("constraint-error", "indicators.csv!F5"),
        frozenset({"share-out-of-range"}),
    ),
    Typo(
        "unit of an indicator",
        lambda d: set_cell(d, INDICATORS, "indicator_id", "shili-2030-i01-04", "unit_code", "per-cent"),
        ("unit-unknown", "indicators.csv!G5"),
        frozenset({"unit-dimension-mismatch"}),
        frozenset({"share-out-of-range", "quantity-mismatch"}),
    ),
    Typo(
        "task of an indicator",
        lambda d: set_cell(d, INDICATORS, "indicator_id", "shili-2030-i01-04", "task_id", "shili-2030-91"),
        ("foreign-key", "indicators.csv!B5"),
        frozenset({"year-outside-programme"}),
    ),
    Typo(
        "programme of a task",
        lambda d: set_cell(d, TASKS, "task_id", "shili-2030-01", "programme_id", "shili-2031"),
        ("foreign-key", "tasks.csv!B2"),
        frozenset({"year-outside-programme", "organization-unregistered", "organization-not-in-force"}),
    ),
    Typo(
        "dimension of a concept",
        lambda d: set_cell(d, CONCEPTS, "concept_code", "urban-new-jobs", "dimension", "Persons"),
        ("constraint-error", "concepts.csv!E4"),
        frozenset({"unit-dimension-mismatch"}),
    ),
    Typo(
        "factor of a unit",
        lambda d: set_cell(d, UNITS, "unit_code", "wan-person", "numerator", "1万"),
        ("type-error", "units.csv!F8"),
        frozenset({"count-not-integral", "quantity-mismatch"}),
    ),
    Typo(
        "unit of a symbol",
        lambda d: set_cell(d, UNIT_SYMBOLS, "symbol", "人", "unit_code", "persn"),
        ("unit-unknown", "unit_symbols.csv!B4"),
        frozenset({"quantity-mismatch"}),
    ),
    Typo(
        "end of a programme",
        lambda d: set_cell(d, PROGRAMMES, "programme_id", "shili-2030", "end_year", "2O30"),
        ("type-error", "programmes.csv!J2"),
        frozenset({"year-outside-programme", "milestone-outside-programme", "organization-not-in-force"}),
        frozenset({"organization-out-of-jurisdiction"}),
    ),
    Typo(
        "role of a unit",
        lambda d: set_cell(d, ASSIGNMENTS, "printed_name", "市教育局", "role", "Lead"),
        ("constraint-error", "assignments.csv!B4"),
        frozenset({"lead-missing"}),
        frozenset({"organization-unregistered", "organization-not-in-force"}),
    ),
    Typo(
        "position of a unit that a caveat is about",
        lambda d: set_cell(d, ASSIGNMENTS, "printed_name", "****保障局", "position", "一"),
        ("type-error", "assignments.csv!C2"),
        frozenset({"foreign-key"}),
        frozenset({"lead-missing", "organization-unregistered", "organization-not-in-force"}),
    ),
    Typo(
        "unit of a printed name",
        lambda d: set_cell(d, ORGANIZATION_NAMES, "printed_name", "市教育局", "organization_id", "shili-educ"),
        ("organization-unregistered", "organization_names.csv!C3"),
        frozenset({"organization-unregistered"}),
    ),
    Typo(
        "end of a unit",
        lambda d: set_cell(d, ORGANIZATIONS, "organization_id", "shili-education", "valid_to", "2029.12.31"),
        ("type-error", "organizations.csv!G3"),
        frozenset({"organization-not-in-force"}),
        frozenset({"organization-out-of-jurisdiction"}),
    ),
    Typo(
        "length of a source",
        lambda d: set_cell(d, SOURCES, "source_id", "shili-2030", "characters", "三百"),
        ("type-error", "sources.csv!I2"),
        frozenset({"source-hash-mismatch"}),
        frozenset({"span-mismatch", "numeral-unaccounted", "printed-name-not-in-source"}),
    ),
    Typo(
        "start of an exclusion",
        lambda d: set_cell(d, EXCLUSIONS, "start", "182", "start", "l82"),
        ("type-error", "exclusions.csv!B6"),
        frozenset({"span-mismatch", "span-overlap", "span-length", "numeral-unaccounted"}),
    ),
    Typo(
        "owner of a citation",
        citation("t03-05", "target_id", "shili-2030-t03-06"),
        ("foreign-key", "citations.csv!B18"),
        frozenset({"quantity-mismatch", "target-uncited"}),
        frozenset({"span-mismatch", "numeral-unaccounted"}),
    ),
    Typo(
        "kind of a caveat",
        lambda d: set_cell(d, CAVEATS, "caveat_id", "shili-2030-v03-02", "kind", "Ambiguity"),
        ("constraint-error", "caveats.csv!D4"),
        frozenset({"year-outside-programme"}),
    ),
    Typo(
        "kind of a link",
        link("t02-02", "kind", "partof"),
        ("constraint-error", "links.csv!C3"),
        frozenset({"parts-do-not-add-up", "restated-value-differs"}),
        frozenset({"conflicting-targets"}),
    ),
    Typo(
        "end of a link",
        link("t02-05", "to_target_id", "shili-2030-t02-10"),
        ("foreign-key", "links.csv!B5"),
        frozenset({"restated-value-differs", "conflicting-targets"}),
    ),
)


@pytest.mark.parametrize("typo", TYPOS, ids=str)
def test_a_typo_is_one_finding_and_what_needs_the_cell_is_not_checked(
    typo: Typo, data_folder: Path, texts: SourceTexts
) -> None:
    typo.edit(data_folder)
    report = validate(data_folder, texts).report
    assert found(report) == {typo.finding}
    assert unchecked(report) >= typo.open
    assert not unchecked(report) & typo.closed


@pytest.mark.parametrize(
    ("file", "not_checked"),
    [
        (UNITS, {"unit-unknown", "unit-dimension-mismatch", "count-not-integral", "quantity-mismatch"}),
        (UNIT_SYMBOLS, {"quantity-mismatch"}),
        (ORGANIZATIONS, {"organization-unregistered", "organization-not-in-force"}),
        (ORGANIZATION_NAMES, {"organization-unregistered", "redaction-unexplained"}),
        (PROGRAMMES, {"foreign-key", "year-outside-programme", "organization-not-in-force"}),
        (SOURCES, {"foreign-key", "span-mismatch", "numeral-unaccounted", "verification-stale"}),
        (TASKS, {"foreign-key", "lead-missing", "year-outside-programme"}),
        (ASSIGNMENTS, {"lead-missing", "organization-not-in-force", "printed-name-not-in-source"}),
        (INDICATORS, {"foreign-key", "unit-dimension-mismatch", "share-out-of-range"}),
        (TARGETS, {"foreign-key", "year-outside-programme", "quantity-mismatch", "list-value-unclaimed"}),
        (MILESTONES, {"foreign-key", "milestone-outside-programme", "target-uncited"}),
        (CITATIONS, {"quantity-mismatch", "span-mismatch", "numeral-unaccounted", "target-uncited"}),
        (EXCLUSIONS, {"span-mismatch", "span-overlap", "numeral-unaccounted"}),
        (LINKS, {"parts-do-not-add-up", "restated-value-differs", "conflicting-targets"}),
        (CAVEATS, {"year-outside-programme"}),
    ],
)
def test_a_missing_file_is_one_finding_and_what_needs_it_is_not_checked(
    file: str, not_checked: set[str], data_folder: Path, texts: SourceTexts
) -> None:
    delete_file(data_folder, file)
    report = validate(data_folder, texts).report
    assert Counter(finding.code for finding in report.findings) == {"source-error": 1}
    assert unchecked(report) >= not_checked


def test_a_missing_file_does_not_make_the_verification_stale(data_folder: Path) -> None:
    """Whether citations changed is unknown where they cannot be read."""
    delete_file(data_folder, CITATIONS)
    report = validate(data_folder, NO_TEXTS).report
    assert Counter(finding.code for finding in report.findings) == {"source-error": 1}
    assert "verification-stale" in unchecked(report)


@pytest.mark.parametrize(
    ("edit", "place"),
    [
        pytest.param(citation("t02-01", "start", "9" * 20), "citations.csv!F9", id="offset beyond 64 bits"),
        pytest.param(target("t01-02", "value", "8000." + "1" * 60), "targets.csv!I3", id="sixty decimals"),
        pytest.param(
            lambda d: set_cell(d, MILESTONES, "milestone_id", "shili-2030-d03-01", "due_on", "0000-12-31"),
            "milestones.csv!D2",
            id="year 0",
        ),
        pytest.param(citation("d03-01", "printed", "2月30日前"), "citations.csv!F2", id="30 February printed"),
    ],
)
def test_no_cell_stops_the_run(edit: Edit, place: str, data_folder: Path, texts: SourceTexts) -> None:
    """A cell no type can hold is a finding, and the fault beside it is found all the same."""
    edit(data_folder)
    target("t01-01", "end_year", "2031")(data_folder)
    report = validate(data_folder, texts).report
    assert ("year-outside-programme", "targets.csv!F2") in found(report)
    assert place in {cell for _, cell in found(report)}


def test_a_reading_that_is_not_checked_fails_only_where_strict(
    data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """“食堂30个” is no quantity the grammar reads: not an error, and not a pass either."""
    monkeypatch.setenv("MINSHENG_SOURCES", str(FIXTURES / "texts"))
    citation("t02-01", "start", "160")(data_folder)
    citation("t02-01", "printed", "食堂30个")(data_folder)

    relaxed = CliRunner().invoke(app, ["validate", str(data_folder), "--lang", "en"])
    assert relaxed.exit_code == 0
    assert "0 errors, 0 warnings, 1 not checked" in relaxed.output

    strict = CliRunner().invoke(app, ["validate", str(data_folder), "--lang", "en", "--strict"])
    assert strict.exit_code == 1
    assert "食堂30个" in strict.output


def test_sound_data_passes_where_strict(data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINSHENG_SOURCES", str(FIXTURES / "texts"))
    assert CliRunner().invoke(app, ["validate", str(data_folder), "--strict"]).exit_code == 0


def test_errors_fail_with_and_without_strict(data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINSHENG_SOURCES", str(FIXTURES / "texts"))
    target("t01-02", "value", "8000人")(data_folder)
    for options in ([], ["--strict"]):
        assert CliRunner().invoke(app, ["validate", str(data_folder), *options]).exit_code == 1

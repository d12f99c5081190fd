"""What the rules of meaning let pass, what settles them, and what they leave unchecked."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from pipeline.checks.measures import IMPOSSIBLE
from pipeline.findings import Report
from pipeline.sources import SourceTexts, read_texts
from pipeline.tables import table
from pipeline.validation import validate
from tests.conftest import FIXTURES
from tests.editing import Edit, delete_file, insert_line, insert_row, reprint, set_cell

PROGRAMMES = "programmes.csv"
SOURCES = "sources.csv"
UNITS = "reference/units.csv"
UNIT_SYMBOLS = "reference/unit_symbols.csv"
ASSIGNMENTS = "programmes/shili-2030/assignments.csv"
CAVEATS = "programmes/shili-2030/caveats.csv"
CITATIONS = "programmes/shili-2030/citations.csv"
EXCLUSIONS = "programmes/shili-2030/exclusions.csv"
INDICATORS = "programmes/shili-2030/indicators.csv"
LINKS = "programmes/shili-2030/links.csv"
MILESTONES = "programmes/shili-2030/milestones.csv"
OBSERVATIONS = "programmes/shili-2030/observations.csv"
TARGETS = "programmes/shili-2030/targets.csv"


def target(number: str, column: str, value: str) -> Edit:
    return lambda d: set_cell(d, TARGETS, "target_id", f"shili-2030-{number}", column, value)


def indicator(number: str, column: str, value: str) -> Edit:
    return lambda d: set_cell(d, INDICATORS, "indicator_id", f"shili-2030-{number}", column, value)


def observation(column: str, value: str) -> Edit:
    return lambda d: set_cell(d, OBSERVATIONS, "observation_id", "shili-2030-o03-01", column, value)


def starting_value(value: str, unit: str, number: str = "1") -> Edit:
    """One more observation of new jobs, which are promised as about 2.7 wan-person."""
    line = f"shili-2030-o01-0{number},shili-2030-i01-01,baseline,,2029-12-31,eq,{value},,{unit},A,,2030-01-10,,"
    return lambda d: insert_line(d, OBSERVATIONS, line)


def step(start: str, end: str) -> Edit:
    return lambda d: insert_line(d, LINKS, f"shili-2030-{start},shili-2030-{end},step_towards,")


def caveat(name: str, record: str, kind: str) -> Edit:
    line = f"shili-2030-v09-09,{name},{record},{kind},测试用,for tests"
    return lambda d: insert_line(d, CAVEATS, line)


def printing(old: str, new: str) -> Edit:
    return lambda d: reprint(d, FIXTURES / "texts", old, new)


def percentage_points(folder: Path) -> None:
    insert_line(
        folder, UNITS, "percentage-point,百分点,percentage point,percentage-points,percentage-point,1,1,,,false"
    )
    insert_line(folder, UNIT_SYMBOLS, "个百分点,percentage-point")


def report(folder: Path, texts: SourceTexts, *edits: Edit) -> Report:
    for edit in edits:
        edit(folder)
    reprinted = folder / "sources"
    return validate(folder, read_texts([reprinted]) if reprinted.exists() else texts).report


def codes(found: Report) -> set[str]:
    return {finding.code for finding in found.findings}


def unchecked(found: Report) -> set[str]:
    return {entry.code for entry in found.not_checked}


@dataclass(frozen=True)
class Sound:
    """Edits that leave the data right: no finding of `code`, and nothing of it unchecked."""

    code: str
    what: str
    edits: tuple[Edit, ...]

    def __str__(self) -> str:
        return f"{self.code}: {self.what}"


SOUND = (
    Sound("unit-scale-suspect", "another year, the same scale", (starting_value("2.5", "wan-person"),)),
    Sound("unit-scale-suspect", "another scale, the same order", (starting_value("25000", "person"),)),
    Sound("unit-scale-suspect", "a fifth of it", (starting_value("5000", "person"),)),
    Sound("unit-scale-suspect", "nought", (starting_value("0", "person"),)),
    Sound(
        "unit-scale-suspect",
        "small numbers that grow without a gap",
        (starting_value("20", "person"), starting_value("900", "person", "2")),
    ),
    Sound(
        "unit-scale-suspect",
        "a caveat says that the document misprints it",
        (starting_value("25000", "wan-person"), caveat("observations", "shili-2030-o01-01", "misprint")),
    ),
    Sound("percent-vs-point", "points printed and recorded", (
        percentage_points,
        printing("110%", "110个百分点"),
        target("t01-04", "unit_code", "percentage-point"),
        indicator("i01-04", "unit_code", "percentage-point"),
    )),
    Sound("percent-vs-point", "a caveat says that the document misprints it", (
        percentage_points,
        printing("110%", "110个百分点"),
        caveat("targets", "shili-2030-t01-04", "misprint"),
    )),
    Sound("year-mismatch", "the printed year of a deadline", (printing("6月30日前", "2030年6月30日前"),)),
    Sound("year-mismatch", "the printed year of a promise", (printing("92%", "到2030年达到92%"),)),
    Sound("year-mismatch", "the printed year of a starting value", (printing("90.5%", "截至2029年底90.5%"),)),
    Sound("year-mismatch", "a year with two digits", (
        printing("2032年", "32年"),
        lambda d: set_cell(d, CAVEATS, "caveat_id", "shili-2030-v03-02", "kind", "redaction"),
        lambda d: set_cell(d, PROGRAMMES, "programme_id", "shili-2030", "end_year", "2032"),
    )),
    Sound("year-mismatch", "a caveat says that the year was inferred", (printing("2032年", "后年"),)),
    Sound("year-mismatch", "a caveat says that the year is misprinted", (
        printing("6月30日前", "2003年6月30日前"),
        caveat("milestones", "shili-2030-d03-01", "misprint"),
    )),
    Sound("year-mismatch", "another day is no other year", (
        lambda d: set_cell(d, MILESTONES, "milestone_id", "shili-2030-d03-01", "due_on", "2030-06-03"),
    )),
    Sound("observation-in-future", "reported on the last day", (observation("reported_on", "2029-12-31"),)),
    Sound("observation-in-future", "reported after the document", (
        observation("period_end", "2030-12-31"), observation("reported_on", "2031-01-20"),
    )),
    Sound("observation-in-future", "a forecast", (
        observation("period_end", "2030-12-31"), observation("status", "F"),
    )),
    Sound("target-uncited", "a reported observation names its evidence", (
        lambda d: insert_line(
            d,
            OBSERVATIONS,
            "shili-2030-o01-01,shili-2030-i01-01,result,,2029-12-31,eq,2.5,,wan-person,A,,2030-01-10,月报,",
        ),
    )),
    Sound("basis-conflict", "a mean of shares", (indicator("i03-02", "aggregation", "mean"),)),
    Sound("basis-conflict", "additional persons add up", (indicator("i01-02", "measure_type", "change"),)),
    Sound("basis-conflict", "a price applies during the year", (
        indicator("i02-02", "measure_type", "price"),
        indicator("i02-02", "aggregation", "none"),
        target("t02-02", "kind", "standard"),
    )),
    Sound("basis-conflict", "a grade is reached by the end of the year", (
        indicator("i02-02", "measure_type", "grade"),
        indicator("i02-02", "aggregation", "last"),
        target("t02-02", "basis", "by_end"),
    )),
    Sound("lead-duplicate", "a unit has duties for two tasks", (
        lambda d: insert_line(d, ASSIGNMENTS, "shili-2030-02,responsible,1,市教育局,shili-education"),
    )),
    Sound("lead-duplicate", "a caveat says that the document prints it twice", (
        lambda d: insert_line(d, ASSIGNMENTS, "shili-2030-03,responsible,2,市民政局,shili-civil-affairs"),
        caveat("assignments", "shili-2030-03/responsible/2", "ambiguity"),
    )),
    Sound("step-exceeds-target", "a lower step", (step("t02-02", "t02-01"),)),
    Sound("step-exceeds-target", "8000 persons are less than 27 000", (step("t01-02", "t01-01"),)),
    Sound("step-exceeds-target", "an equal step", (step("t02-05", "t02-01"),)),
    Sound("step-exceeds-target", "downwards where lower is better", (
        step("t02-03", "t02-02"), indicator("i02-02", "direction", "lower"),
    )),
    Sound("step-exceeds-target", "no way is better", (
        step("t02-03", "t02-02"), indicator("i02-02", "direction", "maintain"),
    )),
    Sound("step-exceeds-target", "about as much", (
        printing("2.7万人左右", "7800人左右"),
        target("t01-01", "value", "7800"),
        target("t01-01", "unit_code", "person"),
        step("t01-02", "t01-01"),
    )),
    Sound("step-exceeds-target", "a caveat says that the document contradicts itself", (
        step("t02-03", "t02-02"), caveat("targets", "shili-2030-t02-03", "contradiction"),
    )),
    Sound("direction-contradicts-comparator", "a standard may have a ceiling", (
        indicator("i01-02", "direction", "lower"), target("t01-02", "kind", "standard"),
    )),
    Sound("direction-contradicts-comparator", "neither way is better", (indicator("i01-02", "direction", "maintain"),)),
    Sound("direction-contradicts-comparator", "a caveat says that the document contradicts itself", (
        indicator("i01-02", "direction", "lower"), caveat("targets", "shili-2030-t01-02", "contradiction"),
    )),
    Sound("duplicate-indicator", "another population", (
        indicator("i02-03", "name_zh", "新建社区食堂数"), indicator("i02-03", "population_zh", "农村居民"),
    )),
    Sound("duplicate-indicator", "another unit", (indicator("i01-03", "name_zh", "高校毕业生就业人数"),)),
    Sound("duplicate-indicator", "another task", (indicator("i03-02", "name_zh", "普惠园在园幼儿占比"),)),
)  # fmt: skip


@pytest.mark.parametrize("case", SOUND, ids=str)
def test_what_is_right_passes(case: Sound, data_folder: Path, texts: SourceTexts) -> None:
    found = report(data_folder, texts, *case.edits)
    assert case.code not in codes(found)
    assert case.code not in unchecked(found)


def test_the_smaller_side_of_a_gap_is_suspected(data_folder: Path, texts: SourceTexts) -> None:
    """Three values agree, the fourth, in the first row of all, lost its 万."""
    found = report(
        data_folder,
        texts,
        *(starting_value(value, "wan-person", str(number)) for number, value in enumerate(("2.1", "2.3", "2.5"), 1)),
        target("t01-01", "value", "3"),
        target("t01-01", "unit_code", "person"),
    )
    suspects = [finding for finding in found.findings if finding.code == "unit-scale-suspect"]
    assert [finding.place.record for finding in suspects] == ["shili-2030-t01-01"]
    assert suspects[0].message("en") == (
        "3 person and shili-2030-o01-01 (2.1 wan-person), values of one indicator, differ by a factor of 7000"
    )


def test_points_for_per_cent_are_reported_once(data_folder: Path, texts: SourceTexts) -> None:
    """As percent-vs-point, not as quantity-mismatch too; another comparator is a fault of its own."""
    edits = (percentage_points, printing("110%", "110个百分点"))
    assert codes(report(data_folder, texts, *edits)) == {"percent-vs-point"}
    target("t01-04", "comparator", "ge")(data_folder)
    assert codes(report(data_folder, texts)) == {"percent-vs-point", "quantity-mismatch"}


def test_a_percentage_is_no_point_where_the_value_differs(data_folder: Path, texts: SourceTexts) -> None:
    edits = (percentage_points, printing("110%", "110个百分点"), target("t01-04", "value", "11"))
    assert codes(report(data_folder, texts, *edits)) == {"quantity-mismatch"}


def test_another_year_and_another_day_are_two_faults(data_folder: Path, texts: SourceTexts) -> None:
    found = report(data_folder, texts, printing("6月30日前", "2031年6月3日前"))
    assert codes(found) == {"year-mismatch", "quantity-mismatch"}


def test_a_leap_day_of_another_year_is_another_year(data_folder: Path, texts: SourceTexts) -> None:
    """No 29 February in 2030: nothing to compare but the year, and nothing to write in its place but the whole date."""
    found = report(data_folder, texts, printing("6月30日前", "2028年2月29日前"))
    (finding,) = found.findings
    assert (finding.code, finding.fix and finding.fix.value) == ("year-mismatch", "2028-02-29")
    assert found.not_checked == ()


def test_a_stated_year_is_looked_for_without_the_text_too(data_folder: Path) -> None:
    """The account holds every digit of the source, so citations and exclusions stand in for it."""
    for edit in (
        lambda d: set_cell(d, PROGRAMMES, "programme_id", "shili-2030", "end_year", "2031"),
        target("t01-01", "end_year", "2031"),
        target("t01-01", "year_stated", "true"),
    ):
        edit(data_folder)
    assert codes(validate(data_folder, SourceTexts({}, {})).report) == {"year-mismatch"}


def test_without_any_day_an_observation_is_held_against_today(
    data_folder: Path, texts: SourceTexts, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_cell(data_folder, SOURCES, "source_id", "shili-2030", "published_on", "")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1893369600")  # 2029-12-31
    assert codes(report(data_folder, texts)) == set()
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1893283200")  # 2029-12-30
    found = report(data_folder, texts)
    assert codes(found) == {"observation-in-future"}
    assert found.findings[0].message("zh") == "观测期止于 2029-12-31,晚于今天 2029-12-30"


def test_the_earliest_source_counts(data_folder: Path, texts: SourceTexts) -> None:
    """A value printed twice was known when it was printed first."""
    insert_row(
        data_folder,
        SOURCES,
        {
            "source_id": "shili-2029",
            "programme_id": "shili-2030",
            "title_zh": "示例",
            "published_on": "2029-06-01",
            "script": "Hans",
            "condition": "intact",
            "sha256": "0" * 64,
            "characters": "10",
            "terms": "x",
        },
    )
    insert_line(data_folder, CITATIONS, "shili-2030-o03-01-c2,,shili-2030-o03-01,,shili-2029,0,5,90.5%")
    assert "observation-in-future" in codes(report(data_folder, texts))


def test_a_step_in_another_dimension_is_not_checked(data_folder: Path, texts: SourceTexts) -> None:
    found = report(data_folder, texts, step("t01-03", "t01-02"))
    assert (codes(found), unchecked(found)) == (set(), {"step-exceeds-target"})
    caveat("targets", "shili-2030-t01-03", "arithmetic")(data_folder)
    assert unchecked(report(data_folder, texts)) == set()


def test_a_late_step_that_is_too_high_is_two_faults(data_folder: Path, texts: SourceTexts) -> None:
    found = report(data_folder, texts, step("t03-05", "t03-04"))
    assert {(f.code, f.place.field) for f in found.findings} == {
        ("step-exceeds-target", "value"),
        ("step-exceeds-target", "end_year"),
    }


def test_a_range_is_beyond_a_target_where_all_of_it_is(data_folder: Path, texts: SourceTexts) -> None:
    """3 to 5 fairs are not beyond 4, but beyond 2."""
    add = "shili-2030-t01-09,shili-2030-i01-03,target,during,2030,2030,false,eq,{},,event,worded,"
    insert_line(data_folder, TARGETS, add.format(4))
    step("t01-03", "t01-09")(data_folder)
    assert "step-exceeds-target" not in codes(report(data_folder, texts))
    target("t01-09", "value", "2")(data_folder)
    assert "step-exceeds-target" in codes(report(data_folder, texts))


def test_another_scale_does_not_hide_an_indicator_that_stands_twice(data_folder: Path, texts: SourceTexts) -> None:
    """万人 and 人 are one unit in two scales."""
    found = report(
        data_folder, texts, indicator("i01-02", "name_zh", "新增城镇就业人数"), indicator("i01-02", "population_zh", "")
    )
    assert codes(found) == {"duplicate-indicator"}
    assert found.ok


def test_the_table_of_impossible_measures_speaks_of_what_exists() -> None:
    """Each entry names values of the schemas, and at least one condition beside the measure types."""
    indicators, targets = table("indicators"), table("targets")
    for entry in IMPOSSIBLE:
        assert entry.types
        assert entry.types <= set(indicators.field("measure_type").values)
        assert entry.aggregations <= set(indicators.field("aggregation").values)
        assert entry.bases <= set(targets.field("basis").values)
        assert entry.aggregations or entry.dimensions or entry.bases


@pytest.mark.parametrize(
    ("edit", "open_"),
    [
        pytest.param(target("t01-01", "value", "许多"), {"unit-scale-suspect"}, id="value of a target"),
        pytest.param(target("t01-01", "unit_code", "renshu"), {"unit-scale-suspect", "quantity-mismatch"}, id="unit"),
        pytest.param(target("t03-01", "end_year", "2O30"), {"year-mismatch"}, id="year of a target"),
        pytest.param(target("t03-01", "year_stated", "是"), {"year-mismatch"}, id="whether a year is stated"),
        pytest.param(observation("period_end", "2029年底"), {"observation-in-future"}, id="end of a period"),
        pytest.param(observation("status", "a"), {"observation-in-future"}, id="status of an observation"),
        pytest.param(
            lambda d: set_cell(d, SOURCES, "source_id", "shili-2030", "published_on", "2030.1.15"),
            {"observation-in-future"},
            id="day of a source",
        ),
        pytest.param(indicator("i03-02", "measure_type", "Share"), {"basis-conflict"}, id="measure type"),
        pytest.param(indicator("i03-02", "aggregation", "add"), {"basis-conflict"}, id="aggregation"),
        pytest.param(target("t02-02", "basis", "by-end"), {"basis-conflict"}, id="basis"),
        pytest.param(indicator("i01-02", "direction", "up"), {"direction-contradicts-comparator"}, id="direction"),
        pytest.param(target("t01-02", "comparator", ">="), {"direction-contradicts-comparator"}, id="comparator"),
        pytest.param(indicator("i01-02", "unit_code", "persn"), {"duplicate-indicator"}, id="unit of an indicator"),
        pytest.param(
            lambda d: set_cell(d, ASSIGNMENTS, "printed_name", "市教育局", "role", "Lead"),
            {"lead-duplicate"},
            id="role of a unit",
        ),
        pytest.param(
            lambda d: set_cell(d, LINKS, "from_target_id", "shili-2030-t02-02", "kind", "step"),
            {"step-exceeds-target"},
            id="kind of a link",
        ),
        pytest.param(lambda d: delete_file(d, LINKS), {"step-exceeds-target"}, id="no links"),
        pytest.param(lambda d: delete_file(d, EXCLUSIONS), {"year-mismatch"}, id="no exclusions"),
        pytest.param(
            lambda d: delete_file(d, CITATIONS), {"year-mismatch", "observation-in-future"}, id="no citations"
        ),
        pytest.param(lambda d: delete_file(d, ASSIGNMENTS), {"lead-duplicate"}, id="no assignments"),
        pytest.param(
            lambda d: delete_file(d, INDICATORS),
            {"basis-conflict", "direction-contradicts-comparator", "duplicate-indicator"},
            id="no indicators",
        ),
    ],
)
def test_what_needs_a_faulty_cell_is_not_checked(
    edit: Callable[[Path], None], open_: set[str], data_folder: Path, texts: SourceTexts
) -> None:
    """One fault, one finding; each rule that needed the cell says that it could not judge."""
    found = report(data_folder, texts, edit)
    assert len(found.findings) == 1
    assert unchecked(found) >= open_


def test_a_missing_caveat_file_passes_nothing(data_folder: Path, texts: SourceTexts) -> None:
    """A caveat might settle the fault: it is neither reported nor passed."""
    delete_file(data_folder, CAVEATS)
    found = report(data_folder, texts, indicator("i01-02", "direction", "lower"), step("t02-03", "t02-02"))
    assert codes(found) == {"source-error"}
    assert unchecked(found) >= {"direction-contradicts-comparator", "step-exceeds-target"}

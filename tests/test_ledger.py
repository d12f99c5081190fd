"""Reports of units and revisions of targets: what is right passes, what is unjudged is said, any day can be told."""

import csv
import json
import re
import zipfile
from datetime import date, timedelta
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.dataset import Row
from pipeline.fixing import fix
from pipeline.formatting import fmt
from pipeline.generated.descriptor import content
from pipeline.language import Language
from pipeline.ledger import reports_as_of, revisions_as_of
from pipeline.periods import period_of
from pipeline.sources import NO_TEXTS, SourceTexts
from pipeline.status import status
from pipeline.tables import table
from pipeline.template import TemplateError, csv_content, save, template
from pipeline.template_workbook import content as workbook
from pipeline.validation import validate
from tests.editing import rewrite_bytes, set_cell
from tests.test_rules import FIRST, REPORT, REVISION, REVISIONS, TARGETS, reports, revisions

pytestmark = pytest.mark.usefixtures("years_later")

ROOT = Path(__file__).parent.parent
PAGES = ("docs/reporting.md", "docs/reporting.zh-CN.md")
LANGUAGES: tuple[Language, ...] = ("zh", "en")
Q1, Q4 = REPORT.replace("Q2", "Q1"), REPORT.replace("Q2", "Q4")


def codes(folder: Path, texts: SourceTexts = NO_TEXTS) -> list[str]:
    return [finding.code for finding in validate(folder, texts).report.findings]


def report(period: str = "2030-Q2", value: str = "6", day: str = "2030-07-05", revision: int = 1, **other: str) -> str:
    cells = {
        "indicator_id": "shili-2030-i02-01",
        "period": period,
        "organization_id": "shili-civil-affairs",
        "revision": str(revision),
        "value": value,
        "unit_code": "item",
        "accumulation": "cumulative",
        "status": "A",
        "evidence": "民政月报",
        "reported_by": "养老科",
        "reported_on": day,
        "note_zh": "",
        **other,
    }
    return ",".join(cells[name] for name in table("reports").names)


@pytest.mark.parametrize(
    "edits",
    [
        (reports(FIRST),),
        (reports(FIRST, report(value="5", revision=2, day="2030-07-05")),),  # a correction on the same day
        (reports(report("2030-Q1", "8", "2030-04-10", note_zh=""), file=Q1), reports(report(note_zh="剔除重复"))),
        # the first quarter had been reported too high, and is corrected
        (
            reports(report("2030-Q1", "8", "2030-04-10"), report("2030-Q1", "4", "2030-07-01", 2), file=Q1),
            reports(FIRST),
        ),
        (
            reports(report("2030-Q1", "8", "2030-04-10", accumulation="period"), file=Q1),
            reports(report(accumulation="period")),
        ),
        (reports(report(day="2030-05-01", status="F")),),
        (reports(report(value="", status="O", evidence="")),),
        (reports(report(status="P", evidence="")),),
        (revisions(REVISION),),
        (revisions(REVISION, "shili-2030-t02-02,2,2030-09-01,withdrawn,,,,item,2030,,示政办〔2030〕9号,2030-08-25,"),),
        (revisions("shili-2030-t01-05,1,2030-06-01,in_force,,,,case,2031,,示政办〔2030〕9号,2030-05-25,"),),
        # a target that runs on after the programme is reported on after it
        (
            revisions(REVISION.replace("item,2030", "item,2031")),
            reports(
                report("2031", "13", "2032-01-10", indicator_id="shili-2030-i02-02"),
                file=REPORT.replace("2030-Q2", "2031"),
            ),
        ),
    ],
)  # fmt: skip
def test_what_is_right_is_not_reported(data_folder: Path, edits: tuple[object, ...]) -> None:
    for edit in edits:
        edit(data_folder)  # type: ignore[operator]
    report_ = validate(data_folder, NO_TEXTS).report
    assert [finding.message("en") for finding in report_.findings] == []
    assert report_.not_checked == ()


def test_totals_since_the_start_run_on_over_the_years(data_folder: Path) -> None:
    """A total of the year begins anew, one of the programme does not."""
    set_cell(data_folder, "programmes.csv", "programme_id", "shili-2030", "end_year", "2031")
    for accumulation, wanted in (("cumulative", []), ("since_start", ["cumulative-falls"])):
        reports(report("2030-Q4", "9", "2031-01-10", accumulation=accumulation), file=Q4)(data_folder)
        later = report("2031-Q1", "2", "2031-04-10", accumulation=accumulation)
        reports(later, file=REPORT.replace("2030-Q2", "2031-Q1"))(data_folder)
        assert codes(data_folder) == wanted


def test_a_value_that_was_corrected_is_not_judged_again(data_folder: Path) -> None:
    """A scale that was wrong, a total that was too high: the correction settles it, and the row stays."""
    reports(report(value="60000"), report(revision=2, day="2030-07-09"))(data_folder)
    assert codes(data_folder) == []


def test_what_a_faulty_cell_keeps_from_being_judged_is_said(data_folder: Path) -> None:
    reports(report(day="2030/07/05"), report(revision=3))(data_folder)
    found = validate(data_folder, NO_TEXTS).report
    assert {finding.code for finding in found.findings} == {"type-error"}
    unjudged = {entry.code for entry in found.not_checked}
    assert {"report-in-future", "report-superseded-wrongly", "cumulative-falls", "reports-conflict"} <= unjudged


# ---------------------------------------------------------------------------------------------- everything that walks


def test_the_other_commands_take_the_files(data_folder: Path, texts: SourceTexts) -> None:
    reports(report(revision=2, day="2030-07-09"), FIRST.replace("民政月报", " 民政月报"))(data_folder)
    rewrite_bytes(data_folder, REPORT, lambda content: content.replace(b"\n", b"\r\n"))
    revisions(REVISION)(data_folder)
    fixed = fix(data_folder, None, lambda fixed: None)
    assert {edit.file for edit in fixed.edits} == {REPORT}
    assert {change.file for change in fmt(data_folder).changes} <= {REPORT}
    rows = (data_folder / REPORT).read_text(encoding="utf-8").splitlines()[1:]
    assert [row.split(",")[3] for row in rows] == ["1", "2"]
    assert codes(data_folder, texts) == []
    described = {each["name"]: each for each in json.loads(content(data_folder))["resources"]}
    own = described["shili-2030-reports-shili-civil-affairs-2030-q2"]
    assert own["path"] == REPORT
    assert {key["reference"]["resource"] for key in own["schema"]["foreignKeys"]} == {
        *("shili-2030-indicators", "organizations", "units")
    }
    assert described["shili-2030-target_revisions"]["path"] == REVISIONS
    (programme,) = status(data_folder, data_folder / "releases").programmes
    assert (programme.rows["reports"], programme.rows["target_revisions"]) == (2, 1)


# ---------------------------------------------------------------------------------------------------- any day told


def rows_of(folder: Path, name: str) -> list[Row]:
    return list(validate(folder, NO_TEXTS).data.tables[name])


def test_the_state_as_of_a_day(data_folder: Path) -> None:
    reports(FIRST, report(value="7", revision=2, day="2030-07-09"), report(value="5", revision=3, day="2030-08-01"))(
        data_folder
    )
    rows = rows_of(data_folder, "reports")
    days = {"2030-07-04": [], "2030-07-05": ["6"], "2030-07-09": ["7"], "2030-07-31": ["7"], "2030-08-01": ["5"]}
    told = {day: [row.text("value") for row in reports_as_of(rows, date.fromisoformat(day))] for day in days}
    assert told == days
    assert [row.text("value") for row in reports_as_of(rows)] == ["5"]


def test_the_target_as_of_a_day(data_folder: Path) -> None:
    revisions(REVISION, REVISION.replace(",1,2030-06-01", ",2,2030-09-01").replace(",14,", ",10,"))(data_folder)
    rows = rows_of(data_folder, "target_revisions")
    told = {
        day: [row.text("value") for row in revisions_as_of(rows, date.fromisoformat(day)).values()]
        for day in ("2030-05-31", "2030-06-01", "2030-08-31", "2030-09-01")
    }
    assert told == {"2030-05-31": [], "2030-06-01": ["14"], "2030-08-31": ["14"], "2030-09-01": ["10"]}


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)))
def test_every_day_lies_in_the_periods_that_name_it(day: date) -> None:
    half, quarter = (day.month + 5) // 6, (day.month + 2) // 3
    texts = [f"{day.year}", f"{day.year}-S{half}", f"{day.year}-Q{quarter}", f"{day.year}-{day.month:02}"]
    found = [period_of(text) for text in texts]
    assert all(each is not None and each.start <= day <= each.end for each in found)
    lengths = [(each.end - each.start).days + 1 for each in found if each]
    assert lengths == sorted(lengths, reverse=True)
    month = period_of(texts[-1])
    assert month is not None
    assert (month.start.day, (month.end + timedelta(1)).day) == (1, 1)


@given(st.text(alphabet="0123456789-SQW年", max_size=9))
def test_a_period_is_what_the_schema_lets_pass(text: str) -> None:
    pattern = table("reports").field("period").pattern
    assert pattern is not None
    assert (period_of(text) is not None) == (re.fullmatch(pattern, text) is not None)


# -------------------------------------------------------------------------------------------------------- templates


def lines(folder: Path, unit: str = "shili-civil-affairs", period: str = "2030-Q2") -> list[dict[str, str]]:
    made = csv_content(template(folder, unit, period)).decode("utf-8")
    return list(csv.DictReader(StringIO(made)))


def test_a_template_has_the_open_indicators_and_the_columns_of_the_table(data_folder: Path) -> None:
    found = lines(data_folder)
    assert tuple(found[0]) == table("reports").names
    assert [row["indicator_id"].removeprefix("shili-2030-") for row in found] == [
        *("i02-01", "i02-02", "i02-03", "i03-01", "i03-02", "i03-03", "i03-04", "i03-05")
    ]  # what the unit leads, and what it shares by way of the task above; of a share of costs nothing is reported
    assert {(row["period"], row["organization_id"], row["revision"]) for row in found} == {
        ("2030-Q2", "shili-civil-affairs", "1")
    }
    assert {row["unit_code"] for row in found} == {"item", "percent"}


def test_filled_in_it_is_a_report_without_faults(data_folder: Path) -> None:
    """The template of the next period knows what was reported, and a second one of this period corrects it."""
    made = template(data_folder, "shili-civil-affairs", "2030-Q2")
    filled = {"value": "6", "accumulation": "level", "status": "A", "evidence": "月报", "reported_by": "科"}
    filled["reported_on"] = "2030-07-05"
    rows = [{**row, **filled} for row in lines(data_folder)]
    reports(*(",".join(row.values()) for row in rows), file=made.place)(data_folder)
    assert codes(data_folder) == []
    assert {row["revision"] for row in lines(data_folder)} == {"2"}
    again = template(data_folder, "shili-civil-affairs", "2030-Q3")
    assert {(each.cells["revision"], each.cells["accumulation"]) for each in again.lines} == {("1", "level")}
    assert again.lines[0].last.en == "2030-Q2: 6 item (state at the end of the period)"


def test_revisions_open_and_close_indicators(data_folder: Path) -> None:
    assert [row["indicator_id"][-6:] for row in lines(data_folder, "shili-education", "2032")] == ["i03-05"]
    with_withdrawn = REVISION.replace(",in_force,eq,14,", ",withdrawn,,,")
    revisions(with_withdrawn)(data_folder)
    assert "shili-2030-i02-02" not in {row["indicator_id"] for row in lines(data_folder)}
    assert "shili-2030-i02-02" in {row["indicator_id"] for row in lines(data_folder, period="2030-Q1")}
    revisions(REVISION.replace("item,2030", "item,2031"))(data_folder)
    line, other = template(data_folder, "shili-civil-affairs", "2031-Q1").lines
    assert other.cells["indicator_id"] == "shili-2030-i03-05"  # promised until 2032
    assert line.target.en == "equal to 14 item (by 2031)"


@pytest.mark.parametrize(
    ("unit", "period", "programme", "said"),
    [
        ("shili-civil-afairs", "2030-Q2", None, "nearest: shili-civil-affairs"),
        ("shili-civil-affairs", "2030Q2", None, "must be written"),
        ("shili-civil-affairs", "2029-Q4", None, "no indicator"),
        ("shili-civil-affairs", "2030-Q2", "shili-2031", "nearest: shili-2030"),
        ("shili-labour", "2030-Q2", None, "has duties in: —"),
    ],
)
def test_a_template_that_cannot_be_made_is_refused(
    data_folder: Path, unit: str, period: str, programme: str | None, said: str
) -> None:
    with pytest.raises(TemplateError) as caught:
        template(data_folder, unit, period, programme)
    assert said in caught.value.reason.en


def test_a_template_of_faulty_data_is_refused_and_faulty_reports_are_passed_over(data_folder: Path) -> None:
    reports(report(value="六"))(data_folder)
    assert lines(data_folder)
    set_cell(data_folder, TARGETS, "target_id", "shili-2030-t02-02", "end_year", "二〇三〇")
    with pytest.raises(TemplateError, match="is faulty"):
        template(data_folder, "shili-civil-affairs", "2030-Q2")


def test_no_file_is_overwritten(data_folder: Path, tmp_path: Path) -> None:
    target = tmp_path / "here.csv"
    target.write_text("mine", encoding="utf-8")
    link = tmp_path / "dangling.csv"
    link.symlink_to(tmp_path / "nowhere.csv")
    for path in (target, link):
        with pytest.raises(TemplateError, match="left as it is"):
            save(path, b"other")
    with pytest.raises(TemplateError, match="cannot write"):
        save(tmp_path / "no" / "folder.csv", b"other")
    assert target.read_text(encoding="utf-8") == "mine"
    assert {path.name for path in tmp_path.glob("*.csv")} | {"dangling.csv"} == {"here.csv", "dangling.csv"}
    assert not list(tmp_path.glob(".*.tmp"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_workbook_makes_the_columns_of_the_table(data_folder: Path, language: Language) -> None:
    """Lists for units, accumulations and statuses, a check of dates; every cell to fill in is taken over by formula."""
    made = template(data_folder, "shili-civil-affairs", "2030-Q2")
    book = workbook(made, language)
    assert book == workbook(made, language)
    with zipfile.ZipFile(BytesIO(book)) as archive:
        form, machine = (archive.read(f"xl/worksheets/sheet{n}.xml").decode("utf-8") for n in (1, 2))
        shared = archive.read("xl/sharedStrings.xml").decode("utf-8")
    kinds = re.findall(r'<dataValidation type="([a-z]+)"', form)
    assert {kind: kinds.count(kind) for kind in set(kinds)} == {
        "list": 3 * len(made.lines),
        "decimal": len(made.lines),
        "date": len(made.lines),
    }
    assert "<f>" not in form
    assert machine.count("<f>") == 8 * len(made.lines)
    strings = re.findall(r"<si><t[^>]*>([^<]*)</t></si>", shared)
    assert set(table("reports").names) <= set(strings)
    assert {each.indicator(language) for each in made.lines} <= set(strings)


def test_text_of_the_data_is_no_formula_in_the_workbook(data_folder: Path) -> None:
    indicators = "programmes/shili-2030/indicators.csv"
    set_cell(data_folder, indicators, "indicator_id", "shili-2030-i02-01", "name_zh", "=1+1")
    book = workbook(template(data_folder, "shili-civil-affairs", "2030-Q2"), "zh")
    with zipfile.ZipFile(BytesIO(book)) as archive:
        assert "1+1" not in archive.read("xl/worksheets/sheet1.xml").decode("utf-8")
        assert "=1+1" in archive.read("xl/sharedStrings.xml").decode("utf-8")


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_the_command_says_where_the_report_goes(data_folder: Path, tmp_path: Path, form: str) -> None:
    out = tmp_path / f"report.{form}"
    said = ["template", str(data_folder), "--unit", "shili-civil-affairs", "--period", "2030-Q2", "--lang", "en"]
    done = CliRunner().invoke(app, [*said, "--format", form, "--out", str(out)])
    assert (done.exit_code, out.exists()) == (0, True)
    assert "8 indicators" in done.stdout
    assert REPORT in done.stdout
    assert CliRunner().invoke(app, [*said, "--format", form, "--out", str(out)]).exit_code == 2


@pytest.mark.parametrize("page", PAGES)
def test_the_examples_of_the_page_are_sound(data_folder: Path, page: str) -> None:
    blocks = re.findall(r"```csv\n(.*?)```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL)
    for file, block in zip((REPORT, REVISIONS), blocks, strict=True):
        (data_folder / file).parent.mkdir(parents=True, exist_ok=True)
        (data_folder / file).write_text(block, encoding="utf-8")
    assert codes(data_folder) == []

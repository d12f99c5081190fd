"""The ledger of a unit from the command line to workbook and page; one build for all, of the fictional programme."""

import base64
import hashlib
import os
import re
import shutil
import zipfile
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.fiction import NOTICE
from pipeline.language import Language, Text
from pipeline.reports.unit_ledger import columns, notes, page, words, workbook
from pipeline.reports.unit_ledger.writing import write
from pipeline.tables import table
from pipeline.unit_ledger.model import Entry, Goal, Ledger
from pipeline.unit_ledger.reading import LedgerError, ledger_of
from tests.conftest import FIXTURES
from tests.editing import set_cell

DAY = date(2031, 2, 10)
LATER = "1930003200"  # 2031-02-28: the build is made later than the day it is made for
CIVIL, EDUCATION = "shili-civil-affairs", "shili-education"
PROGRAMME = "programmes/shili-2030"
LANGUAGES: list[Language] = ["zh", "en"]
CANTEENS, SHARE = "shili-2030-i02-01", "shili-2030-i03-01"
REPORTED = {
    f"{CIVIL}/2030-Q1": [
        f"{CANTEENS},2030-Q1,{CIVIL},1,9,item,period,A,月报,养老科,2030-04-05,",
        f"{CANTEENS},2030-Q1,{CIVIL},2,8,item,period,A,月报,养老科,2030-04-20,重复一处",
    ],
    f"{CIVIL}/2030-Q2": [
        f"{CANTEENS},2030-Q2,{CIVIL},1,7,item,period,A,月报,养老科,2030-07-05,",
        f"{CANTEENS},2030-Q2,{CIVIL},2,6,item,period,A,月报,养老科,2031-02-20,截至日之后的更正",
    ],
    f"{EDUCATION}/2030": [f"{SHARE},2030,{EDUCATION},1,92.4,percent,level,A,年报,学前科,2031-01-08,"],
}
REVISIONS = [
    f"shili-2030-t02-01,1,2030-06-01,in_force,ge,20,,item,2030,{CIVIL},示政办〔2030〕6号,2030-05-20,",
    f"shili-2030-t02-02,1,2030-09-01,withdrawn,,,,item,2030,{CIVIL},示政办〔2030〕15号,2030-08-25,并入其他项目",
]


def _write(path: Path, name: str, lines: Iterable[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([",".join(table(name).names), *lines]) + "\n", encoding="utf-8")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the command wrote the ledgers of two units, in Chinese."""
    folder = tmp_path_factory.mktemp("ledgers")
    data = Path(shutil.copytree(FIXTURES / "shili", folder / "shili"))
    for place, lines in REPORTED.items():
        _write(data / PROGRAMME / "reports" / f"{place}.csv", "reports", lines)
    _write(data / PROGRAMME / "target_revisions.csv", "target_revisions", REVISIONS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", LATER)
        patch.chdir(folder)
        said = ["--unit", "市民政局", "--unit", EDUCATION, "--as-of", DAY.isoformat(), "--out", "out", "--lang", "zh"]
        done = CliRunner().invoke(app, ["ledger", "shili", *said])
    assert done.exit_code == 0, done.output
    assert "示例市民政局工作任务台账 · 截至2031年2月10日" in done.output
    return folder


def _ledger(made: Path, unit: str, name: Text) -> Ledger:
    return ledger_of(made / "build" / "ledger" / "warehouse.duckdb", unit, name, None, DAY)


@pytest.fixture(scope="module")
def civil(made: Path) -> Ledger:
    return _ledger(made, CIVIL, Text("示例市民政局", "Shili Civil Affairs Bureau"))


def _of(made: Ledger, target: str) -> tuple[Entry, Goal]:
    return next((each, each.goal) for each in made.entries if each.goal and each.goal.target_id == target)


# ------------------------------------------------------------------------------------------------------- what is in it


def test_a_line_a_target_and_one_for_a_task_without(civil: Ledger) -> None:
    """In the order of the document; duties named at a node above are taken over."""
    told = [(each.duty.locator, each.duty.roles, each.duty.inherited, each.goal is None) for each in civil.entries]
    assert told == [
        *[("2", ("lead",), False, False)] * 5,
        ("2/(1)", ("lead",), True, True),
        ("3", ("responsible",), False, False),
        *[("3/(1)", ("responsible",), True, False)] * 3,
        ("3/(2)", ("responsible",), True, False),
    ]
    assert [each.number for each in civil.entries] == list(range(1, 12))
    assert civil.entries[5].duty.path[0].zh == "开办社区食堂"


def test_a_revised_target_shows_both_promises(civil: Ledger) -> None:
    _, goal = _of(civil, "shili-2030-t02-01")
    assert goal.now is not None
    assert (str(goal.first.value), str(goal.now.value)) == ("30.000000000", "20.000000000")
    assert (goal.now.comparator, goal.printed) == ("ge", "30个")
    (line,) = words.revised(goal.first, goal.revisions)
    assert line.zh == "30个（2030-12-31） → 不少于20个（2030-12-31）；2030-06-01起，依据示政办〔2030〕6号"
    _, withdrawn = _of(civil, "shili-2030-t02-02")
    assert withdrawn.now is None
    assert withdrawn.standing.reason == "withdrawn"
    assert "→ withdrawn; from 2030-09-01" in words.revised(withdrawn.first, withdrawn.revisions)[0].en


def test_only_what_was_known_on_the_day_counts(civil: Ledger) -> None:
    """A correction of 20 February is not in a ledger of 10 February; that of April 2030 is, beside what it corrects."""
    _, goal = _of(civil, "shili-2030-t02-01")
    assert goal.latest is not None
    assert words.figure(goal.latest).zh == "2030-Q2：7个（仅本期）"
    assert words.reporter(goal.latest).en == "Shili Civil Affairs Bureau, 养老科, on 2030-07-05"
    standing = goal.standing
    assert (standing.actual, standing.actual_to, standing.completion) == (
        Decimal(15),
        date(2030, 6, 30),
        Decimal("0.75"),
    )
    assert (standing.status, standing.warning, standing.reason) == ("overdue", "red", "last_period_missing")
    canteens = [(each.value, each.corrected) for each in civil.figures if each.indicator_id == CANTEENS]
    assert canteens == [(Decimal(9), True), (Decimal(8), False), (Decimal(7), False)]


def test_the_course_is_told_from_day_to_day(civil: Ledger) -> None:
    days = [each.standing.on for each in civil.history if each.target_id == "shili-2030-t02-01"]
    assert days == [date(2030, 4, 5), date(2030, 4, 20), date(2030, 6, 1), date(2030, 7, 5)]


def test_what_is_owed_and_by_whom(civil: Ledger, made: Path) -> None:
    """A unit that is responsible beside a lead unit owes no figure; what is withdrawn or in words is not owed."""
    assert [(each.indicator_id, each.year, each.status, each.late) for each in civil.owed] == [
        (CANTEENS, 2030, "partly", True),
        ("shili-2030-i02-03", 2030, "missing", True),
    ]
    education = _ledger(made, EDUCATION, Text("示例市教育局", "Shili Education Bureau"))
    assert {each.indicator_id for each in education.owed} == {f"shili-2030-i03-0{n}" for n in (2, 3, 4, 5)}
    assert education.settled == 1
    assert [each.status for each in _of(education, "shili-2030-t03-02")[1].owed] == ["missing"]


def test_steps_caveats_and_starting_value_stand_with_their_line(civil: Ledger) -> None:
    line, goal = _of(civil, "shili-2030-t03-01")
    assert [(step.due_on, step.what.zh) for step in line.steps] == [(date(2030, 6, 30), "公布普惠园名单")]
    assert goal.baseline == Decimal("90.5")
    assert [text.en for text in columns.remarks(line)] == [
        "reached",
        "starting value 90.5%",
        "The starting value is undated; the end of the year before is assumed",
    ]


def test_the_timetable_is_in_the_order_of_the_days(civil: Ledger) -> None:
    days = [each.due_on for each in civil.calendar]
    assert days == sorted(days)
    first = civil.calendar[0]
    assert (first.kind, first.over, first.status, first.entry) == ("milestone", True, "", 7)
    assert civil.calendar[-1].due_on == date(2032, 12, 31)


def test_a_real_unit_without_reports_has_a_ledger(warehouse: Path) -> None:
    """Steps in the order of their days; no data is said, and that it is no judgement."""
    unit = Text("大连市民政局", "Dalian Civil Affairs Bureau")
    made = ledger_of(warehouse, "dalian-civil-affairs", unit, None, DAY)
    assert made.entries
    assert not made.fictional
    assert {each.goal.standing.status for each in made.entries if each.goal} <= {"no_data", "not_measurable"}
    assert all(list(each.steps) == sorted(each.steps, key=lambda step: step.due_on) for each in made.entries)
    assert notes.NO_FIGURES.zh in page.render(made, "zh")
    assert NOTICE.zh not in page.render(made, "zh")


# -------------------------------------------------------------------------------------------------------- the workbook

_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def _sheets(book: bytes) -> dict[str, tuple[ET.Element, list[list[str]]]]:
    """The sheets of a workbook by name: their XML, and their cells as text."""
    with zipfile.ZipFile(BytesIO(book)) as archive:
        shared = [
            "".join(part.itertext()) for part in ET.fromstring(archive.read("xl/sharedStrings.xml")).iter(f"{_MAIN}si")
        ]
        names = [each.attrib["name"] for each in ET.fromstring(archive.read("xl/workbook.xml")).iter(f"{_MAIN}sheet")]
        found = {}
        for at, name in enumerate(names, 1):
            root = ET.fromstring(archive.read(f"xl/worksheets/sheet{at}.xml"))
            rows = []
            for row in root.iter(f"{_MAIN}row"):
                cells = [(cell, cell.findtext(f"{_MAIN}v") or "") for cell in row]
                rows.append([shared[int(v)] if cell.get("t") == "s" else v for cell, v in cells])
            found[name] = root, rows
    return found


def test_the_files_of_the_command_are_those_of_the_renderers(made: Path, civil: Ledger) -> None:
    name = made / "out" / f"{CIVIL}_2031-02-10_zh"
    assert Path(f"{name}.xlsx").read_bytes() == workbook.content(civil, "zh")
    assert Path(f"{name}.html").read_text(encoding="utf-8") == page.render(civil, "zh") + "\n"
    assert len(list((made / "out").iterdir())) == 4
    assert not (made / "build" / "warehouse.duckdb").exists()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_workbook_is_fit_to_be_worked_with_and_printed(civil: Ledger, language: Language) -> None:
    """Headings in sight and on each printed page, filters, landscape, as wide as a page, the notice everywhere."""
    book = workbook.content(civil, language)
    assert book == workbook.content(civil, language)
    found = _sheets(book)
    tables = columns.sheets(civil)
    assert list(found) == [*(each.name(language) for each in tables), Text("说明", "Notes")(language)]
    for name, (root, rows) in found.items():
        setup = root.find(f"{_MAIN}pageSetup")
        assert setup is not None
        assert (setup.attrib["orientation"], setup.attrib["fitToHeight"]) == ("landscape", "0")
        assert NOTICE(language) in [row[0] for row in rows]
        footer = root.findtext(f"{_MAIN}headerFooter/{_MAIN}oddFooter") or ""
        assert NOTICE(language) in footer
        assert root.find(f".//{_MAIN}f") is None, name
    for each in tables:
        root, rows = found[each.name(language)]
        assert [column.title(language) for column in each.columns] in rows
        assert root.find(f".//{_MAIN}pane") is not None
        assert (root.find(f"{_MAIN}autoFilter") is not None) == bool(each.rows)
        assert len(rows) == 4 + max(1, len(each.rows))
    with zipfile.ZipFile(BytesIO(book)) as archive:
        titles = re.findall(r'_xlnm.Print_Titles"[^>]*>[^<]*!\$1:\$(\d)<', archive.read("xl/workbook.xml").decode())
        assert sorted(titles) == ["3", *["4"] * len(tables)]  # notes have no headings
        assert "2031-02-10T00:00:00Z" in archive.read("docProps/core.xml").decode()


def test_numbers_dates_and_shares_are_no_text(civil: Ledger) -> None:
    _, rows = _sheets(workbook.content(civil, "zh"))["任务与目标"]
    heads, line = rows[3], rows[4]
    told = dict(zip(heads, line, strict=True))
    assert (told["目标值"], told["计量单位"], told["实际值"], told["完成度"]) == ("20", "个", "15", "0.75")
    assert told["完成时限"] == str((date(2030, 12, 31) - date(1899, 12, 30)).days)
    assert (told["状态"], told["预警"], told["应报未报"]) == ("逾期", "红", "2030年：仅报部分时期（应于2031-01-31前）")


# ------------------------------------------------------------------------------------------------------------ the page


class _Text(HTMLParser):
    """What a browser would show, and the elements it would make."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.tags: list[str] = []
        self.labels: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.labels += [value or "" for name, value in attrs if name in ("href", "src", "style") or name[:2] == "on"]

    def handle_data(self, data: str) -> None:
        self.seen.append(data)


def _read(shown: str) -> _Text:
    parser = _Text()
    parser.feed(shown)
    return parser


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_loads_nothing_and_says_all(civil: Ledger, language: Language) -> None:
    shown = page.render(civil, language)
    read = _read(shown)
    assert set(read.tags).isdisjoint({"script", "img", "link", "iframe", "form"})
    assert read.labels == ["#main"]
    style = shown.partition("<style>")[2].partition("</style>")[0]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in shown
    assert "A4 landscape" in style
    assert read.seen.count(NOTICE(language)) == 2  # at the top, and across every printed page
    text = "".join(read.seen)
    for each in civil.entries:
        assert each.duty.path[-1](language) in text
        for remark in columns.remarks(each):
            assert remark(language) in text
    for sheet in columns.sheets(civil)[1:]:
        assert sheet.name(language) in text
        assert all(column.title(language) in text for column in sheet.columns)
    for line in notes.method():
        assert line(language) in text


def test_the_thresholds_told_are_those_in_force() -> None:
    told = " ".join(line.en for line in notes.method())
    assert "from 90% on track" in told
    assert "below 70% at risk" in told
    assert "within 31 days" in told


HOSTILE = '=1+1 <script>alert(1)</script> & " \u202e \x00 {0} 甲' + "乙" * 40_000


@pytest.mark.parametrize("language", LANGUAGES)
def test_text_of_the_data_stays_text(civil: Ledger, language: Language) -> None:
    """In cells, titles, footers and the page: no formula, no element, nothing invisible, nothing endless."""
    bad = Text(HOSTILE, HOSTILE)
    line, goal = _of(civil, "shili-2030-t02-01")
    assert goal.latest is not None
    hostile = replace(
        civil,
        unit=bad,
        unit_id="a&Pb",
        entries=(
            replace(
                line,
                duty=replace(line.duty, path=(bad, bad), locator="=2", lead_units=bad),
                goal=replace(goal, printed="@x", indicator=bad, latest=replace(goal.latest, reported_by=HOSTILE)),
                remarks=(bad,) * 5,
            ),
        ),
        figures=tuple(replace(each, note=HOSTILE, evidence="-1") for each in civil.figures),
    )
    book = workbook.content(hostile, language)
    sheets = _sheets(book)
    assert all(root.find(f".//{_MAIN}f") is None for root, _ in sheets.values())
    cells = [cell for _, rows in sheets.values() for row in rows for cell in row]
    assert any(cell.startswith("=2 =1+1 <script>") for cell in cells)
    assert max(map(len, cells)) < 32_767
    assert not any("\u202e" in cell or "\x00" in cell for cell in cells)
    footer = sheets[columns.lines(hostile).name(language)][0].findtext(f"{_MAIN}headerFooter/{_MAIN}oddFooter") or ""
    assert "a&&Pb" in footer
    read = _read(page.render(hostile, language))
    assert "script" not in read.tags
    assert "=1+1 <script>" in "".join(read.seen)


# ---------------------------------------------------------------------------------------------------- files, refusals


def test_a_file_somebody_wrote_into_is_left_as_it_is(civil: Ledger, tmp_path: Path) -> None:
    first = write(civil, tmp_path / "new", None, "en")
    assert [path.suffix for path, _ in first] == [".xlsx", ".html"]
    assert all("left as it is" in what.en for _, what in write(civil, tmp_path / "new", None, "en"))
    page_file = first[1][0]
    page_file.write_text("mine", encoding="utf-8")
    with pytest.raises(LedgerError, match="another content"):
        write(civil, tmp_path / "new", None, "en")
    assert page_file.read_text(encoding="utf-8") == "mine"
    page_file.unlink()
    os.mkfifo(page_file)
    with pytest.raises(LedgerError, match="another content"):  # at once, and not when somebody writes into the pipe
        write(civil, tmp_path / "new", None, "en")
    page_file.unlink()
    page_file.symlink_to(tmp_path / "nowhere")
    with pytest.raises(LedgerError, match="another content"):
        write(civil, tmp_path / "new", None, "en")
    with pytest.raises(LedgerError, match="cannot write"):
        write(civil, first[0][0] / "below", None, "en")


@pytest.mark.parametrize(
    ("unit", "programme", "said"),
    [
        ("shili-labour", None, "shili-labour \\(.*\\) leads no task and is responsible for none$"),
        (CIVIL, "shili-2031", "leads no task in shili-2031 .*; it has tasks in: shili-2030$"),
    ],
)
def test_a_unit_without_tasks_is_told_so(made: Path, unit: str, programme: str | None, said: str) -> None:
    with pytest.raises(LedgerError, match=said):
        ledger_of(made / "build" / "ledger" / "warehouse.duckdb", unit, Text(unit, unit), programme, DAY)


def test_faulty_data_makes_no_ledger(data_folder: Path) -> None:
    set_cell(data_folder, f"{PROGRAMME}/targets.csv", "target_id", "shili-2030-t01-02", "unit_code", "persn")
    done = CliRunner().invoke(app, ["ledger", str(data_folder), "--lang", "en", "--unit", CIVIL])
    assert done.exit_code == 1
    assert "persn" in done.output


@pytest.mark.parametrize(
    ("unit", "said"),
    [
        (["shili-civil-afairs"], "no unit “shili-civil-afairs”; nearest: shili-civil-affairs"),
        (["示例市民政厅"], "nearest: shili-civil-affairs 示例市民政局"),
        (["市民政局", "--programme", "shili-2031"], "no programme “shili-2031”; nearest: shili-2030"),
    ],
)
def test_what_is_unknown_is_refused_with_the_nearest(data_folder: Path, unit: list[str], said: str) -> None:
    done = CliRunner().invoke(app, ["ledger", str(data_folder), "--lang", "en", "--unit", *unit])
    assert done.exit_code == 2
    assert said in done.output

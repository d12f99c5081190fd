"""Bulletins: which one is asked for, what it counts, ranks and compares, and that its pages say just that."""

import csv
import io
import re
import shutil
import subprocess
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from typer.testing import CliRunner

from pipeline.bulletin.changes import Reported, changes, reported
from pipeline.bulletin.edition import BulletinError, Edition, cut, earlier, edition
from pipeline.bulletin.making import Bulletin, Earlier, bulletin
from pipeline.bulletin.ranking import Asked, Ranking, ranking
from pipeline.bulletin.state import MEASURED, STATUSES, Target, headline, overdue, task_lines, together
from pipeline.cli import app
from pipeline.dataset import Dataset
from pipeline.fiction import NOTICE
from pipeline.language import Language, Text
from pipeline.ledger import REPORTS, REVISIONS
from pipeline.marts import Unit
from pipeline.periods import before, period_of
from pipeline.querying import query
from pipeline.reports import wording
from pipeline.reports.bulletin import words
from pipeline.reports.bulletin.page import page, quoted
from pipeline.reports.bulletin.table import COLUMNS, render
from pipeline.reports.bulletin.writing import files, write
from pipeline.sources import read_texts
from pipeline.tables import table
from pipeline.transformation import thresholds
from pipeline.validation import validate
from pipeline.verifying import verify
from tests.conftest import FIXTURES
from tests.editing import set_cell

PROGRAMME = "programmes/shili-2030"
CIVIL, SCHOOLS, JOBS = "shili-civil-affairs", "shili-education", "shili-human-resources"
LATER = date(2031, 3, 1)
LANGUAGES: tuple[Language, Language] = ("zh", "en")


def _reports() -> dict[str, list[str]]:
    """Reports of a year: canteens short of their number, jobs reached in December, a corrected figure of graduates."""
    found: dict[str, list[str]] = {}

    def report(unit: str, period: str, day: str, indicator: str, value: str, measure: str, revision: int = 1) -> None:
        line = f"{indicator},{period},{unit},{revision},{value},{measure},A,月报,业务科,{day},"
        found.setdefault(f"{unit}/{period}", []).append(line)

    for month, day, canteens, jobs in (("06", "2030-07-05", 10, "1.3"), ("12", "2031-01-08", 22, "2.7")):
        period = f"2030-{month}"
        report(CIVIL, period, day, "shili-2030-i02-01", str(canteens), "item,cumulative")
        report(JOBS, period, day, "shili-2030-i01-01", jobs, "wan-person,cumulative")
    report(JOBS, "2030-06", "2030-07-05", "shili-2030-i01-02", "3500", "person,cumulative")
    report(JOBS, "2030-06", "2030-09-05", "shili-2030-i01-02", "3000", "person,cumulative", revision=2)
    report(SCHOOLS, "2030", "2031-01-20", "shili-2030-i03-01", "91.9", "percent,level")
    report(SCHOOLS, "2030", "2031-01-20", "shili-2030-i03-02", "82", "percent,level")
    return found


def _folder(target: Path) -> Path:
    data = Path(shutil.copytree(FIXTURES / "shili", target))
    shutil.copytree(FIXTURES / "texts", data / "sources")
    header = ",".join(table(REPORTS).names)
    for place, lines in _reports().items():
        path = data / PROGRAMME / "reports" / f"{place}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join([header, *sorted(lines)]) + "\n", encoding="utf-8")
    revision = "shili-2030-t02-01,1,2030-09-01,in_force,ge,24,,item,2030,shili-civil-affairs,示政办6号,2030-08-20,"
    lines = [",".join(table(REVISIONS).names), revision]
    (data / PROGRAMME / "target_revisions.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    asks = "shili-2030-03-m1,units_in_charge,programme,quarter,shili-2030,8,12,民生实事,"
    lines = [",".join(table("rankings").names), asks]
    (data / PROGRAMME / "rankings.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return data


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", "1930003200")  # 2031-02-28
        validation = validate(_folder(tmp_path_factory.mktemp("data") / "shili"))
    assert validation.report.ok, validation.report.findings
    return validation.data


def _of(data: Dataset, written: str, day: date | None = None) -> Edition:
    return edition(data, "shili-2030", written, today=LATER, grace=31, day=day)


@pytest.fixture(scope="module")
def built(data: Dataset, tmp_path_factory: pytest.TempPathFactory) -> tuple[Bulletin, Path]:
    """The bulletin of the year, which is the first of its length: the marts are built once."""
    folder = tmp_path_factory.mktemp("marts")
    return bulletin(data, _of(data, "2030"), folder, lambda step: None), folder / "warehouse.duckdb"


@pytest.fixture(scope="module")
def made(built: tuple[Bulletin, Path]) -> Bulletin:
    return built[0]


@pytest.fixture(scope="module")
def second(made: Bulletin) -> Bulletin:
    """The same as if there had been one before in which one target stood otherwise."""
    was = replace(made.state, targets=tuple(_as_before(target) for target in made.state.targets))
    found = changes(was, made.state, Reported(frozenset({"shili-2030-i02-01"}), frozenset()))
    of = Edition(made.edition.programme_id, period_of("2029") or made.edition.period, date(2030, 1, 31))
    return replace(made, before=Earlier(of, was, found))


def _as_before(target: Target) -> Target:
    return replace(target, status="on_track", revision=None) if target.target_id == "shili-2030-t02-01" else target


def _page(made: Bulletin, language: Language) -> ET.Element:
    """The page as a tree; void elements are closed, which is all that XML lacks."""
    text = page(made, language, True).removeprefix("<!DOCTYPE html>\n")
    return ET.fromstring(re.sub(r"<(meta|br)([^>]*)>", r"<\1\2/>", text))


def _text(element: ET.Element | None) -> str:
    assert element is not None
    return "".join(element.itertext())


# which bulletin


@pytest.mark.parametrize(
    ("written", "earlier_one"),
    [("2030-Q1", "2029-Q4"), ("2030-Q3", "2030-Q2"), ("2030-S1", "2029-S2"), ("2030-01", "2029-12"), ("2030", "2029")],
)
def test_the_period_before_has_the_same_length(written: str, earlier_one: str) -> None:
    period = period_of(written)
    assert period is not None
    assert before(period) == period_of(earlier_one)


def test_a_bulletin_knows_what_was_known_a_month_after_its_period(data: Dataset) -> None:
    assert thresholds().report_due_days == 31
    assert _of(data, "2030-Q2").day == date(2030, 7, 31)
    assert _of(data, "2030-Q2", date(2030, 7, 2)).day == date(2030, 7, 2)
    assert edition(data, "shili-2030", "2031-02", today=LATER, grace=31, day=None).day == LATER
    first, second = _of(data, "2030-Q1"), _of(data, "2030-Q2")
    assert earlier(first, data, 31) is None
    assert earlier(second, data, 31) == Edition("shili-2030", first.period, date(2030, 5, 1))


@pytest.mark.parametrize(
    ("programme", "written", "day", "said"),
    [
        ("shili-2031", "2030", None, "nearest: shili-2030"),
        ("shili-2030", "2030-5", None, "must be written"),
        ("shili-2030", "2029-Q4", None, "runs from 2030 to 2032"),
        ("shili-2030", "2033", None, "runs from 2030 to 2032"),
        ("shili-2030", "2031-03", None, "ends on 2031-03-31"),
        ("shili-2030", "2030-Q2", date(2030, 6, 30), "on 2030-06-30 there is no bulletin"),
        ("shili-2030", "2030-Q2", date(2031, 3, 2), "yet to come"),
    ],
)
def test_what_cannot_be_told_is_refused(
    data: Dataset, programme: str, written: str, day: date | None, said: str
) -> None:
    with pytest.raises(BulletinError) as refused:
        edition(data, programme, written, today=LATER, grace=31, day=day)
    assert said in refused.value.reason.en
    assert refused.value.reason.zh != refused.value.reason.en


def test_only_what_belongs_to_it_is_cut_out(data: Dataset) -> None:
    """Of June known on 31 July: neither the correction of September nor December, nor the revision of September."""
    june = cut(data, _of(data, "2030-Q2"))
    assert {(row["period"], row["revision"]) for row in june.tables[REPORTS]} == {("2030-06", 1)}
    assert june.tables[REVISIONS] == ()
    assert len(cut(data, _of(data, "2030")).tables[REPORTS]) == len(data.tables[REPORTS])
    assert cut(data, Edition("other", _of(data, "2030").period, LATER)).tables[REPORTS] == ()


def test_reports_tell_new_figures_from_corrected_ones(data: Dataset) -> None:
    half, third = (cut(data, _of(data, text)).tables[REPORTS] for text in ("2030-S1", "2030-Q3"))
    assert reported(half, third) == Reported(frozenset(), frozenset({"shili-2030-i01-02"}))
    everything = cut(data, _of(data, "2030")).tables[REPORTS]
    assert "shili-2030-i02-01" in reported(third, everything).new


# what it counts


def test_counts_are_those_of_the_marts(built: tuple[Bulletin, Path]) -> None:
    made, warehouse = built
    rows = query(warehouse, "SELECT status, count(*) FROM attainment WHERE kind = 'target' GROUP BY status").rows
    found = headline(made.state)
    assert {status: count for status, count in found.counts.of if count} == dict(rows)
    assert found.targets == 14
    assert found.measured == sum(count for status, count in rows if status in MEASURED)
    late = query(warehouse, "SELECT target_id FROM attainment WHERE status = 'overdue' ORDER BY target_id").rows
    assert [target.target_id for target in overdue(made.state)] == [row[0] for row in late]
    assert len(late) >= 3
    current = "SELECT count(*) FROM attainment WHERE kind = 'target' AND actual_to >= DATE '2030-12-31'"
    assert found.current == query(warehouse, current).rows[0][0]


def test_values_stand_in_the_unit_that_was_printed(made: Bulletin) -> None:
    jobs = _target(made, "shili-2030-t01-01")
    assert (jobs.value, jobs.actual, jobs.unit.en) == (Decimal("2.7"), Decimal("2.7"), "ten thousand persons")
    assert [point.value for point in jobs.points] == [Decimal("1.3"), Decimal("2.7")]
    assert words.promised(jobs) == Text("2.7万人左右", "about 27,000 persons")
    assert words.promised(_target(made, "shili-2030-t01-03")) == Text("3—5场", "3–5 events")


def test_a_task_stands_where_the_worst_of_its_targets_does(made: Bulletin) -> None:
    lines = {line.task.task_id: line for line in task_lines(made.state)}
    assert set(lines) == {"shili-2030-01", "shili-2030-02", "shili-2030-03"}
    assert lines["shili-2030-03"].counts.total == 5  # those of its measures too
    for line in lines.values():
        own = [target for target in made.state.targets if target.head == line.task.task_id]
        assert line.status == together(own)
    order = [STATUSES.index(line.status) for line in task_lines(made.state)]
    assert order == sorted(order)
    assert together([]) == "not_measurable"


def _target(made: Bulletin, target_id: str) -> Target:
    return next(target for target in made.state.targets if target.target_id == target_id)


# what it compares


def test_a_change_says_why(second: Bulletin, made: Bulletin) -> None:
    assert second.before is not None
    (change,) = second.before.changes
    assert (change.was.status, change.now.status) == ("on_track", "overdue")
    assert change.causes == ("revised", "new_figure")
    assert change.is_worse
    same = changes(made.state, made.state, Reported(frozenset(), frozenset()))
    assert same == ()


def test_a_status_that_moves_by_itself_moved_with_time(made: Bulletin) -> None:
    target = _target(made, "shili-2030-t02-01")
    was = replace(made.state, targets=(replace(target, status="behind"),))
    (change,) = changes(was, made.state, Reported(frozenset(), frozenset()))
    assert change.causes == ("time",)
    gone = replace(made.state, targets=(replace(target, status="not_measurable", reason="withdrawn", revision=2),))
    (change,) = changes(was, gone, Reported(frozenset(), frozenset()))
    assert change.causes == ("withdrawn",)
    assert not change.is_worse


# whom it ranks


def _asked(**other: Any) -> Asked:
    values = {"among": "units_in_charge", "covers": "programme", "every": "quarter", "nodes": frozenset({"t"})}
    return Asked(task=Text("任务", "task"), locator="二", source="文件", printed="排名", **{**values, **other})


def _targets(made: Bulletin, unit: str, *of: tuple[str, str, str]) -> list[Target]:
    """Targets of a unit by status, completion and expected."""
    base = replace(made.state.targets[0], task_id="t", units=(Unit(unit, Text(unit, unit)),))
    return [
        replace(base, status=status, completion=Decimal(done) if done else None, expected=Decimal(wanted or "0"))
        for status, done, wanted in of
    ]


def test_units_are_ranked_by_share_then_pace_and_ties_share_a_rank(made: Bulletin) -> None:
    fine, slow = ("on_track", "0.5", "0.5"), ("behind", "0.4", "0.5")
    places = ranking(
        _asked(),
        [
            *_targets(made, "a", fine, fine, slow),
            *_targets(made, "b", fine, fine, ("at_risk", "0.1", "0.5")),
            *_targets(made, "c", fine, fine, slow),
            *_targets(made, "d", ("achieved", "3", "0.5"), fine, fine),
        ],
    ).places
    assert [(place.unit.organization_id, place.rank) for place in places] == [("d", 1), ("a", 2), ("c", 2), ("b", 4)]
    assert places[0].pace == 1, "what is far ahead does not count for more"
    assert places[1].pace == Fraction(14, 15)
    assert (places[1].on_course, places[1].measured, places[1].measurable) == (2, 3, 3)


def test_who_is_hardly_measured_is_not_ranked(made: Bulletin) -> None:
    fine, unknown = ("on_track", "0.5", "0.5"), ("no_data", "", "")
    few = _targets(made, "few", fine, fine)
    silent = _targets(made, "silent", fine, fine, fine, unknown, unknown, unknown, unknown)
    words_only = _targets(made, "words", ("not_measurable", "", ""))
    elsewhere = [replace(target, task_id="other") for target in _targets(made, "x", fine, fine, fine)]
    places = ranking(_asked(), [*few, *silent, *words_only, *elsewhere]).places
    assert [(place.unit.organization_id, place.rank) for place in places] == [("few", None), ("silent", None)]
    counties = ranking(_asked(among="subordinate_governments"), silent)
    assert counties.places == (), "reports are of units: nobody else is ranked by them"


def test_the_ranking_that_the_document_asks_for_is_made(made: Bulletin) -> None:
    (found,) = made.rankings
    assert (found.asked.printed, found.asked.every, found.asked.locator) == ("民生实事", "quarter", "3/(1)")
    assert {place.unit.organization_id for place in found.places} == {CIVIL, SCHOOLS, JOBS}


def test_the_words_that_ask_for_a_ranking_are_held_against_the_source(tmp_path: Path) -> None:
    folder = _folder(tmp_path / "shili")
    rankings = f"{PROGRAMME}/rankings.csv"

    def found() -> list[tuple[str, str]]:
        faults = validate(folder, read_texts([folder / "sources"])).report.findings
        return [(fault.code, fault.place.file) for fault in faults if fault.place.file == rankings]

    assert found() == []
    verify(folder, read_texts([folder / "sources"]))
    shutil.rmtree(folder / "sources")
    assert found() == [], "the lock speaks for the absent text"
    set_cell(folder, rankings, "task_id", "shili-2030-03-m1", "printed", "民生")
    assert found() == [("verification-stale", rankings)]
    shutil.copytree(FIXTURES / "texts", folder / "sources")
    assert found() == [("span-mismatch", rankings)]


# what its pages say


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_overdue_target_stands_beside_its_unit(made: Bulletin, language: Language) -> None:
    section = _page(made, language).find(".//section[@id='attention']")
    assert section is not None
    rows = [_text(row) for row in section.iter("tr")]
    for target in overdue(made.state):
        assert target.units
        assert any(
            target.indicator(language) in row and all(unit.name(language) in row for unit in target.units)
            for row in rows
        )


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_figures_on_the_page_are_those_counted(second: Bulletin, language: Language) -> None:
    tree = _page(second, language)
    tiles = [_text(tile) for tile in tree.findall(".//ul[@class='tiles']/li/strong")]
    counts = headline(second.state).counts
    green = counts["on_track"] + counts["achieved"]
    red = counts["overdue"] + counts["at_risk"]
    assert tiles[1:4] == [str(green), str(counts["behind"]), str(red)]
    rows = tree.findall(".//details//tbody/tr")
    assert [row.get("id") for row in rows] == [target.target_id for target in second.state.targets]
    assert {
        str(row.get("id")): _text(row.findall("td")[6]).startswith(_chip(second, row, language)) for row in rows
    } == {target.target_id: True for target in second.state.targets}
    changed = _text(tree.find(".//section[@id='changes']"))
    assert words.CAUSES["revised"](language) in changed
    assert wording.status("on_track")(language) in changed


def _chip(made: Bulletin, row: ET.Element, language: Language) -> str:
    status = _target(made, str(row.get("id"))).status
    return f"{words.SIGNS[status]} {wording.status(status)(language)}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_not_reported_has_no_progress(made: Bulletin, language: Language) -> None:
    """With nothing reported there is no chart of progress, no colour and no guess: only who promised what."""
    silent = tuple(
        replace(
            target,
            status="no_data" if target.value is not None else "not_measurable",
            warning=None,
            actual=None,
            actual_to=None,
            completion=None,
            expected=None,
            points=(),
        )
        for target in made.state.targets
    )
    tree = _page(replace(made, rankings=(), state=replace(made.state, targets=silent)), language)
    assert [_text(tile) for tile in tree.findall(".//ul[@class='tiles']/li/strong")] == ["0 / 13", "0", "0", "0", "13"]
    shown = {section.get("id") for section in tree.iter("section")}
    assert not shown & {"progress", "trends", "ranking"}
    coloured = [each for each in tree.iter("rect") if "fill-" in str(each.get("class"))]
    assert {each.get("class") for each in coloured} == {"fill-no_data", "fill-not_measurable"}
    assert "%" not in "".join(_text(cell) for cell in tree.findall(".//details//td[@class='number']"))
    assert Text("不推测进度", "supposes nothing")(language) in _text(tree.find(".//section[@id='overview']"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_loads_nothing_and_runs_nothing(made: Bulletin, language: Language) -> None:
    text = page(made, language, True)
    tree = _page(made, language)
    policy = next(meta.get("content", "") for meta in tree.iter("meta") if meta.get("http-equiv"))
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert not {"script", "img", "link", "iframe", "object"} & {element.tag for element in tree.iter()}
    assert not any(name == "style" or name.startswith("on") for each in tree.iter() for name in each.attrib)
    assert not re.search(r"(?:https?:)?//[a-z]|url\(|@import", text)
    assert {each.get("href") for each in tree.iter("a")} == {
        "#main",
        "bulletin-shili-2030-2030.csv",
        f"bulletin-shili-2030-2030.{'en' if language == 'zh' else 'zh'}.html",
    }
    assert tree.get("lang") == {"zh": "zh-CN", "en": "en"}[language]


def test_fiction_is_marked_on_the_screen_and_on_each_printed_page(made: Bulletin) -> None:
    for language in LANGUAGES:
        text = page(made, language, True)
        assert text.count(NOTICE(language)) == 1
        assert quoted(NOTICE(language)) in text, "in the margin of each printed page"
    real = replace(made.state, programme=replace(made.state.programme, jurisdiction_code="340400"))
    assert NOTICE.zh not in page(replace(made, state=real), "zh", True)


def test_hostile_names_stay_text(made: Bulletin) -> None:
    evil = "</style><script>alert(1)</script>\u202e\"}@import 'x';"
    bad = Text(evil, evil)
    programme = replace(made.state.programme, title=bad)
    targets = tuple(replace(target, indicator=bad) for target in made.state.targets)
    hostile = replace(made, state=replace(made.state, programme=programme, targets=targets))
    for language in LANGUAGES:
        text = page(hostile, language, True)
        assert "<script" not in text
        assert "\u202e" not in text
        style = text[text.index("<style>") : text.index("</style>")]
        assert "alert" not in style
        assert "@import" not in style
        _page(hostile, language)
    cells = render(replace(made, state=replace(made.state, targets=(_equals(made),))))
    assert "'=1+1" in cells


def _equals(made: Bulletin) -> Target:
    return replace(made.state.targets[0], indicator=Text("=1+1", "=1+1"))


def test_every_chart_is_named_or_stands_beside_its_words(made: Bulletin) -> None:
    charts = list(_page(made, "en").iter("svg"))
    assert len(charts) > 10
    for chart in charts:
        if chart.get("aria-hidden") != "true":
            assert chart.get("role") == "img"
            assert _text(chart.find("title"))
            assert _text(chart.find("desc"))


def test_a_period_reads_as_it_is_spoken() -> None:
    period = period_of("2030-Q3")
    assert period is not None
    assert words.period(period) == Text("2030年第三季度", "third quarter of 2030")


# its files


def test_the_table_holds_each_target_once(made: Bulletin) -> None:
    rows = list(csv.DictReader(io.StringIO(render(made))))
    assert [row["target_id"] for row in rows] == [target.target_id for target in made.state.targets]
    assert tuple(rows[0]) == COLUMNS
    for row in rows:
        assert bool(row["actual"]) == (row["status"] in MEASURED)
    assert {row["fictional"] for row in rows} == {"true"}


def test_only_bulletins_are_replaced(made: Bulletin, tmp_path: Path) -> None:
    content = files(made, LANGUAGES)
    assert sorted(content) == [f"bulletin-shili-2030-2030.{end}" for end in ("csv", "en.html", "zh.html")]
    written = write(tmp_path / "out", content)
    assert {path.name: path.read_bytes() for path in written} == content
    assert write(tmp_path / "out", content) == written
    foreign = tmp_path / "out" / "bulletin-shili-2030-2030.csv"
    foreign.write_text("name,value\n", encoding="utf-8")
    stale = tmp_path / "out" / "bulletin-shili-2030-2030.zh.html"
    stale.write_bytes(content[stale.name][:-20])
    with pytest.raises(BulletinError) as refused:
        write(tmp_path / "out", content)
    assert foreign.name in refused.value.reason.zh
    assert foreign.read_text(encoding="utf-8") == "name,value\n"
    assert stale.read_bytes() == content[stale.name][:-20], "either all files or none"
    assert len(list((tmp_path / "out").iterdir())) == 3


def test_faulty_data_and_unknown_programmes_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder = _folder(tmp_path / "shili")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1930003200")
    run = CliRunner().invoke
    unknown = run(app, ["bulletin", "--programme", "shili-203", "--period", "2030", str(folder), "--lang", "en"])
    assert (unknown.exit_code, "nearest: shili-2030" in unknown.output) == (2, True)
    tasks = folder / PROGRAMME / "tasks.csv"
    tasks.write_text(tasks.read_text(encoding="utf-8").replace("employment", "nowhere"), encoding="utf-8")
    faulty = run(app, ["bulletin", "--programme", "shili-2030", "--period", "2030", str(folder), "--lang", "en"])
    assert (faulty.exit_code, "tasks.csv" in faulty.output) == (1, True)
    assert not (tmp_path / "build").exists()


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_printed_it_is_a4_numbered_and_marked(made: Bulletin, language: Language, tmp_path: Path) -> None:
    """As chromium prints it: A4, each page numbered and marked as fiction, every overdue target on one of them."""
    chromium, pdftotext = shutil.which("chromium"), shutil.which("pdftotext")
    if chromium is None or pdftotext is None:
        pytest.skip("chromium and poppler-utils print and read the pages")
    path = tmp_path / "bulletin.html"
    path.write_text(page(made, language, True), encoding="utf-8")
    pdf = tmp_path / "bulletin.pdf"
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer", f"--print-to-pdf={pdf}"]
    subprocess.run([chromium, *flags, path.as_uri()], check=True, capture_output=True, timeout=120)
    boxes = re.findall(rb"/MediaBox \[0 0 ([0-9.]+) ([0-9.]+)\]", pdf.read_bytes())
    assert boxes
    assert {(round(float(width)), round(float(height))) for width, height in boxes} == {(595, 842)}
    text = subprocess.run(
        [pdftotext, "-layout", str(pdf), "-"], check=True, capture_output=True, timeout=60
    ).stdout.decode()
    pages = text.split("\f")[:-1]
    assert 2 <= len(pages) <= 6
    for number, printed in enumerate(pages, 1):
        flat = re.sub(r"\s+", "", printed)
        assert re.sub(r"\s+", "", NOTICE(language))[:12] in flat
        assert Text(f"第{number}页", f"Page{number}of")(language) in flat
    for target in overdue(made.state):
        name = re.sub(r"\s+", "", target.indicator(language))
        assert name[:12] in re.sub(r"\s+", "", text)


@pytest.mark.slow
def test_the_command_writes_a_bulletin_and_compares_with_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    folder = _folder(tmp_path / "shili")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1930003200")
    asked = ["bulletin", "--programme", "shili-2030", "--period", "2030-S2", str(folder), "--lang", "en"]
    told = CliRunner().invoke(app, asked)
    assert told.exit_code == 0, told.output
    shown = (tmp_path / "build/bulletins/bulletin-shili-2030-2030-S2.en.html").read_text(encoding="utf-8")
    assert "target revised" in shown
    assert "first half of 2030" in shown
    left = query(tmp_path / "build/bulletin/warehouse.duckdb", "SELECT max(as_of) FROM attainment").rows
    assert left == ((date(2031, 1, 31),),)


def test_a_ranking_without_places_says_why(made: Bulletin) -> None:
    counties = replace(made, rankings=(Ranking(_asked(among="subordinate_governments"), ()),))
    section = _text(_page(counties, "en").find(".//section[@id='ranking']"))
    assert "none can be ranked" in section
    assert "counties and districts be ranked every quarter" in section

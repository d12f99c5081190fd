"""How bulletins and ledgers put things: one form for each, in both languages, and the same in both."""

import csv
import re
import zipfile
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from html import unescape
from io import BytesIO
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.bulletin.edition import edition
from pipeline.bulletin.making import Bulletin, bulletin
from pipeline.bulletin.state import Target
from pipeline.cli import app
from pipeline.language import Language, Text
from pipeline.marts import Source, sound
from pipeline.reports import wording
from pipeline.reports.bulletin import page as bulletin_page
from pipeline.reports.bulletin import words
from pipeline.reports.unit_ledger import page as ledger_page
from pipeline.reports.unit_ledger import workbook
from pipeline.transformation import Failure
from pipeline.unit_ledger.model import Ledger, Promise
from pipeline.unit_ledger.reading import ledger_of
from pipeline.warehouse import Build

EXAMPLE = Path(__file__).parent.parent / "examples" / "shili"
DAY = date(2025, 10, 31)
UNIT = Text("示例市民政局", "Shili Civil Affairs Bureau")
# A mark of English beside a Chinese character; dates, codes and ratios have none beside them.
HALF_WIDTH = re.compile(r"[\u4e00-\u9fff”」》][:;,()]|[:;,()][\u4e00-\u9fff“「《]")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Bulletin, Ledger]:
    """A bulletin of the example, and the ledger of a unit from the marts it was made of."""
    data, folder = sound(EXAMPLE), tmp_path_factory.mktemp("marts")
    of = edition(data, "shili-2025", "2025-Q3", today=date(2026, 3, 1), grace=31, day=None)
    assert of.day == DAY
    printed = bulletin(data, of, folder, lambda step: None)
    return printed, ledger_of(folder / "warehouse.duckdb", "shili-civil-affairs", UNIT, None, DAY)


@pytest.mark.parametrize(
    ("promise", "zh", "en"),
    [
        (("ge", "8000", None, "人", "person"), "不少于8,000人", "at least 8,000 persons"),
        (("le", "0.6", None, "百分比", "per cent"), "不超过0.6%", "at most 0.6%"),
        (("approx", "2.7", None, "万人", "ten thousand persons"), "2.7万人左右", "about 27,000 persons"),
        (("between", "3", "5", "场", "event"), "3—5场", "3–5 events"),
        (("between", "2", "3", "万户", "ten thousand households"), "2—3万户", "20,000–30,000 households"),
        (("eq", "0.123456", None, "亩", "mu"), "0.1235亩", "0.1235 mu"),
        (("", "1", None, "比", "ratio"), "1:1", "1:1"),
        (("gt", "80", None, "岁", "years of age"), "多于80岁", "more than 80 years of age"),
        (("", None, None, "件", "case"), "文字承诺", "in words"),
    ],
)
def test_a_promise_reads_as_it_is_spoken(
    promise: tuple[str, str | None, str | None, str, str], zh: str, en: str
) -> None:
    comparator, value, upper, unit_zh, unit_en = promise
    least, most = (Decimal(number) if number else None for number in (value, upper))
    assert wording.amount(Promise(comparator, least, most, Text(unit_zh, unit_en), "during", 2030, 2030)) == Text(
        zh, en
    )


def test_numbers_read_as_people_write_them() -> None:
    numbers: tuple[tuple[Decimal | int, str], ...] = (
        (Decimal("22220.000"), "22,220"),
        (Decimal("4.860"), "4.86"),
        (100, "100"),
        (Decimal("-0.00001"), "0"),
        (Decimal("-12.5"), "-12.5"),
    )
    assert [wording.number(value) for value, _ in numbers] == [text for _, text in numbers]
    assert wording.per_cent(Fraction(2, 3)) == "66.7%"
    assert wording.per_cent(Decimal("0.750000")) == "75%"
    assert wording.per_cent(None) == wording.NONE
    assert [wording.decimals(shown) for shown in ("1,234.5", "75%", "66.7%", "8")] == [1, 0, 1, 0]
    assert wording.quantity(Decimal(1), Text("个", "item")).en == "1 item"
    per_head = Text("个每千人", "items per thousand persons")
    assert wording.quantity(Decimal(2), per_head).en == "2 items per thousand persons"
    assert wording.quantity(Decimal(4), Text("千分比", "per thousand")).en == "4 per thousand"
    assert wording.quantity(None, per_head) == Text("—", "—")
    assert wording.amount(None) == Text("已取消", "withdrawn")


def test_days_and_years() -> None:
    assert wording.day(date(2030, 7, 5)) == Text("2030年7月5日", "5 July 2030")
    assert wording.years(2024, 2025) == Text("2024—2025", "2024–2025")
    assert wording.years(2024, 2024) == Text("2024", "2024")
    assert wording.source(Source("方案", "", date(2024, 1, 2), "ab")) == "方案 · 2024-01-02"


def test_both_say_the_same_of_a_promise(made: tuple[Bulletin, Ledger]) -> None:
    """The same words for what is promised and reached, on the page of either."""
    printed, ledger = made
    targets = {target.target_id: target for target in printed.state.targets}
    goals = [each.goal for each in ledger.entries if each.goal and each.goal.target_id in targets]
    assert len(goals) >= 5
    languages: tuple[Language, ...] = ("zh", "en")
    for language in languages:
        pages = [_seen(bulletin_page.page(printed, language, True)), _seen(ledger_page.render(ledger, language))]
        for goal in goals:
            target = targets[goal.target_id]
            said = words.promised(target)
            assert said == wording.amount(goal.now)
            assert all(said(language) in page for page in pages)
            if target.completion is not None:
                assert wording.done(target.completion)(language) in pages[1]


def _seen(page: str) -> str:
    """What a page shows, without its style."""
    return unescape(re.sub(r"<[^>]+>", " ", re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)))


def test_targets_of_one_indicator_are_told_apart(made: tuple[Bulletin, Ledger]) -> None:
    printed, _ = made
    by_indicator: dict[str, list[Target]] = {}
    for target in printed.state.targets:
        by_indicator.setdefault(target.indicator_id, []).append(target)
    several = [group for group in by_indicator.values() if len(group) > 1]
    assert several
    for group in by_indicator.values():
        told = [words.apart(target, printed.state) for target in group]
        assert len(set(told)) == len(group)
        assert (told[0] == Text("", "")) == (len(group) == 1)
    shown = _seen(bulletin_page.page(printed, "zh", True))
    for target in several[0]:
        name = f"{target.indicator.zh}（{words.apart(target, printed.state).zh}）"
        assert name in re.sub(r"\s", "", shown)


def test_what_tells_targets_apart_is_as_much_as_it_takes(made: tuple[Bulletin, Ledger]) -> None:
    """Years first; of two for the same years what is promised, of two in words what is printed."""
    state = made[0].state
    base = replace(state.targets[0], indicator_id="i", basis="by_end", start_year=2023, end_year=2025, value=None)
    other = replace(base, target_id="b", printed="稳步提高")
    number = replace(base, target_id="c", comparator="ge", value=Decimal(3), upper=None, unit=Text("个", "item"))
    yearly = replace(base, target_id="d", basis="each_year")
    state = replace(state, targets=(base, other, number, yearly))
    assert words.apart(yearly, state) == Text("2023—2025年每年", "each year, 2023–2025")
    assert words.apart(number, state) == Text("2025年底前，不少于3个", "by the end of 2025, at least 3 items")
    assert words.apart(other, state).zh == "2025年底前，文字承诺，“稳步提高”"


def test_chinese_has_the_marks_of_chinese(made: tuple[Bulletin, Ledger]) -> None:
    """But for what the data says: its cells are shown as they are."""
    printed, ledger = made
    texts = [bulletin_page.page(printed, "zh", True), ledger_page.render(ledger, "zh")]
    with zipfile.ZipFile(BytesIO(workbook.content(ledger, "zh"))) as archive:
        texts += [archive.read(name).decode() for name in archive.namelist() if name.endswith(".xml")]
    cells = {
        cell
        for path in EXAMPLE.rglob("*.csv")
        for row in csv.reader(path.read_text(encoding="utf-8").splitlines())
        for cell in row
        if HALF_WIDTH.search(cell)
    }
    data = re.compile("|".join(re.escape(cell) for cell in sorted(cells, key=len, reverse=True)))
    for text in texts:
        assert HALF_WIDTH.findall(data.sub("※", _seen(text))) == []


@pytest.mark.parametrize(
    ("asked", "code", "said"),
    [
        (["bulletin", "--programme", "shili-2025", "--period", "2025-Q3"], 2, "the marts do not hold: unique_x"),
        (["ledger", "--unit", "shili-civil-affairs", "--as-of", "2025-10-31"], 1, "✗ unique_x: Got 2 results"),
    ],
)
def test_marts_that_do_not_hold_are_told_of(
    asked: list[str], code: int, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(
        "pipeline.marts.build", lambda *_, **__: Build(None, {}, (Failure("unique_x", "Got 2 results"),))
    )
    done = CliRunner().invoke(app, [asked[0], str(EXAMPLE), *asked[1:], "--lang", "en"])
    assert (done.exit_code, said in done.output) == (code, True), done.output

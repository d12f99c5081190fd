"""A ledger as one HTML page: for the screen, a phone and paper (A4 landscape); nothing to load, no script.

Lines turn into cards on a phone. What is invented says so at the top and across every printed page.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from functools import cache
from importlib import resources
from xml.etree import ElementTree as ET

from pipeline import __version__
from pipeline.fiction import NOTICE
from pipeline.language import Language, Text
from pipeline.marts import Programme
from pipeline.reports import wording
from pipeline.reports.page import Child, cell, element, head, style_sheet, table
from pipeline.reports.unit_ledger import columns, notes, words
from pipeline.reports.unit_ledger.sheet import Cell, Mark, Share, Sheet
from pipeline.reports.visible import visible
from pipeline.unit_ledger.model import Entry, Goal, Ledger

_LONGEST = 8_000  # characters of a text
_SHORT = 8  # characters that are not parted, such as a period
_LANGUAGES = {"zh": "zh-CN", "en": "en"}
_HEADS = (
    Text("序号", "No."),
    Text("任务与单位", "Task and units"),
    Text("指标与目标", "Indicator and target"),
    Text("时限与节点", "Due, and steps"),
    Text("最近一期填报", "Latest report"),
    Text("完成情况", "How it stands"),
    Text("应报未报与备注", "Owed, and remarks"),
)
_SKIP = Text("跳到正文", "Skip to the ledger")
_METHOD = Text("说明", "Notes")


def render(ledger: Ledger, language: Language) -> str:
    """The page, without a line feed at its end."""
    say = _Saying(language)
    body = element(
        "body",
        {},
        element("a", {"class": "away", "href": "#main"}, _SKIP(language)),
        element("div", {"class": "watermark", "aria-hidden": "true"}, NOTICE(language)) if ledger.fictional else None,
        _header(ledger, say),
        element(
            "main",
            {"id": "main"},
            *(_programme(ledger, programme, say) for programme in ledger.programmes),
            *(_sheet(sheet, at, say) for at, sheet in enumerate(columns.sheets(ledger)[1:], 1)),
            _notes(ledger, say),
        ),
        element("footer", {}, element("p", {}, f"minsheng {__version__} · {ledger.unit_id} · {ledger.as_of}")),
    )
    title = f"{notes.title(ledger)(language)} — {notes.day(ledger)(language)}"
    page = element("html", {"lang": _LANGUAGES[language]}, head(visible(title), style_sheet() + _style()), body)
    return "<!DOCTYPE html>\n" + ET.tostring(page, encoding="unicode", method="html").rstrip("\n")


@cache
def _style() -> str:
    return resources.files("pipeline.reports.unit_ledger").joinpath("ledger.css").read_text(encoding="utf-8")


class _Saying:
    """Texts as parts of a page in one language."""

    def __init__(self, language: Language) -> None:
        self.language = language

    def __call__(self, text: Text) -> str:
        return visible(text(self.language), _LONGEST)

    def span(self, text: Text, kind: str = "") -> ET.Element:
        return element("span", {"class": kind} if kind else {}, element("bdi", {}, self(text)))

    def spans(self, texts: Iterable[Text], kind: str = "") -> list[Child]:
        return [self.span(text, kind) for text in texts]

    def mark(self, text: Text, tone: str) -> ET.Element:
        return element("span", {"class": f"mark {tone}"}, self(text))

    def cell(self, at: int, *children: Child) -> ET.Element:
        return cell(self(_HEADS[at]), *children, kind="" if any(child is not None for child in children) else "empty")


def _header(ledger: Ledger, say: _Saying) -> ET.Element:
    warnings = Counter(each.goal.standing.warning for each in ledger.entries if each.goal)
    unknown = sum(each.goal is not None and not each.goal.standing.warning for each in ledger.entries)
    tiles = (
        ("", len(ledger.entries), Text("台账行数", "lines")),
        ("", sum("lead" in each.duty.roles for each in ledger.entries), Text("其中牵头", "of them in the lead")),
        ("bad", warnings["red"], wording.RED_TILE),
        ("fair", warnings["yellow"], wording.YELLOW_TILE),
        ("good", warnings["green"], wording.GREEN_TILE),
        ("", unknown, Text("无数据或无法衡量", "no data, or not measurable")),
        ("bad", sum(each.late for each in ledger.owed), Text("应报未报", "figures overdue")),
    )
    items = (
        element("li", {"class": kind if number else ""}, element("strong", {}, f"{number:,}"), say(label))
        for kind, number, label in tiles
    )
    return element(
        "header",
        {},
        element("h1", {}, say(notes.title(ledger))),
        element("p", {"class": "subject"}, say(notes.day(ledger))),
        element("p", {"class": "fiction", "role": "note"}, say(NOTICE)) if ledger.fictional else None,
        element("ul", {"class": "counts"}, *items),
        None if ledger.figures else element("p", {"class": "subject"}, say(notes.NO_FIGURES)),
    )


def _programme(ledger: Ledger, programme: Programme, say: _Saying) -> ET.Element:
    rows = (_line(each, say) for each in ledger.entries if each.duty.programme_id == programme.programme_id)
    title = say(programme.title)
    return element(
        "section",
        {"aria-labelledby": programme.programme_id},
        element("h2", {"id": programme.programme_id}, title),
        table("lines", [say(label) for label in _HEADS], rows, title),
    )


def _line(each: Entry, say: _Saying) -> ET.Element:
    task, *above = words.task(each.duty)
    goal = each.goal
    due = [say.span(words.until(goal.now or goal.first))] if goal else []
    steps = say.spans(map(words.step, each.steps), "soft")
    owed = [say.span(words.outstanding(one), "owing" if one.late else "due") for one in goal.owed] if goal else []
    return element(
        "tr",
        {"id": f"line-{each.number}"},
        say.cell(0, str(each.number)),
        say.cell(
            1,
            say.span(task),
            *say.spans(above, "soft"),
            say.span(words.roles(each.duty.roles, each.duty.inherited), "mark"),
            *say.spans(words.units(each.duty), "soft"),
        ),
        say.cell(2, *(_promise(goal, say) if goal else [say.span(notes.NONE_PROMISED, "soft")])),
        say.cell(3, *due, *steps),
        say.cell(4, *(_latest(goal, say) if goal else [])),
        say.cell(5, *(_standing(goal, say) if goal else [])),
        say.cell(6, *owed, *say.spans(columns.remarks(each), "soft")),
    )


def _promise(goal: Goal, say: _Saying) -> list[Child]:
    printed = Text(f"原文：{goal.printed}", f"printed: {goal.printed}")
    return [
        *say.spans(columns.indicator(goal)),
        element("strong", {}, element("bdi", {}, say(wording.amount(goal.now)))),
        say.span(printed, "soft") if goal.printed else None,
        *say.spans(words.revised(goal.first, goal.revisions), "soft"),
    ]


def _latest(goal: Goal, say: _Saying) -> list[Child]:
    if goal.latest is None:
        return []
    return [say.span(words.figure(goal.latest)), say.span(words.reporter(goal.latest), "soft")]


def _standing(goal: Goal, say: _Saying) -> list[Child]:
    standing = goal.standing
    told: list[Child] = [_status(standing.status, standing.warning, say)]
    if standing.actual is not None and standing.actual_to is not None:
        value = wording.quantity(standing.actual, standing.unit)
        told.append(say.span(Text(f"实际{value.zh}", f"actual {value.en}")))
        told.append(say.span(wording.to(standing.actual_to), "soft"))
    if standing.completion is not None:
        told.append(say.span(wording.done(standing.completion)))
    if standing.expected is not None:
        told.append(say.span(wording.due_by_now(standing.expected), "soft"))
    return told


def _status(status: str, warning: str, say: _Saying) -> ET.Element:
    word, colour = wording.status(status), words.warning(warning)
    text = Text(f"{word.zh} · {colour.zh}", f"{word.en} · {colour.en}") if warning else word
    return say.mark(text, columns.TONES.get(warning, "none"))


def _sheet(sheet: Sheet, at: int, say: _Saying) -> ET.Element:
    name = say(sheet.name)
    heads = [say(column.title) for column in sheet.columns]
    rows = (
        element("tr", {}, *(_cell(label, value, say) for label, value in zip(heads, row, strict=True)))
        for row in sheet.rows
    )
    return element(
        "section",
        {"aria-labelledby": f"part-{at}"},
        element("h2", {"id": f"part-{at}"}, name),
        table("plain", heads, rows, name) if sheet.rows else element("p", {}, say(sheet.empty)),
    )


def _cell(label: str, value: Cell, say: _Saying) -> ET.Element:
    if isinstance(value, Mark):
        return cell(label, say.mark(value.text, value.tone))
    if isinstance(value, Share):
        return cell(label, wording.per_cent(value.value), kind="number")
    if isinstance(value, Decimal | int):
        return cell(label, wording.number(value), kind="number")
    if isinstance(value, date):
        return cell(label, value.isoformat(), kind="day")
    if not value:
        return cell(label, kind="empty")
    short = max(len(text(say.language)) for text in value) <= _SHORT
    return cell(label, *say.spans(value), kind="day" if short else "")


def _notes(ledger: Ledger, say: _Saying) -> ET.Element:
    told = notes.facts(ledger)
    return element(
        "section",
        {"aria-labelledby": "notes"},
        element("h2", {"id": "notes"}, say(_METHOD)),
        element(
            "dl",
            {},
            *(
                part
                for label, text in told
                for part in (element("dt", {}, say(label)), element("dd", {}, element("bdi", {}, say(text))))
            ),
        ),
        *(element("p", {}, say(line)) for line in notes.method()),
    )

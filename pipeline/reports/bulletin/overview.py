"""What a bulletin begins with: figures of the whole, what needs attention and who answers for it, what has changed."""

from collections.abc import Iterator
from xml.etree import ElementTree as ET

from pipeline.bulletin.changes import Change
from pipeline.bulletin.making import Bulletin
from pipeline.bulletin.state import (
    GREEN,
    RED,
    STATUSES,
    YELLOW,
    Deadline,
    Headline,
    Target,
    headline,
    unknown,
)
from pipeline.language import Language, Text
from pipeline.marts import OwedFigure, Unit
from pipeline.reports import wording
from pipeline.reports.bulletin import charts, words
from pipeline.reports.bulletin import sentences as tell
from pipeline.reports.bulletin import texts as say
from pipeline.reports.bulletin.parts import actual, chip, in_charge, named, small, target_named, why
from pipeline.reports.page import Child, cell, element, table
from pipeline.reports.visible import visible

_MOST_UNITS = 4  # named of those that owe a figure together
_MOST_FIGURES = 6


def figures(made: Bulletin, language: Language) -> list[Child]:
    """Headline figures in a sentence, in tiles, and as a bar beside that of the bulletin before."""
    now = headline(made.state)
    was = headline(made.before.state) if made.before else None
    bars = [(words.period(made.edition.period)(language), made.state, now)]
    if made.before and was:
        bars.append((words.period(made.before.edition.period)(language), made.before.state, was))
    shown = [
        element(
            "div",
            {"class": "bar-row"},
            element("span", {"class": "bar-name"}, name),
            charts.stacked(each.counts, 26 if at == 0 else 16, numbers=at == 0),
        )
        for at, (name, _, each) in enumerate(bars)
    ]
    return [
        element("p", {"class": "lead"}, tell.lead(made, now)(language)),
        element("p", {}, tell.since(made)(language)) if made.before else None,
        _tiles(now, was, language),
        element(
            "figure",
            {},
            element("figcaption", {}, say.BY_STATUS(language)),
            *shown,
            _legend(now, was, language),
        )
        if now.targets
        else None,
    ]


def _tiles(now: Headline, was: Headline | None, language: Language) -> ET.Element:
    def tile(kind: str, label: Text, value: int, before: int | None, whole: int | None = None) -> ET.Element:
        of = element("small", {}, f" / {whole}") if whole is not None else None
        then = element("span", {"class": "then"}, tell.before(before)(language)) if before is not None else None
        return element("li", {"class": kind}, element("strong", {}, str(value), of), label(language), then)

    def then(statuses: frozenset[str]) -> int | None:
        return was.counts.among(statuses) if was else None

    counts = now.counts
    return element(
        "ul",
        {"class": "tiles"},
        tile("plain", say.CURRENT, now.current, was.current if was else None, now.promised),
        tile("green", wording.GREEN_TILE, counts.among(GREEN), then(GREEN)),
        tile("yellow", wording.YELLOW_TILE, counts.among(YELLOW), then(YELLOW)),
        tile("red", wording.RED_TILE, counts.among(RED), then(RED)),
        tile("grey", say.NO_DATA, counts["no_data"], was.counts["no_data"] if was else None),
    )


def _legend(now: Headline, was: Headline | None, language: Language) -> ET.Element:
    entries = []
    for status in STATUSES:
        before = was.counts[status] if was else 0
        if now.counts[status] or before:
            told = tell.before(before)
            then = Text(f"（{told.zh}）", f" ({told.en})")(language) if was else ""
            entries.append(
                element("li", {}, chip(status, language), f" {now.counts[status]}", element("small", {}, then))
            )
    return element("ul", {"class": "legend"}, *entries)


def attention(made: Bulletin, language: Language) -> list[Child]:
    """Targets overdue and at risk with who answers for them, figures owed, due dates that passed."""
    red = sorted(
        (target for target in made.state.targets if target.status in RED),
        key=lambda target: (STATUSES.index(target.status), target.target_id),
    )
    passed = [each for each in made.state.deadlines if made.edition.period.start <= each.due_on < made.state.day]
    return [
        element("p", {}, tell.overdue(made)(language)),
        _red(red, made, language) if red else None,
        *_unknown(unknown(made.state), language),
        *_owed(made.state.owed, language),
        *_passed(passed, language),
    ]


def _red(targets: list[Target], made: Bulletin, language: Language) -> ET.Element:
    labels = [each(language) for each in (wording.TARGET, say.IN_CHARGE, say.PROMISED, wording.ACTUAL, wording.STATUS)]
    rows = (
        element(
            "tr",
            {},
            cell(labels[0], *target_named(target, made, language)),
            cell(labels[1], in_charge(target, language), kind="who"),
            cell(labels[2], words.promised(target)(language), small(wording.by_end(target.end_year)(language))),
            cell(labels[3], *actual(target, language)),
            cell(labels[4], chip(target.status, language), small(why(target, language))),
        )
        for target in targets
    )
    return table("red", labels, rows, say.RED_TARGETS(language))


def _unknown(targets: tuple[Target, ...], language: Language) -> Iterator[Child]:
    """Who could say whether targets that are over were kept: units with their number of such targets."""
    if not targets:
        return
    of_unit: dict[Unit, int] = {}
    for target in targets:
        for unit in target.units:
            of_unit[unit] = of_unit.get(unit, 0) + 1
    entries = (
        element("li", {}, element("bdi", {}, visible(unit.name(language))), element("b", {}, f" {count}"))
        for unit, count in sorted(of_unit.items(), key=lambda each: -each[1])
    )
    nobody = sum(not target.units for target in targets)
    yield element("h3", {}, say.UNKNOWN(language))
    yield element("ul", {"class": "by-unit"}, *entries) if of_unit else None
    yield element("p", {"class": "more"}, tell.nobody(nobody)(language)) if nobody else None


def _owed(owed: tuple[OwedFigure, ...], language: Language) -> Iterator[Child]:
    """Figures not reported: in one row those that the same units owe for the same years."""
    if not owed:
        return
    labels = [each(language) for each in (say.IN_CHARGE, wording.INDICATOR, wording.YEAR, wording.REPORTING)]
    rows = (
        element(
            "tr",
            {},
            cell(labels[0], visible(words.units(units, language, _MOST_UNITS)), kind="who"),
            cell(labels[1], visible(words.listed([text(language) for text in indicators], language, _MOST_FIGURES))),
            cell(labels[2], ", ".join(map(str, years)), kind="day"),
            cell(labels[3], wording.owed(status)(language)),
        )
        for (units, years, status), indicators in _alike(owed).items()
    )
    yield element("h3", {}, say.OWED(language))
    yield element("p", {}, tell.owed(owed)(language))
    yield table("owed", labels, rows, say.OWED(language))


def _alike(owed: tuple[OwedFigure, ...]) -> dict[tuple[tuple[Unit, ...], tuple[int, ...], str], list[Text]]:
    """Indicators by the units that owe them, the years they are owed for, and what was reported of them."""
    of_figure: dict[tuple[Text, int, str], list[Unit]] = {}
    for each in owed:
        of_figure.setdefault((each.indicator, each.year, each.status), []).append(each.unit)
    years: dict[tuple[Text, tuple[Unit, ...], str], list[int]] = {}
    for (indicator, year, status), units in of_figure.items():
        years.setdefault((indicator, tuple(units), status), []).append(year)
    found: dict[tuple[tuple[Unit, ...], tuple[int, ...], str], list[Text]] = {}
    for (indicator, units_of, status), own in years.items():
        found.setdefault((units_of, tuple(sorted(own)), status), []).append(indicator)
    return found


def _passed(passed: list[Deadline], language: Language) -> Iterator[Child]:
    if not passed:
        return
    labels = [each(language) for each in (wording.DUE, wording.WHAT_IS_DUE, say.IN_CHARGE)]
    rows = (
        element(
            "tr",
            {},
            cell(labels[0], each.due_on.isoformat(), kind="day"),
            cell(labels[1], named(each.deliverable, language), small(visible(each.task(language)))),
            cell(labels[2], visible(words.units(each.units, language)), kind="who"),
        )
        for each in passed
    )
    yield element("h3", {}, say.PASSED(language))
    yield element("p", {}, say.NOT_RECORDED(language))
    yield table("passed", labels, rows, say.PASSED(language))


def moved(made: Bulletin, language: Language) -> list[Child]:
    """What changed since the bulletin before, target by target, and why."""
    if made.before is None:
        return [element("p", {}, tell.first(made)(language))]
    found = made.before.changes
    if not found:
        return [element("p", {}, say.NO_CHANGE(language))]
    labels = [each(language) for each in (wording.TARGET, say.IN_CHARGE, say.THEN_NOW, say.FIGURES, wording.WHY)]
    return [table("moved", labels, (_moved(each, made, labels, language) for each in found), say.CHANGES(language))]


def _moved(each: Change, made: Bulletin, labels: list[str], language: Language) -> ET.Element:
    was, now = each.was, each.now
    revised = tell.revised(words.promised(was), words.promised(now))(language)
    figures = [wording.quantity(side.actual, side.unit)(language) for side in (was, now)]
    joined = "、" if language == "zh" else ", "
    return element(
        "tr",
        {},
        cell(labels[0], *target_named(now, made, language)),
        cell(labels[1], in_charge(now, language), kind="who"),
        cell(labels[2], chip(was.status, language), " → ", chip(now.status, language)),
        cell(labels[3], f"{figures[0]} → {figures[1]}", small(revised) if revised else None),
        cell(labels[4], joined.join(words.CAUSES[cause](language) for cause in each.causes)),
    )

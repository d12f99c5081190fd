"""The sections of a bulletin, each a heading with what it shows; None where there is nothing to show."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
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
    Owed,
    Target,
    TaskLine,
    by_domain,
    headline,
    task_lines,
)
from pipeline.language import Language, Text
from pipeline.reports.bulletin import charts, words
from pipeline.reports.bulletin import texts as say
from pipeline.reports.page import Child, cell, element, table
from pipeline.reports.visible import visible

_MOST_TRENDS = 9
_AHEAD = timedelta(days=366)


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
        element("p", {"class": "lead"}, say.lead(made, now)(language)),
        _since(made, language),
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


def _since(made: Bulletin, language: Language) -> ET.Element:
    return element("p", {}, say.since(made)(language))


def _tiles(now: Headline, was: Headline | None, language: Language) -> ET.Element:
    def tile(kind: str, label: Text, value: int, before: int | None, whole: int | None = None) -> ET.Element:
        of = element("small", {}, f" / {whole}") if whole is not None else None
        then = element("span", {"class": "then"}, say.before(before)(language)) if before is not None else None
        return element("li", {"class": kind}, element("strong", {}, str(value), of), label(language), then)

    def then(statuses: frozenset[str]) -> int | None:
        return was.counts.among(statuses) if was else None

    counts = now.counts
    return element(
        "ul",
        {"class": "tiles"},
        tile("plain", say.CURRENT, now.current, was.current if was else None, now.promised),
        tile("green", say.GREEN_TILE, counts.among(GREEN), then(GREEN)),
        tile("yellow", say.YELLOW_TILE, counts.among(YELLOW), then(YELLOW)),
        tile("red", say.RED_TILE, counts.among(RED), then(RED)),
        tile("grey", say.NO_DATA, counts["no_data"], was.counts["no_data"] if was else None),
    )


def _legend(now: Headline, was: Headline | None, language: Language) -> ET.Element:
    entries = []
    for status in STATUSES:
        before = was.counts[status] if was else 0
        if now.counts[status] or before:
            then = f" ({say.before(before)(language)})" if was else ""
            entries.append(
                element("li", {}, chip(status, language), f" {now.counts[status]}", element("small", {}, then))
            )
    return element("ul", {"class": "legend"}, *entries)


def chip(status: str, language: Language) -> ET.Element:
    """A status by sign, word and colour."""
    sign = element("b", {"aria-hidden": "true"}, words.SIGNS[status])
    return element("span", {"class": f"chip chip-{status}"}, sign, f" {words.status(status)(language)}")


def attention(made: Bulletin, language: Language) -> list[Child]:
    """Targets overdue and at risk with who answers for them, figures owed, due dates that passed."""
    red = sorted(
        (target for target in made.state.targets if target.status in RED),
        key=lambda target: (STATUSES.index(target.status), target.target_id),
    )
    passed = [each for each in made.state.deadlines if made.edition.period.start <= each.due_on < made.state.day]
    return [
        element("p", {}, say.overdue(made)(language)),
        _red(red, language) if red else None,
        *_owed(made.state.owed, language),
        *_passed(passed, language),
    ]


def _red(targets: list[Target], language: Language) -> ET.Element:
    labels = [each(language) for each in (say.TARGET, say.IN_CHARGE, say.PROMISED, say.ACTUAL, say.STATUS)]
    rows = (
        element(
            "tr",
            {},
            cell(labels[0], _name(target.indicator, language)),
            cell(labels[1], _units(target, language), kind="who"),
            cell(labels[2], words.promised(target, language), _small(say.due(target.end_year)(language))),
            cell(labels[3], *_actual(target, language)),
            cell(labels[4], chip(target.status, language), _small(_reason(target, language))),
        )
        for target in targets
    )
    return table("red", labels, rows, say.RED_TARGETS(language))


def _actual(target: Target, language: Language) -> Iterator[Child]:
    yield words.quantity(target.actual, target.unit, language)
    if target.actual_to is not None:
        yield _small(say.to(target.actual_to)(language))


def _reason(target: Target, language: Language) -> str:
    if target.completion is not None and target.expected is not None:
        return say.pace(target.completion, target.expected)(language)
    return words.reason(target.reason)(language)


def _owed(owed: tuple[Owed, ...], language: Language) -> Iterator[Child]:
    if not owed:
        return
    groups: dict[tuple[str, int, str], list[Owed]] = {}
    for each in owed:
        groups.setdefault((each.unit.organization_id, each.year, each.status), []).append(each)
    labels = [each(language) for each in (say.IN_CHARGE, say.YEAR, say.OWED_STATUS, say.INDICATORS)]
    joined = "、" if language == "zh" else "; "
    rows = (
        element(
            "tr",
            {},
            cell(labels[0], visible(own[0].unit.name(language)), kind="who"),
            cell(labels[1], str(own[0].year)),
            cell(labels[2], words.owed(own[0].status)(language)),
            cell(labels[3], say.listed(len(own), joined.join(visible(each.indicator(language)) for each in own))),
        )
        for own in groups.values()
    )
    yield element("h3", {}, say.OWED(language))
    yield element("p", {}, say.owed(owed)(language))
    yield table("owed", labels, rows, say.OWED(language))


def _passed(passed: list[Deadline], language: Language) -> Iterator[Child]:
    if not passed:
        return
    labels = [each(language) for each in (say.DUE, say.DELIVERABLE, say.IN_CHARGE)]
    rows = (
        element(
            "tr",
            {},
            cell(labels[0], words.short_day(each.due_on), kind="day"),
            cell(labels[1], _name(each.deliverable, language), _small(visible(each.task(language)))),
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
        return [element("p", {}, say.first(made)(language))]
    found = made.before.changes
    if not found:
        return [element("p", {}, say.NO_CHANGE(language))]
    labels = [each(language) for each in (say.TARGET, say.IN_CHARGE, say.THEN_NOW, say.FIGURES, say.WHY)]
    return [table("moved", labels, (_moved(each, labels, language) for each in found), say.CHANGES(language))]


def _moved(each: Change, labels: list[str], language: Language) -> ET.Element:
    was, now = each.was, each.now
    goal = (words.promised(was, language), words.promised(now, language))
    revised = f"{say.GOAL(language)} {goal[0]} → {goal[1]}" if goal[0] != goal[1] else ""
    figures = [words.quantity(side.actual, side.unit, language) for side in (was, now)]
    joined = "、" if language == "zh" else ", "
    return element(
        "tr",
        {},
        cell(labels[0], _name(now.indicator, language)),
        cell(labels[1], _units(now, language), kind="who"),
        cell(labels[2], chip(was.status, language), " → ", chip(now.status, language)),
        cell(labels[3], f"{figures[0]} → {figures[1]}", _small(revised) if revised else None),
        cell(labels[4], joined.join(words.CAUSES[cause](language) for cause in each.causes)),
    )


def domains(made: Bulletin, language: Language) -> list[Child]:
    """Targets by status in each domain; the longest bar is the domain with most targets."""
    found = by_domain(made.state)
    most = max((counts.total for _, counts in found), default=1)
    labels = [each(language) for each in (say.DOMAIN, say.BY_STATUS, say.COUNT)]
    rows = (
        element(
            "tr",
            {},
            cell("", visible(domain(language)), kind="label"),
            cell(labels[1], charts.stacked(counts, 18, most), _unseen(counts, language), kind="wide"),
            cell(labels[2], str(counts.total), kind="number"),
        )
        for domain, counts in found
    )
    return [table("domains charted", labels, rows, say.DOMAINS(language))]


def _unseen(counts: charts.Counts, language: Language) -> ET.Element:
    """The bar in words, for those who hear the page."""
    parts = [f"{words.status(status)(language)} {count}" for status, count in counts.of if count]
    return element("span", {"class": "heard"}, ", ".join(parts))


def tasks(made: Bulletin, language: Language) -> list[Child]:
    """Tasks by status, worst first, each with its units."""
    labels = [each(language) for each in (say.TASK, say.IN_CHARGE, say.TARGETS, say.LAST_YEAR)]
    groups: dict[str, list[TaskLine]] = {}
    for line in task_lines(made.state):
        groups.setdefault(line.status, []).append(line)
    bodies = []
    for status, lines in groups.items():
        heading = element(
            "th", {"scope": "rowgroup", "colspan": "4"}, chip(status, language), say.tasks(len(lines))(language)
        )
        rows = (_task(line, labels, language) for line in lines)
        bodies.append(element("tbody", {}, element("tr", {"class": "group"}, heading), *rows))
    heads = (element("th", {"scope": "col"}, label) for label in labels)
    return [
        element("p", {}, say.TASKS_RULE(language)),
        element(
            "table",
            {"class": "tasks stacked", "aria-label": say.TASKS(language)},
            element("thead", {}, element("tr", {}, *heads)),
            *bodies,
        ),
    ]


def _task(line: TaskLine, labels: list[str], language: Language) -> ET.Element:
    marks = [
        element(
            "span", {"class": f"mark mark-{status}", "title": words.status(status)(language)}, _marked(status, count)
        )
        for status, count in line.counts.of
        if count
    ]
    said = marks or [element("span", {"class": "none"}, say.NO_TARGETS(language))]
    return element(
        "tr",
        {},
        cell("", _name(line.task.title, language)),
        cell(labels[1], visible(words.units(line.task.units, language)), kind="who"),
        cell(labels[2], *said, kind="marks"),
        cell(labels[3], str(line.due) if line.due else words.NONE, kind="number"),
    )


def _marked(status: str, count: int) -> str:
    return f"{words.SIGNS[status]} {count}"


def progress(made: Bulletin, language: Language) -> list[Child]:
    """Completion against what is expected by now, target by target, the farthest behind first."""
    found = [each for each in made.state.targets if each.is_measured and each.completion is not None]
    if not found:
        return []
    found.sort(key=lambda each: (each.completion or 0) - (each.expected or 0))
    labels = [each(language) for each in (say.TARGET, say.COMPLETION_CHART, say.COMPLETION, say.EXPECTED)]
    rows = (
        element(
            "tr",
            {},
            cell("", _name(each.indicator, language), _small(_units_text(each, language)), kind="label"),
            cell(labels[1], charts.bullet(each), kind="wide"),
            cell(labels[2], words.per_cent(each.completion), kind="number"),
            cell(labels[3], words.per_cent(each.expected), kind="number"),
        )
        for each in found
    )
    return [
        element("p", {}, say.PROGRESS_RULE(language)),
        table("progress charted", labels, rows, say.PROGRESS(language)),
    ]


def trends(made: Bulletin, language: Language) -> list[Child]:
    """Reported values over time, those that are worst off first."""
    found = [each for each in made.state.targets if len(each.points) > 1 and each.is_measured]
    if not found:
        return []
    found.sort(key=lambda each: STATUSES.index(each.status))
    shown = [
        element(
            "figure",
            {"class": "small"},
            element("figcaption", {}, _name(each.indicator, language), " ", chip(each.status, language)),
            charts.trend(each, each.indicator(language), say.trend(each, language), _trend_labels(each, language)),
        )
        for each in found[:_MOST_TRENDS]
    ]
    more = len(found) - _MOST_TRENDS
    return [
        element("p", {}, say.TRENDS_RULE(language)),
        element("div", {"class": "multiples"}, *shown),
        element("p", {"class": "more"}, say.more(more)(language)) if more > 0 else None,
    ]


def _trend_labels(target: Target, language: Language) -> tuple[str, str]:
    last = words.quantity(target.points[-1].value, target.unit, language)
    return last, f"{say.GOAL(language)} {words.promised(target, language)}"


def ahead(made: Bulletin, language: Language) -> list[Child]:
    """What falls due in the year to come: dates of the document, and targets by their last day."""
    first, last = made.edition.period.end, made.edition.period.end + _AHEAD
    due: list[tuple[date, Child, Child, str]] = [
        (
            each.due_on,
            _name(each.deliverable, language),
            visible(words.units(each.units, language)),
            "milestone",
        )
        for each in made.state.deadlines
        if first < each.due_on <= last
    ]
    ends = sorted({target.end_year for target in made.state.targets if target.reason != "withdrawn"})
    for year in ends:
        ending = [each for each in made.state.targets if each.end_year == year and each.reason != "withdrawn"]
        open_ones = [each for each in ending if each.status != "achieved"]
        if first < date(year, 12, 31) <= last:
            text = say.ending(len(ending), len(open_ones))(language)
            due.append((date(year, 12, 31), text, _many_units(open_ones, language), "target"))
    if not due:
        return []
    labels = [each(language) for each in (say.DUE, say.DELIVERABLE, say.IN_CHARGE, say.WHEN)]
    due.sort(key=lambda each: each[0])
    rows = (
        element(
            "tr",
            {},
            cell(labels[0], words.short_day(when), kind="day"),
            cell(labels[1], what),
            cell(labels[2], who, kind="who"),
            cell(labels[3], charts.moment(when, first, last, kind), kind="wide when"),
        )
        for when, what, who, kind in due
    )
    return [table("ahead", labels, rows, say.AHEAD(language))]


def _many_units(targets: Iterable[Target], language: Language) -> str:
    names = list(dict.fromkeys(unit.name(language) for target in targets for unit in target.units))
    joined = "、" if language == "zh" else "; "
    shown = joined.join(visible(name) for name in names[:4])
    return shown + (say.and_more(len(names) - 4)(language) if len(names) > 4 else "") if names else words.NONE


def everything(made: Bulletin, language: Language) -> ET.Element:
    """All targets, to be opened on the screen; paper has the tables above, and programs the CSV."""
    labels = [
        each(language)
        for each in (say.TARGET, say.IN_CHARGE, say.PROMISED, say.LAST_YEAR, say.ACTUAL, say.COMPLETION, say.STATUS)
    ]
    rows = (
        element(
            "tr",
            {"id": each.target_id},
            cell("", _name(each.indicator, language)),
            cell(labels[1], _units(each, language), kind="who"),
            cell(labels[2], words.promised(each, language)),
            cell(labels[3], str(each.end_year), kind="number"),
            cell(labels[4], *_actual(each, language)),
            cell(labels[5], words.per_cent(each.completion), kind="number"),
            cell(labels[6], chip(each.status, language), _small(words.reason(each.reason)(language))),
        )
        for each in made.state.targets
    )
    return element(
        "details",
        {},
        element("summary", {}, say.all_targets(len(made.state.targets))(language)),
        table("all", labels, rows, say.TARGETS(language)),
    )


def _name(text: Text, language: Language) -> ET.Element:
    """A name of a file, isolated; where an English one is lacking, marked as Chinese."""
    marks = {"lang": "zh-CN"} if language == "en" and text.en == text.zh and not text.en.isascii() else {}
    return element("bdi", marks, visible(text(language)))


def _units(target: Target, language: Language) -> str:
    return visible(words.units(target.units, language))


def _units_text(target: Target, language: Language) -> str:
    return f"{words.promised(target, language)} · {_units(target, language)}"


def _small(text: str) -> ET.Element:
    return element("small", {"class": "sub"}, text)

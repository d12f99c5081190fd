"""The sections that go into detail: domains, tasks, progress, figures over time, what is due, all targets."""

from collections.abc import Iterable
from datetime import date, timedelta
from xml.etree import ElementTree as ET

from pipeline.bulletin.making import Bulletin
from pipeline.bulletin.state import STATUSES, Counts, Target, TaskLine, by_domain, task_lines
from pipeline.language import Language
from pipeline.reports import wording
from pipeline.reports.bulletin import charts, words
from pipeline.reports.bulletin import sentences as tell
from pipeline.reports.bulletin import texts as say
from pipeline.reports.bulletin.parts import actual, chip, in_charge, named, small, target_named, target_text
from pipeline.reports.page import Child, cell, element, table
from pipeline.reports.visible import visible

_MOST_TRENDS = 6
_MOST_BARS = 14
_MOST_UNITS = 4  # named beside a task; the table of all targets names all
_AHEAD = timedelta(days=366)


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


def _unseen(counts: Counts, language: Language) -> ET.Element:
    """The bar in words, for those who hear the page."""
    parts = [f"{wording.status(status)(language)} {count}" for status, count in counts.of if count]
    return element("span", {"class": "heard"}, ", ".join(parts))


def tasks(made: Bulletin, language: Language) -> list[Child]:
    """Tasks by status, worst first, each with its units."""
    labels = [each(language) for each in (wording.TASK, say.IN_CHARGE, say.TARGETS, say.LAST_YEAR)]
    groups: dict[str, list[TaskLine]] = {}
    for line in task_lines(made.state):
        groups.setdefault(line.status, []).append(line)
    bodies = []
    for status, lines in groups.items():
        heading = element(
            "th", {"scope": "rowgroup", "colspan": "4"}, chip(status, language), tell.tasks(len(lines))(language)
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
            "span", {"class": f"mark mark-{status}", "title": wording.status(status)(language)}, _marked(status, count)
        )
        for status, count in line.counts.of
        if count
    ]
    said = marks or [element("span", {"class": "none"}, say.NO_TARGETS(language))]
    return element(
        "tr",
        {},
        cell("", named(line.task.title, language)),
        cell(labels[1], visible(words.units(line.task.units, language, _MOST_UNITS)), kind="who"),
        cell(labels[2], *said, kind="marks"),
        cell(labels[3], str(line.due) if line.due else wording.NONE, kind="number"),
    )


def _marked(status: str, count: int) -> str:
    return f"{words.SIGNS[status]} {count}"


def progress(made: Bulletin, language: Language) -> list[Child]:
    """Completion against what is expected by now, target by target, the farthest behind first."""
    found = [each for each in made.state.targets if each.is_measured and each.completion is not None]
    if not found:
        return []
    found.sort(key=lambda each: (STATUSES.index(each.status), (each.completion or 0) - (each.expected or 0)))
    more = len(found) - _MOST_BARS
    labels = [each(language) for each in (wording.TARGET, say.CHART, wording.COMPLETION, wording.EXPECTED)]
    rows = (
        element(
            "tr",
            {},
            cell(
                "",
                *target_named(each, made, language),
                small(f"{words.promised(each)(language)} · {in_charge(each, language)}"),
                kind="label",
            ),
            cell(labels[1], charts.bullet(each), kind="wide"),
            cell(labels[2], wording.per_cent(each.completion), kind="number"),
            cell(labels[3], wording.per_cent(each.expected), kind="number"),
        )
        for each in found[:_MOST_BARS]
    )
    return [
        element("p", {}, say.PROGRESS_RULE(language)),
        table("progress charted", labels, rows, say.PROGRESS(language)),
        element("p", {"class": "more"}, tell.more(more)(language)) if more > 0 else None,
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
            element(
                "figcaption",
                {},
                *target_named(each, made, language),
                " ",
                chip(each.status, language),
                small(tell.reached(each, language)),
            ),
            charts.trend(each, target_text(each, made, language), tell.trend(each, language)),
        )
        for each in found[:_MOST_TRENDS]
    ]
    more = len(found) - _MOST_TRENDS
    return [
        element("p", {}, say.TRENDS_RULE(language)),
        element("div", {"class": "multiples"}, *shown),
        element("p", {"class": "more"}, tell.more(more)(language)) if more > 0 else None,
    ]


def ahead(made: Bulletin, language: Language) -> list[Child]:
    """What falls due in the year to come: dates of the document, and targets by their last day."""
    first, last = made.edition.period.end, made.edition.period.end + _AHEAD
    due: list[tuple[date, Child, Child, str]] = [
        (
            each.due_on,
            named(each.deliverable, language),
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
            text = tell.ending(len(ending), len(open_ones))(language)
            due.append((date(year, 12, 31), text, _many_units(open_ones, language), "target"))
    if not due:
        return []
    labels = [each(language) for each in (wording.DUE, wording.WHAT_IS_DUE, say.IN_CHARGE, say.WHEN)]
    due.sort(key=lambda each: each[0])
    rows = (
        element(
            "tr",
            {},
            cell(labels[0], when.isoformat(), kind="day"),
            cell(labels[1], what),
            cell(labels[2], who, kind="who"),
            cell(labels[3], charts.moment(when, first, last, kind), kind="wide when"),
        )
        for when, what, who, kind in due
    )
    return [table("ahead", labels, rows, say.AHEAD(language))]


def _many_units(targets: Iterable[Target], language: Language) -> str:
    found = list(dict.fromkeys(unit for target in targets for unit in target.units))
    return visible(words.units(found, language, _MOST_UNITS)) if found else wording.NONE


def everything(made: Bulletin, language: Language) -> ET.Element:
    """All targets, to be opened on the screen; paper has the tables above, and programs the CSV."""
    labels = [
        each(language)
        for each in (
            wording.TARGET,
            say.IN_CHARGE,
            say.PROMISED,
            say.LAST_YEAR,
            wording.ACTUAL,
            wording.COMPLETION,
            wording.STATUS,
        )
    ]
    rows = (
        element(
            "tr",
            {"id": each.target_id},
            cell("", *target_named(each, made, language)),
            cell(labels[1], in_charge(each, language), kind="who"),
            cell(labels[2], words.promised(each)(language)),
            cell(labels[3], str(each.end_year), kind="number"),
            cell(labels[4], *actual(each, language)),
            cell(labels[5], wording.per_cent(each.completion), kind="number"),
            cell(labels[6], chip(each.status, language), small(wording.reason(each.reason)(language))),
        )
        for each in made.state.targets
    )
    return element(
        "details",
        {},
        element("summary", {}, tell.all_targets(len(made.state.targets))(language)),
        table("all", labels, rows, say.TARGETS(language)),
    )

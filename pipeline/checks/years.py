"""Years and dates: within the period of their programme, as printed, and not in the future."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from pipeline.checks.printed import pass_over_no_date
from pipeline.checks.registry import Context, check
from pipeline.clock import today
from pipeline.dataset import Row
from pipeline.findings import Finding, Fix
from pipeline.language import Text
from pipeline.quantity import parse_deadline, printed_year
from pipeline.view import faulty_cell

# A document may state a year of a longer plan, or a date that cannot be meant; a caveat of one of these kinds says so.
# An inferred year is no excuse for a milestone: it was inferred from the programme's period.
STATED_YEAR_CAVEATS = ("inference", "ambiguity", "misprint", "contradiction")
DATE_CAVEATS = ("misprint", "contradiction")
# The status of an observation that is a forecast (SDMX CL_OBS_STATUS).
FORECAST = "F"
_MEASURED = ("period_end", "reported_on", "status")
_YEARS = re.compile(r"(?<!\d)(\d{4})(?!\d)|(?<!\d)(\d{2})(?=年)")


@check("year-outside-programme")
def targets_within_programme(context: Context) -> Iterator[Finding]:
    """The years of a target lie within its programme."""
    for row in context.view.rows("targets", "start_year", "end_year", "indicator_id", "year_stated"):
        programme = context.view.programme_of(row, "start_year", "end_year")
        if programme is None:
            continue
        first, last = programme["start_year"], programme["end_year"]
        if first > last:
            context.view.pass_over(faulty_cell(programme, frozenset({"end_year"})))
            continue
        outside = [name for name in ("start_year", "end_year") if not first <= row[name] <= last]
        if outside and not (row["year_stated"] and context.view.excused(row, *STATED_YEAR_CAVEATS)):
            for name in outside:
                yield row.finding("year-outside-programme", name, start=str(first), end=str(last))


@check("milestone-outside-programme")
def milestones_within_programme(context: Context) -> Iterator[Finding]:
    """A milestone falls into the period of its programme."""
    for row in context.view.rows("milestones", "due_on", "task_id"):
        programme = context.view.programme_of(row, "start_year", "end_year")
        if programme is None:
            continue
        first, last = programme["start_year"], programme["end_year"]
        if first > last:
            context.view.pass_over(faulty_cell(programme, frozenset({"end_year"})))
            continue
        if not first <= row["due_on"].year <= last and not context.view.excused(row, *DATE_CAVEATS):
            yield row.finding("milestone-outside-programme", "due_on", start=str(first), end=str(last))


@check("year-mismatch")
def years_are_as_printed(context: Context) -> Iterator[Finding]:
    """The year of a row is the one its token prints, and a year said to be stated is printed somewhere."""
    yield from _cited_years(context)
    yield from _stated_years(context)


def _cited_years(context: Context) -> Iterator[Finding]:
    view = context.view
    for citation in view.rows("citations", "printed", "target_id", "observation_id", "milestone_id"):
        printed = citation["printed"]
        if milestone := view.find("milestones", citation["milestone_id"], "due_on"):
            deadline = parse_deadline(printed)
            if deadline is None:
                pass_over_no_date(context, citation)
            elif deadline.year not in (None, milestone["due_on"].year) and not view.excused(milestone, *DATE_CAVEATS):
                yield _other_year(milestone, "due_on", printed, str(deadline.due_in(milestone["due_on"].year)))
            continue
        year = printed_year(printed)
        if year is None:
            continue
        if target := view.find("targets", citation["target_id"], "end_year"):
            if target["end_year"] != year and not view.excused(target, *DATE_CAVEATS):
                yield _other_year(target, "end_year", printed, str(year))
        elif (
            (observation := view.find("observations", citation["observation_id"], "period_end"))
            and observation["period_end"].year != year
            and not view.excused(observation, *DATE_CAVEATS)
        ):
            yield _other_year(observation, "period_end", printed, None)


def _other_year(row: Row, column: str, printed: str, meant: str | None) -> Finding:
    problem = Text(f"引证的文字是“{printed}”", f"what is cited says “{printed}”")
    return row.finding("year-mismatch", column, Fix(meant) if meant else None, problem=problem)


def _stated_years(context: Context) -> Iterator[Finding]:
    """`year_stated` promises that the document prints the year.

    Citations and exclusions hold every digit of a source (the numeral account), so this needs no text at hand.
    """
    view = context.view
    if not (
        view.whole("sources", "source_id", "programme_id")
        and view.whole("citations", "source_id", "printed")
        and view.whole("exclusions", "source_id", "printed")
    ):
        return
    printed: defaultdict[str, set[int]] = defaultdict(set)
    for source in context.data.tables["sources"]:
        for table in ("citations", "exclusions"):
            for row in context.data.of_source(table, source.key):
                printed[source["programme_id"]] |= _years_in(row["printed"])
        if text := context.sources.get(source["sha256"]):
            printed[source["programme_id"]] |= _years_in(text.text)
    for row in view.rows("targets", "end_year", "year_stated", "indicator_id"):
        programme = view.programme_of(row) if row["year_stated"] else None
        if programme and row["end_year"] not in printed[programme.key] and not view.excused(row, *STATED_YEAR_CAVEATS):
            problem = Text("year_stated 为 true,来源中却没有印这一年", "year_stated is true, but no source prints it")
            yield row.finding("year-mismatch", "end_year", problem=problem)


def _years_in(text: str) -> set[int]:
    """Years printed with four digits, or with two before 年 (25年)."""
    folded = unicodedata.normalize("NFKC", text)
    return {int(four) if four else 2000 + int(two) for four, two in _YEARS.findall(folded)}


@check("observation-in-future")
def observations_were_made(context: Context) -> Iterator[Finding]:
    """What was measured lies before the day it was reported, printed, or read; a forecast says that it is one."""
    view = context.view
    measured = [row for row in view.rows("observations", *_MEASURED) if row["status"] != FORECAST]
    for row in measured:
        if row["reported_on"] and row["period_end"] > row["reported_on"]:
            yield _in_future(row, row["reported_on"], Text("报告日", "the day it was reported"))
    undated = [row for row in measured if not row["reported_on"]]
    if not undated or not view.whole("citations", "observation_id", "source_id"):
        return  # the source that prints an observation may be missing
    cited: defaultdict[str, list[Row]] = defaultdict(list)
    for citation in context.data.tables["citations"]:
        cited[citation["observation_id"]].append(citation)
    for row in undated:
        known = _printed_on(context, cited[row.key])
        if known and row["period_end"] > known[0]:
            yield _in_future(row, *known)


def _in_future(row: Row, day: date, known: Text) -> Finding:
    return row.finding("observation-in-future", "period_end", day=day.isoformat(), known=known)


def _printed_on(context: Context, citations: list[Row]) -> tuple[date, Text] | None:
    """The first day a source of an observation was published, today where none says; None where it is faulty."""
    sources = [context.view.find("sources", row["source_id"], "published_on") for row in citations]
    if None in sources:
        return None
    days = [source["published_on"] for source in sources if source and source["published_on"]]
    if days:
        return min(days), Text("来源发布日", "the day its source was published")
    return today(), Text("今天", "today")

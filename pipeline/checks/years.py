"""Years and dates within the period of their programme."""

from collections.abc import Iterator

from pipeline.checks.registry import Context, check
from pipeline.dataset import faulty_cell
from pipeline.findings import Finding

# A document may state a year of a longer plan, or a date that cannot be meant; a caveat of one of these kinds says so.
# An inferred year is no excuse for a milestone: it was inferred from the programme's period.
STATED_YEAR_CAVEATS = ("inference", "ambiguity", "misprint", "contradiction")
DATE_CAVEATS = ("misprint", "contradiction")


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

"""Years and dates within the period of their programme."""

from collections.abc import Iterator

from pipeline.checks.registry import Context, check
from pipeline.findings import Finding

# The document itself may state a year of a longer plan; a caveat of one of these kinds says so.
PERIOD_CAVEATS = ("inference", "ambiguity", "misprint", "contradiction")


@check("year-outside-programme")
def targets_within_programme(context: Context) -> Iterator[Finding]:
    for row in context.view.rows("targets", "start_year", "end_year", "indicator_id", "year_stated"):
        programme = context.data.programme_of(row)
        if programme is None or programme.faulty & {"start_year", "end_year"}:
            continue
        if row["year_stated"] and context.data.has_caveat(row, *PERIOD_CAVEATS):
            continue
        first, last = programme["start_year"], programme["end_year"]
        for name in ("start_year", "end_year"):
            if not first <= row[name] <= last:
                yield row.finding("year-outside-programme", name, start=str(first), end=str(last))


@check("milestone-outside-programme")
def milestones_within_programme(context: Context) -> Iterator[Finding]:
    for row in context.view.rows("milestones", "due_on", "task_id"):
        programme = context.data.programme_of(row)
        if programme is None or programme.faulty & {"start_year", "end_year"}:
            continue
        first, last = programme["start_year"], programme["end_year"]
        if not first <= row["due_on"].year <= last and not context.data.has_caveat(row, *PERIOD_CAVEATS):
            yield row.finding("milestone-outside-programme", "due_on", start=str(first), end=str(last))

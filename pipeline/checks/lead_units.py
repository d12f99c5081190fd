"""Lead-unit validity: somebody answers for each task, and it is a unit that existed, there, then."""

import re
from collections.abc import Iterator
from datetime import date

from pipeline.checks.registry import Context, check
from pipeline.dataset import Dataset, Row
from pipeline.findings import Finding, Fix
from pipeline.language import Text
from pipeline.nearest import hints, nearest_values

TWICE_CAVEATS = ("misprint", "contradiction", "ambiguity")
# Characters with which sites and offices mask what they print.
MASK = re.compile(r"[*＊×○●□■�]|XX|××")


@check("lead-missing")
def tasks_have_a_lead(context: Context) -> Iterator[Finding]:
    """Each task, or a node above it, has a lead unit."""
    data, view = context.data, context.view
    if not view.whole("assignments", "task_id") or not view.whole("tasks", "task_id", "parent_task_id"):
        return
    # a row whose role is faulty may be the lead of its task
    list(view.rows("assignments", "role"))
    led = {row["task_id"] for row in data.tables["assignments"] if row["role"] in ("lead", None)}
    shared = {row["task_id"] for row in data.tables["assignments"]} - led
    for row in view.rows("tasks", "kind"):
        if row["kind"] != "task" or led.intersection(lineage(row, data)):
            continue
        # a document may print joint units and not say who leads; then a caveat of the task says so
        if row.key not in shared or not view.excused(row, "ambiguity"):
            yield row.finding("lead-missing", "task_id", title=row["title_zh"] or row.key)


def lineage(row: Row, data: Dataset) -> list[str]:
    """The task and the nodes above it; a circle of parents ends the walk."""
    keys: list[str] = []
    current: Row | None = row
    while current is not None and current.key not in keys:
        keys.append(current.key)
        current = data.find("tasks", current["parent_task_id"])
    return keys


@check("lead-duplicate")
def units_are_named_once(context: Context) -> Iterator[Finding]:
    """A unit has one duty for a task: it leads or shares the work, and stands in the list once."""
    view = context.view
    first: dict[tuple[str, str], Row] = {}
    for row in view.rows("assignments", "task_id", "role", "organization_id"):
        other = first.setdefault((row["task_id"], row["organization_id"]), row)
        # a document may print a unit twice; then a caveat of one of the rows says so
        if other is not row and not any(view.excused(twin, *TWICE_CAVEATS) for twin in (row, other)):
            organization = context.data.find("organizations", row["organization_id"])
            yield row.finding(
                "lead-duplicate",
                "organization_id",
                name=(organization and organization["name_zh"]) or row["organization_id"],
                other=f"{other.place('organization_id').cell} ({other['role']})",
                role=row["role"],
            )


@check("organization-unregistered", "organization-name-mismatch")
def printed_names_are_registered(context: Context) -> Iterator[Finding]:
    """A printed name stands in organization_names and means the unit of its row."""
    view = context.view
    names: dict[tuple[str, str], str | None] = {}
    for row in view.rows("organization_names", "jurisdiction_code", "printed_name"):
        names[row["jurisdiction_code"], row["printed_name"]] = row["organization_id"]
    whole = view.whole("organization_names", "jurisdiction_code", "printed_name", "organization_id")
    for row in view.rows("assignments", "printed_name", "task_id", "organization_id"):
        programme = view.programme_of(row, "jurisdiction_code")
        if programme is None:
            continue
        printed, here = row["printed_name"], programme["jurisdiction_code"]
        if (here, printed) in names:
            registered = names[here, printed]
            if registered not in (row["organization_id"], None):
                facts = {"printed": printed, "registered": str(registered)}
                yield row.finding("organization-name-mismatch", "organization_id", Fix(str(registered)), **facts)
        elif whole:
            existing = [name for jurisdiction, name in names if jurisdiction == here]
            nearest = nearest_values(printed, existing)
            yield row.finding(
                "organization-unregistered",
                "printed_name",
                Fix(nearest[0]) if nearest else None,
                target="organization_names.csv (printed_name)",
                nearest=hints(printed, existing),
            )


@check("organization-not-in-force")
def organizations_were_in_force(context: Context) -> Iterator[Finding]:
    """A unit with a duty existed at some time of the programme."""
    for row, organization, programme in _duties(context, ("valid_from", "valid_to"), ("start_year", "end_year")):
        first = date(programme["start_year"], 1, 1)
        last = date(programme["end_year"], 12, 31)
        since, until = organization["valid_from"], organization["valid_to"]
        if (since and since > last) or (until and until < first):
            yield row.finding(
                "organization-not-in-force",
                "organization_id",
                name=organization["name_zh"] or organization.key,
                since=str(since or "—"),
                until=str(until or "—"),
                start=str(first.year),
                end=str(last.year),
            )


@check("organization-out-of-jurisdiction")
def organizations_belong_here(context: Context) -> Iterator[Finding]:
    """A unit with a duty belongs to the jurisdiction of the programme, one above or one below."""
    data = context.data
    for row, organization, programme in _duties(context, ("jurisdiction_code",), ("jurisdiction_code",)):
        here, there = programme["jurisdiction_code"], organization["jurisdiction_code"]
        if here not in _above(there, data) and there not in _above(here, data):
            yield row.finding(
                "organization-out-of-jurisdiction",
                "organization_id",
                name=organization["name_zh"] or organization.key,
                found=_place_name(there, data),
                wanted=_place_name(here, data),
            )


def _duties(
    context: Context, of_organization: tuple[str, ...], of_programme: tuple[str, ...]
) -> Iterator[tuple[Row, Row, Row]]:
    """Assignments with their organisation and programme, where all three can be relied on."""
    view = context.view
    for row in view.rows("assignments", "organization_id", "task_id"):
        organization = view.find("organizations", row["organization_id"], *of_organization)
        programme = view.programme_of(row, *of_programme)
        if organization and programme:
            yield row, organization, programme


def _above(code: str | None, data: Dataset) -> list[str]:
    codes: list[str] = []
    while code is not None and code not in codes:
        codes.append(code)
        row = data.find("jurisdictions", code)
        code = row["parent_code"] if row else None
    return codes


def _place_name(code: str | None, data: Dataset) -> str:
    row = data.find("jurisdictions", code)
    return f"{row['name_zh']} ({code})" if row else str(code)


@check("redaction-unexplained")
def masked_names_are_explained(context: Context) -> Iterator[Finding]:
    """A masked name says how it was resolved, and by what evidence."""
    for row in context.view.rows("organization_names", "printed_name", "resolution", "evidence"):
        masked = bool(MASK.search(row["printed_name"]))
        declared = row["resolution"] in ("redacted", "garbled")
        if masked and not declared:
            problem = Text(f"判定方式为 {row['resolution']}", f"its resolution is {row['resolution']}")
            place = row.place("resolution")
            yield Finding("redaction-unexplained", place, row["printed_name"], {"problem": problem}, Fix("redacted"))
        if (masked or declared) and not row["evidence"]:
            problem = Text("没有写明依据", "no evidence is given")
            yield Finding("redaction-unexplained", row.place("evidence"), row["printed_name"], {"problem": problem})

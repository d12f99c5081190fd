"""What only a ledger puts into words: duties, steps, revisions, reported figures, what is owed."""

from collections.abc import Iterable

from pipeline.language import Text
from pipeline.marts import OwedFigure
from pipeline.reports import wording
from pipeline.reports.wording import label
from pipeline.unit_ledger.model import Duty, Figure, Promise, Revision, Step

_ROLES = {"lead": Text("牵头", "lead"), "responsible": Text("责任", "responsible")}


def warning(code: str) -> Text:
    return label("attainment", "warning", code)


def accumulation(code: str) -> Text:
    return label("reports", "accumulation", code)


def observed(code: str) -> Text:
    return label("reports", "status", code)


def role(code: str) -> Text:
    return _ROLES[code]


def roles(codes: Iterable[str], inherited: bool = False) -> Text:
    told = [role(code) for code in codes]
    taken = Text("（沿用上级）", " (from the node above)") if inherited else wording.NOTHING
    return Text("、".join(each.zh for each in told) + taken.zh, ", ".join(each.en for each in told) + taken.en)


def until(promise: Promise) -> Text:
    """By when a promise is to be kept."""
    if promise.basis != "each_year":
        return Text(f"{promise.end_year}-12-31", f"{promise.end_year}-12-31")
    years = wording.years(promise.start_year, promise.end_year)
    return Text(f"每年年底（{years.zh}）", f"end of each year ({years.en})")


def step(each: Step) -> Text:
    day = each.due_on.isoformat()
    if each.promise is None:
        return Text(f"{day} {each.what.zh}", f"{day} {each.what.en}")
    told = wording.amount(each.promise)
    return Text(f"{day} 分步目标：{told.zh}", f"{day} step: {told.en}")


def revised(first: Promise, revisions: Iterable[Revision]) -> list[Text]:
    """The way from the first promise to the one in force: one line a revision."""
    lines: list[Text] = []
    before = _stated(first)
    for each in revisions:
        after = _stated(each.promise) if each.promise else wording.WITHDRAWN
        by = Text(each.document, each.document) if each.document else each.decided_by
        note = Text(f"（{each.note}）", f" ({each.note})") if each.note else wording.NOTHING
        lines.append(
            Text(
                f"{before.zh} → {after.zh}；{each.effective_on}起，依据{by.zh}{note.zh}",
                f"{before.en} → {after.en}; from {each.effective_on}, by {by.en}{note.en}",
            )
        )
        before = after
    return lines


def _stated(promise: Promise) -> Text:
    told, day = wording.amount(promise), until(promise)
    return Text(f"{told.zh}（{day.zh}）", f"{told.en} ({day.en})")


def figure(each: Figure) -> Text:
    """A reported figure with what it covers; without a value, why there is none."""
    covers, kind = accumulation(each.accumulation), observed(each.status)
    if each.value is None:
        return Text(f"{each.period}：无数值（{kind.zh}）", f"{each.period}: no value ({kind.en})")
    told = [covers] if each.status == "A" else [covers, kind]
    value = wording.quantity(each.value, each.unit)
    return Text(
        f"{each.period}：{value.zh}（{'、'.join(one.zh for one in told)}）",
        f"{each.period}: {value.en} ({', '.join(one.en for one in told)})",
    )


def reporter(each: Figure) -> Text:
    return Text(
        f"{each.reporter.zh} {each.reported_by}，{each.reported_on}报",
        f"{each.reporter.en}, {each.reported_by}, on {each.reported_on}",
    )


def requirement(promise: Promise | None) -> Text:
    """The comparator of a promise that stands beside its value, or what there is to say instead of a value."""
    return wording.amount(promise) if promise is None or promise.value is None else wording.comparator(promise)


def outstanding(each: OwedFigure) -> Text:
    """A figure that is owed, with its year and last day."""
    told = wording.owed(each.status)
    return Text(f"{each.year}年：{told.zh}（应于{each.due_on}前）", f"{each.year}: {told.en} (by {each.due_on})")


def task(each: Duty) -> tuple[Text, ...]:
    """A task by its place in the document and its title, and below it what it is a part of."""
    here = each.path[-1]
    told = Text(f"{each.locator} {here.zh}", f"{each.locator} {here.en}")
    if len(each.path) == 1:
        return (told,)
    above = each.path[:-1]
    return told, Text(f"属：{' › '.join(one.zh for one in above)}", f"under: {' › '.join(one.en for one in above)}")


def units(each: Duty) -> tuple[Text, ...]:
    """The units of a task, a line a role."""
    named = ((role("lead"), each.lead_units), (role("responsible"), each.responsible_units))
    return tuple(Text(f"{told.zh}：{of.zh}", f"{told.en}: {of.en}") for told, of in named if of.zh)

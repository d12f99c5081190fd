"""How the parts of a ledger read, in both languages: labels of codes from the schemas, quantities with their units."""

from collections.abc import Iterable
from decimal import Decimal
from functools import cache

from pipeline.language import Text
from pipeline.tables import mart_tables, table
from pipeline.unit_ledger.model import Change, Figure, Owed, Promise, Step, Task

_SHOWN_PLACES = 4
_NOTHING = Text("", "")
_ROLES = {"lead": Text("牵头", "lead"), "responsible": Text("责任", "responsible")}
_IN_WORDS = Text("文字承诺,未写数值", "promised in words, no number")
_WITHDRAWN = Text("取消", "withdrawn")


def status(code: str) -> Text:
    return _mart("attainment", "status").get(code, _NOTHING)


def warning(code: str) -> Text:
    return _mart("attainment", "warning").get(code, _NOTHING)


def reason(code: str) -> Text:
    return _mart("attainment", "reason").get(code, _NOTHING)


def owed(code: str) -> Text:
    return _mart("reporting_status", "status").get(code, _NOTHING)


def due_kind(code: str) -> Text:
    return _mart("deadline_calendar", "kind").get(code, _NOTHING)


def accumulation(code: str) -> Text:
    return _labels("reports", "accumulation").get(code, _NOTHING)


def observed(code: str) -> Text:
    return _labels("reports", "status").get(code, _NOTHING)


def goal_kind(code: str) -> Text:
    return _labels("targets", "kind").get(code, _NOTHING)


def comparator(code: str) -> Text:
    return _labels("targets", "comparator").get(code, _NOTHING)


@cache
def _mart(name: str, field: str) -> dict[str, Text]:
    return dict(next(each for each in mart_tables() if each.name == name).field(field).enum)


@cache
def _labels(name: str, field: str) -> dict[str, Text]:
    return dict(table(name).field(field).enum)


def role(code: str) -> Text:
    return _ROLES[code]


def roles(codes: Iterable[str], inherited: bool = False) -> Text:
    told = [role(code) for code in codes]
    taken = Text("(沿用上级)", " (from the node above)") if inherited else _NOTHING
    return Text("、".join(each.zh for each in told) + taken.zh, ", ".join(each.en for each in told) + taken.en)


def places(value: Decimal) -> int:
    """How many decimals a value is shown with: those it has, up to four."""
    exponent = round(value, _SHOWN_PLACES).normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def number(value: Decimal) -> str:
    return f"{value:,.{places(value)}f}"


def percent(share: Decimal | None) -> str:
    return "" if share is None else f"{share * 100:.1f}%"


def quantity(promise: Promise) -> Text:
    """`不少于 8,000 人`, `3–5 场`, `2.7 万人左右`."""
    if promise.value is None:
        return _IN_WORDS
    amount = number(promise.value) + (f"–{number(promise.upper)}" if promise.upper is not None else "")
    words = _NOTHING if promise.comparator in ("eq", "between", "") else comparator(promise.comparator)
    front, behind = ("", words.zh) if promise.comparator == "approx" else (words.zh, "")
    return Text(
        " ".join(filter(None, (front, amount, promise.unit.zh))) + behind,
        " ".join(filter(None, (words.en, amount, promise.unit.en))),
    )


def until(promise: Promise) -> Text:
    """By when a promise is to be kept."""
    if promise.basis != "each_year":
        return Text(f"{promise.end_year}-12-31", f"{promise.end_year}-12-31")
    years = str(promise.end_year)
    if promise.start_year != promise.end_year:
        years = f"{promise.start_year}–{years}"
    return Text(f"每年年底({years})", f"end of each year ({years})")


def step(each: Step) -> Text:
    day = each.due_on.isoformat()
    if each.promise is None:
        return Text(f"{day} {each.what.zh}", f"{day} {each.what.en}")
    amount = quantity(each.promise)
    return Text(f"{day} 分步目标 {amount.zh}", f"{day} step: {amount.en}")


def changed(first: Promise, changes: Iterable[Change]) -> list[Text]:
    """The way from the first promise to the one in force: one line a revision."""
    lines: list[Text] = []
    before = _stated(first)
    for each in changes:
        after = _stated(each.promise) if each.promise else _WITHDRAWN
        by = each.document or each.decided_by.zh
        by_en = each.document or each.decided_by.en
        lines.append(
            Text(
                f"{before.zh} → {after.zh};{each.effective_on} 起,依据 {by}" + (f"({each.note})" if each.note else ""),
                f"{before.en} → {after.en}; from {each.effective_on}, by {by_en}"
                + (f" ({each.note})" if each.note else ""),
            )
        )
        before = after
    return lines


def _stated(promise: Promise) -> Text:
    amount, day = quantity(promise), until(promise)
    return Text(f"{amount.zh}({day.zh})", f"{amount.en} ({day.en})")


def figure(each: Figure) -> Text:
    """A reported figure with what it covers; without a value, why there is none."""
    covers, kind = accumulation(each.accumulation), observed(each.status)
    if each.value is None:
        return Text(f"{each.period}:无数值({kind.zh})", f"{each.period}: no value ({kind.en})")
    told = [covers] if each.status == "A" else [covers, kind]
    value = number(each.value)
    return Text(
        f"{each.period}:{value} {each.unit.zh}({'、'.join(one.zh for one in told)})",
        f"{each.period}: {value} {each.unit.en} ({', '.join(one.en for one in told)})",
    )


def reporter(each: Figure) -> Text:
    return Text(
        f"{each.reporter.zh} {each.reported_by},{each.reported_on} 报",
        f"{each.reporter.en}, {each.reported_by}, on {each.reported_on}",
    )


def requirement(promise: Promise | None) -> Text:
    """The comparator of a promise, or that it is in words or withdrawn; a bare number has none, as in the documents."""
    if promise is None:
        return Text("已取消", "withdrawn")
    if promise.value is None:
        return Text("文字承诺", "in words")
    return _NOTHING if promise.comparator == "eq" else comparator(promise.comparator)


def outstanding(each: Owed) -> Text:
    """A figure that is owed, with its year and last day."""
    label = owed(each.status)
    return Text(f"{each.year} 年:{label.zh}(应于 {each.due_on} 前)", f"{each.year}: {label.en} (by {each.due_on})")


def task(each: Task) -> tuple[Text, ...]:
    """A task by its place in the document and its title, and below it what it is a part of."""
    here = each.path[-1]
    told = Text(f"{each.locator} {here.zh}", f"{each.locator} {here.en}")
    if len(each.path) == 1:
        return (told,)
    above = each.path[:-1]
    return told, Text(f"属:{' › '.join(one.zh for one in above)}", f"under: {' › '.join(one.en for one in above)}")


def units(each: Task) -> tuple[Text, ...]:
    """The units of a task, a line a role."""
    named = ((role("lead"), each.lead_units), (role("responsible"), each.responsible_units))
    return tuple(Text(f"{label.zh}:{of.zh}", f"{label.en}: {of.en}") for label, of in named if of.zh)

"""How bulletins and ledgers put things: one form for each, in both languages.

Labels of codes are those of the schemas. Chinese is set as in official documents: full-width marks, no blanks around
numbers, dashes of the width of a character between years and numbers.
"""

from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from typing import Protocol

from pipeline.language import Text
from pipeline.marts import Source
from pipeline.tables import mart_tables, table

NONE = "—"
NOTHING = Text("", "")
WITHDRAWN = Text("已取消", "withdrawn")
IN_WORDS = Text("文字承诺", "in words")

TASK = Text("任务", "Task")
TARGET = Text("目标", "Target")
INDICATOR = Text("指标", "Indicator")
WHAT_IS_DUE = Text("事项", "What is due")
DUE = Text("到期日", "Due on")
YEAR = Text("年份", "Year")
ACTUAL = Text("实际值", "Actual")
COMPLETION = Text("完成度", "Completion")
EXPECTED = Text("应达进度", "Expected")
STATUS = Text("状态", "Status")
WHY = Text("原因", "Why")
REPORTING = Text("填报情况", "Reporting")

GREEN_TILE = Text("绿：正常或已完成", "green: on track or achieved")
YELLOW_TILE = Text("黄：滞后", "yellow: behind")
RED_TILE = Text("红：有风险或逾期", "red: at risk or overdue")

_PLACES = 4
_SCALES = (("ten thousand ", 4), ("hundred million ", 8))
_AFTER = {"per cent": "%", "ratio": ":1"}  # what is read without the name of its unit
_UNCHANGED = frozenset({"km", "mu", "yuan", "times as much"})


class Promised(Protocol):
    """What is promised for which years; in words where there is no value."""

    @property
    def comparator(self) -> str | None: ...
    @property
    def value(self) -> Decimal | None: ...
    @property
    def upper(self) -> Decimal | None: ...
    @property
    def unit(self) -> Text: ...
    @property
    def basis(self) -> str: ...
    @property
    def start_year(self) -> int: ...
    @property
    def end_year(self) -> int: ...


@cache
def _labels(name: str, column: str) -> dict[str, Text]:
    found = next((each for each in mart_tables() if each.name == name), None) or table(name)
    return dict(found.field(column).enum)


def label(name: str, column: str, code: str) -> Text:
    """What a code of a table or mart is called; no code is nothing."""
    return _labels(name, column)[code] if code else NOTHING


def status(code: str) -> Text:
    return label("attainment", "status", code)


def reason(code: str) -> Text:
    return label("attainment", "reason", code)


def owed(code: str) -> Text:
    return label("reporting_status", "status", code)


def number(value: Decimal | Fraction | int, places: int = _PLACES) -> str:
    """With thousands apart, and no more decimals than there are."""
    exact = Decimal(value.numerator) / Decimal(value.denominator) if isinstance(value, Fraction) else Decimal(value)
    shown = f"{exact:,.{places}f}"
    short = shown.rstrip("0").rstrip(".") if "." in shown else shown
    return "0" if short == "-0" else short


def decimals(shown: str) -> int:
    """How many decimals a number is shown with."""
    return len(shown.removesuffix("%").partition(".")[2])


def per_cent(share: Decimal | Fraction | None) -> str:
    """A share with at most one decimal, rounded to nearest."""
    return NONE if share is None else f"{number(share * 100, 1)}%"


def measure(unit: Text) -> Text:
    """A unit that stands apart from its number."""
    return Text("%", "%") if unit.en == "per cent" else unit


def quantity(value: Decimal | None, unit: Text) -> Text:
    """`2.7万人`, `27,000 persons`."""
    if value is None:
        return Text(NONE, NONE)
    if unit.en in _AFTER:
        shown = f"{number(value)}{_AFTER[unit.en]}"
        return Text(shown, shown)
    power, name = _scale(unit.en)
    english = value.scaleb(power)
    return Text(f"{number(value)}{unit.zh}", f"{number(english)} {_plural(name, english)}")


def _scale(name: str) -> tuple[int, str]:
    """English has no unit of ten thousand: the power of ten to be multiplied, and the unit that is left."""
    return next(((power, name.removeprefix(scale)) for scale, power in _SCALES if name.startswith(scale)), (0, name))


def _plural(name: str, value: Decimal) -> str:
    head, _, rest = name.partition(" per ")
    if value == 1 or head in _UNCHANGED or head.startswith("per ") or " of " in head or head.endswith("s"):
        return name
    ending = "es" if head.endswith("ch") else "s"
    return f"{head}{ending} per {rest}" if rest else f"{head}{ending}"


def amount(of: Promised | None) -> Text:
    """`不少于24个`, `3—5场`, `2.7万人左右`; None is a promise that was withdrawn."""
    if of is None:
        return WITHDRAWN
    if of.value is None:
        return IN_WORDS
    if of.upper is not None:
        most = quantity(of.upper, of.unit)
        return Text(f"{number(of.value)}—{most.zh}", f"{number(of.value.scaleb(_scale(of.unit.en)[0]))}–{most.en}")
    told, least = quantity(of.value, of.unit), comparator(of)
    if of.comparator == "approx":
        return Text(f"{told.zh}{least.zh}", f"{least.en} {told.en}")
    return Text(f"{least.zh}{told.zh}", f"{least.en} {told.en}".lstrip())


def comparator(of: Promised) -> Text:
    """The word for a minimum, maximum or about; a bare number and a range have none, as in the documents."""
    bare = of.comparator in (None, "", "eq", "between")
    return NOTHING if bare else label("targets", "comparator", of.comparator or "")


def years(first: int, last: int) -> Text:
    return Text(f"{first}", f"{first}") if first == last else Text(f"{first}—{last}", f"{first}–{last}")


def span(of: Promised) -> Text:
    """For when something is promised: `2025年`, `2025年底前`, `2024—2025年每年`."""
    all_years = years(of.start_year, of.end_year)
    if of.basis == "by_end":
        return by_end(of.end_year)
    if of.basis == "each_year" and of.start_year != of.end_year:
        return Text(f"{all_years.zh}年每年", f"each year, {all_years.en}")
    return Text(f"{all_years.zh}年", all_years.en)


def by_end(year: int) -> Text:
    return Text(f"{year}年底前", f"by the end of {year}")


def day(value: date) -> Text:
    return Text(f"{value.year}年{value.month}月{value.day}日", f"{value.day} {value:%B %Y}")


def to(value: date) -> Text:
    return Text(f"截至{value}", f"to {value}")


def done(completion: Decimal) -> Text:
    return Text(f"完成{per_cent(completion)}", f"{per_cent(completion)} done")


def due_by_now(expected: Decimal) -> Text:
    return Text(f"应达{per_cent(expected)}", f"{per_cent(expected)} expected")


def source(of: Source) -> str:
    """A text that was read, as it is cited."""
    return " · ".join(str(part) for part in (of.title, of.publisher, of.published_on) if part)

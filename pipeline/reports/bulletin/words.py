"""How a bulletin puts numbers, days and statuses into words. Labels of statuses and reasons are those of the marts."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache

from pipeline.bulletin.state import Target, Unit
from pipeline.language import Language, Text
from pipeline.periods import Period
from pipeline.tables import mart_tables

# A sign beside the colour, for readers who see none.
SIGNS = {
    "overdue": "✕",
    "at_risk": "◆",
    "behind": "▲",
    "on_track": "●",
    "achieved": "✓",
    "no_data": "○",
    "not_measurable": "–",
}
CAUSES = {
    "revised": Text("目标调整", "target revised"),
    "withdrawn": Text("目标取消", "target withdrawn"),
    "new_figure": Text("新报数字", "new figure"),
    "corrected": Text("数字更正", "figure corrected"),
    "time": Text("时间推移", "time passed"),
}
_COMPARATORS = {"ge": "≥ ", "gt": "> ", "le": "≤ ", "lt": "< ", "approx": "≈ "}
_SCALES = (("ten thousand ", 4), ("hundred million ", 8))
_AFTER = {"per cent": "%", "ratio": ":1"}  # what is read without the name of its unit
_UNCHANGED = frozenset({"km", "mu", "yuan", "times as much"})
NONE = "—"


@cache
def _labels(mart: str, column: str) -> dict[str, Text]:
    found = next(table for table in mart_tables() if table.name == mart)
    return dict(found.field(column).enum)


def status(name: str) -> Text:
    return _labels("attainment", "status")[name]


def reason(name: str) -> Text:
    return _labels("attainment", "reason")[name]


def owed(name: str) -> Text:
    return _labels("reporting_status", "status")[name]


def number(value: Decimal | Fraction | int, places: int = 4) -> str:
    """With thousands apart, and no more decimals than there are."""
    exact = Decimal(value.numerator) / Decimal(value.denominator) if isinstance(value, Fraction) else Decimal(value)
    shown = f"{exact:,.{places}f}"
    short = shown.rstrip("0").rstrip(".") if "." in shown else shown
    return "0" if short == "-0" else short


def per_cent(share: Decimal | Fraction | None) -> str:
    """A share with at most one decimal, rounded to nearest."""
    return NONE if share is None else f"{number(share * 100, 1)}%"


def quantity(value: Decimal | None, unit: Text, language: Language) -> str:
    if value is None:
        return NONE
    if unit.en in _AFTER:
        return f"{number(value)}{_AFTER[unit.en]}"
    if language == "zh":
        return f"{number(value)}{unit.zh}"
    name = unit.en
    for scale, power in _SCALES:
        if name.startswith(scale):
            value, name = value.scaleb(power), name.removeprefix(scale)
    return f"{number(value)} {_plural(name, value)}"


def _plural(name: str, value: Decimal) -> str:
    head, _, rest = name.partition(" per ")
    if value == 1 or head in _UNCHANGED or head.endswith("s"):
        return name
    ending = "es" if head.endswith("ch") else "s"
    return f"{head}{ending} per {rest}" if rest else f"{head}{ending}"


def promised(target: Target, language: Language) -> str:
    """The value to be reached: “≥ 24个”, “3–5场”."""
    if target.reason == "withdrawn":
        return Text("已取消", "withdrawn")(language)
    if target.value is None:
        return Text("文字承诺", "in words")(language)
    whole = quantity(target.value if target.upper is None else target.upper, target.unit, language)
    if target.upper is not None:
        return f"{number(target.value)}–{whole}"
    return _COMPARATORS.get(target.comparator or "", "") + whole


def day(value: date | None, language: Language) -> str:
    if value is None:
        return NONE
    return f"{value.year}年{value.month}月{value.day}日" if language == "zh" else f"{value.day} {value:%B %Y}"


def short_day(value: date | None) -> str:
    return NONE if value is None else value.isoformat()


def period(of: Period) -> Text:
    """2030年第三季度 and the like."""
    year, _, part = of.text.partition("-")
    if not part:
        return Text(f"{year}年", year)
    if part.startswith("S"):
        half = {"S1": Text("上半年", "first half"), "S2": Text("下半年", "second half")}[part]
        return Text(f"{year}年{half.zh}", f"{half.en} of {year}")
    if part.startswith("Q"):
        nth = {"Q1": ("一", "first"), "Q2": ("二", "second"), "Q3": ("三", "third"), "Q4": ("四", "fourth")}[part]
        return Text(f"{year}年第{nth[0]}季度", f"{nth[1]} quarter of {year}")
    return Text(f"{year}年{int(part)}月", f"{of.start:%B} {year}")


def units(of: Iterable[Unit], language: Language, most: int | None = None) -> str:
    """Names of units, of more than `most` the first; of a promise that names none, that nobody is named."""
    names = [unit.name(language) for unit in of]
    if not names:
        return Text("文件未写明", "none named")(language)
    return listed(names, language, most)


def listed(names: Sequence[str], language: Language, most: int | None = None) -> str:
    """Names in a row, of more than `most` the first and how many there are."""
    shown = names if most is None or len(names) <= most + 1 else names[:most]
    joined = ("、" if language == "zh" else "; ").join(shown)
    left = len(names) - len(shown)
    return joined + Text(f"等{len(names)}个", f" and {left} more")(language) if left else joined

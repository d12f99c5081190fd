"""Values that must agree with each other: parts and wholes, restatements, one value for one thing."""

from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction

from pipeline.checks.registry import Context, check
from pipeline.checks.units import base_value
from pipeline.dataset import Dataset, Row
from pipeline.findings import Finding

# How far the sum may be from a whole that is itself printed as 左右.
APPROXIMATE_TOLERANCE = Fraction(5, 100)
_NEEDS = ("value", "upper_value", "comparator", "unit_code")


def _base(row: Row, data: Dataset) -> Fraction | None:
    """The value in its base unit; None where there is none or it cannot be relied on."""
    unit = data.units.get(row["unit_code"])
    if row["value"] is None or unit is None or row.faulty.intersection(_NEEDS):
        return None
    return base_value(row["value"], unit)


def _plain(value: Fraction) -> str:
    return str(value.numerator) if value.denominator == 1 else f"{float(value):g}"


@check("parts-do-not-add-up")
def parts_add_up(context: Context) -> Iterator[Finding]:
    data = context.data
    parts: defaultdict[str, list[Row]] = defaultdict(list)
    for link in context.view.rows("links", "from_target_id", "to_target_id", "kind"):
        part = data.find("targets", link["from_target_id"])
        if link["kind"] == "part_of" and part is not None:
            parts[link["to_target_id"]].append(part)
    for whole_id, found in parts.items():
        whole = data.find("targets", whole_id)
        if whole is None or data.has_caveat(whole, "contradiction", "misprint"):
            continue
        bases = [_base(row, data) for row in found]
        total = _base(whole, data)
        if total is None or any(base is None for base in bases):
            continue
        added = sum((base for base in bases if base is not None), Fraction(0))
        approximate = any(row["comparator"] == "approx" for row in (whole, *found))
        slack = abs(total) * APPROXIMATE_TOLERANCE if approximate else Fraction(0)
        dimensions = {data.units[row["unit_code"]].dimension for row in (whole, *found)}
        mixed = len(dimensions) > 1 and not data.has_caveat(whole, "arithmetic")
        if abs(added - total) > slack or mixed:
            names = " + ".join(f"{row.key} ({row.text('value')} {row['unit_code']})" for row in found)
            shown = f"{whole.text('value')} {whole['unit_code']}"
            yield whole.finding("parts-do-not-add-up", "value", parts=names, sum=_plain(added), whole=shown)


@check("restated-value-differs")
def restatements_agree(context: Context) -> Iterator[Finding]:
    data = context.data
    for link in context.view.rows("links", "from_target_id", "to_target_id", "kind"):
        first, second = (
            data.find("targets", link["from_target_id"]),
            data.find("targets", link["to_target_id"]),
        )
        if link["kind"] == "restates" and first and second and _base(first, data) != _base(second, data):
            yield first.finding("restated-value-differs", "value", other=f"{second.key} ({second.text('value')})")


@check("conflicting-targets")
def one_value_per_indicator_and_period(context: Context) -> Iterator[Finding]:
    data = context.data
    linked = {
        frozenset((row["from_target_id"], row["to_target_id"]))
        for row in context.view.rows("links", "from_target_id", "to_target_id")
    }
    groups: defaultdict[tuple[str, str, int, int], list[Row]] = defaultdict(list)
    needs = ("indicator_id", "basis", "start_year", "end_year", *_NEEDS)
    for row in context.view.rows("targets", *needs):
        if _base(row, data) is not None:
            groups[row["indicator_id"], row["basis"], row["start_year"], row["end_year"]].append(row)
    for rows in groups.values():
        for position, row in enumerate(rows):
            for other in rows[:position]:
                differ = _promise(row, data) != _promise(other, data)
                told = frozenset((row.key, other.key)) in linked or data.has_caveat(row, "contradiction", "misprint")
                if differ and not told:
                    shown = f"{other.key} ({other['comparator']} {other.text('value')} {other['unit_code']})"
                    yield row.finding("conflicting-targets", "value", other=shown)


def _promise(row: Row, data: Dataset) -> tuple[str | None, Fraction | None, str | None]:
    return (row["comparator"], _base(row, data), row.text("upper_value"))

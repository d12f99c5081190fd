"""Units: one dimension for one thing, whole counts, shares within bounds, one order of magnitude."""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from pipeline.checks.registry import Context, check
from pipeline.dataset import Row, Unit, columns_of
from pipeline.findings import Finding, Fix
from pipeline.language import Text
from pipeline.ledger import REPORTS, reports_in_force
from pipeline.view import View

# How far apart neighbouring values of one indicator may be. In the five programmes the largest factor is 12; a 万 too
# many or too few makes 10 000, less what the values honestly differ.
SCALE_GAP = 1000
# Tables of values, and the column that leads to their indicator.
VALUED = {
    "targets": "indicator_id",
    "target_revisions": "target_id",
    "observations": "indicator_id",
    "reports": "indicator_id",
}
SCALE_CAVEATS = ("misprint", "contradiction", "ambiguity", "arithmetic")


def base_value(value: Decimal, unit: Unit) -> Fraction:
    """The value in the base unit, exactly."""
    return Fraction(*_ratio(value, unit))


def _ratio(value: Decimal, unit: Unit) -> tuple[int, int]:
    """The value in the base unit as numerator and denominator, not reduced: a million values are judged by them."""
    numerator, denominator = value.as_integer_ratio()
    return numerator * unit.factor.numerator, denominator * unit.factor.denominator


def _size(value: Decimal, unit: Unit) -> int | Fraction:
    """How large a value is in its base unit, its sign left out."""
    numerator, denominator = _ratio(value, unit)
    whole, rest = divmod(abs(numerator), denominator)
    return Fraction(abs(numerator), denominator) if rest else whole


@check("unit-dimension-mismatch")
def dimensions_agree(context: Context) -> Iterator[Finding]:
    """A unit has the dimension of its base, a value that of its indicator, an indicator that of its concept."""
    data = context.data
    for row in context.view.rows("units", "unit_code", "dimension", "base_unit_code"):
        base = data.find("units", row["base_unit_code"])
        if base and base["dimension"]:
            other = Text(f"基本单位 {base.key}", f"its base unit {base.key}")
            yield from _mismatch(row, base["dimension"], other, context)
    for table in ("targets", "observations", "target_revisions"):
        for row in context.view.rows(table, "unit_code", VALUED[table]):
            if indicator := _indicator(context.view, row, "unit_code"):
                usual = context.view.unit(indicator)
                name = f"{indicator.key} ({indicator['unit_code']})"
                other = Text(f"指标 {name}", f"the indicator {name}")
                yield from _mismatch(row, usual.dimension if usual else None, other, context)
    for row in context.view.rows("indicators", "unit_code", "concept_code"):
        if concept := context.view.find("concepts", row["concept_code"], "dimension"):
            other = Text(f"共同指标 {concept.key}", f"the concept {concept.key}")
            yield from _mismatch(row, concept["dimension"], other, context)


def _mismatch(row: Row, wanted: str | None, other: Text, context: Context) -> Iterator[Finding]:
    unit, data = context.view.unit(row), context.data
    if unit and wanted and unit.dimension != wanted:
        fitting = [u.code for u in data.units.values() if u.dimension == wanted]
        yield row.finding(
            "unit-dimension-mismatch",
            "unit_code",
            Fix(fitting[0]) if len(fitting) == 1 else None,
            found=unit.dimension,
            wanted=wanted,
            other=other,
            units=", ".join(fitting) or "—",
        )


@check("count-not-integral")
def counts_are_whole(context: Context) -> Iterator[Finding]:
    """What comes in whole numbers is whole in its base unit."""
    for table in VALUED:
        names = ("value",) if table == REPORTS else ("value", "upper_value")
        judged_by = (*names, "unit_code")

        def is_whole(row: Row, names: tuple[str, ...] = names) -> bool:
            unit = context.view.unit(row)
            return unit is not None and not any(_is_broken(row[name], unit) for name in names)

        for row in context.view.doubtful(table, judged_by, is_whole, *judged_by):
            if unit := context.view.unit(row):
                for name in names:
                    if _is_broken(row[name], unit):
                        numerator, denominator = _ratio(row[name], unit)
                        shown = f"{numerator / denominator:g}"
                        yield row.finding("count-not-integral", name, unit=unit.code, base=shown)


def _is_broken(value: Decimal | None, unit: Unit) -> bool:
    if value is None or not unit.integral:
        return False
    numerator, denominator = _ratio(value, unit)
    return bool(numerator % denominator)


@check("share-out-of-range")
def shares_within_bounds(context: Context) -> Iterator[Finding]:
    """Shares and coverage in per cent lie between 0 and 100."""
    for table, of in VALUED.items():

        def is_no_share(row: Row) -> bool:
            indicator = _indicator(context.view, row, "measure_type")
            percent = row["unit_code"] == "percent"
            return indicator is not None and not (percent and indicator["measure_type"] in ("share", "coverage"))

        for row in context.view.doubtful(table, (of, "unit_code"), is_no_share, of, "unit_code", "value"):
            known = _indicator(context.view, row, "measure_type") and row["unit_code"] == "percent"
            if known and row["value"] is not None and not 0 <= row["value"] <= 100:
                yield row.finding("share-out-of-range", "value")


@check("unit-scale-suspect")
def values_are_of_one_scale(context: Context) -> Iterator[Finding]:
    """No gap of a factor of a thousand or more runs through the values of an indicator.

    Values are put in order of size, nought and signs left out; on either side of a gap stand those that agree, and the
    smaller side is suspected (of two equal ones, the later). A series that grows in steps has no gap. Of a report that
    was corrected the correction counts; a report may say in its note why it is as it is.
    """
    view = context.view
    values: defaultdict[tuple[str | None, str], list[tuple[int | Fraction, Row]]] = defaultdict(list)
    for table, of in VALUED.items():
        needs = (of, "value", "unit_code")
        rows = reports_in_force(view, *needs) if table == REPORTS else list(view.rows(table, *needs))
        keys, cells, codes = columns_of(rows, *needs)
        if table == "target_revisions":
            keys = [indicator.key if (indicator := _indicator(view, row)) else row.text(of) for row in rows]
        said = list(zip(cells, codes, strict=True))
        sizes = {what: _sized(view, row) for what, row in dict(zip(said, rows, strict=True)).items()}
        for key, what, row in zip(keys, said, rows, strict=True):
            if sized := sizes[what]:
                values[key, sized[0]].append((sized[1], row))
    for group in values.values():
        found = [size for size, _ in group]
        if max(found) < min(found) * SCALE_GAP:
            continue
        # rows are not compared: the numbers before them differ
        ordered = sorted((size, n, row) for n, (size, row) in enumerate(group))
        for count, (low, high) in enumerate(pairwise(ordered), 1):
            if high[0] >= low[0] * SCALE_GAP:
                below, above = ordered[:count], ordered[count:]
                high_is_odd = (len(above), -high[1]) < (len(below), -low[1])
                odd, other = (high, low) if high_is_odd else (low, high)
                if not any(_explained(view, row) for _, _, row in (low, high)):
                    yield _out_of_scale(odd[2], other[2], Fraction(high[0], low[0]))


def _explained(view: View, row: Row) -> bool:
    if row.source.table.name == REPORTS and "note_zh" not in row.faulty and row["note_zh"]:
        return True
    return view.excused(row, *SCALE_CAVEATS)


def _sized(view: View, row: Row) -> tuple[str, int | Fraction] | None:
    """The dimension of a value and its size in the base unit; nought has none."""
    unit = view.unit(row) if row["value"] else None
    return (unit.dimension, _size(row["value"], unit)) if unit else None


def _indicator(view: View, row: Row, *needs: str) -> Row | None:
    """The indicator of a value, by way of its target where that was revised."""
    if row.source.table.name == "target_revisions":
        target = view.find("targets", row["target_id"], "indicator_id")
        return view.find("indicators", target["indicator_id"], *needs) if target else None
    return view.find("indicators", row["indicator_id"], *needs)


def _out_of_scale(row: Row, other: Row, factor: Fraction) -> Finding:
    return row.finding(
        "unit-scale-suspect",
        "value",
        unit=row["unit_code"],
        other=f"{other.key} ({other.text('value')} {other['unit_code']})",
        factor=f"{float(factor):g}",
    )

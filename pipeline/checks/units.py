"""Units, dimensions, and whether a row says what is printed."""

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

from pipeline.checks.registry import Context, check
from pipeline.checks.structure import hints
from pipeline.dataset import Dataset, Row, Unit
from pipeline.findings import Finding, Fix
from pipeline.language import Text
from pipeline.quantity import Quantity, Worded, parse, parse_deadline

# A caveat of one of these kinds settles that a printed token does not show the unit of its row.
UNIT_CAVEATS = ("redaction", "garbling", "injection", "inference", "misprint")


def base_value(value: Decimal, unit: Unit) -> Fraction:
    """The value in the base unit, exactly."""
    return Fraction(value) * unit.factor


@check("unit-dimension-mismatch")
def dimensions_agree(context: Context) -> Iterator[Finding]:
    """A unit has the dimension of its base, a value that of its indicator, an indicator that of its concept."""
    data = context.data
    for row in context.view.rows("units", "unit_code", "dimension", "base_unit_code"):
        base = data.find("units", row["base_unit_code"])
        if base and base["dimension"]:
            other = Text(f"基本单位 {base.key}", f"its base unit {base.key}")
            yield from _mismatch(row, base["dimension"], other, data)
    for table in ("targets", "observations"):
        for row in context.view.rows(table, "unit_code", "indicator_id"):
            indicator = data.find("indicators", row["indicator_id"])
            if indicator and not indicator.faulty & {"unit_code"}:
                usual = data.units.get(indicator["unit_code"])
                name = f"{row['indicator_id']} ({indicator['unit_code']})"
                other = Text(f"指标 {name}", f"the indicator {name}")
                yield from _mismatch(row, usual.dimension if usual else None, other, data)
    for row in context.view.rows("indicators", "unit_code", "concept_code"):
        if concept := data.find("concepts", row["concept_code"]):
            other = Text(f"共同指标 {concept.key}", f"the concept {concept.key}")
            yield from _mismatch(row, concept["dimension"], other, data)


def _mismatch(row: Row, wanted: str | None, other: Text, data: Dataset) -> Iterator[Finding]:
    unit = data.units.get(row["unit_code"])
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
    for table in ("targets", "observations"):
        for row in context.view.rows(table, "value", "upper_value", "unit_code"):
            unit = context.data.units.get(row["unit_code"])
            for name in ("value", "upper_value"):
                if unit and unit.integral and row[name] is not None:
                    base = base_value(row[name], unit)
                    if base.denominator != 1:
                        shown = f"{float(base):g}"
                        yield row.finding("count-not-integral", name, unit=unit.code, base=shown)


@check("share-out-of-range")
def shares_within_bounds(context: Context) -> Iterator[Finding]:
    for table in ("targets", "observations"):
        for row in context.view.rows(table, "value", "unit_code", "indicator_id"):
            indicator = context.data.find("indicators", row["indicator_id"])
            if row["value"] is None or row["unit_code"] != "percent" or indicator is None:
                continue
            if indicator["measure_type"] in ("share", "coverage") and not 0 <= row["value"] <= 100:
                yield row.finding("share-out-of-range", "value")


@check("quantity-mismatch", "unit-unknown")
def rows_say_what_is_printed(context: Context) -> Iterator[Finding]:
    """Parse each printed token and compare comparator, value, scale and unit with the row that cites it."""
    data, view = context.data, context.view
    symbols: dict[str, set[str]] = {}
    for symbol in data.tables["unit_symbols"]:
        symbols.setdefault(symbol["symbol"], set()).add(symbol["unit_code"])
    for citation in view.rows("citations", "printed", "target_id", "observation_id", "milestone_id"):
        printed = citation["printed"]
        if milestone := data.find("milestones", citation["milestone_id"]):
            yield from _deadline(context, citation, milestone)
            continue
        row = data.find("targets", citation["target_id"]) or data.find("observations", citation["observation_id"])
        if row is None or row.faulty & {"comparator", "value", "upper_value", "unit_code"}:
            continue
        read = parse(printed)
        if read is None:
            cell = citation.place("printed").cell
            view.pass_over(Text(f"{cell}“{printed}”无法解析", f"{cell} “{printed}” cannot be parsed"))
            continue
        if isinstance(read, Worded):
            if read.quantity is None:
                if row["value"] is not None:
                    yield _disagrees(citation, row, Text("(没有数值)", "no number"), Text("数值", "value"))
                continue
            read = (read.quantity,)
        if row["value"] is None:
            yield _disagrees(citation, row, _read_out(read), Text("数值", "value"))
            continue
        unknown = [q.unit for q in read if q.unit and q.unit not in symbols and q.unit != ":"]
        if unknown:
            yield citation.finding(
                "unit-unknown",
                "printed",
                target="unit_symbols.csv (symbol)",
                nearest=hints(unknown[0], list(symbols)),
            )
            continue
        faults = [_compare(quantity, row, symbols, data) for quantity in read]
        if all(faults):
            aspect = min((fault for fault in faults if fault), key=lambda fault: fault[0])
            yield _disagrees(citation, row, _read_out(read), aspect[1])


def _compare(quantity: Quantity, row: Row, symbols: dict[str, set[str]], data: Dataset) -> tuple[int, Text] | None:
    """What differs first between a printed quantity and a row, and how near they are (0 nearest); None: nothing."""
    if (quantity.value, quantity.upper) != (row["value"], row["upper_value"]):
        return 3, Text("数值", "value")
    if quantity.comparator != row["comparator"]:
        return 0, Text("比较符", "comparator")
    unit = data.units.get(row["unit_code"])
    if unit is None:
        return None
    if quantity.unit == ":":
        return None if unit.dimension == "ratio" else (1, Text("单位", "unit"))
    if not quantity.unit:
        return None if data.has_caveat(row, *UNIT_CAVEATS) else (1, Text("单位(未印出)", "unit (none is printed)"))
    meant = [data.units[code] for code in symbols[quantity.unit] if code in data.units]
    if not any(u.dimension == unit.dimension for u in meant):
        return 1, Text("单位", "unit")
    if not any(u.dimension == unit.dimension and u.factor * quantity.scale == unit.factor for u in meant):
        return 2, Text("量级", "scale")
    return None


def _disagrees(citation: Row, row: Row, read: Text, aspect: Text) -> Finding:
    said = " ".join(row.text(name) or "—" for name in ("comparator", "value", "unit_code"))
    return citation.finding(
        "quantity-mismatch",
        "printed",
        printed=citation["printed"],
        read=read,
        row=f"{row.key}: {said}",
        aspect=aspect,
    )


def _read_out(read: tuple[Quantity, ...]) -> Text:
    scales = {1: "", 10**4: "万", 10**5: "十万", 10**6: "百万", 10**7: "千万", 10**8: "亿", 10**12: "万亿"}
    parts = []
    for q in read:
        number = f"{q.value}-{q.upper}" if q.upper is not None else f"{q.value}"
        parts.append(f"{q.comparator} {number}{scales[q.scale]}{q.unit}")
    return Text("、".join(parts), ", ".join(parts))


def _deadline(context: Context, citation: Row, milestone: Row) -> Iterator[Finding]:
    if milestone.faulty & {"due_on"}:
        return
    deadline = parse_deadline(citation["printed"])
    if deadline is None:
        cell = citation.place("printed").cell
        printed = citation["printed"]
        context.view.pass_over(Text(f"{cell}“{printed}”不是日期", f"{cell} “{printed}” is no date"))
        return
    due = deadline.due_in(milestone["due_on"].year)
    if due != milestone["due_on"]:
        yield citation.finding(
            "quantity-mismatch",
            "printed",
            printed=citation["printed"],
            read=Text(due.isoformat(), due.isoformat()),
            row=f"{milestone.key}: {milestone['due_on']}",
            aspect=Text("日期", "date"),
        )

"""Whether a row says what is printed: each cited token parsed and compared with the row that cites it."""

from collections.abc import Iterator
from dataclasses import replace

from pipeline.checks.registry import Context, check
from pipeline.dataset import Dataset, Row, Unit
from pipeline.findings import Finding, Fix
from pipeline.language import Text
from pipeline.nearest import hints
from pipeline.quantity import Quantity, Worded, parse, parse_deadline

# A caveat of one of these kinds settles that a printed token does not show the unit of its row.
UNIT_CAVEATS = ("redaction", "garbling", "injection", "inference", "misprint")
# What is easily taken for each other, and differs by the whole value: 5% of 80 is 4, 5 points more than 80 is 85.
CONFUSED = {"percent": "percentage-points", "percentage-points": "percent"}
_NO_NUMBER = Text("(没有数值)", "no number")
_VALUE = Text("数值", "value")
_UNIT = Text("单位", "unit")
_NOT_PRINTED = Text("单位(未印出)", "unit (none is printed)")


@check("quantity-mismatch", "percent-vs-point")
def rows_say_what_is_printed(context: Context) -> Iterator[Finding]:
    """Comparator, value, scale and unit of a token are those of the row, or of one row for each value of a list.

    百分点 for 百分比 and the reverse is a finding of its own. The year of a deadline is judged by `year-mismatch`.
    """
    view = context.view
    symbols = _symbols(context)
    for citation in view.rows("citations", "printed", "target_id", "observation_id", "milestone_id"):
        if milestone := view.find("milestones", citation["milestone_id"], "due_on"):
            yield from _deadline(context, citation, milestone)
        elif (row := _owner(context, citation)) and (read := _read(context, citation, row)):
            for fault in _judge(context, citation, row, read, symbols):
                # what is printed wrong is stored as it was meant, with a caveat
                if not view.excused(row, "misprint"):
                    yield fault


@check("unit-unknown")
def printed_units_are_registered(context: Context) -> Iterator[Finding]:
    """Every unit that a citation prints has an entry in unit_symbols."""
    symbols = _symbols(context)
    for citation in context.view.rows("citations", "printed", "milestone_id"):
        read = parse(citation["printed"])
        if citation["milestone_id"] or not isinstance(read, tuple):
            continue
        unknown = [quantity.unit for quantity in read if quantity.unit not in ("", ":", *symbols)]
        if unknown and context.view.whole("unit_symbols", "symbol"):
            target = "unit_symbols.csv (symbol)"
            yield citation.finding("unit-unknown", "printed", target=target, nearest=hints(unknown[0], list(symbols)))


def _symbols(context: Context) -> dict[str, frozenset[str]]:
    """Units by printed symbol; none for a symbol of which a row is faulty."""
    symbols: dict[str, frozenset[str]] = {}
    for row in context.data.tables["unit_symbols"]:
        symbols[row["symbol"]] = symbols.get(row["symbol"], frozenset()) | {row["unit_code"]}
    return {symbol: frozenset() if None in units else units for symbol, units in symbols.items() if symbol}


def _owner(context: Context, citation: Row) -> Row | None:
    needs = ("comparator", "value", "upper_value", "unit_code")
    view = context.view
    return view.find("targets", citation["target_id"], *needs) or view.find(
        "observations", citation["observation_id"], *needs
    )


def _read(context: Context, citation: Row, row: Row) -> tuple[Quantity, ...] | Worded | None:
    """What a token says. One that the grammar does not cover is not checked, unless a caveat settles it."""
    printed = citation["printed"]
    read = parse(printed)
    if read is None and not context.view.excused(row, "misprint", "garbling", "injection"):
        cell = citation.place("printed").cell
        context.view.pass_over(Text(f"{cell}“{printed}”无法解析", f"{cell} “{printed}” cannot be parsed"))
    return read


def _judge(
    context: Context,
    citation: Row,
    row: Row,
    read: tuple[Quantity, ...] | Worded,
    symbols: dict[str, frozenset[str]],
) -> Iterator[Finding]:
    if isinstance(read, Worded):
        if read.quantity is None:
            if row["value"] is not None:
                yield _disagrees(citation, row, _NO_NUMBER, _VALUE)
            return
        read = (read.quantity,)
    if row["value"] is None:
        yield _disagrees(citation, row, _read_out(read), _VALUE)
        return
    unknown = [q.unit for q in read if q.unit not in ("", ":") and not symbols.get(q.unit)]
    if unknown:
        cell = citation.place("printed").cell
        context.view.pass_over(
            Text(f"{cell}:单位 {unknown[0]} 未登记", f"{cell}: the unit {unknown[0]} is not registered")
        )
        return
    unit = context.view.unit(row)
    if unit is None:
        return
    meant = {quantity: _meant(quantity, symbols, context.data) for quantity in read}
    faults = [(fault, q) for q in read if (fault := _compare(q, row, unit, meant[q]))]
    if len(faults) < len(read):
        return
    (_, aspect), nearest = min(faults, key=lambda found: found[0][0])
    other = [u.code for u in meant[nearest] if aspect is not _VALUE and u.dimension == CONFUSED.get(unit.dimension)]
    if other:
        fix = Fix(other[0]) if len(other) == 1 else None
        yield row.finding("percent-vs-point", "unit_code", fix, printed=citation["printed"], unit=other[0])
        if aspect is _UNIT:
            return
    if aspect is not _NOT_PRINTED or not context.view.excused(row, *UNIT_CAVEATS):
        yield _disagrees(citation, row, _read_out(read), aspect)


def _meant(quantity: Quantity, symbols: dict[str, frozenset[str]], data: Dataset) -> list[Unit]:
    """The units a printed symbol may stand for."""
    return [data.units[code] for code in symbols.get(quantity.unit, frozenset()) if code in data.units]


def _compare(quantity: Quantity, row: Row, unit: Unit, meant: list[Unit]) -> tuple[int, Text] | None:
    """What differs first between a printed quantity and a row, and how near they are (0 nearest); None: nothing."""
    if (quantity.value, quantity.upper) != (row["value"], row["upper_value"]):
        return 3, _VALUE
    if quantity.comparator != row["comparator"]:
        return 0, Text("比较符", "comparator")
    if quantity.unit == ":":
        return None if unit.dimension == "ratio" else (1, _UNIT)
    if not quantity.unit:
        return 1, _NOT_PRINTED
    if not any(u.dimension == unit.dimension for u in meant):
        return 1, _UNIT
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
    deadline = parse_deadline(citation["printed"])
    if deadline is None:
        pass_over_no_date(context, citation)
        return
    said = milestone["due_on"]
    other_year = deadline.year not in (None, said.year)
    due = replace(deadline, year=None).due_in(said.year)
    if due is None:
        if not other_year:
            pass_over_no_date(context, citation)
    elif due != said and not context.view.excused(milestone, "misprint"):
        yield citation.finding(
            "quantity-mismatch",
            "printed",
            printed=citation["printed"],
            read=Text(due.isoformat(), due.isoformat()),
            row=f"{milestone.key}: {said}",
            aspect=Text("日期", "date"),
        )


def pass_over_no_date(context: Context, citation: Row) -> None:
    """Remember a token that should be a date and is none."""
    cell, printed = citation.place("printed").cell, citation["printed"]
    context.view.pass_over(Text(f"{cell}“{printed}”不是日期", f"{cell} “{printed}” is no date"))

"""Values that must agree with each other: parts and wholes, restatements, one value for one thing."""

from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction

from pipeline.checks.registry import Context, check
from pipeline.checks.structure import hints, nearest_values
from pipeline.checks.units import base_value
from pipeline.dataset import Dataset, Row
from pipeline.findings import Finding, Fix
from pipeline.tables import curated_tables

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


@check("parent-cycle")
def parents_form_a_tree(context: Context) -> Iterator[Finding]:
    """Report each circle once, at the first of its records.

    Where the parent is required (the base unit of a unit), roots point to themselves and there is no tree to hold.
    """
    for table in curated_tables():
        for key in table.foreign_keys:
            is_tree = key.resource == table.name and key.reference_fields == table.primary_key
            if is_tree and not table.field(key.fields[0]).required:
                yield from _circles(context, table.name, key.fields[0])


def _circles(context: Context, table: str, parent: str) -> Iterator[Finding]:
    above = {row.key: row[parent] for row in context.view.rows(table, parent)}
    settled: set[str] = set()
    for row in context.data.tables[table]:
        path: list[str] = []
        current: str | None = row.key
        while current is not None and current not in settled and current not in path:
            path.append(current)
            current = above.get(current)
        if current in path:
            circle = path[path.index(current) :]
            yield row.finding("parent-cycle", parent, chain=" → ".join([*circle, circle[0]]))
        settled.update(path)


@check("foreign-key")
def caveats_are_about_records(context: Context) -> Iterator[Finding]:
    """A caveat names a record that exists; its table decides where to look."""
    data = context.data
    for row in context.view.rows("caveats", "table", "record_id"):
        if row["table"] not in data.incomplete and data.find(row["table"], row["record_id"]) is None:
            existing = [record.key for record in data.tables[row["table"]]]
            near = nearest_values(row["record_id"], existing)
            fix = Fix(near[0]) if near else None
            target = f"{row['table']}.csv"
            yield row.finding("foreign-key", "record_id", fix, target=target, nearest=hints(row["record_id"], existing))

"""Values that must agree with each other: parts and wholes, restatements, one value for one thing."""

from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction

from pipeline.checks.registry import Context, check
from pipeline.checks.units import base_value
from pipeline.dataset import Dataset, Row
from pipeline.fiction import is_fictional
from pipeline.findings import Finding, Fix
from pipeline.language import Text
from pipeline.nearest import hints, nearest_values
from pipeline.tables import curated_tables, table

# How far the sum may be from a whole that is itself printed as 左右.
APPROXIMATE_TOLERANCE = Fraction(5, 100)
_NEEDS = ("value", "upper_value", "comparator", "unit_code")


def _base(row: Row, data: Dataset) -> Fraction | None:
    """The value in its base unit; None where there is none."""
    unit = data.units.get(row["unit_code"])
    if row["value"] is None or unit is None:
        return None
    return base_value(row["value"], unit)


def _plain(value: Fraction) -> str:
    return str(value.numerator) if value.denominator == 1 else f"{float(value):g}"


@check("fiction-among-real")
def fiction_stands_apart(context: Context) -> Iterator[Finding]:
    """A data folder holds real programmes or fictional ones."""
    rows = list(context.view.rows("programmes", "jurisdiction_code"))
    real = [row for row in rows if not is_fictional(row["jurisdiction_code"])]
    for row in rows:
        if real and is_fictional(row["jurisdiction_code"]):
            yield row.finding("fiction-among-real", "jurisdiction_code", real=real[0].key)


@check("parts-do-not-add-up")
def parts_add_up(context: Context) -> Iterator[Finding]:
    """Targets linked as part_of add up to their whole, in base units."""
    data = context.data
    if not context.view.whole("links", "from_target_id", "to_target_id", "kind"):
        return  # a part may be missing from its sum
    parts: defaultdict[str, list[Row | None]] = defaultdict(list)
    for link in data.tables["links"]:
        if link["kind"] == "part_of":
            parts[link["to_target_id"]].append(context.view.find("targets", link["from_target_id"], *_NEEDS))
    for whole_id, members in parts.items():
        whole = context.view.find("targets", whole_id, *_NEEDS)
        found = [row for row in members if row is not None]
        if whole is None or len(found) < len(members):
            continue
        total, *bases = (_base(row, data) for row in (whole, *found))
        if total is None or any(base is None for base in bases):
            continue
        added = sum((base for base in bases if base is not None), Fraction(0))
        approximate = any(row["comparator"] == "approx" for row in (whole, *found))
        slack = abs(total) * APPROXIMATE_TOLERANCE if approximate else Fraction(0)
        mixed = len({data.units[row["unit_code"]].dimension for row in (whole, *found)}) > 1
        wrong = abs(added - total) > slack
        if (wrong and not context.view.excused(whole, "contradiction", "misprint")) or (
            mixed and not wrong and not context.view.excused(whole, "arithmetic")
        ):
            names = " + ".join(f"{row.key} ({row.text('value')} {row['unit_code']})" for row in found)
            shown = f"{whole.text('value')} {whole['unit_code']}"
            yield whole.finding("parts-do-not-add-up", "value", parts=names, sum=_plain(added), whole=shown)


@check("restated-value-differs")
def restatements_agree(context: Context) -> Iterator[Finding]:
    """A promise said again has the same value."""
    data, view = context.data, context.view
    for link in view.rows("links", "from_target_id", "to_target_id", "kind"):
        if link["kind"] != "restates":
            continue
        first = view.find("targets", link["from_target_id"], *_NEEDS)
        second = view.find("targets", link["to_target_id"], *_NEEDS)
        if first is None or second is None:
            continue
        again, said = _base(first, data), _base(second, data)
        if again is not None and said is not None and again != said:
            yield first.finding("restated-value-differs", "value", other=f"{second.key} ({second.text('value')})")


@check("step-exceeds-target")
def steps_lead_to_their_target(context: Context) -> Iterator[Finding]:
    """A step comes no later than its target and does not lie beyond it.

    Beyond is above where higher is better and below where lower is; other directions have no beyond. A range lies
    beyond where all of it does. Where one of the two is printed as 左右, `APPROXIMATE_TOLERANCE` is left to it.
    """
    view = context.view
    for link in view.rows("links", "from_target_id", "to_target_id", "kind"):
        if link["kind"] != "step_towards":
            continue
        yield from _late(context, link)
        step = view.find("targets", link["from_target_id"], *_NEEDS)
        target = view.find("targets", link["to_target_id"], "indicator_id", *_NEEDS)
        indicator = view.find("indicators", target["indicator_id"], "direction") if target else None
        if not (step and target and indicator) or indicator["direction"] not in ("higher", "lower"):
            continue
        if _comparable(context, step, target) and _beyond(step, target, indicator["direction"], context.data):
            problem = Text(
                f"{step.text('value')} {step['unit_code']} 已超过 {_shown(target)}",
                f"{step.text('value')} {step['unit_code']} is already beyond {_shown(target)}",
            )
            if not _settled(context, step, target):
                yield step.finding("step-exceeds-target", "value", problem=problem)


def _late(context: Context, link: Row) -> Iterator[Finding]:
    step = context.view.find("targets", link["from_target_id"], "end_year")
    target = context.view.find("targets", link["to_target_id"], "end_year")
    if step and target and step["end_year"] > target["end_year"] and not _settled(context, step, target):
        problem = Text(
            f"{step['end_year']} 年晚于 {target.key} 的 {target['end_year']} 年",
            f"{step['end_year']} is after {target['end_year']}, the year of {target.key}",
        )
        yield step.finding("step-exceeds-target", "end_year", problem=problem)


def _comparable(context: Context, step: Row, target: Row) -> bool:
    """Whether both have a value in one dimension; a step in another dimension is not judged, and that is said."""
    units = [context.view.unit(row) for row in (step, target)]
    if None in units or step["value"] is None or target["value"] is None:
        return False
    same = len({unit.dimension for unit in units if unit}) == 1
    if not same and not _settled(context, step, target):
        both = f"{_shown(step)} → {_shown(target)}"
        context.view.pass_over(Text(f"{both}:量纲不同,无法比较", f"{both}: other dimensions cannot be compared"))
    return same


def _beyond(step: Row, target: Row, direction: str, data: Dataset) -> bool:
    low, high = _ends(step, data)
    lowest, highest = _ends(target, data)
    approximate = "approx" in (step["comparator"], target["comparator"])
    slack = APPROXIMATE_TOLERANCE if approximate else Fraction(0)
    if direction == "higher":
        return low > highest + abs(highest) * slack
    return high < lowest - abs(lowest) * slack


def _ends(row: Row, data: Dataset) -> tuple[Fraction, Fraction]:
    """The lower and the upper end of a value in its base unit; the same where it is no range."""
    unit = data.units[row["unit_code"]]
    upper = row["value"] if row["upper_value"] is None else row["upper_value"]
    return base_value(row["value"], unit), base_value(upper, unit)


def _settled(context: Context, *rows: Row) -> bool:
    return any(context.view.excused(row, "contradiction", "misprint", "arithmetic") for row in rows)


def _shown(row: Row) -> str:
    return f"{row.key} ({row.text('value')} {row['unit_code']})"


@check("conflicting-targets")
def one_value_per_indicator_and_period(context: Context) -> Iterator[Finding]:
    """Two values for one indicator and period need a link or a caveat."""
    data = context.data
    linked = {frozenset((row["from_target_id"], row["to_target_id"])) for row in data.tables["links"]}
    groups: defaultdict[tuple[str, str, int, int], list[Row]] = defaultdict(list)
    needs = ("indicator_id", "basis", "start_year", "end_year", *_NEEDS)
    for row in context.view.rows("targets", *needs):
        if _base(row, data) is not None:
            groups[row["indicator_id"], row["basis"], row["start_year"], row["end_year"]].append(row)
    for rows in groups.values():
        for position, row in enumerate(rows):
            for other in rows[:position]:
                if _promise(row, data) != _promise(other, data) and not _told(context, row, other, linked):
                    shown = f"{other.key} ({other['comparator']} {other.text('value')} {other['unit_code']})"
                    yield row.finding("conflicting-targets", "value", other=shown)


def _told(context: Context, row: Row, other: Row, linked: set[frozenset[str]]) -> bool:
    """Whether a link or a caveat explains why there are two values; undecided counts as told."""
    if frozenset((row.key, other.key)) in linked or context.view.excused(row, "contradiction", "misprint"):
        return True
    return not context.view.whole("links", "from_target_id", "to_target_id")


def _promise(row: Row, data: Dataset) -> tuple[str | None, Fraction | None, str | None]:
    return (row["comparator"], _base(row, data), row.text("upper_value"))


@check("programme-empty")
def programmes_have_tasks(context: Context) -> Iterator[Finding]:
    """A registered programme has at least one task."""
    if not context.view.whole("tasks", "programme_id"):
        return
    filled = {row["programme_id"] for row in context.data.tables["tasks"]}
    for row in context.view.rows("programmes", "programme_id"):
        if row["programme_id"] not in filled:
            yield row.finding("programme-empty", "programme_id")


@check("parent-cycle")
def parents_form_a_tree(context: Context) -> Iterator[Finding]:
    """Report each circle once, at the first of its records.

    Where the parent is required (the base unit of a unit), roots point to themselves and there is no tree to hold.
    """
    for tree in curated_tables():
        for key in tree.foreign_keys:
            is_tree = key.resource == tree.name and key.reference_fields == tree.primary_key
            if is_tree and not tree.field(key.fields[0]).required:
                yield from _circles(context, tree.name, key.fields[0])


def _circles(context: Context, tree: str, parent: str) -> Iterator[Finding]:
    above = {row.key: row[parent] for row in context.view.rows(tree, parent)}
    settled: set[str] = set()
    for row in context.data.tables[tree]:
        path: list[str] = []
        current: str | None = row.key
        while current is not None and current not in settled and current not in path:
            path.append(current)
            current = above.get(current)
        if current in path:
            circle = path[path.index(current) :]
            entry = context.data.find(tree, circle[0]) or row
            yield entry.finding("parent-cycle", parent, chain=" → ".join([*circle, circle[0]]))
        settled.update(path)


@check("foreign-key")
def caveats_are_about_records(context: Context) -> Iterator[Finding]:
    """A caveat names a record that exists; its table decides where to look."""
    data = context.data
    for row in context.view.rows("caveats", "table", "record_id"):
        if data.find(row["table"], row["record_id"]) is None:
            if not context.view.whole(row["table"], *table(row["table"]).primary_key):
                continue
            existing = [record.key for record in data.tables[row["table"]]]
            near = nearest_values(row["record_id"], existing)
            fix = Fix(near[0]) if near else None
            target = f"{row['table']}.csv"
            yield row.finding("foreign-key", "record_id", fix, target=target, nearest=hints(row["record_id"], existing))

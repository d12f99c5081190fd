"""The state of a programme as the marts of a warehouse have it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from pipeline.bulletin.edition import Edition
from pipeline.bulletin.ranking import Asked
from pipeline.bulletin.state import Deadline, Point, State, Target, Task
from pipeline.marts import OwedFigure, Record, Unit, asking, named, owed, programmes

_UNITS = """
    SELECT units.task_id, units.organization_id, units.name_zh, units.name_en
    FROM intermediate.int_units_in_charge AS units
    INNER JOIN intermediate.int_task_units AS duties USING (task_id, organization_id, role)
    INNER JOIN tasks USING (task_id)
    WHERE tasks.programme_id = $programme
    ORDER BY units.task_id, duties.position, units.organization_id
"""
_LINEAGE = """
    SELECT lineage.task_id, lineage.ancestor_id, above.kind
    FROM intermediate.int_task_lineage AS lineage
    INNER JOIN tasks AS above ON lineage.ancestor_id = above.task_id
    WHERE above.programme_id = $programme
    ORDER BY lineage.task_id, lineage.distance
"""
# In the order of the document: that of the citations, then of the identifiers.
_TARGETS = """
    SELECT
        attainment.*, targets.task_zh, targets.domain_zh, targets.domain_en, targets.unit_zh, targets.unit_en,
        targets.base_unit_code AS shown_base, units.numerator, units.denominator, targets.printed,
        base.name_zh AS base_zh, base.name_en AS base_en
    FROM attainment
    INNER JOIN targets USING (target_id)
    INNER JOIN staging.stg_units AS units ON targets.unit_code = units.unit_code
    INNER JOIN staging.stg_units AS base ON attainment.base_unit_code = base.unit_code
    WHERE attainment.programme_id = $programme
    ORDER BY target_id
"""
_POINTS = """
    SELECT target_id, actual_to, arg_max(actual_base, as_of) AS actual_base
    FROM attainment_history
    WHERE programme_id = $programme AND actual_base IS NOT NULL
    GROUP BY target_id, actual_to ORDER BY target_id, actual_to
"""
_TASKS = """
    SELECT task_id, title_zh, title_en, locator, domain_code, kind, targets
    FROM tasks WHERE programme_id = $programme AND kind <> 'measure' ORDER BY task_id
"""
_DEADLINES = """
    SELECT deadline_id, deliverable_zh, deliverable_en, due_on, task_id, task_zh, task_en
    FROM deadline_calendar WHERE programme_id = $programme AND kind = 'milestone' ORDER BY due_on, deadline_id
"""
_RANKINGS = """
    SELECT
        rankings.task_id, rankings.among, rankings.covers, rankings.every, rankings.printed,
        tasks.title_zh, tasks.title_en, tasks.locator, sources.title_zh AS source_zh
    FROM staging.stg_rankings AS rankings
    INNER JOIN tasks USING (task_id)
    INNER JOIN staging.stg_sources AS sources USING (source_id)
    WHERE tasks.programme_id = $programme
    ORDER BY rankings.task_id, rankings.among
"""


@dataclass(frozen=True)
class _Duties:
    """Units in charge of each node, and the nodes above each, itself first, with their kinds."""

    units: Mapping[str, tuple[Unit, ...]]
    above: Mapping[str, tuple[tuple[str, str], ...]]

    def of(self, task_id: str) -> tuple[Unit, ...]:
        return self.units.get(task_id, ())

    def head(self, task_id: str) -> str:
        """The node itself, or of a measure the nearest one above that is none."""
        return next((node for node, kind in self.above[task_id] if kind != "measure"), task_id)

    def below(self, task_id: str) -> frozenset[str]:
        return frozenset(node for node, above in self.above.items() if task_id in dict(above))


def read(warehouse: Path, of: Edition) -> tuple[State, tuple[Asked, ...]]:
    """How the programme stood on the day of an edition, and the rankings that its document asks for."""
    with asking(warehouse, programme=of.programme_id) as ask:
        (programme,) = programmes(ask, [of.programme_id])
        duties = _duties(ask(_UNITS), ask(_LINEAGE))
        points: dict[str, list[Record]] = {}
        for row in ask(_POINTS):
            points.setdefault(row["target_id"], []).append(row)
        rows = ask(_TARGETS)
        targets = tuple(
            _target(row, points.get(row["target_id"], []), duties) for row in rows if row["kind"] == "target"
        )
        heads = {target.head for target in targets}
        tasks = tuple(
            Task(
                row["task_id"],
                named(row, "title"),
                row["locator"],
                row["domain_code"],
                duties.of(row["task_id"]),
                duties.below(row["task_id"]),
            )
            for row in ask(_TASKS)
            if row["task_id"] in heads or (row["kind"] in ("task", "list_item") and not row["targets"])
        )
        state = State(
            day=of.day,
            period_end=of.period.end,
            programme=programme,
            targets=targets,
            others=len(rows) - len(targets),
            tasks=tasks,
            deadlines=tuple(_deadline(row, duties) for row in ask(_DEADLINES)),
            owed=_late(owed(ask, programme=of.programme_id)),
        )
        everything = frozenset(duties.above)
        asked = tuple(_asked(row, duties, everything) for row in ask(_RANKINGS))
    return state, asked


def _duties(units: Sequence[Record], lineage: Sequence[Record]) -> _Duties:
    of: dict[str, list[Unit]] = {}
    for row in units:
        unit = Unit(row["organization_id"], named(row, "name"))
        if unit not in of.setdefault(row["task_id"], []):
            of[row["task_id"]].append(unit)
    above: dict[str, list[tuple[str, str]]] = {}
    for row in lineage:
        above.setdefault(row["task_id"], []).append((row["ancestor_id"], row["kind"]))
    return _Duties(
        {task: tuple(found) for task, found in of.items()}, {task: tuple(nodes) for task, nodes in above.items()}
    )


def _target(row: Record, points: Sequence[Record], duties: _Duties) -> Target:
    """Values in the unit that was first printed; in the base unit where a revision is in another dimension."""
    as_printed = row["shown_base"] == row["base_unit_code"]

    def shown(value: Decimal | None) -> Decimal | None:
        if value is None or not as_printed:
            return value
        return value * Decimal(row["denominator"]) / Decimal(row["numerator"])

    return Target(
        target_id=row["target_id"],
        indicator_id=row["indicator_id"],
        indicator=named(row, "indicator"),
        task_id=row["task_id"],
        head=duties.head(row["task_id"]),
        domain_code=row["domain_code"],
        domain=named(row, "domain"),
        units=duties.of(row["task_id"]),
        unit=named(row, "unit" if as_printed else "base"),
        comparator=row["comparator"],
        value=shown(row["value_base"]),
        upper=shown(row["upper_value_base"]),
        basis=row["basis"],
        start_year=row["start_year"],
        end_year=row["end_year"],
        revision=row["revision"],
        status=row["status"],
        warning=row["warning"],
        reason=row["reason"],
        actual=shown(row["actual_base"]),
        actual_to=row["actual_to"],
        completion=row["completion"],
        expected=row["expected"],
        printed=row["printed"] or "",
        points=tuple(Point(each["actual_to"], shown(each["actual_base"]) or Decimal()) for each in points),
    )


def _deadline(row: Record, duties: _Duties) -> Deadline:
    due: date = row["due_on"]
    units = duties.of(row["task_id"])
    return Deadline(row["deadline_id"], named(row, "deliverable"), named(row, "task"), units, due)


def _asked(row: Record, duties: _Duties, everything: frozenset[str]) -> Asked:
    return Asked(
        task=named(row, "title"),
        locator=row["locator"],
        among=row["among"],
        covers=row["covers"],
        every=row["every"] or "",
        source=row["source_zh"],
        printed=row["printed"],
        nodes=everything if row["covers"] == "programme" else duties.below(row["task_id"]),
    )


def _late(figures: Iterable[OwedFigure]) -> tuple[OwedFigure, ...]:
    """Those whose day has passed, by unit and year."""
    late = (each for each in figures if each.late)
    return tuple(sorted(late, key=lambda each: (each.unit.organization_id, each.year, each.indicator_id)))

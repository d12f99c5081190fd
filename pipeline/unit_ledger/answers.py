"""What the marts of a build say of a unit: one query a kind of thing, rows as mappings of columns."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pipeline.marts import OwedFigure, Programme, Record, asking, owed, programmes

# the tasks for which the unit has a duty, printed there or taken over from the node above
_MINE = """
CREATE TEMP TABLE mine AS
SELECT DISTINCT task_id, programme_id
FROM lead_unit_ledger
WHERE organization_id = $unit AND ($programme IS NULL OR programme_id = $programme)
"""
_PROGRAMMES = "SELECT DISTINCT programme_id FROM mine"

_QUERIES = {
    "duties": """
        SELECT ledger.task_id, ledger.role, ledger.position, ledger.inherited, ledger.assigned_task_id
        FROM lead_unit_ledger AS ledger
        SEMI JOIN mine ON ledger.task_id = mine.task_id
        WHERE ledger.organization_id = $unit
        ORDER BY ledger.task_id, ledger.role, ledger.position
    """,
    "tasks": """
        SELECT
            task_id, programme_id, parent_task_id, locator, title_zh, title_en,
            lead_units_zh, lead_units_en, responsible_units_zh, responsible_units_en
        FROM tasks
        SEMI JOIN mine USING (programme_id)
    """,
    "targets": """
        SELECT
            attainment.*,
            targets.printed,
            targets.value,
            targets.upper_value,
            targets.comparator AS first_comparator,
            revisions.value AS now_value,
            revisions.upper_value AS now_upper_value,
            revisions.unit_code AS now_unit_code
        FROM attainment
        INNER JOIN targets USING (target_id)
        LEFT JOIN curated.target_revisions AS revisions
            ON attainment.target_id = revisions.target_id AND attainment.revision = revisions.revision
        WHERE attainment.programme_id IN (SELECT programme_id FROM mine)
        ORDER BY attainment.target_id
    """,
    "revisions": """
        SELECT revisions.*, deciders.name_zh AS decider_zh, deciders.name_en AS decider_en
        FROM curated.target_revisions AS revisions
        LEFT JOIN curated.organizations AS deciders ON revisions.decided_by = deciders.organization_id
        WHERE revisions.effective_on <= $as_of
        ORDER BY revisions.target_id, revisions.revision
    """,
    "links": """
        SELECT from_target_id, to_target_id FROM curated.links WHERE kind = 'step_towards'
    """,
    "milestones": """
        SELECT milestone_id, task_id, deliverable_zh, due_on
        FROM curated.milestones
        SEMI JOIN mine USING (task_id)
        ORDER BY due_on, milestone_id
    """,
    "baselines": """
        SELECT observations.observation_id, observations.indicator_id
        FROM curated.observations AS observations
        INNER JOIN curated.indicators AS indicators USING (indicator_id)
        SEMI JOIN mine USING (task_id)
        ORDER BY observations.observation_id
    """,
    "caveats": """
        SELECT "table" AS place, record_id, text_zh, text_en FROM curated.caveats ORDER BY caveat_id
    """,
    "units": """
        SELECT unit_code, name_zh, name_en, numerator, denominator FROM curated.units
    """,
    "reports": """
        SELECT
            reports.* EXCLUDE (_file, _line),
            indicators.name_zh AS indicator_zh,
            indicators.name_en AS indicator_en,
            reporters.name_zh AS reporter_zh,
            reporters.name_en AS reporter_en,
            reports.revision < max(reports.revision) OVER same AS corrected
        FROM curated.reports AS reports
        INNER JOIN curated.indicators AS indicators USING (indicator_id)
        INNER JOIN curated.organizations AS reporters USING (organization_id)
        SEMI JOIN mine USING (task_id)
        WHERE reports.reported_on <= $as_of
        WINDOW same AS (PARTITION BY reports.indicator_id, reports.period, reports.organization_id)
        ORDER BY reports.indicator_id, reports.reported_on, reports.period, reports.organization_id, reports.revision
    """,
    "calendar": """
        SELECT calendar.* FROM deadline_calendar AS calendar SEMI JOIN mine USING (task_id)
        ORDER BY calendar.due_on, calendar.kind, calendar.deadline_id
    """,
    "history": """
        SELECT history.* FROM attainment_history AS history SEMI JOIN mine USING (task_id)
        ORDER BY history.as_of, history.target_id
    """,
}


@dataclass(frozen=True)
class Answers:
    """The rows of each query, in its order; without duties all are empty or of no meaning."""

    duties: tuple[Record, ...]
    programmes: tuple[Programme, ...]
    tasks: tuple[Record, ...]
    targets: tuple[Record, ...]
    revisions: tuple[Record, ...]
    links: tuple[Record, ...]
    milestones: tuple[Record, ...]
    baselines: tuple[Record, ...]
    caveats: tuple[Record, ...]
    units: tuple[Record, ...]
    reports: tuple[Record, ...]
    owed: tuple[OwedFigure, ...]
    calendar: tuple[Record, ...]
    history: tuple[Record, ...]


def answers(warehouse: Path, unit: str, programme: str | None, as_of: date) -> Answers:
    """Ask a warehouse that was built as of a day. Raises duckdb.Error where it is none of ours."""
    with asking(warehouse, unit=unit, programme=programme, as_of=as_of) as ask:
        ask(_MINE)
        return Answers(
            programmes=programmes(ask, [row["programme_id"] for row in ask(_PROGRAMMES)]),
            owed=owed(ask, unit=unit, programme=programme),
            **{name: ask(query) for name, query in _QUERIES.items()},
        )

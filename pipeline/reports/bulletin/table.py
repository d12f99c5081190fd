"""The numbers behind a bulletin: one row a target, as CSV for a spreadsheet, in both languages at once."""

import csv
import io
from decimal import Decimal

from pipeline.bulletin.making import Bulletin
from pipeline.bulletin.state import Target
from pipeline.reports.csv import ENCODING, safe

__all__ = ["COLUMNS", "ENCODING", "render"]

COLUMNS = (
    "programme_id",
    "period",
    "as_of",
    "fictional",
    "target_id",
    "indicator_zh",
    "indicator_en",
    "task_id",
    "domain_code",
    "organization_ids",
    "units_zh",
    "units_en",
    "printed",
    "comparator",
    "value",
    "upper_value",
    "unit_zh",
    "unit_en",
    "end_year",
    "revision",
    "actual",
    "actual_to",
    "completion",
    "expected",
    "status",
    "warning",
    "reason",
    "status_before",
)


def render(made: Bulletin) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(COLUMNS)
    before = {target.target_id: target.status for target in made.before.state.targets} if made.before else {}
    for target in made.state.targets:
        writer.writerow(_row(made, target, before.get(target.target_id, "")))
    return buffer.getvalue().removesuffix("\n")


def _row(made: Bulletin, target: Target, before: str) -> list[str]:
    edition = made.edition
    return [
        edition.programme_id,
        edition.period.text,
        edition.day.isoformat(),
        "true" if made.is_fictional else "false",
        target.target_id,
        safe(target.indicator.zh),
        safe(target.indicator.en),
        target.head,
        target.domain_code,
        ";".join(unit.organization_id for unit in target.units),
        safe("、".join(unit.name.zh for unit in target.units)),
        safe("; ".join(unit.name.en for unit in target.units)),
        safe(target.printed),
        target.comparator or "",
        _plain(target.value),
        _plain(target.upper),
        safe(target.unit.zh),
        safe(target.unit.en),
        str(target.end_year),
        "" if target.revision is None else str(target.revision),
        _plain(target.actual),
        target.actual_to.isoformat() if target.actual_to else "",
        _plain(target.completion),
        _plain(target.expected),
        target.status,
        target.warning or "",
        target.reason,
        before,
    ]


def _plain(value: Decimal | None) -> str:
    """A number as programs read it: no thousands apart, no exponent."""
    return "" if value is None else f"{value:f}".rstrip("0").rstrip(".") if "." in f"{value:f}" else f"{value:f}"

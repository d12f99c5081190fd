"""The ledger of reports and revisions: what stood in it on a day.

Rows are only added. A correction of a report is a row with the next revision, a change of a target a row of
target_revisions; what was there stays. So the state as of any day can be told from the rows themselves.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from pipeline.dataset import Row, columns_of
from pipeline.view import View

REPORTS = "reports"
REVISIONS = "target_revisions"
REPORT_KEY = ("indicator_id", "period", "organization_id")
# What a report needs to be placed in the ledger.
PLACED = (*REPORT_KEY, "revision", "reported_on")


def reports_as_of(rows: Iterable[Row], day: date | None = None) -> list[Row]:
    """Of each indicator, period and unit the report with the highest revision made by a day, or at all.

    In the order in which they first occur. The cells named by PLACED must be sound.
    """
    made = [row for row in rows if day is None or row["reported_on"] <= day]
    keys = list(zip(*columns_of(made, *REPORT_KEY), strict=True))
    current = dict(zip(keys, made, strict=True))  # in the order of the first, and of each the last
    corrected: defaultdict[tuple[str | None, ...], list[Row]] = defaultdict(list)
    if len(current) == len(made):
        return made
    repeated = {key for key, row in zip(keys, made, strict=True) if current[key] is not row}
    for key, row in zip(keys, made, strict=True):
        if key in repeated:
            corrected[key].append(row)
    current |= {key: max(several, key=lambda row: int(row["revision"])) for key, several in corrected.items()}
    return list(current.values())


def reports_in_force(view: View, *needs: str) -> list[Row]:
    """Reports as they stand today whose needed cells are sound; of a sound table they are picked once for all."""
    rows = view.rows(REPORTS, *PLACED, *needs)
    if REPORTS not in view.data.sound:
        return reports_as_of(rows)
    if (known := view.data.remembered.get("reports in force")) is None:
        view.data.remembered["reports in force"] = known = reports_as_of(rows)
    elif REPORTS in view.data.incomplete:
        next(rows, None)  # a view that is asked for rows remembers that some are missing
    return known


def revisions_as_of(rows: Iterable[Row], day: date) -> dict[str, Row]:
    """Of each target that was revised by a day the revision in force; others are as first promised.

    The cells `target_id`, `revision` and `effective_on` must be sound.
    """
    current: dict[str, Row] = {}
    for row in rows:
        target = row["target_id"]
        if row["effective_on"] <= day and (target not in current or row["revision"] > current[target]["revision"]):
            current[target] = row
    return current

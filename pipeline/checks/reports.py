"""Reports of units and revisions of targets: in their place, in their time, by whom, and only ever added to."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from fractions import Fraction
from functools import cache
from itertools import pairwise

from pipeline.checks.lead_units import lineage
from pipeline.checks.registry import Context, check
from pipeline.checks.units import base_value
from pipeline.checks.years import FORECAST
from pipeline.clock import today
from pipeline.dataset import Row, View, written
from pipeline.findings import Finding, Fix
from pipeline.language import Text
from pipeline.ledger import PLACED, REPORT_KEY, REPORTS, REVISIONS, reports_in_force
from pipeline.paths import placeholders, values_in
from pipeline.periods import Period, period_of
from pipeline.tables import table

NORMAL = "A"  # SDMX CL_OBS_STATUS: an observation without reserve
WITHDRAWN = "withdrawn"
# Accumulations that run on from period to period, and whether they begin anew each year.
_RUNNING = {"cumulative": True, "since_start": False}
_SAID = ("status", "comparator", "value", "upper_value", "unit_code", "end_year")
_PROMISED = ("comparator", "value", "upper_value", "unit_code", "end_year")


@check("report-path-mismatch")
def reports_stand_in_their_file(context: Context) -> Iterator[Finding]:
    """Unit and period of a report are those of its file, and its indicator is of the programme it lies in."""
    reports = table(REPORTS)
    path_of = cache(lambda file: values_in(reports, file) or {})
    names = [name for name in placeholders(reports) if name in reports.positions]
    placed = written(REPORTS, *names)
    wanted_in = cache(lambda file: tuple(map(path_of(file).get, names)) if path_of(file) else None)
    for row in context.view.rows(REPORTS):
        if not row.faulty and placed(row) == wanted_in(row.source.file):
            continue
        path = path_of(row.source.file)
        for name in (name for name in path if name in reports.positions and name not in row.faulty):
            if row[name] != path[name]:
                yield row.finding("report-path-mismatch", name, Fix(path[name]), wanted=path[name])
    at, sound = reports.positions["indicator_id"], set[tuple[str | None, str | None]]()
    for row in context.view.rows(REPORTS, "indicator_id"):
        path = path_of(row.source.file)
        if (said := (row.record.cells[at], path.get("programme_id"))) in sound:
            continue
        programme = context.view.programme_of(row)
        if programme and (not path or programme.key == path["programme_id"]):
            sound.add(said)
        elif programme:
            yield row.finding("report-path-mismatch", "indicator_id", wanted=path["programme_id"])


@check("report-in-future")
def reports_are_of_what_was(context: Context) -> Iterator[Finding]:
    """A period is over on the day it is reported; a forecast says that it is one."""
    judged_by, sound = written(REPORTS, "period", "reported_on", "status"), set[tuple[str | None, ...]]()
    for row in context.view.rows(REPORTS, "period", "reported_on", "status", "value"):
        if (said := judged_by(row)) in sound:
            continue
        period = _period(row)
        if row["status"] == FORECAST or period.end <= row["reported_on"]:
            sound.add(said)
        elif row["value"] is not None:
            yield row.finding("report-in-future", "period", end=str(period.end), day=str(row["reported_on"]))


@check("reported-after-today")
def reports_have_been_made(context: Context) -> Iterator[Finding]:
    """No report comes from a day that is still to come, and so none tells of a period that is."""
    day = today()
    for row in context.view.rows(REPORTS, "reported_on"):
        if row["reported_on"] > day:
            yield row.finding("reported-after-today", "reported_on", today=day.isoformat())


@check("report-outside-programme")
def reports_are_of_the_programme(context: Context) -> Iterator[Finding]:
    """A period lies within the programme, or within the years its indicator is promised for after it."""
    view = context.view
    if not view.data.tables[REPORTS]:
        return
    last = _last_years(view)
    sound: set[tuple[str | None, int]] = set()
    said_of, years = written(REPORTS, "indicator_id", "period"), dict[str | None, int]()
    for row in view.rows(REPORTS, "period", "indicator_id"):
        indicator, period = said_of(row)
        if period not in years:
            years[period] = _period(row).year
        year = (indicator, years[period])
        if year in sound:
            continue
        programme = view.programme_of(row, "start_year", "end_year")
        if programme is None:
            continue
        first, end = programme["start_year"], max(programme["end_year"], last.get(row["indicator_id"], 0))
        if first <= _period(row).year <= end:
            sound.add(year)
        else:
            yield row.finding("report-outside-programme", "period", start=str(first), end=str(end))


def _last_years(view: View) -> dict[str, int]:
    """The last year any target of an indicator was or is for."""
    last: dict[str, int] = {}
    for target in view.rows("targets", "indicator_id", "end_year"):
        last[target["indicator_id"]] = max(target["end_year"], last.get(target["indicator_id"], 0))
    for revision in view.rows(REVISIONS, "target_id", "end_year"):
        if target_row := view.find("targets", revision["target_id"], "indicator_id"):
            indicator = target_row["indicator_id"]
            last[indicator] = max(revision["end_year"], last.get(indicator, 0))
    return last


@check("report-unit-mismatch")
def reports_convert(context: Context) -> Iterator[Finding]:
    """The unit of a report converts to that of its indicator."""
    view = context.view
    judged_by, sound = written(REPORTS, "unit_code", "indicator_id"), set[tuple[str | None, ...]]()
    for row in view.rows(REPORTS, "unit_code", "indicator_id"):
        if (said := judged_by(row)) in sound:
            continue
        indicator = view.find("indicators", row["indicator_id"], "unit_code")
        found, usual = view.unit(row), view.unit(indicator) if indicator else None
        if indicator and found and usual and found.dimension == usual.dimension:
            sound.add(said)
        elif indicator and found and usual:
            fitting = [unit.code for unit in view.data.units.values() if unit.dimension == usual.dimension]
            facts = {"indicator": indicator.key, "wanted": usual.code, "units": ", ".join(fitting)}
            yield row.finding("report-unit-mismatch", "unit_code", Fix(usual.code), **facts)


@check("cumulative-falls")
def running_totals_do_not_fall(context: Context) -> Iterator[Finding]:
    """What adds up in the course of a year, or of the programme, does not become less without a note."""
    view = context.view
    series: defaultdict[tuple[str | int | None, ...], list[Row]] = defaultdict(list)
    said_of = written(REPORTS, "accumulation", "value", "indicator_id", "organization_id")
    for row in reports_in_force(view, "accumulation", "value", "unit_code", "note_zh"):
        accumulation, value, indicator, organization = said_of(row)
        if value is not None and accumulation in _RUNNING and (unit := view.unit(row)):
            year = _period(row).year if _RUNNING[accumulation] else 0
            series[indicator, organization, accumulation, unit.dimension, year].append(row)
    for rows in series.values():
        # in one unit values stand to each other as they do in the base unit, which takes much longer to compute
        one_unit = len({row["unit_code"] for row in rows}) == 1
        size = (lambda row: row["value"]) if one_unit else (lambda row: _base(view, row))
        # rows are not compared: the numbers before them differ
        ordered = sorted((_period(row).end, size(row), n, row) for n, row in enumerate(rows))
        for (_, least, _, before), (_, now, _, row) in pairwise(ordered):
            if now < least and not row["note_zh"]:
                said = f"{before.text('value')} {before['unit_code']}"
                facts = {"unit": row["unit_code"], "before": said, "when": before["period"]}
                yield row.finding("cumulative-falls", "value", **facts)


@check("report-superseded-wrongly")
def corrections_are_added(context: Context) -> Iterator[Finding]:
    """Revisions of a report are numbered from 1 without a gap, in the order of their days."""
    view = context.view
    if not view.whole(REPORTS, *REPORT_KEY):
        return
    groups: defaultdict[tuple[str | None, ...], list[Row]] = defaultdict(list)
    key_of = written(REPORTS, *REPORT_KEY)
    for row in view.data.tables[REPORTS]:
        groups[key_of(row)].append(row)
    corrected = [rows for rows in groups.values() if len(rows) > 1 or rows[0].text("revision") != "1"]
    whole = REPORTS in view.data.sound
    sound = set() if whole else {id(row) for row in view.rows(REPORTS, *PLACED)}
    for rows in corrected:
        if whole or all(id(row) in sound for row in rows):
            yield from _numbered(rows, "report-superseded-wrongly")
            for before, row in pairwise(sorted(rows, key=_revision)):
                if row["reported_on"] < before["reported_on"]:
                    day, number = str(before["reported_on"]), before["revision"]
                    problem = Text(f"早于第 {number} 次的填报日期 {day}", f"before {day}, the day of revision {number}")
                    yield row.finding("report-superseded-wrongly", "reported_on", problem=problem)


@check("reporter-not-assigned")
def reporters_have_the_duty(context: Context) -> Iterator[Finding]:
    """A unit reports what it leads or shares: the task of the indicator, or one above it."""
    view = context.view
    if not view.data.tables[REPORTS] or not view.whole("tasks", "task_id", "parent_task_id"):
        return
    if not view.whole("assignments", "task_id", "organization_id"):
        return
    duties: defaultdict[str, set[str]] = defaultdict(set)
    for row in view.data.tables["assignments"]:
        duties[row["task_id"]].add(row["organization_id"])
    judged_by, sound = written(REPORTS, "organization_id", "indicator_id"), set[tuple[str | None, ...]]()
    for row in view.rows(REPORTS, "organization_id", "indicator_id"):
        if (said := judged_by(row)) in sound:
            continue
        indicator = view.find("indicators", row["indicator_id"], "task_id")
        task = view.find("tasks", indicator["task_id"]) if indicator else None
        if indicator and task:
            units = set().union(*(duties[key] for key in lineage(task, view.data)))
            if row["organization_id"] in units:
                sound.add(said)
            else:
                facts = {"indicator": indicator.key, "task": task.key, "units": ", ".join(sorted(units)) or "—"}
                yield row.finding("reporter-not-assigned", "organization_id", **facts)


@check("report-evidence-missing")
def results_are_proven(context: Context) -> Iterator[Finding]:
    """A value reported as final says where the proof is."""
    said_of = written(REPORTS, "status", "evidence")
    for row in context.view.rows(REPORTS, "status", "value", "evidence"):
        status, evidence = said_of(row)
        if not evidence and status == NORMAL and row["value"] is not None:
            yield row.finding("report-evidence-missing", "evidence", shown=str(row.text("value")))


@check("reports-conflict")
def units_agree(context: Context) -> Iterator[Finding]:
    """Where two units report one indicator for one period, they report one value."""
    view = context.view
    first: dict[tuple[str, ...], Row] = {}
    rows = reports_in_force(view, "accumulation", "value", "unit_code")
    said_of, unit_at = written(REPORTS, "indicator_id", "period"), table(REPORTS).positions["unit_code"]
    times = Counter(map(said_of, rows))
    for row in rows:
        # nearly all are reported by one unit; one whose own register is faulty is still told
        if times[said_of(row)] == 1 and row.record.cells[unit_at] in view.data.units:
            continue
        if row["value"] is None or not (unit := view.unit(row)):
            continue
        key = (row["indicator_id"], row["period"], row["accumulation"], unit.dimension)
        other = first.setdefault(key, row)
        if other is not row and _base(view, row) != _base(view, other):
            said = f"{other.text('value')} {other['unit_code']}"
            facts = {"unit": row["unit_code"], "other": other["organization_id"], "said": said}
            yield row.finding("reports-conflict", "value", **facts)


@check("revision-order")
def revisions_follow_each_other(context: Context) -> Iterator[Finding]:
    """Each change of a target comes after the one before it, while that was running, and changes something."""
    view = context.view
    groups: defaultdict[str, list[Row]] = defaultdict(list)
    if not view.whole(REVISIONS, "target_id"):
        return
    for row in view.data.tables[REVISIONS]:
        groups[row["target_id"]].append(row)
    sound = {id(row) for row in view.rows(REVISIONS, "target_id", "revision", "effective_on", *_SAID)}
    for key, rows in groups.items():
        target = view.find("targets", key, *_PROMISED)
        if target is not None and all(id(row) in sound for row in rows):
            yield from _numbered(rows, "revision-order")
            for before, row in pairwise([target, *sorted(rows, key=_revision)]):
                yield from _follows(view, before, row)


def _follows(view: View, before: Row, row: Row) -> Iterator[Finding]:
    if before.source.table.name == REVISIONS and row["effective_on"] <= before["effective_on"]:
        day, number = str(before["effective_on"]), before["revision"]
        problem = Text(f"不晚于第 {number} 次调整的 {day}", f"not after {day}, when revision {number} came into force")
        yield row.finding("revision-order", "effective_on", problem=problem)
    if row["effective_on"] > date(before["end_year"], 12, 31):
        year = before["end_year"]
        problem = Text(f"原目标到 {year} 年已结束", f"the target as it was had ended with {year}")
        yield row.finding("revision-order", "effective_on", problem=problem)
    if row["status"] != WITHDRAWN and row["end_year"] < row["effective_on"].year:
        problem = Text("早于执行日期", "before the revision comes into force")
        yield row.finding("revision-order", "end_year", problem=problem)
    if row["status"] != WITHDRAWN and row["value"] is None and before["value"] is not None:
        problem = Text("原目标有数值,调整后没有", "the target had a value and has none any more")
        yield row.finding("revision-order", "value", problem=problem)
    if _promise(view, row) == _promise(view, before):
        problem = Text("与调整前完全相同", "the same as before")
        yield row.finding("revision-order", "revision", problem=problem)


def _promise(view: View, row: Row) -> tuple[object, ...]:
    unit = view.data.units.get(row["unit_code"])
    values = [row[n] if row[n] is None or unit is None else base_value(row[n], unit) for n in ("value", "upper_value")]
    withdrawn = row.source.table.name == REVISIONS and row["status"] == WITHDRAWN
    return withdrawn, row["comparator"], *values, unit.dimension if unit else row["unit_code"], row["end_year"]


def _numbered(rows: Iterable[Row], code: str) -> Iterator[Finding]:
    """Revisions run from 1 upwards; the first one after a gap is named. Repeated ones are a matter of the key."""
    wanted = 1
    for row in sorted(rows, key=_revision):
        if row["revision"] > wanted:
            problem = Text(f"前面没有第 {wanted} 次", f"there is no revision {wanted} before it")
            yield row.finding(code, "revision", problem=problem)
        wanted = row["revision"] + 1


def _revision(row: Row) -> int:
    return int(row["revision"])


def _period(row: Row) -> Period:
    period = period_of(row["period"])
    if period is None:
        raise ValueError(f"{row.place('period').cell}: the pattern of the schema let a period pass that is none")
    return period


def _base(view: View, row: Row) -> Fraction:
    return base_value(row["value"], view.data.units[row["unit_code"]])

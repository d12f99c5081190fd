"""Reports of units and revisions of targets: in their place, in their time, by whom, and only ever added to."""

from collections import defaultdict
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
from pipeline.dataset import Row, Unit, columns_of, written
from pipeline.findings import Finding, Fix
from pipeline.language import Text
from pipeline.ledger import PLACED, REPORT_KEY, REPORTS, REVISIONS, reports_in_force
from pipeline.paths import placeholders, values_in
from pipeline.periods import Period, period_of
from pipeline.tables import table
from pipeline.view import View

NORMAL = "A"  # SDMX CL_OBS_STATUS: an observation without reserve
WITHDRAWN = "withdrawn"
# Accumulations that run on from period to period, and whether they begin anew each year.
_RUNNING = {"cumulative": True, "since_start": False}
_SAID = ("status", "comparator", "value", "upper_value", "unit_code", "end_year")
_PROMISED = ("comparator", "value", "upper_value", "unit_code", "end_year")


@check("report-path-mismatch")
def reports_stand_in_their_file(context: Context) -> Iterator[Finding]:
    """Unit and period of a report are those of its file, and its indicator is of the programme it lies in."""
    view, reports = context.view, table(REPORTS)
    path_of = cache(lambda file: values_in(reports, file) or {})
    names = [name for name in placeholders(reports) if name in reports.positions]

    def misplaced(row: Row) -> dict[str, str]:
        path = path_of(row.source.file)
        return {name: path[name] for name in names if name in path and row.text(name) != path[name]}

    def programme_in(file: str) -> str | None:
        return path_of(file).get("programme_id")

    def of_its_programme(row: Row) -> bool:
        wanted, programme = programme_in(row.source.file), view.programme_of(row)
        return programme is not None and wanted in (None, programme.key)

    for row in view.doubtful(REPORTS, names, lambda row: not misplaced(row), of_file=str):
        for name, wanted in misplaced(row).items():
            if name not in row.faulty:
                yield row.finding("report-path-mismatch", name, Fix(wanted), wanted=wanted)
    for row in view.doubtful(REPORTS, ["indicator_id"], of_its_programme, "indicator_id", of_file=programme_in):
        if view.programme_of(row):
            wanted = programme_in(row.source.file) or ""
            yield row.finding("report-path-mismatch", "indicator_id", wanted=wanted)


@check("report-in-future")
def reports_are_of_what_was(context: Context) -> Iterator[Finding]:
    """A period is over on the day it is reported; a forecast says that it is one."""
    judged_by = ("period", "reported_on", "status")

    def is_over(row: Row) -> bool:
        return bool(row["status"] == FORECAST or _period(row).end <= row["reported_on"])

    for row in context.view.doubtful(REPORTS, judged_by, is_over, *judged_by, "value"):
        if row["value"] is not None:
            yield row.finding("report-in-future", "period", end=str(_period(row).end), day=str(row["reported_on"]))


@check("reported-after-today")
def reports_have_been_made(context: Context) -> Iterator[Finding]:
    """No report comes from a day that is still to come, and so none tells of a period that is."""
    day = today()
    judged_by = ("reported_on",)
    for row in context.view.doubtful(REPORTS, judged_by, lambda row: row["reported_on"] <= day, *judged_by):
        yield row.finding("reported-after-today", "reported_on", today=day.isoformat())


@check("report-outside-programme")
def reports_are_of_the_programme(context: Context) -> Iterator[Finding]:
    """A period lies within the programme, or within the years its indicator is promised for after it."""
    view = context.view
    if not view.data.tables[REPORTS]:
        return
    last = _last_years(view)

    def years_of(row: Row) -> tuple[int, int] | None:
        programme = view.programme_of(row, "start_year", "end_year")
        if programme is None:
            return None
        return programme["start_year"], max(programme["end_year"], last.get(row["indicator_id"], 0))

    def is_within(row: Row) -> bool:
        years = years_of(row)
        return years is not None and years[0] <= _period(row).year <= years[1]

    judged_by = ("indicator_id", "period")
    for row in view.doubtful(REPORTS, judged_by, is_within, *judged_by, coarser={"period": _year}):
        if years := years_of(row):
            yield row.finding("report-outside-programme", "period", start=str(years[0]), end=str(years[1]))


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
    judged_by = ("unit_code", "indicator_id")

    def units_of(row: Row) -> tuple[Unit, Unit] | None:
        indicator = view.find("indicators", row["indicator_id"], "unit_code")
        found, usual = view.unit(row), view.unit(indicator) if indicator else None
        return (found, usual) if found and usual else None

    def converts(row: Row) -> bool:
        units = units_of(row)
        return units is not None and units[0].dimension == units[1].dimension

    for row in view.doubtful(REPORTS, judged_by, converts, *judged_by):
        if units := units_of(row):
            fitting = [unit.code for unit in view.data.units.values() if unit.dimension == units[1].dimension]
            facts = {"indicator": row["indicator_id"], "wanted": units[1].code, "units": ", ".join(fitting)}
            yield row.finding("report-unit-mismatch", "unit_code", Fix(units[1].code), **facts)


@check("cumulative-falls")
def running_totals_do_not_fall(context: Context) -> Iterator[Finding]:
    """What adds up in the course of a year, or of the programme, does not become less without a note."""
    view = context.view
    series: defaultdict[tuple[str | int | None, ...], list[Row]] = defaultdict(list)
    rows = reports_in_force(view, "accumulation", "value", "unit_code", "note_zh")
    (accumulations,) = columns_of(rows, "accumulation")
    said_of = written(REPORTS, "accumulation", "value", "indicator_id", "organization_id")
    for row in [row for row, one in zip(rows, accumulations, strict=True) if one in _RUNNING]:
        accumulation, value, indicator, organization = said_of(row)
        if value is not None and accumulation and (unit := view.unit(row)):
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
    every = view.data.tables[REPORTS]
    (revisions,) = columns_of(every, "revision")
    key_of = written(REPORTS, *REPORT_KEY)
    corrections = [row for row, revision in zip(every, revisions, strict=True) if revision != "1"]
    groups: dict[tuple[str | None, ...], list[Row]] = {key_of(row): [] for row in corrections}
    for key, row in zip(zip(*columns_of(every, *REPORT_KEY), strict=True), every, strict=True) if groups else ():
        if key in groups:
            groups[key].append(row)
    whole = REPORTS in view.data.sound
    sound = set() if whole else {id(row) for row in view.rows(REPORTS, *PLACED)}
    for rows in groups.values():
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
    judged_by = ("organization_id", "indicator_id")

    def task_of(row: Row) -> Row | None:
        indicator = view.find("indicators", row["indicator_id"], "task_id")
        return view.find("tasks", indicator["task_id"]) if indicator else None

    def on_duty(task: Row) -> set[str]:
        return set().union(*(duties[key] for key in lineage(task, view.data)))

    def has_the_duty(row: Row) -> bool:
        task = task_of(row)
        return task is not None and row["organization_id"] in on_duty(task)

    for row in view.doubtful(REPORTS, judged_by, has_the_duty, *judged_by):
        if task := task_of(row):
            units = ", ".join(sorted(on_duty(task))) or "—"
            facts = {"indicator": row["indicator_id"], "task": task.key, "units": units}
            yield row.finding("reporter-not-assigned", "organization_id", **facts)


@check("report-evidence-missing")
def results_are_proven(context: Context) -> Iterator[Finding]:
    """A value reported as final says where the proof is."""
    judged_by = ("status", "evidence")

    def needs_none(row: Row) -> bool:
        return bool(row["evidence"]) or row["status"] != NORMAL

    for row in context.view.doubtful(REPORTS, judged_by, needs_none, *judged_by, "value"):
        if row["value"] is not None:
            yield row.finding("report-evidence-missing", "evidence", shown=str(row.text("value")))


@check("reports-conflict")
def units_agree(context: Context) -> Iterator[Finding]:
    """Where two units report one indicator for one period, they report one value."""
    view = context.view
    first: dict[tuple[str, ...], Row] = {}
    rows = reports_in_force(view, "accumulation", "value", "unit_code")
    indicators, periods, codes = columns_of(rows, "indicator_id", "period", "unit_code")
    reported = list(zip(indicators, periods, strict=True))
    several: set[tuple[str | None, ...]] = set()
    if len(set(reported)) < len(rows):
        last = dict(zip(reported, rows, strict=True))
        several = {what for what, row in zip(reported, rows, strict=True) if last[what] is not row}
    # nearly all are reported by one unit; one whose own register is faulty is still told
    known = view.data.units
    told = zip(rows, reported, codes, strict=True)
    for row in [row for row, what, code in told if what in several or code not in known]:
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


def _year(period: str | None) -> int | None:
    found = period_of(period or "")
    return found.year if found else None


def _period(row: Row) -> Period:
    period = period_of(row["period"])
    if period is None:
        raise ValueError(f"{row.place('period').cell}: the pattern of the schema let a period pass that is none")
    return period


def _base(view: View, row: Row) -> Fraction:
    return base_value(row["value"], view.data.units[row["unit_code"]])

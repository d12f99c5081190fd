"""The tables of a ledger, cell by cell, for any renderer: their columns, and what stands in each row."""

from datetime import date
from decimal import Decimal

from pipeline.language import Text
from pipeline.marts import OwedFigure
from pipeline.reports import wording
from pipeline.reports.unit_ledger import notes, words
from pipeline.reports.unit_ledger.sheet import Cell, Column, Mark, Share, Sheet
from pipeline.unit_ledger.model import Due, Entry, Figure, Goal, Judged, Ledger, Promise

TONES = {"green": "good", "yellow": "fair", "red": "bad"}


def sheets(ledger: Ledger) -> tuple[Sheet, ...]:
    """All tables in the order in which they are read."""
    return lines(ledger), timetable(ledger), owed(ledger), figures(ledger), course(ledger)


def lines(ledger: Ledger) -> Sheet:
    """The ledger itself. The column of the programme is there only where there are several."""
    several = len(ledger.programmes) > 1
    columns = (
        Column(Text("序号", "No."), 5),
        *((Column(Text("方案", "Programme"), 16),) if several else ()),
        Column(wording.TASK, 22),
        Column(Text("本单位职责", "Role of the unit"), 7),
        Column(wording.INDICATOR, 16),
        Column(Text("原文目标", "As printed"), 11),
        Column(Text("要求", "Requirement"), 7),
        Column(Text("目标值", "Target"), 9),
        Column(Text("计量单位", "Measured in"), 8),
        Column(Text("完成时限", "Due"), 11),
        Column(Text("节点（按日期）", "Steps, by date"), 16),
        Column(Text("牵头、责任单位", "Units"), 18),
        Column(Text("最近一期填报", "Latest report"), 19),
        Column(wording.ACTUAL, 9),
        Column(Text("实际值截至", "Actual to"), 11),
        Column(wording.COMPLETION, 8),
        Column(wording.EXPECTED, 8),
        Column(wording.STATUS, 8),
        Column(Text("预警", "Warning"), 6),
        Column(Text("目标调整（原→现，依据）", "Revisions (from → to, by)"), 20),
        Column(Text("应报未报", "Not reported"), 12),
        Column(Text("备注", "Remarks"), 24),
    )
    titles = {each.programme_id: each.title for each in ledger.programmes}
    rows = []
    for each in ledger.entries:
        programme = ((titles[each.duty.programme_id],),) if several else ()
        rows.append((each.number, *programme, *_task(each), *_promised(each), *_progress(each)))
    return Sheet(
        Text("任务与目标", "Tasks and targets"),
        columns,
        tuple(rows),
        notes.NO_CALENDAR,
        large=True,
        kept=3 if several else 2,
    )


def _task(each: Entry) -> tuple[Cell, ...]:
    task = each.duty
    return words.task(task), (words.roles(task.roles, task.inherited),)


def _promised(each: Entry) -> tuple[Cell, ...]:
    """Indicator, printed, requirement, value, unit, due, steps, units."""
    steps = tuple(words.step(one) for one in each.steps)
    units = words.units(each.duty)
    goal = each.goal
    if goal is None:
        return (), (notes.NONE_PROMISED,), (), None, (), (), steps, units
    promise = goal.now or goal.first
    printed = (Text(goal.printed, goal.printed),) if goal.printed else ()
    return (
        indicator(goal),
        printed,
        (words.requirement(goal.now),),
        _value(promise),
        (wording.measure(promise.unit),),
        _until(promise),
        steps,
        units,
    )


def indicator(goal: Goal) -> tuple[Text, ...]:
    """The indicator; what is no result to reach is said to be a standard or a share of cost."""
    if goal.kind == "target":
        return (goal.indicator,)
    kind = wording.label("targets", "kind", goal.kind)
    return goal.indicator, Text(f"（{kind.zh}）", f"({kind.en})")


def _value(promise: Promise) -> Cell:
    if promise.value is None or promise.upper is None:
        return promise.value
    least, most = wording.number(promise.value), wording.number(promise.upper)
    return (Text(f"{least}—{most}", f"{least}–{most}"),)


def _until(promise: Promise) -> Cell:
    return (words.until(promise),) if promise.basis == "each_year" else date(promise.end_year, 12, 31)


def _progress(each: Entry) -> tuple[Cell, ...]:
    """Latest report, actual, its day, completion, expected, status, warning, revisions, owed, remarks."""
    goal = each.goal
    if goal is None:
        return (), None, None, None, None, None, None, (), (), each.remarks
    standing = goal.standing
    latest = (words.figure(goal.latest), words.reporter(goal.latest)) if goal.latest else ()
    return (
        latest,
        standing.actual,
        standing.actual_to,
        _share(standing.completion),
        _share(standing.expected),
        *_marks(standing.status, standing.warning),
        tuple(words.revised(goal.first, goal.revisions)),
        tuple(words.outstanding(one) for one in goal.owed),
        remarks(each),
    )


def remarks(each: Entry) -> tuple[Text, ...]:
    """Why the status is what it is, the value at the start, and the caveats of the data."""
    goal = each.goal
    if goal is None:
        return each.remarks
    told = [wording.reason(goal.standing.reason)] if goal.standing.status != "no_data" else []
    if goal.baseline is not None:
        value = wording.quantity(goal.baseline, goal.standing.unit)
        told.append(Text(f"起始值{value.zh}", f"starting value {value.en}"))
    return (*told, *each.remarks)


def _share(value: Decimal | None) -> Cell:
    return None if value is None else Share(value)


def _marks(status: str, warning: str) -> tuple[Cell, Cell]:
    tone = TONES.get(warning, "none")
    return Mark(wording.status(status), tone), Mark(words.warning(warning), tone) if warning else None


def timetable(ledger: Ledger) -> Sheet:
    """What falls due, in the order of the days."""
    columns = (
        Column(wording.DUE, 12),
        Column(Text("类型", "Kind"), 10),
        Column(wording.WHAT_IS_DUE, 34),
        Column(wording.TARGET, 18),
        Column(wording.TASK, 30),
        Column(Text("本单位职责", "Role of the unit"), 12),
        Column(Text("台账序号", "Line"), 8),
        Column(Text("最初到期日", "First due on"), 12),
        Column(Text("期限", "Day"), 9),
        Column(wording.STATUS, 10),
        Column(Text("预警", "Warning"), 7),
    )
    return Sheet(Text("倒排工期", "Timetable"), columns, tuple(map(_due, ledger.calendar)), notes.NO_CALENDAR)


def _due(each: Due) -> tuple[Cell, ...]:
    over = Text("已过", "over") if each.over else Text("未到", "to come")
    moved = each.first_due_on if each.first_due_on != each.due_on else None
    return (
        each.due_on,
        (wording.label("deadline_calendar", "kind", each.kind),),
        (each.what,),
        (wording.amount(each.promise),) if each.promise else (),
        (each.task,),
        (words.roles(each.roles),),
        each.entry,
        moved,
        (over,),
        *(_marks(each.status, each.warning) if each.status else (None, None)),
    )


def figures(ledger: Ledger) -> Sheet:
    """Every figure reported by the day, with those that were corrected."""
    columns = (
        Column(wording.INDICATOR, 26),
        Column(Text("所属期", "Period"), 10),
        Column(Text("填报单位", "Reporting unit"), 20),
        Column(Text("修订号", "Revision"), 7),
        Column(Text("数值", "Value"), 11),
        Column(Text("计量单位", "Measured in"), 10),
        Column(Text("累计口径", "Covers"), 14),
        Column(Text("观测状态", "Observation"), 10),
        Column(Text("是否有效", "In force"), 10),
        Column(Text("填报日期", "Reported on"), 12),
        Column(Text("填报人", "Reported by"), 14),
        Column(Text("佐证", "Evidence"), 24),
        Column(Text("说明", "Note"), 20),
    )
    return Sheet(Text("进展填报", "Figures reported"), columns, tuple(map(_figure, ledger.figures)), notes.NO_FIGURES)


def _figure(each: Figure) -> tuple[Cell, ...]:
    force = Mark(Text("已更正", "corrected"), "none") if each.corrected else Mark(Text("有效", "in force"), "good")
    return (
        (each.indicator,),
        (Text(each.period, each.period),),
        (each.reporter,),
        each.revision,
        each.value,
        (wording.measure(each.unit),),
        (words.accumulation(each.accumulation),),
        (words.observed(each.status),),
        force,
        each.reported_on,
        _same(each.reported_by),
        _same(each.evidence),
        _same(each.note),
    )


def course(ledger: Ledger) -> Sheet:
    """How each target was judged on each day on which something of it was reported or revised."""
    columns = (
        Column(Text("判定日", "Judged on"), 12),
        Column(wording.INDICATOR, 34),
        Column(Text("目标标识", "Target"), 26),
        Column(wording.ACTUAL, 11),
        Column(Text("计量单位", "Measured in"), 10),
        Column(Text("实际值截至", "Actual to"), 12),
        Column(wording.COMPLETION, 9),
        Column(wording.EXPECTED, 9),
        Column(wording.STATUS, 10),
        Column(Text("预警", "Warning"), 7),
        Column(wording.WHY, 34),
    )
    return Sheet(Text("判定过程", "Course"), columns, tuple(map(_judged, ledger.history)), notes.NO_HISTORY)


def _judged(each: Judged) -> tuple[Cell, ...]:
    standing = each.standing
    return (
        standing.on,
        (each.indicator,),
        _same(each.target_id),
        standing.actual,
        (wording.measure(standing.unit),),
        standing.actual_to,
        _share(standing.completion),
        _share(standing.expected),
        *_marks(standing.status, standing.warning),
        (wording.reason(standing.reason),),
    )


def owed(ledger: Ledger) -> Sheet:
    """Figures for the end of a year that are not settled."""
    columns = (
        Column(Text("应报日期", "Due on"), 12),
        Column(wording.YEAR, 7),
        Column(wording.INDICATOR, 40),
        Column(wording.TASK, 40),
        Column(Text("本单位职责", "Role of the unit"), 12),
        Column(wording.REPORTING, 18),
        Column(Text("已报至", "Reported to"), 12),
    )
    return Sheet(Text("应报未报", "Owed"), columns, tuple(map(_owed, ledger.owed)), notes.NOTHING_OWED)


def _owed(each: OwedFigure) -> tuple[Cell, ...]:
    return (
        each.due_on,
        # a year is no amount: no comma in it
        (Text(str(each.year), str(each.year)),),
        (each.indicator,),
        (each.task,),
        (words.role(each.role),),
        Mark(wording.owed(each.status), "bad" if each.late else "fair"),
        each.reported_to,
    )


def _same(text: str) -> tuple[Text, ...]:
    return (Text(text, text),) if text else ()

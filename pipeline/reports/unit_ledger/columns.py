"""The tables of a ledger, cell by cell, for any renderer: their columns, and what stands in each row."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pipeline.language import Text
from pipeline.reports.unit_ledger import notes, words
from pipeline.unit_ledger.model import Due, Entry, Figure, Goal, Judged, Ledger, Owed, Promise

_TONES = {"green": "good", "yellow": "fair", "red": "bad"}


@dataclass(frozen=True)
class Share:
    """A share of 1, to be shown in per cent."""

    value: Decimal


@dataclass(frozen=True)
class Mark:
    """A word with a colour beside it: good, fair, bad or none."""

    text: Text
    tone: str


# What a cell may be; texts are lines, one below the other.
Cell = tuple[Text, ...] | Decimal | int | Share | date | Mark | None


@dataclass(frozen=True)
class Column:
    """A heading and the width in characters."""

    title: Text
    width: int


@dataclass(frozen=True)
class Sheet:
    """A table. `empty` is said where it has no rows; `kept` columns stay in sight when the sheet is moved sideways."""

    name: Text
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    empty: Text
    large: bool = False
    kept: int = 1


def sheets(ledger: Ledger) -> tuple[Sheet, ...]:
    """All tables in the order in which they are read."""
    return lines(ledger), timetable(ledger), owed(ledger), figures(ledger), course(ledger)


def _columns(*given: tuple[str, str, int]) -> tuple[Column, ...]:
    return tuple(Column(Text(zh, en), width) for zh, en, width in given)


def lines(ledger: Ledger) -> Sheet:
    """The ledger itself. The column of the programme is there only where there are several."""
    several = len(ledger.programmes) > 1
    columns = _columns(
        ("序号", "No.", 5),
        *((("方案", "Programme", 16),) if several else ()),
        ("任务", "Task", 22),
        ("本单位职责", "Role of the unit", 7),
        ("指标", "Indicator", 16),
        ("原文目标", "As printed", 11),
        ("要求", "Requirement", 7),
        ("目标值", "Target", 9),
        ("计量单位", "Measured in", 8),
        ("完成时限", "Due", 11),
        ("节点(按日期)", "Steps, by date", 16),
        ("牵头、责任单位", "Units", 18),
        ("最近一期填报", "Latest report", 19),
        ("实际值", "Actual", 9),
        ("实际值截至", "Actual to", 11),
        ("完成度", "Completion", 8),
        ("应达进度", "Expected", 8),
        ("状态", "Status", 8),
        ("预警", "Warning", 6),
        ("目标调整(原→现,依据)", "Revisions (from → to, by)", 20),
        ("应报未报", "Not reported", 12),
        ("备注", "Remarks", 24),
    )
    titles = {each.programme_id: each.title for each in ledger.programmes}
    rows = []
    for each in ledger.entries:
        programme = ((titles[each.task.programme_id],),) if several else ()
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
    task = each.task
    return words.task(task), (words.roles(task.roles, task.inherited),)


def _promised(each: Entry) -> tuple[Cell, ...]:
    """Indicator, printed, requirement, value, unit, due, steps, units."""
    steps = tuple(words.step(one) for one in each.steps)
    units = words.units(each.task)
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
        (promise.unit,),
        _until(promise),
        steps,
        units,
    )


def indicator(goal: Goal) -> tuple[Text, ...]:
    """The indicator; what is no result to reach is said to be a standard or a share of cost."""
    if goal.kind == "target":
        return (goal.indicator,)
    kind = words.goal_kind(goal.kind)
    return goal.indicator, Text(f"({kind.zh})", f"({kind.en})")


def _value(promise: Promise) -> Cell:
    if promise.value is None or promise.upper is None:
        return promise.value
    range_ = f"{words.number(promise.value)}–{words.number(promise.upper)}"
    return (Text(range_, range_),)


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
        tuple(words.changed(goal.first, goal.changes)),
        tuple(words.outstanding(one) for one in goal.owed),
        remarks(each),
    )


def remarks(each: Entry) -> tuple[Text, ...]:
    """Why the status is what it is, the value at the start, and the caveats of the data."""
    goal = each.goal
    if goal is None:
        return each.remarks
    told = [words.reason(goal.standing.reason)] if goal.standing.status != "no_data" else []
    if goal.baseline is not None:
        unit, value = goal.standing.unit, words.number(goal.baseline)
        told.append(Text(f"起始值 {value} {unit.zh}", f"starting value {value} {unit.en}"))
    return (*told, *each.remarks)


def _share(value: Decimal | None) -> Cell:
    return None if value is None else Share(value)


def _marks(status: str, warning: str) -> tuple[Cell, Cell]:
    tone = _TONES.get(warning, "none")
    return Mark(words.status(status), tone), Mark(words.warning(warning), tone) if warning else None


def timetable(ledger: Ledger) -> Sheet:
    """What falls due, in the order of the days."""
    columns = _columns(
        ("到期日", "Due on", 12),
        ("类型", "Kind", 10),
        ("事项", "What is due", 34),
        ("目标", "Target", 18),
        ("任务", "Task", 30),
        ("本单位职责", "Role of the unit", 12),
        ("台账序号", "Line", 8),
        ("最初到期日", "First due on", 12),
        ("期限", "Day", 9),
        ("状态", "Status", 10),
        ("预警", "Warning", 7),
    )
    return Sheet(Text("倒排工期", "Timetable"), columns, tuple(map(_due, ledger.calendar)), notes.NO_CALENDAR)


def _due(each: Due) -> tuple[Cell, ...]:
    over = Text("已过", "over") if each.over else Text("未到", "to come")
    moved = each.first_due_on if each.first_due_on != each.due_on else None
    return (
        each.due_on,
        (words.due_kind(each.kind),),
        (each.what,),
        (words.quantity(each.promise),) if each.promise else (),
        (each.task,),
        (words.roles(each.roles),),
        each.entry,
        moved,
        (over,),
        *(_marks(each.status, each.warning) if each.status else (None, None)),
    )


def figures(ledger: Ledger) -> Sheet:
    """Every figure reported by the day, with those that were corrected."""
    columns = _columns(
        ("指标", "Indicator", 26),
        ("所属期", "Period", 10),
        ("填报单位", "Reporting unit", 20),
        ("修订号", "Revision", 7),
        ("数值", "Value", 11),
        ("计量单位", "Measured in", 10),
        ("累计口径", "Covers", 14),
        ("观测状态", "Observation", 10),
        ("是否有效", "In force", 10),
        ("填报日期", "Reported on", 12),
        ("填报人", "Reported by", 14),
        ("佐证", "Evidence", 24),
        ("说明", "Note", 20),
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
        (each.unit,),
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
    columns = _columns(
        ("判定日", "Judged on", 12),
        ("指标", "Indicator", 34),
        ("目标标识", "Target", 26),
        ("实际值", "Actual", 11),
        ("计量单位", "Measured in", 10),
        ("实际值截至", "Actual to", 12),
        ("完成度", "Completion", 9),
        ("应达进度", "Expected", 9),
        ("状态", "Status", 10),
        ("预警", "Warning", 7),
        ("原因", "Reason", 34),
    )
    return Sheet(Text("判定过程", "Course"), columns, tuple(map(_judged, ledger.history)), notes.NO_HISTORY)


def _judged(each: Judged) -> tuple[Cell, ...]:
    standing = each.standing
    return (
        standing.on,
        (each.indicator,),
        _same(each.target_id),
        standing.actual,
        (standing.unit,),
        standing.actual_to,
        _share(standing.completion),
        _share(standing.expected),
        *_marks(standing.status, standing.warning),
        (words.reason(standing.reason),),
    )


def owed(ledger: Ledger) -> Sheet:
    """Figures for the end of a year that are not settled."""
    columns = _columns(
        ("应报日期", "Due on", 12),
        ("年份", "Year", 7),
        ("指标", "Indicator", 40),
        ("任务", "Task", 40),
        ("本单位职责", "Role of the unit", 12),
        ("填报情况", "Reporting", 18),
        ("已报至", "Reported to", 12),
    )
    return Sheet(Text("应报未报", "Owed"), columns, tuple(map(_owed, ledger.owed)), notes.NOTHING_OWED)


def _owed(each: Owed) -> tuple[Cell, ...]:
    return (
        each.due_on,
        # a year is no amount: no comma in it
        (Text(str(each.year), str(each.year)),),
        (each.indicator,),
        (each.task,),
        (words.role(each.role),),
        Mark(words.owed(each.status), "bad" if each.late else "fair"),
        each.reported_to,
    )


def _same(text: str) -> tuple[Text, ...]:
    return (Text(text, text),) if text else ()

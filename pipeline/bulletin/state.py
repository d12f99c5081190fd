"""How a programme stood on a day: what a bulletin is made of, as read from the marts."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pipeline.language import Text
from pipeline.marts import OwedFigure, Programme, Unit

# From worst to best, then what cannot be judged; docs/attainment.md says when each applies.
STATUSES = ("overdue", "at_risk", "behind", "on_track", "achieved", "no_data", "not_measurable")
RED = frozenset({"overdue", "at_risk"})
YELLOW = frozenset({"behind"})
GREEN = frozenset({"on_track", "achieved"})
MEASURED = RED | YELLOW | GREEN


@dataclass(frozen=True)
class Point:
    """What had been reached by the end of a reported period, in the unit of the target."""

    to: date
    value: Decimal


@dataclass(frozen=True)
class Target:
    """A target as judged. Values are in `unit`; completion and expected are shares, 1 for the whole.

    `head` is the node of the document that the reader knows: the task itself, or the one above its measure.
    """

    target_id: str
    indicator_id: str
    indicator: Text
    task_id: str
    head: str
    domain_code: str
    domain: Text
    units: tuple[Unit, ...]
    unit: Text
    comparator: str | None
    value: Decimal | None
    upper: Decimal | None
    basis: str
    start_year: int
    end_year: int
    revision: int | None
    status: str
    warning: str | None
    reason: str
    actual: Decimal | None
    actual_to: date | None
    completion: Decimal | None
    expected: Decimal | None
    printed: str
    points: tuple[Point, ...] = ()

    @property
    def is_measured(self) -> bool:
        return self.status in MEASURED


@dataclass(frozen=True)
class Task:
    """A node of the document with the units that answer for it; `nodes` are it and what is below it."""

    task_id: str
    title: Text
    locator: str
    domain_code: str
    units: tuple[Unit, ...]
    nodes: frozenset[str]


@dataclass(frozen=True)
class Deadline:
    """A thing due by a date, as printed; whether it was delivered is not in the data."""

    deadline_id: str
    deliverable: Text
    task: Text
    units: tuple[Unit, ...]
    due_on: date


@dataclass(frozen=True)
class State:
    """A programme on a day. `targets` are targets proper; benefit standards and shares of cost are `others`."""

    day: date
    period_end: date
    programme: Programme
    targets: tuple[Target, ...]
    others: int
    tasks: tuple[Task, ...]
    deadlines: tuple[Deadline, ...]
    owed: tuple[OwedFigure, ...]


@dataclass(frozen=True)
class Counts:
    """How many targets there are of each status, in the order of STATUSES."""

    of: tuple[tuple[str, int], ...]

    def __getitem__(self, status: str) -> int:
        return dict(self.of)[status]

    @property
    def total(self) -> int:
        return sum(count for _, count in self.of)

    def among(self, statuses: frozenset[str]) -> int:
        return sum(count for status, count in self.of if status in statuses)


@dataclass(frozen=True)
class Headline:
    """The figures a reader takes away. `promised` have a number in force, of these `current` are reported to the end
    of the period; `passed` are targets whose last day is over.
    """

    targets: int
    promised: int
    measured: int
    current: int
    counts: Counts
    passed: int


@dataclass(frozen=True)
class TaskLine:
    """A task with the status of its targets taken together: the worst of those that are measured."""

    task: Task
    status: str
    counts: Counts
    due: int | None


def count(targets: Iterable[Target]) -> Counts:
    found = [target.status for target in targets]
    return Counts(tuple((status, found.count(status)) for status in STATUSES))


def headline(state: State) -> Headline:
    promised = [each for each in state.targets if each.value is not None and each.reason != "withdrawn"]
    return Headline(
        targets=len(state.targets),
        promised=len(promised),
        measured=sum(each.is_measured for each in state.targets),
        current=sum(each.actual_to is not None and each.actual_to >= state.period_end for each in promised),
        counts=count(state.targets),
        passed=sum(date(each.end_year, 12, 31) < state.day for each in promised),
    )


def together(targets: Iterable[Target]) -> str:
    """The status of several targets as one: the worst measured; else whether anything is still to be reported."""
    found = {target.status for target in targets}
    return next((status for status in STATUSES if status in found), "not_measurable")


def task_lines(state: State) -> tuple[TaskLine, ...]:
    """Every task with its status, worst first, within a status in the order of the document."""
    lines = []
    for task in state.tasks:
        own = [target for target in state.targets if target.head == task.task_id]
        due = [target.end_year for target in own if target.reason != "withdrawn"]
        lines.append(TaskLine(task, together(own), count(own), max(due, default=None)))
    return tuple(sorted(lines, key=lambda line: STATUSES.index(line.status)))


def by_domain(state: State) -> tuple[tuple[Text, Counts], ...]:
    """Counts by domain, those with most targets first."""
    groups = grouped(state.targets, lambda target: target.domain_code)
    return tuple((targets[0].domain, count(targets)) for targets in sorted(groups, key=lambda targets: -len(targets)))


def grouped(targets: Iterable[Target], key: Callable[[Target], str]) -> list[list[Target]]:
    groups: dict[str, list[Target]] = {}
    for target in targets:
        groups.setdefault(key(target), []).append(target)
    return list(groups.values())


def overdue(state: State) -> tuple[Target, ...]:
    """Targets whose last day is over without being kept."""
    return tuple(target for target in state.targets if target.status == "overdue")


def unknown(state: State) -> tuple[Target, ...]:
    """Targets whose last day is over and of which nothing is reported."""
    return tuple(
        target for target in state.targets if target.status == "no_data" and date(target.end_year, 12, 31) < state.day
    )

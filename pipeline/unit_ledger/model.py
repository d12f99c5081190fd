"""What a ledger holds. Amounts are exact decimals in the unit that stands beside them."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pipeline.language import Text
from pipeline.marts import OwedFigure, Programme


@dataclass(frozen=True)
class Duty:
    """A node of a document that the unit has a duty for. `path` are the titles from the uppermost node to this one,
    `roles` those of the unit; `inherited` says that the document names the unit at a node above.
    """

    task_id: str
    programme_id: str
    locator: str
    path: tuple[Text, ...]
    roles: tuple[str, ...]
    inherited: bool
    lead_units: Text
    responsible_units: Text


@dataclass(frozen=True)
class Promise:
    """What is promised for which years. Without a value it is promised in words."""

    comparator: str
    value: Decimal | None
    upper: Decimal | None
    unit: Text
    basis: str
    start_year: int
    end_year: int


@dataclass(frozen=True)
class Revision:
    """A revision of a target; `promise` is None where it was withdrawn."""

    effective_on: date
    promise: Promise | None
    document: str
    decided_by: Text
    note: str


@dataclass(frozen=True)
class Figure:
    """A reported figure. `corrected` says that a later revision of it had been made by the day of the ledger."""

    indicator_id: str
    indicator: Text
    reporter_id: str
    reporter: Text
    period: str
    revision: int
    value: Decimal | None
    unit: Text
    accumulation: str
    status: str
    evidence: str
    reported_by: str
    reported_on: date
    note: str
    corrected: bool


@dataclass(frozen=True)
class Standing:
    """How a target stood on a day: codes of the mart attainment, the actual value in the unit of the promise, degrees
    as shares of 1. `on` is the day of judgement, None where nothing was ever said of the target.
    """

    on: date | None
    status: str
    warning: str
    reason: str
    actual: Decimal | None
    actual_to: date | None
    completion: Decimal | None
    expected: Decimal | None
    unit: Text


@dataclass(frozen=True)
class Step:
    """Something that leads up to a target or belongs to a task, by the day it is due."""

    due_on: date
    what: Text
    promise: Promise | None


@dataclass(frozen=True)
class Goal:
    """A target of a task. `now` is the promise in force, None where it was withdrawn; `printed` is what is cited."""

    target_id: str
    indicator_id: str
    indicator: Text
    kind: str
    printed: str
    first: Promise
    now: Promise | None
    baseline: Decimal | None
    standing: Standing
    revisions: tuple[Revision, ...]
    latest: Figure | None
    owed: tuple[OwedFigure, ...]


@dataclass(frozen=True)
class Entry:
    """A line of the ledger: a task with one of its targets, or with none. `steps` in the order of their days; those of
    the task and its caveats stand with its first line.
    """

    number: int
    duty: Duty
    goal: Goal | None
    steps: tuple[Step, ...]
    remarks: tuple[Text, ...]


@dataclass(frozen=True)
class Due:
    """A day of the calendar; `promise`, `status` and `warning` are those of a target, a milestone has none. `entry` is
    the line of the ledger.
    """

    due_on: date
    first_due_on: date | None
    over: bool
    kind: str
    what: Text
    promise: Promise | None
    task: Text
    roles: tuple[str, ...]
    status: str
    warning: str
    entry: int | None


@dataclass(frozen=True)
class Judged:
    """A target as it was judged on a past day."""

    indicator: Text
    target_id: str
    standing: Standing


@dataclass(frozen=True)
class Ledger:
    """The ledger of a unit as of a day. `owed` are the figures that are not settled, `settled` counts the others."""

    unit_id: str
    unit: Text
    as_of: date
    programmes: tuple[Programme, ...]
    entries: tuple[Entry, ...]
    calendar: tuple[Due, ...]
    figures: tuple[Figure, ...]
    history: tuple[Judged, ...]
    owed: tuple[OwedFigure, ...]
    settled: int

    @property
    def fictional(self) -> bool:
        return any(programme.is_fictional for programme in self.programmes)

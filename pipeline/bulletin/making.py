"""A bulletin from sound data: the marts as of its day and as of the day of the one before, and what lies between."""

from dataclasses import dataclass
from pathlib import Path

from pipeline.bulletin.changes import Change, changes, reported
from pipeline.bulletin.edition import Edition, cut, earlier
from pipeline.bulletin.ranking import Asked, Ranking, ranking
from pipeline.bulletin.reading import read
from pipeline.bulletin.state import State
from pipeline.dataset import Dataset
from pipeline.language import Text
from pipeline.ledger import REPORTS
from pipeline.marts import Say, marts
from pipeline.transformation import Thresholds, thresholds
from pipeline.worker import Worker


@dataclass(frozen=True)
class Earlier:
    """The bulletin before, and what has changed since."""

    edition: Edition
    state: State
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class Bulletin:
    """All that is printed. `before` is None for the first bulletin of a programme."""

    edition: Edition
    state: State
    before: Earlier | None
    rankings: tuple[Ranking, ...]
    limits: Thresholds

    @property
    def is_fictional(self) -> bool:
        return self.state.programme.is_fictional


def bulletin(data: Dataset, of: Edition, folder: Path, say: Say, worker: Worker | None = None) -> Bulletin:
    """Make a bulletin; the marts are built in `folder`, where those of the bulletin itself stay.

    Raises UnbuiltError where the marts do not hold, WarehouseError where they cannot be built.
    """
    limits = thresholds()
    previous = earlier(of, data, limits.report_due_days)

    def state_of(one: Edition) -> tuple[State, tuple[Asked, ...]]:
        which = one.period.text
        step = Text(f"构建 {which} 的集市表", f"building the marts of {which}")
        return read(marts(cut(data, one), folder, one.day, say, step, worker), one)

    was = state_of(previous)[0] if previous else None
    state, asked = state_of(of)
    before = None
    if previous is not None and was is not None:
        since = reported(cut(data, previous).tables[REPORTS], cut(data, of).tables[REPORTS])
        before = Earlier(previous, was, changes(was, state, since))
    return Bulletin(of, state, before, tuple(ranking(each, state.targets) for each in asked), limits)

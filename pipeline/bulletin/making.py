"""A bulletin from sound data: the marts as of its day and as of the day of the one before, and what lies between."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pipeline.bulletin.changes import Change, changes, reported
from pipeline.bulletin.edition import BulletinError, Edition, cut, earlier
from pipeline.bulletin.ranking import Asked, Ranking, ranking
from pipeline.bulletin.reading import read
from pipeline.bulletin.state import State
from pipeline.dataset import Dataset
from pipeline.fiction import is_fictional
from pipeline.language import Text
from pipeline.ledger import REPORTS
from pipeline.transformation import Thresholds, thresholds
from pipeline.warehouse import build

Say = Callable[[Text], None]


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
        return is_fictional(self.state.programme.jurisdiction_code)


def bulletin(data: Dataset, of: Edition, folder: Path, say: Say) -> Bulletin:
    """Make a bulletin; the marts are built in `folder`, where those of the bulletin itself stay.

    Raises BulletinError where the marts do not hold, WarehouseError where they cannot be built.
    """
    limits = thresholds()
    previous = earlier(of, data, limits.report_due_days)
    was = None
    if previous is not None:
        say(Text(f"构建上期 {previous.period.text} 的集市表", f"building the marts of {previous.period.text}"))
        was, _ = _state(cut(data, previous), previous, folder)
    say(Text(f"构建本期 {of.period.text} 的集市表", f"building the marts of {of.period.text}"))
    state, asked = _state(cut(data, of), of, folder)
    before = None
    if previous is not None and was is not None:
        since = reported(cut(data, previous).tables[REPORTS], cut(data, of).tables[REPORTS])
        before = Earlier(previous, was, changes(was, state, since))
    return Bulletin(of, state, before, tuple(ranking(each, state.targets) for each in asked), limits)


def _state(data: Dataset, of: Edition, folder: Path) -> tuple[State, tuple[Asked, ...]]:
    built = build(data, folder, as_of=of.day, unit_tests=False)
    if built.path is None:
        failed = ", ".join(failure.node for failure in built.failures)
        raise BulletinError(
            Text(
                f"集市表未通过检验:{failed};请运行 minsheng build 查看",
                f"the marts do not hold: {failed}; run minsheng build to see why",
            )
        )
    return read(built.path, of)

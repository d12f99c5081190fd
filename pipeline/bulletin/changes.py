"""What changed between two bulletins, target by target, and why."""

from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.bulletin.state import STATUSES, State, Target
from pipeline.dataset import Row
from pipeline.ledger import REPORT_KEY, reports_as_of

# Why a status moved, in the order in which it is told.
CAUSES = ("revised", "withdrawn", "new_figure", "corrected", "time")


@dataclass(frozen=True)
class Reported:
    """Indicators of which something was reported since the bulletin before: for a new period or an old one."""

    new: frozenset[str]
    corrected: frozenset[str]


@dataclass(frozen=True)
class Change:
    """A target that was judged otherwise, or revised. `causes` are some of CAUSES."""

    was: Target
    now: Target
    causes: tuple[str, ...]

    @property
    def is_worse(self) -> bool:
        return _place(self.now) < _place(self.was)

    @property
    def has_moved(self) -> bool:
        return self.was.status != self.now.status


def reported(was: Iterable[Row], now: Iterable[Row]) -> Reported:
    """What the reports of this bulletin have that those of the one before did not."""
    before = {_key(row): row["revision"] for row in reports_as_of(was)}
    new: set[str] = set()
    corrected: set[str] = set()
    for row in reports_as_of(now):
        if _key(row) not in before:
            new.add(row["indicator_id"])
        elif row["revision"] > before[_key(row)]:
            corrected.add(row["indicator_id"])
    return Reported(frozenset(new), frozenset(corrected))


def changes(was: State, now: State, since: Reported) -> tuple[Change, ...]:
    """Targets whose status moved or that were revised; those that got worse first, the worst of them first."""
    earlier = {target.target_id: target for target in was.targets}
    found = []
    for target in now.targets:
        before = earlier.get(target.target_id)
        if before is None or (before.status, before.revision) == (target.status, target.revision):
            continue
        found.append(Change(before, target, _causes(before, target, since)))
    return tuple(sorted(found, key=lambda each: (not each.is_worse, not each.has_moved, _place(each.now))))


def _causes(was: Target, now: Target, since: Reported) -> tuple[str, ...]:
    causes = {
        "withdrawn": now.reason == "withdrawn" and was.reason != "withdrawn",
        "revised": now.revision != was.revision and now.reason != "withdrawn",
        "new_figure": now.indicator_id in since.new,
        "corrected": now.indicator_id in since.corrected,
    }
    return tuple(cause for cause in CAUSES if causes.get(cause)) or ("time",)


def _place(target: Target) -> int:
    return STATUSES.index(target.status)


def _key(row: Row) -> tuple[str, ...]:
    return tuple(row[name] for name in REPORT_KEY)

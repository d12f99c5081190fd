"""Which bulletin is asked for: a programme, a period that is over, and the day by which it knows what it says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from pipeline.dataset import Dataset, Row
from pipeline.language import RefusalError, Text
from pipeline.ledger import REPORTS, REVISIONS
from pipeline.nearest import hints
from pipeline.periods import Period, before, period_of


class BulletinError(RefusalError):
    """No bulletin can be made; `reason` says why in both languages."""


@dataclass(frozen=True)
class Edition:
    """A bulletin by what it is about; `day` is the last day of which it knows anything."""

    programme_id: str
    period: Period
    day: date

    @property
    def name(self) -> str:
        return f"bulletin-{self.programme_id}-{self.period.text}"


def edition(data: Dataset, programme_id: str, written: str, *, today: date, grace: int, day: date | None) -> Edition:
    """The bulletin asked for, as of a day or, by default, `grace` days after its period ended, but not after today.

    Raises BulletinError where there is no such programme, the period is none, lies outside the programme or is not
    over on that day, or where the day is yet to come.
    """
    programme = data.find("programmes", programme_id)
    if programme is None:
        near = hints(programme_id, [row.key for row in data.tables["programmes"]])
        raise BulletinError(
            Text(f"没有方案“{programme_id}”{near.zh}", f"there is no programme “{programme_id}”{near.en}")
        )
    period = period_of(written)
    if period is None:
        raise BulletinError(
            Text(
                f"所属期“{written}”应写作 2024、2024-S1、2024-Q2 或 2024-06",
                f"the period “{written}” must be written 2024, 2024-S1, 2024-Q2 or 2024-06",
            )
        )
    first, last = programme["start_year"], _last_year(data, programme)
    if not first <= period.year <= last:
        raise BulletinError(
            Text(
                f"{written} 不在方案 {programme_id} 的期限内（{first}—{last}年）",
                f"{written} is outside {programme_id}, which runs from {first} to {last}",
            )
        )
    if day is not None and day > today:
        raise BulletinError(Text(f"{day} 尚未到来", f"{day} is yet to come"))
    known = day or min(period.end + timedelta(days=grace), today)
    if known <= period.end:
        raise BulletinError(
            Text(
                f"{written} 到 {period.end} 才结束，{known} 还不能通报",
                f"{written} ends on {period.end}: on {known} there is no bulletin of it yet",
            )
        )
    return Edition(programme_id, period, known)


def earlier(this: Edition, data: Dataset, grace: int) -> Edition | None:
    """The bulletin before, by its own default day; None where this is the first of the programme."""
    period = before(this.period)
    programme = data.find("programmes", this.programme_id)
    if period is None or programme is None or period.year < programme["start_year"]:
        return None
    return Edition(this.programme_id, period, min(period.end + timedelta(days=grace), this.day))


def cut(data: Dataset, of: Edition) -> Dataset:
    """What belongs to a bulletin: reports of periods that end by its own end, and all that was known by its day.

    Of other programmes nothing is reported in it.
    """
    kept: Mapping[str, Sequence[Row]] = {
        REPORTS: [row for row in data.tables[REPORTS] if _belongs(row, data, of)],
        REVISIONS: [row for row in data.tables[REVISIONS] if row["effective_on"] <= of.day],
    }
    return replace(data, tables={**data.tables, **{name: tuple(rows) for name, rows in kept.items()}})


def _belongs(report: Row, data: Dataset, of: Edition) -> bool:
    period, programme = period_of(report["period"]), data.programme_of(report)
    return (
        period is not None
        and period.end <= of.period.end
        and report["reported_on"] <= of.day
        and programme is not None
        and programme.key == of.programme_id
    )


def _last_year(data: Dataset, programme: Row) -> int:
    """The last year of a programme, or of a target of it that runs on, also as revised."""
    years: list[int] = [programme["end_year"]]
    for name in ("targets", REVISIONS):
        for row in data.tables[name]:
            owner = data.programme_of(row)
            if owner is not None and owner.key == programme.key:
                years.append(row["end_year"])
    return max(years)

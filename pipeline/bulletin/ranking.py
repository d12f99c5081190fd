"""The ranking of units, where the document asks for one; docs/attainment.md says how it is made and why so."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from pipeline.bulletin.state import GREEN, Target
from pipeline.language import Text
from pipeline.marts import Unit

# A unit is ranked where at least so many of its targets are measured, and at least this share of those that can be.
LEAST_TARGETS = 3
LEAST_SHARE = Fraction(1, 2)


@dataclass(frozen=True)
class Asked:
    """A ranking that a document asks for, with the words that do; `nodes` are those whose promises count."""

    task: Text
    locator: str
    among: str
    covers: str
    every: str
    source: str
    printed: str
    nodes: frozenset[str]

    @property
    def is_of_units(self) -> bool:
        """Reports are of units: nobody else can be ranked by them."""
        return self.among == "units_in_charge"


@dataclass(frozen=True)
class Place:
    """A unit with what its place rests on. `rank` is None where too little is measured.

    `on_course` of `measured` targets are achieved or on track; `pace` is the mean of completion by
    expected, none above 1. `measurable` counts also those of which nothing is reported.
    """

    unit: Unit
    rank: int | None
    measurable: int
    measured: int
    on_course: int
    pace: Fraction | None

    @property
    def share(self) -> Fraction | None:
        return Fraction(self.on_course, self.measured) if self.measured else None


@dataclass(frozen=True)
class Ranking:
    asked: Asked
    places: tuple[Place, ...]


def ranking(asked: Asked, targets: Iterable[Target]) -> Ranking:
    """The units in charge of the targets that count, best first; equal ones share a rank, the next is left out."""
    if not asked.is_of_units:
        return Ranking(asked, ())
    of_unit: dict[Unit, list[Target]] = {}
    for target in targets:
        if target.task_id in asked.nodes and target.status != "not_measurable":
            for unit in target.units:
                of_unit.setdefault(unit, []).append(target)
    places = [_unranked(unit, own) for unit, own in of_unit.items()]
    order = sorted(places, key=lambda place: (*_worth(place), place.unit.organization_id))
    return Ranking(asked, tuple(_ranked(place, order) for place in order))


def _unranked(unit: Unit, targets: list[Target]) -> Place:
    measured = [target for target in targets if target.is_measured]
    paces = [pace for target in measured if (pace := _pace(target)) is not None]
    return Place(
        unit=unit,
        rank=None,
        measurable=len(targets),
        measured=len(measured),
        on_course=sum(target.status in GREEN for target in measured),
        pace=sum(paces, Fraction()) / len(paces) if paces else None,
    )


def _pace(target: Target) -> Fraction | None:
    """Completion by what is expected: a target that is far ahead does not make good another that is behind."""
    if target.completion is None or not target.expected:
        return None
    return max(Fraction(), min(Fraction(1), Fraction(target.completion) / Fraction(target.expected)))


def can_be_ranked(place: Place) -> bool:
    return place.measured >= LEAST_TARGETS and place.measured >= LEAST_SHARE * place.measurable


def _worth(place: Place) -> tuple[bool, Fraction, Fraction]:
    """What places are ordered by. Where no target tells a degree, those kept and broken speak for the pace too."""
    share = place.share or Fraction()
    return (not can_be_ranked(place), -share, -(share if place.pace is None else place.pace))


def _ranked(place: Place, places: list[Place]) -> Place:
    if not can_be_ranked(place):
        return place
    rank = 1 + sum(can_be_ranked(other) and _worth(other) < _worth(place) for other in places)
    return Place(place.unit, rank, place.measurable, place.measured, place.on_course, place.pace)

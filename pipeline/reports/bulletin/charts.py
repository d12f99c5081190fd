"""Charts of a bulletin as SVG elements: widths in per cent of the page, heights in pixels, colours by class.

A chart that repeats what stands beside it in words is hidden from screen readers; others have a title and a
description.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from xml.etree import ElementTree as ET

from pipeline.bulletin.state import STATUSES, Counts, Point, Target
from pipeline.reports.bulletin.words import SIGNS
from pipeline.reports.page import element
from pipeline.reports.visible import visible

FULL = Fraction(5, 4)  # a bar of completion ends at 125 %, what is above is cut
_ROOM_FOR_A_NUMBER = 6  # per cent of the width


def stacked(counts: Counts, height: int = 26, whole: int | None = None, numbers: bool = True) -> ET.Element:
    """Targets by status as one bar; as long as all of `whole` would be."""
    total = whole or counts.total or 1
    parts: list[ET.Element] = []
    at = 0.0
    for status in STATUSES:
        width = 100 * counts[status] / total
        if not width:
            continue
        box = {"x": _share(at), "y": "0", "width": _share(width), "height": str(height), "class": f"fill-{status}"}
        parts.append(element("rect", box))
        if numbers and width >= _ROOM_FOR_A_NUMBER:
            place = {"x": _share(at + width / 2), "y": str(height / 2), "class": f"in-bar on-{status}"}
            parts.append(element("text", place, f"{SIGNS[status]} {counts[status]}"))
        at += width
    return _beside("bar", height, *parts)


def bullet(target: Target, height: int = 22) -> ET.Element:
    """Completion as a bar, what is expected by now as a mark across it, the whole as a line."""
    done = Fraction(target.completion or 0)
    middle = height / 2
    parts = [
        element(
            "rect", {"x": "0", "y": str(middle - 5), "width": _on_scale(Fraction(1)), "height": "10", "class": "track"}
        ),
        element(
            "rect",
            {
                "x": "0",
                "y": str(middle - 5),
                "width": _on_scale(done),
                "height": "10",
                "class": f"fill-{target.status}",
            },
        ),
        _upright(_on_scale(Fraction(1)), 2, height - 2, "whole"),
    ]
    if target.expected is not None:
        parts.append(_upright(_on_scale(Fraction(target.expected)), 0, height, "expected"))
    if done > FULL:
        parts.append(element("text", {"x": "99%", "y": str(middle), "class": "beyond"}, "»"))
    return _beside("bullet", height, *parts)


def share(of: Fraction, height: int = 14) -> ET.Element:
    """A share of the whole as a bar."""
    box = {"y": "2", "height": str(height - 4)}
    return _beside(
        "share",
        height,
        element("rect", {**box, "x": "0", "width": "100%", "class": "track"}),
        element("rect", {**box, "x": "0", "width": _share(float(of * 100)), "class": "fill-rank"}),
    )


def trend(target: Target, title: str, description: str, height: int = 92) -> ET.Element:
    """Reported values over the period of the target, with the line to be reached.

    The axis begins at zero, unless all values lie far above it.
    """
    first, last = _span(target)
    values = [point.value for point in target.points]
    goal = target.value if target.value is not None else values[-1]
    low, high = _range([*values, goal])
    top, bottom = 8, height - 18

    def across(when: date) -> float:
        return 2 + 94 * max(0, (when - first).days) / max(1, (last - first).days)

    def up(value: Decimal) -> float:
        return bottom - float((value - low) / (high - low)) * (bottom - top)

    def spot(point: Point) -> tuple[float, float]:
        return across(point.to), up(point.value)

    lines = [
        _line(spot(before), spot(after), f"line line-{target.status}") for before, after in pairwise(target.points)
    ]
    dots = [
        element(
            "circle",
            {"cx": _share(x), "cy": f"{y:.1f}", "r": "3" if at < len(values) - 1 else "4.5", "class": "dot"},
        )
        for at, (x, y) in enumerate(map(spot, target.points))
    ]
    return _told(
        "trend",
        height,
        title,
        description,
        _line((2, bottom), (98, bottom), "axis"),
        _line((2, up(goal)), (98, up(goal)), "goal"),
        *lines,
        *dots,
        element("text", {"x": "2%", "y": str(height - 4), "class": "tick"}, f"{first:%Y-%m}"),
        element("text", {"x": "98%", "y": str(height - 4), "class": "tick end"}, f"{last:%Y-%m}"),
    )


def moment(due: date, first: date, last: date, kind: str, height: int = 18) -> ET.Element:
    """A day on a line from `first` to `last`, with the months as ticks."""
    middle = height / 2
    days = max(1, (last - first).days)

    def at(when: date) -> float:
        return 3 + 94 * (when - first).days / days

    months = [
        date(year, month, 1)
        for year in range(first.year, last.year + 1)
        for month in (1, 4, 7, 10)
        if first <= date(year, month, 1) <= last
    ]
    return _beside(
        "moment",
        height,
        _line((3, middle), (97, middle), "axis"),
        *(_line((at(month), middle - 4), (at(month), middle + 4), "axis") for month in months),
        element("circle", {"cx": _share(at(due)), "cy": str(middle), "r": "5", "class": f"due-{kind}"}),
    )


def _span(target: Target) -> tuple[date, date]:
    start = min([date(target.start_year, 1, 1), *(point.to for point in target.points)])
    return start, date(target.end_year, 12, 31)


def _range(values: Sequence[Decimal]) -> tuple[Decimal, Decimal]:
    low, high = min(values), max(values)
    if low >= 0 and low < high / 2:
        low = Decimal()
    room = (high - low) / 10 or Decimal(1)
    return (low if low == 0 else low - room), high + room


def _on_scale(value: Fraction) -> str:
    return _share(float(max(Fraction(), min(value, FULL)) / FULL * 100))


def _share(per_cent: float) -> str:
    return f"{per_cent:.2f}%"


def _line(start: tuple[float, float], end: tuple[float, float], kind: str) -> ET.Element:
    ends = {"x1": _share(start[0]), "y1": f"{start[1]:.1f}", "x2": _share(end[0]), "y2": f"{end[1]:.1f}"}
    return element("line", {**ends, "class": kind})


def _upright(x: str, top: float, bottom: float, kind: str) -> ET.Element:
    return element("line", {"x1": x, "x2": x, "y1": str(top), "y2": str(bottom), "class": kind})


def _beside(kind: str, height: int, *parts: ET.Element) -> ET.Element:
    size = {"width": "100%", "height": str(height), "class": f"chart {kind}"}
    return element("svg", {**size, "aria-hidden": "true", "focusable": "false"}, *parts)


def _told(kind: str, height: int, title: str, description: str, *parts: ET.Element) -> ET.Element:
    size = {"width": "100%", "height": str(height), "class": f"chart {kind}", "role": "img"}
    return element(
        "svg",
        size,
        element("title", {}, visible(title)),
        element("desc", {}, visible(description)),
        *parts,
    )

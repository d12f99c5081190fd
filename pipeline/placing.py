"""Where in its source a citation or exclusion belongs whose start or end is missing or wrong.

A place is possible only where the characters printed stand, no digit run is cut, and no other sound row forbids it:
spans may not overlap, except that citations of different owners may be identical (rule span-overlap). The place is
certain where only one is possible, or where the start or the end given fits exactly one. Otherwise the possible places
are choices, nearest first. That a place lies between citations of the same task is no proof: on the curated programmes,
with 70 % of the rows taken away, one in ten places told that way was wrong, and none told by exclusion.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.dataset import Dataset, Row
from pipeline.sources import SourceText, SourceTexts, Span

_MOST_CHOICES = 5


@dataclass(frozen=True)
class Claim:
    """Characters that a sound row cites or excludes; `owner` is empty for an exclusion."""

    span: Span
    owner: str


@dataclass(frozen=True)
class Placement:
    """A row and the places its characters may have, the likeliest first."""

    row: Row
    text: SourceText
    spans: tuple[Span, ...]
    certain: bool


def placements(data: Dataset, texts: SourceTexts) -> list[Placement]:
    """All citations and exclusions whose place is missing or wrong and can be told, for sources at hand."""
    found: list[Placement] = []
    for source in data.tables["sources"]:
        text = texts.get(source["sha256"]) if source["source_id"] else None
        if text is None:
            continue
        rows = [row for table in ("citations", "exclusions") for row in data.of_source(table, source["source_id"])]
        rows = [row for row in rows if row["printed"]]
        claims = [_claim(row) for row in rows if _stands(row, text)]
        near = 0
        lost: list[Placement] = []
        for row in rows:
            if _stands(row, text):
                near = row["end"]
            elif placement := _placed(row, text, claims, near):
                lost.append(placement)
        found += [_unsure_if_disputed(placement, lost) for placement in lost]
    return found


def possible(text: SourceText, printed: str, owner: str, claims: Iterable[Claim]) -> list[Span]:
    """The places at which a row of this owner may stand beside the claims of other rows."""
    spans = [Span(start, start + len(printed)) for start in text.occurrences(printed)]
    claimed = list(claims)
    return [
        span
        for span in spans
        if not any(digits.overlaps(span) and not span.covers(digits) for digits in _digits_at(text, span))
        and not any(_forbids(claim, span, owner) for claim in claimed)
    ]


def _digits_at(text: SourceText, span: Span) -> list[Span]:
    return [digits for digits in text.digits if digits.overlaps(span)]


def _forbids(claim: Claim, span: Span, owner: str) -> bool:
    shared = claim.span == span and "" not in (claim.owner, owner) and claim.owner != owner
    return claim.span.overlaps(span) and not shared


def _placed(row: Row, text: SourceText, claims: Sequence[Claim], near: int) -> Placement | None:
    """The places of one row; `near` is where the row before it ends, a start or end given counts more."""
    spans = possible(text, row["printed"], _owner(row), claims)
    if not spans:
        return None
    fitting = [span for span in spans if row["start"] == span.start or row["end"] == span.end]
    if len(fitting) == 1 or len(spans) == 1:
        return Placement(row, text, tuple(fitting if len(fitting) == 1 else spans), certain=True)
    given = row["start"] if row["start"] is not None else row["end"]
    spans.sort(key=lambda span: abs(span.start - (near if given is None else given)))
    return Placement(row, text, tuple(spans[:_MOST_CHOICES]), certain=False)


def _unsure_if_disputed(placement: Placement, lost: Sequence[Placement]) -> Placement:
    """Where two lost rows may stand at one place, neither is certain unless they may share it."""
    owner = _owner(placement.row)
    for other in lost:
        if other.row is not placement.row and any(
            _forbids(Claim(span, _owner(other.row)), placement.spans[0], owner) for span in other.spans
        ):
            return Placement(placement.row, placement.text, placement.spans, certain=False)
    return placement


def _stands(row: Row, text: SourceText) -> bool:
    start, end = row["start"], row["end"]
    return start is not None and end is not None and start >= 0 and text.text[start:end] == row["printed"]


def _claim(row: Row) -> Claim:
    return Claim(Span(row["start"], row["end"]), _owner(row))


def _owner(row: Row) -> str:
    """What a citation cites; empty for an exclusion. A citation without an owner is taken for itself."""
    if row.source.table.name == "exclusions":
        return ""
    return str(row["target_id"] or row["observation_id"] or row["milestone_id"] or row.key)

"""The numeral account of a source, and the lock that records what was verified against which text.

The lock (datapackage/verification.json) is to source texts what a lock file is to packages: it lets a clone without
the texts trust the rows that have not changed since somebody verified them, and name the ones that have.
"""

import hashlib
import json
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path
from typing import Any

from pipeline.dataset import Dataset, Row
from pipeline.regular import read_regular
from pipeline.replacing import replace_file
from pipeline.sources import SourceText, Span

FILE_NAME = "verification.json"
_VERSION = 1


@dataclass(frozen=True)
class Account:
    """Where the digit runs of a source went: each is cited, excluded, both or in two tokens (double), or neither."""

    digits: int
    cited: int
    excluded: int
    unaccounted: tuple[Span, ...]
    double_claimed: tuple[Span, ...]

    @property
    def complete(self) -> bool:
        return not self.unaccounted and not self.double_claimed


@dataclass(frozen=True)
class LockedSource:
    """What was verified of one source: row digests by key, and the printed names that were found in it.

    Few documents ask for a ranking: `rankings` is written only where there are any.
    """

    sha256: str
    account: Mapping[str, int]
    citations: Mapping[str, str]
    exclusions: Mapping[str, str]
    printed_names: tuple[str, ...]
    rankings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Lock:
    sources: Mapping[str, LockedSource] = field(default_factory=dict)


def account(text: SourceText, citations: Iterable[Span], exclusions: Iterable[Span]) -> Account:
    """Draw up the numeral account of a text (contract: design, section 5)."""
    claims = [(span, True) for span in set(citations)] + [(span, False) for span in set(exclusions)]
    claims.sort(key=lambda claim: (claim[0].start, claim[0].end))
    ends = list(accumulate((span.end for span, _ in claims), max))
    cited = excluded = 0
    unaccounted: list[Span] = []
    double: list[Span] = []
    for digits in text.digits:
        # claims before `first` end before the digits, claims from `last` on start behind them
        first = bisect_right(ends, digits.start)
        last = bisect_left(claims, digits.end, key=lambda claim: claim[0].start)
        claiming = [claim for claim in claims[first:last] if claim[0].overlaps(digits)]
        if len(claiming) > 1:
            double.append(digits)
        elif not claiming or not claiming[0][0].covers(digits):
            unaccounted.append(digits)
        elif claiming[0][1]:
            cited += 1
        else:
            excluded += 1
    return Account(len(text.digits), cited, excluded, tuple(unaccounted), tuple(double))


def rows_of(data: Dataset, table: str, source_id: str) -> list[Row]:
    """Rows of a source, of a table that repeats its characters, whose offsets can be relied on."""
    needed = ("source_id", "start", "end", "printed")
    return [row for row in data.of_source(table, source_id) if not row.faulty.intersection(needed)]


def spans_of(data: Dataset, table: str, source_id: str) -> list[Span]:
    """Spans of the citations or exclusions of a source."""
    return [Span(row["start"], row["end"]) for row in rows_of(data, table, source_id)]


def account_of(data: Dataset, source_id: str, text: SourceText) -> Account:
    """The numeral account of a source, from its sound rows."""
    return account(text, spans_of(data, "citations", source_id), spans_of(data, "exclusions", source_id))


def printed_names(data: Dataset, programme_id: str) -> dict[str, Row]:
    """Every printed unit name of a programme and the first row that uses it."""
    names: dict[str, Row] = {}
    for row in data.assignments.get(programme_id, ()):
        names.setdefault(row["printed_name"], row)
    return names


def digest(row: Row) -> str:
    """Twelve hexadecimal digits of the SHA-256 of the cells of a row."""
    cells = json.dumps(row.record.cells, ensure_ascii=False)
    return hashlib.sha256(cells.encode("utf-8", "replace")).hexdigest()[:12]


def digests(data: Dataset, table: str, source_id: str) -> dict[str, str]:
    """Digests of the rows of a source, of a table that repeats its characters, by row key."""
    return {row.key: digest(row) for row in data.of_source(table, source_id)}


def lock_source(data: Dataset, source: Row, found: Account) -> LockedSource:
    """The lock entry of a source that has just been verified."""
    source_id = source["source_id"]
    return LockedSource(
        sha256=source["sha256"],
        account={"digits": found.digits, "cited": found.cited, "excluded": found.excluded},
        citations=digests(data, "citations", source_id),
        exclusions=digests(data, "exclusions", source_id),
        printed_names=tuple(sorted(printed_names(data, source["programme_id"]))),
        rankings=digests(data, "rankings", source_id),
    )


def is_current(data: Dataset, source: Row, locked: LockedSource | None) -> bool:
    """Whether a lock entry records the rows of a source as they are now."""
    return locked is not None and (
        locked.sha256 == source["sha256"]
        and locked.citations == digests(data, "citations", source["source_id"])
        and locked.exclusions == digests(data, "exclusions", source["source_id"])
        and locked.printed_names == tuple(sorted(printed_names(data, source["programme_id"])))
        and locked.rankings == digests(data, "rankings", source["source_id"])
    )


def read_lock(folder: Path) -> Lock:
    """The lock of a data folder; empty where there is none or it cannot be read (then nothing counts as verified)."""
    try:
        content = json.loads(read_regular(folder / FILE_NAME).decode("utf-8"))
        return Lock({name: _locked(entry) for name, entry in content["sources"].items()})
    except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
        return Lock()


def _locked(entry: Mapping[str, Any]) -> LockedSource:
    return LockedSource(
        sha256=str(entry["sha256"]),
        account={str(k): int(v) for k, v in entry["account"].items()},
        citations={str(k): str(v) for k, v in entry["citations"].items()},
        exclusions={str(k): str(v) for k, v in entry["exclusions"].items()},
        printed_names=tuple(str(name) for name in entry["printed_names"]),
        rankings={str(k): str(v) for k, v in entry.get("rankings", {}).items()},
    )


def write_lock(folder: Path, lock: Lock) -> None:
    """Write the lock beside its place and move it there in one step."""
    content = {
        "version": _VERSION,
        "sources": {
            name: {
                "sha256": entry.sha256,
                "account": dict(entry.account),
                "citations": dict(sorted(entry.citations.items())),
                "exclusions": dict(sorted(entry.exclusions.items(), key=_by_offset)),
                "printed_names": list(entry.printed_names),
                **({"rankings": dict(sorted(entry.rankings.items()))} if entry.rankings else {}),
            }
            for name, entry in sorted(lock.sources.items())
        },
    }
    text = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
    replace_file(folder / FILE_NAME, text.encode("utf-8"))


def _by_offset(item: tuple[str, str]) -> tuple[int, str]:
    offset = item[0].rpartition("/")[2]
    return (int(offset) if offset.isdigit() else 0, item[0])

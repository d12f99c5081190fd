"""Source texts, recognised by the SHA-256 of their bytes, not by name; spans and digits in them.

The canonical text of a source is its bytes decoded as UTF-8, nothing stripped or translated. Offsets are 0-based
Unicode code points, the end exclusive.
"""

import hashlib
import os
import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pipeline.regular import read_regular

DIGITS = re.compile(r"[0-9０-９]+(?:[.．][0-9０-９]+)*")


@dataclass(frozen=True)
class Span:
    """Characters start to end of a text."""

    start: int
    end: int

    def overlaps(self, other: "Span") -> bool:
        return self.start < other.end and other.start < self.end

    def covers(self, other: "Span") -> bool:
        return self.start <= other.start and other.end <= self.end


@dataclass(frozen=True)
class SourceText:
    """A text and where its lines start."""

    text: str

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(match.end() for match in re.finditer("\n", self.text))]

    def line(self, offset: int) -> int:
        """The line an offset lies in, from 1."""
        return bisect_right(self._starts, offset)

    @cached_property
    def digits(self) -> tuple[Span, ...]:
        """Every maximal run of digits, ASCII or full-width, with inner decimal points."""
        return tuple(Span(*match.span()) for match in DIGITS.finditer(self.text))

    def occurrences(self, printed: str) -> list[int]:
        return [match.start() for match in re.finditer(re.escape(printed), self.text)]


@dataclass(frozen=True)
class SourceTexts:
    """The texts at hand by SHA-256, and the hash of each file by its name without suffix."""

    by_hash: Mapping[str, SourceText]
    hash_of_name: Mapping[str, str]

    def get(self, sha256: str | None) -> SourceText | None:
        return self.by_hash.get(sha256) if sha256 else None


NO_TEXTS = SourceTexts({}, {})


def find_texts(data_folder: Path) -> SourceTexts:
    """Look for texts in sources/ beside and inside the data folder, $MINSHENG_SOURCES and ../shared/sources."""
    root = data_folder.resolve().parent
    folders = [Path("sources"), data_folder / "sources", root / "sources"]
    if configured := os.environ.get("MINSHENG_SOURCES"):
        folders.append(Path(configured))
    folders += [root.parent / "shared" / "sources", Path("..") / "shared" / "sources"]
    return read_texts(folders)


def read_texts(folders: Iterable[Path]) -> SourceTexts:
    """Read every .txt of the folders that exist; a file that cannot be read or is not UTF-8 is no text of ours."""
    by_hash: dict[str, SourceText] = {}
    hash_of_name: dict[str, str] = {}
    for folder in folders:
        for path in sorted(folder.glob("*.txt")) if os.path.isdir(folder) else ():  # noqa: PTH112 - never raises
            try:
                content = read_regular(path)
                text = content.decode("utf-8")
            except (OSError, UnicodeDecodeError):
                continue
            sha256 = hashlib.sha256(content).hexdigest()
            by_hash[sha256] = SourceText(text)
            hash_of_name.setdefault(path.stem, sha256)
    return SourceTexts(by_hash, hash_of_name)

"""The bytes of a delimited file: where its lines and records stand, and what they add up to."""

import bisect
import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CHUNK = 1 << 19
MARKED = 1 << 16  # bytes between two marks of line numbers


class UnplainError(Exception):
    """A file that looked plain is not: it must be rewritten before it can be judged."""

    def __init__(self, path: Path) -> None:
        super().__init__(str(path))
        self.path = path


class Records:
    """A file in which lines and records are found by number and offset.

    `marks` is shared by all who read the same file: how many line feeds stand before each chunk; filled on first use.
    """

    def __init__(self, path: Path, delimiter: str, marks: list[int]) -> None:
        self._path, self._file, self._delimiter, self._marks = path, path.open("rb"), delimiter, marks
        self._chunk, self._buffer, self._feeds = -1, b"", list[int]()

    def close(self) -> None:
        self._file.close()

    def offset_of(self, line: int) -> int:
        """Where a line starts. Raises EOFError."""
        self._mark()
        # the line starts behind the line feed that ends the one before it
        chunk = bisect.bisect_left(self._marks, line - 1) - 1
        if line == 1:
            return 0
        self._read(chunk)
        nth = line - 2 - self._marks[chunk]
        if nth >= len(self._feeds):
            raise EOFError(f"no line {line}")
        return chunk * MARKED + self._feeds[nth] + 1

    def line_at(self, offset: int) -> int:
        """The line that starts at an offset."""
        self._mark()
        chunk, rest = divmod(offset, MARKED)
        return self._marks[chunk] + self._read(chunk).count(b"\n", 0, rest) + 1

    def _mark(self) -> None:
        if self._marks:
            return
        self._marks.append(0)
        self._file.seek(0)
        while chunk := self._file.read(MARKED):
            self._marks.append(self._marks[-1] + chunk.count(b"\n"))

    def _read(self, chunk: int) -> bytes:
        if chunk != self._chunk:
            self._file.seek(chunk * MARKED)
            self._chunk, self._buffer = chunk, self._file.read(MARKED)
            self._feeds = [found.start() for found in re.finditer(b"\n", self._buffer)]
        return self._buffer

    def record(self, offset: int) -> tuple[list[str], bytes]:
        """The cells of the record that starts at an offset, and its bytes with the line end. Raises UnplainError."""
        self._file.seek(offset)
        raw: list[bytes] = []

        def lines() -> Iterator[str]:
            while line := self._file.readline():
                raw.append(line)
                yield line.decode("utf-8")

        try:
            return next(csv.reader(lines(), delimiter=self._delimiter, strict=True), []), b"".join(raw)
        except (csv.Error, UnicodeDecodeError):
            raise UnplainError(self._path) from None


@dataclass
class Measure:
    """Bytes, quotes and line feeds without a carriage return of a file; whether its last line lacks its end."""

    size: int = 0
    quotes: int = 0
    bare: int = 0
    ends_open: bool = False


def measure(path: Path, terminator: bytes) -> Measure:
    """Raises UnplainError where there is a NUL byte or a carriage return that ends no line."""
    found = Measure()
    last = b""
    with path.open("rb", buffering=0) as file:
        while chunk := file.read(CHUNK):
            if b"\0" in chunk:
                raise UnplainError(path)
            after_return = last == b"\r"
            if terminator == b"\r\n":
                pairs = chunk.count(b"\r\n")
                if chunk.count(b"\r") != pairs + chunk.endswith(b"\r"):
                    raise UnplainError(path)
                found.bare += chunk.count(b"\n") - pairs - after_return
            elif b"\r" in chunk:
                raise UnplainError(path)
            if after_return and not chunk.startswith(b"\n"):
                raise UnplainError(path)
            found.size += len(chunk)
            found.quotes += chunk.count(b'"')
            last = chunk[-1:]
    if last == b"\r":
        raise UnplainError(path)
    found.ends_open = found.size > 0 and last != b"\n"
    return found

"""Files in any dialect and encoding, rewritten once in the plain form that DuckDB reads without a doubt.

The strict reader of the standard library decides what a record is. Records with a cell too few or too many and blank
ones are kept aside; the physical line of each record is remembered.
"""

import csv
import gzip
import io
import itertools
import zlib
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from pipeline.curated import CuratedFile
from pipeline.delimited import Scan, as_irregular, plain
from pipeline.encoding import decodes, encoding_of, holds_nul
from pipeline.file_bytes import CHUNK
from pipeline.findings import Finding, Fix, Place
from pipeline.headers import FieldsMatch, Header, read_header
from pipeline.language import Text
from pipeline.tables import Table

_BYTES = 4  # that a character takes at most in UTF-8, or a quote when doubled


@dataclass(frozen=True)
class Dialect:
    """How a file is written. Source: Data Package v1 and v2, Table Dialect.

    `header_rows` count from 1; none: the file has no header. `encoding` None: not declared, that is UTF-8.
    """

    delimiter: str = ","
    quote: str | None = '"'
    escape: str | None = None
    double_quote: bool = True
    skip_initial_space: bool = False
    header_rows: tuple[int, ...] = (1,)
    header_join: str = " "
    ignore_header_case: bool = False
    comment_rows: tuple[int, ...] = ()
    comment_char: str | None = None
    null_sequence: str | None = None
    encoding: str | None = None
    compressed: bool = False


@dataclass(frozen=True)
class Opened:
    """A file as far as it could be read: no relation where nothing of it can be used."""

    relation: Scan | None
    findings: tuple[Finding, ...]
    whole: bool


def open_table(
    paths: Sequence[Path],
    shown: str,
    table: Table,
    dialect: Dialect,
    match: FieldsMatch,
    scratch: Path,
    *,
    trust: bool = True,
) -> Opened:
    """Open the file or files of a table; several are read one behind the other, the header stands in the first.

    `shown` is the name in findings, `scratch` a folder for what has to be rewritten; without `trust` nothing is taken
    for plain.
    """
    for path in paths:
        if why := _unreadable(path):
            return Opened(None, (Finding("source-error", Place(shown), facts={"why": why}),), whole=False)
    if trust and len(paths) == 1 and dialect == Dialect(delimiter=dialect.delimiter):
        seems_plain = plain(paths[0], shown, table, dialect.delimiter, match)
        if seems_plain is not None:
            scan, header = seems_plain
            return Opened(scan, header.findings, whole=len(header.positions) == len(table.names))
    return _rewritten(paths, shown, table, dialect, match, scratch)


def _unreadable(path: Path) -> str | Text | None:
    try:
        if path.exists() and not path.is_file():
            return Text("不是普通文件", "not a regular file")
        with path.open("rb") as file:
            file.read(1)
    except FileNotFoundError:
        return Text("文件不存在", "no such file")
    except (OSError, ValueError) as error:
        return str(error)
    return None


def _rewritten(
    paths: Sequence[Path], shown: str, table: Table, dialect: Dialect, match: FieldsMatch, scratch: Path
) -> Opened:
    findings: list[Finding] = []
    encodings = [_encoding(path, shown, dialect, findings) for path in paths]
    if None in encodings:
        return Opened(None, tuple(findings), whole=False)
    streams = [_lines(path, encoding or "utf-8", dialect) for path, encoding in zip(paths, encodings, strict=True)]
    records = _Records(itertools.chain.from_iterable(streams), dialect)
    labels = records.header()
    if labels is None and dialect.header_rows:
        if records.broken:
            findings.append(_broken(shown, *records.broken))
        else:
            findings.append(Finding("blank-header", Place(shown, line=1), facts={"labels": ",".join(table.names)}))
        return Opened(None, tuple(findings), whole=False)
    if labels is None:
        header = Header({name: at for at, name in enumerate(table.names)}, ())
        width = len(table.names)
    else:
        header = read_header(labels, table, shown, match, ignore_case=dialect.ignore_header_case)
        width = len(labels)
    findings += header.findings
    if not header.positions:
        return Opened(None, tuple(findings), whole=False)
    file = CuratedFile(table, shown, header.letters, ())
    out = scratch / f"{len(list(scratch.iterdir()))}.csv"
    rest = _write(out, records, width)
    findings += [Finding("blank-row", Place(shown, line, row)) for row, line in rest.blank]
    if records.broken:
        findings.append(_broken(shown, *records.broken))
    positions = dict(header.positions)
    file, irregular, ragged = as_irregular(file, table, positions, width, rest.irregular)
    scan = Scan(
        table,
        file,
        out,
        positions,
        width,
        longest=rest.longest,
        lines=rest.lines,
        irregular=irregular,
        gaps=sorted([row - 1 for row, _ in rest.blank] + [row - 1 for row, _, _ in rest.irregular]),
    )
    whole = not records.broken and len(positions) == len(table.names)
    return Opened(scan, (*findings, *ragged), whole)


def _broken(shown: str, line: int, why: str) -> Finding:
    return Finding("dialect-error", Place(shown, line=line), facts={"why": why})


@dataclass
class _Rest:
    """What rewriting leaves behind: lines of the rows written, and the records that are none."""

    lines: "array[int]" = field(default_factory=lambda: array("Q"))
    blank: list[tuple[int, int]] = field(default_factory=list)
    irregular: list[tuple[int, int, list[str]]] = field(default_factory=list)
    longest: int = 0


def _write(out: Path, records: "_Records", width: int) -> _Rest:
    rest = _Rest()
    with out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)
        for row, (line, cells) in enumerate(records, 1):
            if not any(cells):
                rest.blank.append((row, line))
            elif len(cells) != width:
                rest.irregular.append((row, line, cells))
            else:
                writer.writerow(cells)
                rest.lines.append(line)
                rest.longest = max(rest.longest, _BYTES * sum(map(len, cells)) + 3 * width)
    return rest


class _Records:
    """Records behind the header with the line each starts in; `broken` is where reading had to stop, and why."""

    def __init__(self, lines: Iterable[str], dialect: Dialect) -> None:
        self._dialect = dialect
        self.broken: tuple[int, str] | None = None
        options: dict[str, Any] = {"delimiter": dialect.delimiter, "skipinitialspace": dialect.skip_initial_space}
        if dialect.quote:
            options |= {"quotechar": dialect.quote, "doublequote": dialect.double_quote or not dialect.escape}
        else:
            options |= {"quoting": csv.QUOTE_NONE}
        if dialect.escape:
            options |= {"escapechar": dialect.escape}
        self._reader = csv.reader(lines, strict=True, **options)
        self._number = 0

    def header(self) -> list[str] | None:
        """The labels, those of several rows joined; None where there are none."""
        rows = self._dialect.header_rows
        if not rows:
            return None
        found: list[list[str]] = []
        for number, _, cells in self._numbered():
            if number in rows:
                found.append(cells)
            if number >= max(rows):
                break
        if not any(label.strip() for cells in found for label in cells):
            return None
        joined = itertools.zip_longest(*found, fillvalue="")
        return [self._dialect.header_join.join(part for part in dict.fromkeys(parts) if part) for parts in joined]

    def __iter__(self) -> Iterator[tuple[int, list[str]]]:
        for _, line, cells in self._numbered():
            yield line, cells

    def _numbered(self) -> Iterator[tuple[int, int, list[str]]]:
        """Records with their number in the file and their line, comments left out."""
        null = self._dialect.null_sequence
        while True:
            start = self._reader.line_num + 1
            try:
                cells = next(self._reader, None)
            except csv.Error as error:
                self.broken = (start, str(error))
                return
            if cells is None:
                return
            self._number += 1
            if self._number in self._dialect.comment_rows:
                continue
            comment = self._dialect.comment_char
            if comment and cells and cells[0].startswith(comment):
                continue
            yield self._number, start, ["" if cell == null else cell for cell in cells] if null else cells


def _encoding(path: Path, shown: str, dialect: Dialect, findings: list[Finding]) -> str | None:
    """The encoding to read a file in. A wrong declaration is a finding; the content is read all the same."""

    def chunks() -> Iterator[bytes]:
        with _opened(path, dialect) as file:
            while chunk := file.read(CHUNK):
                yield chunk

    try:
        declared = dialect.encoding
        if declared and decodes(chunks, declared) and not holds_nul(chunks, declared):
            return declared
        encoding, found = encoding_of(chunks)
    except LookupError:
        why = Text(f"不认识编码 {dialect.encoding}", f"the encoding {dialect.encoding} is unknown")
        findings.append(Finding("source-error", Place(shown), facts={"why": why}))
        return None
    except (OSError, EOFError, zlib.error) as error:
        findings.append(Finding("source-error", Place(shown), facts={"why": str(error)}))
        return None
    if encoding is None:
        findings.append(Finding("source-error", Place(shown), facts={"why": found}))
    elif encoding not in ("utf-8", "utf-8-sig") or declared:
        fix = Fix(declared or "UTF-8")
        findings.append(Finding("encoding-error", Place(shown), facts={"found": found}, fix=fix))
    return encoding


def _opened(path: Path, dialect: Dialect) -> IO[bytes]:
    return gzip.open(path, "rb") if dialect.compressed else path.open("rb")  # type: ignore[return-value]


def _lines(path: Path, encoding: str, dialect: Dialect) -> Iterator[str]:
    with _opened(path, dialect) as file, io.TextIOWrapper(file, encoding=encoding, newline="") as text:
        yield from text

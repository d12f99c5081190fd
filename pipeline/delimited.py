"""Delimited files of any size as relations: DuckDB reads the text, the records are found again in the bytes.

A plain file (UTF-8, comma or the like, double quotes, a header row) is read where it lies. DuckDB is lenient where a
file is not what it seems: it skips blank lines and trims spaces beside quotes. So the bytes are added up: cells,
delimiters, line ends and quotes must come to the size of the file. Where they do not, as with any other dialect or
encoding, the file is rewritten first (`pipeline/rewriting.py`).
"""

import bisect
import csv
import itertools
from array import array
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb

from pipeline.curated import CuratedFile, Record
from pipeline.file_bytes import CHUNK, Measure, Records, UnplainError, measure
from pipeline.findings import Finding, Place
from pipeline.headers import FieldsMatch, Header, read_header
from pipeline.relations import Located
from pipeline.tables import Table, spreadsheet_letter

LONGEST_LINE = 2_000_000  # bytes that DuckDB takes without being asked for more
DELIMITERS = {",": ",", ";": ";", "\t": "\\t", "|": "|"}
_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"PK")


@dataclass
class Scan:
    """A file that DuckDB reads as a relation.

    `positions` are the columns of the fields, `width` is the number of columns. Where `path` is a rewritten file,
    `lines` are the physical lines of the rows and `longest` is at least the bytes of the longest line. Irregular
    records (a cell too few or too many) are no rows: `gaps` are their numbers among all records, from 0.
    """

    table: Table
    file: CuratedFile
    path: Path
    positions: dict[str, int]
    width: int
    delimiter: str = ","
    header: bytes = b""
    terminator: bytes = b"\n"
    longest: int = 0
    lines: "array[int] | None" = None
    irregular: Sequence[Located] = ()
    gaps: Sequence[int] = ()
    findings: list[Finding] = field(default_factory=list)
    measured: bool = True
    _newlines: tuple[list[int], list[int]] = ([], [0])
    _marks: list[int] = field(default_factory=list)
    _measured: "Future[Measure] | None" = None
    _gap_newlines: Sequence[int] = (0,)

    @property
    def missing(self) -> frozenset[str]:
        return frozenset(self.table.names) - frozenset(self.positions)

    @property
    def extra(self) -> tuple[str, ...]:
        used = set(self.positions.values())
        return tuple(f"e{at}" for at in range(self.width) if at not in used)

    def source(self, connection: duckdb.DuckDBPyConnection) -> tuple[str, list[str]]:
        for name in ("reject_errors", "reject_scans"):
            connection.execute(f"DROP TABLE IF EXISTS {name}")
        if self.lines is None and self._measured is None:
            # beside the database, which leaves a processor idle now and then
            threads = ThreadPoolExecutor(1)
            self._measured = threads.submit(measure, self.path, self.terminator)
            threads.shutdown(wait=False)
        names = {at: f"c{self.table.names.index(name)}" for name, at in self.positions.items()}
        columns = ", ".join(f"'{names.get(at, f'e{at}')}': 'VARCHAR'" for at in range(self.width))
        new_line = r"\r\n" if self.terminator == b"\r\n" else r"\n"
        room = ""
        if self.longest > LONGEST_LINE:
            room = f", max_line_size = {self.longest}, buffer_size = {2 * self.longest}"
        return (
            f"read_csv(?, auto_detect = false, header = {'true' if self.header else 'false'}, "
            f"delim = '{DELIMITERS[self.delimiter]}', quote = '\"', escape = '\"', new_line = '{new_line}', "
            f"store_rejects = true, rejects_limit = 0, hive_partitioning = false{room}, columns = {{{columns}}})"
        ), [str(self.path.absolute())]  # a path that starts with ~ would lead to the home folder

    def doubt(self) -> None:
        if self.lines is None:
            raise UnplainError(self.path)

    # ------------------------------------------------------------------------------------------ after the sieve

    def settle(self, connection: duckdb.DuckDBPyConnection, sieved: str) -> None:
        """Add up the bytes, and place the records that DuckDB rejected. Raises UnplainError."""
        rejected = connection.execute(
            "SELECT line, any_value(line_byte_position), list(DISTINCT error_type) "
            "FROM reject_errors GROUP BY line ORDER BY line"
        ).fetchall()
        if any(set(kinds) - {"MISSING COLUMNS", "TOO MANY COLUMNS"} for _, _, kinds in rejected):
            raise UnplainError(self.path)
        if self.lines is None:
            self._add_up(connection, sieved, [(number - 2, position - 1) for number, position, _ in rejected])
        elif rejected:
            raise AssertionError(f"a rewritten file was not read whole: {rejected[:3]}")
        query = f"SELECT rowid, newlines FROM {sieved} WHERE newlines > 0 ORDER BY rowid"  # noqa: S608
        marked = connection.execute(query).fetchall()
        self._newlines = ([row for row, _ in marked], [0, *itertools.accumulate(count for _, count in marked)])

    def _add_up(self, connection: duckdb.DuckDBPyConnection, sieved: str, rejected: Sequence[tuple[int, int]]) -> None:
        """Compare the size of the file with that of what was read of it; `rejected` are numbers and offsets."""
        sums = "count(*), coalesce(sum(bytes), 0), coalesce(sum(newlines), 0)"
        rows, cells_size, in_cells = connection.execute(f"SELECT {sums} FROM {sieved}").fetchall()[0]  # noqa: S608
        end = len(self.terminator)
        if self._measured is None:
            raise AssertionError("settled before it was read")
        measured = self._measured.result()
        size = measured.size
        wanted = len(self.header) + cells_size + rows * (self.width - 1 + end)
        wanted += measured.quotes - self.header.count(b'"')
        newlines, irregular = [0], []
        with closing(Records(self.path, self.delimiter, self._marks)) as content:
            for number, offset in rejected:
                cells, raw = content.record(offset)
                wanted += len(raw) + (0 if raw.endswith(b"\n") else end) - raw.count(b'"')
                newlines.append(newlines[-1] + raw.count(b"\n") - raw.endswith(b"\n"))
                irregular.append((number + 1, content.line_at(offset), cells))
        if measured.ends_open and size > len(self.header):
            size += end
        if size != wanted or (end == 2 and measured.bare != in_cells + newlines[-1]):
            raise UnplainError(self.path)
        self.gaps, self._gap_newlines = [number for number, _ in rejected], newlines
        self.file, self.irregular, found = as_irregular(self.file, self.table, self.positions, self.width, irregular)
        self.findings += found

    def fetch(self, rows: Sequence[int]) -> list[Located]:
        """The records of rows, read again from the file."""
        located: list[Located] = []
        shifted = [gap - i for i, gap in enumerate(self.gaps)]
        marked, total = self._newlines
        with closing(Records(self.path, self.delimiter, self._marks)) as content:
            for row in rows:
                skipped = bisect.bisect_right(shifted, row)
                line = 1 + row + total[bisect.bisect_left(marked, row)]
                if self.lines is None:
                    line += bool(self.header) + skipped + self._gap_newlines[skipped]
                cells, _ = content.record(content.offset_of(line))
                physical = line if self.lines is None else self.lines[row]
                located.append((self.file, as_record(self.table, self.positions, row + skipped + 1, physical, cells)))
        return located


def as_record(table: Table, positions: dict[str, int], row: int, line: int, cells: Sequence[str]) -> Record:
    """A record with its cells in the order of the fields."""
    count = len(cells)
    found = (positions.get(name, count) for name in table.names)
    held = tuple((cells[at] or None) if at < count else None for at in found)
    return Record(row, line, held, blank=not any(cells))


def as_irregular(
    file: CuratedFile,
    table: Table,
    positions: dict[str, int],
    width: int,
    records: Sequence[tuple[int, int, Sequence[str]]],
) -> tuple[CuratedFile, list[Located], list[Finding]]:
    """Records with a cell too few or too many, given as row, line and cells, and what is said of them."""
    findings: list[Finding] = []
    absent: set[tuple[int, str]] = set()
    for row, line, cells in records:
        if not any(cells):
            continue
        facts = {"found": str(len(cells)), "wanted": str(width)}
        if len(cells) < width:
            findings.append(Finding("missing-cell", Place(file.file, line, row), facts=facts))
            absent |= {(row, name) for name, at in positions.items() if at >= len(cells)}
        else:
            place = Place(file.file, line, row, spreadsheet_letter(width))
            findings.append(Finding("extra-cell", place, cells[width], facts))
    file = replace(file, absent=frozenset(absent))
    return file, [(file, as_record(table, positions, row, line, cells)) for row, line, cells in records], findings


def plain(path: Path, shown: str, table: Table, delimiter: str, match: FieldsMatch) -> tuple[Scan, Header] | None:
    """A file as it lies, where it seems plain."""
    name = str(path.absolute())
    if delimiter not in DELIMITERS or any(c in name for c in "*?[]{}") or name.endswith((".gz", ".zst")):
        return None
    with path.open("rb") as file:
        first = file.readline(CHUNK)
    if first.startswith(_MARKS) or not first.strip():
        return None
    try:
        labels = next(csv.reader([first.decode("utf-8")], delimiter=delimiter, strict=True))
    except (UnicodeDecodeError, csv.Error):
        return None
    read = read_header(labels, table, shown, match)
    if not read.positions:
        return None
    end = b"\r\n" if first.endswith(b"\r\n") else b"\n"
    file_read = CuratedFile(table, shown, read.letters, ())
    scan = Scan(table, file_read, path, dict(read.positions), len(labels), delimiter, first, end)
    return scan, read

"""Reads the curated files: bytes to text by the encoding ladder, text to records with their physical lines.

The only module that opens curated files. Reading never stops at a fault: what can be read is read, what cannot is a
finding, and tables that could not be read whole are named so that checks which need them can say so.
"""

import csv
import io
import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple, Protocol

from pipeline.encoding import decode
from pipeline.findings import Finding, Fix, Place
from pipeline.headers import read_header
from pipeline.language import RefusalError, Text
from pipeline.paths import folders, located
from pipeline.regular import leads_out, read_regular
from pipeline.tables import Table, curated_tables, spreadsheet_letter

csv.field_size_limit(min(sys.maxsize, 2**31 - 1))

_KNOWN = 200_000  # cells that are kept to be shared by those that repeat them
SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class DataFolderError(RefusalError):
    """The folder cannot be worked on at all; `reason` says why in both languages."""


class Record(NamedTuple):
    """One data row: its number from 1, the physical line it starts in, its cells in schema order (None: empty).

    `blank`: no cell holds anything, those of columns beside the schema neither.
    """

    row: int
    line: int
    cells: tuple[str | None, ...]
    blank: bool = False


@dataclass(frozen=True)
class CuratedFile:
    """One file as read. `letters` maps the columns found to their place in this file."""

    table: Table
    file: str
    letters: dict[str, str]
    records: tuple[Record, ...]
    absent: frozenset[tuple[int, str]] = frozenset()  # (row, field) of cells a truncated row lacks

    @cached_property
    def missing_columns(self) -> frozenset[str]:
        return frozenset(self.table.names) - frozenset(self.letters)

    def place(self, record: Record, field: str | None = None) -> Place:
        key = [record.cells[self.table.positions[name]] for name in self.table.primary_key]
        return Place(
            file=self.file,
            line=record.line,
            row=record.row,
            column=self.letters.get(field) if field else None,
            field=field,
            record="/".join(part or "" for part in key) or None,
        )


@dataclass(frozen=True)
class Reading:
    """All files of a data folder. `incomplete` names tables of which something could not be read."""

    files: tuple[CuratedFile, ...]
    findings: tuple[Finding, ...]
    incomplete: frozenset[str]


def read(folder: Path) -> Reading:
    """Read every curated file of a data folder.

    Raises DataFolderError where there is nothing to work on: no such folder, no permission, or none of our files in it.
    """
    _ensure_data_folder(folder)
    files: list[CuratedFile] = []
    findings: list[Finding] = []
    incomplete: set[str] = set()
    registered: set[str] = set()
    known: dict[str, str | None] = {}
    for table in curated_tables():
        if table.per_programme:
            continue
        file = _read_file(folder, table.path, table, findings, incomplete, known)
        if file is not None:
            files.append(file)
            if table.name == "programmes":
                position = table.names.index("programme_id")
                registered = {record.cells[position] or "" for record in file.records}
    for programme in _programme_folders(folder, registered):
        for table in curated_tables():
            if table.per_programme:
                found = located(folder, table, programme)
                for path in found.paths:
                    file = _read_file(folder, path, table, findings, incomplete, known)
                    if file is not None:
                        files.append(file)
                for place, why in found.refused.items():
                    findings.append(Finding("source-error", Place(place), facts={"why": why}))
                    incomplete.add(table.name)
    findings += _strays(folder, {file.file for file in files} | {finding.place.file for finding in findings})
    return Reading(tuple(files), tuple(findings), frozenset(incomplete))


def read_table(folder: Path, table: Table) -> CuratedFile | None:
    """One file of a data folder, whatever stands in the others; None where not all of it can be read."""
    findings: list[Finding] = []
    incomplete: set[str] = set()
    file = _read_file(folder, table.path, table, findings, incomplete, {})
    return None if incomplete else file


def _strays(folder: Path, known: set[str]) -> Iterator[Finding]:
    """CSV files in the data folder that are no table of ours: what they hold would be lost without a word."""
    for base in folders(folder):
        for path in sorted(base.glob("*")) if base.is_dir() else ():
            name = path.relative_to(folder).as_posix()
            if path.suffix.lower() == ".csv" and not path.name.startswith(".") and name not in known:
                why = Text("不是数据模型中的文件,未读取", "no file of the data model; it was not read")
                yield Finding("source-error", Place(name), facts={"why": why})


def _ensure_data_folder(folder: Path) -> None:
    try:
        entries = {entry.name for entry in folder.iterdir()}
    except FileNotFoundError:
        raise DataFolderError(Text(f"没有文件夹 {folder}", f"no such folder: {folder}")) from None
    except NotADirectoryError:
        raise DataFolderError(Text(f"{folder} 不是文件夹", f"{folder} is not a folder")) from None
    except OSError as error:
        raise DataFolderError(
            Text(
                f"无法打开文件夹 {folder}:{error.strerror}",
                f"cannot open the folder {folder}: {error.strerror}",
            )
        ) from None
    if not entries & {"programmes.csv", "reference", "programmes", "sources.csv"}:
        raise DataFolderError(
            Text(
                f"{folder} 中没有整理数据(应有 programmes.csv、sources.csv、reference/、programmes/)",
                f"{folder} holds no curated data (programmes.csv, sources.csv, reference/, programmes/ expected)",
            )
        )


def _programme_folders(folder: Path, registered: set[str]) -> tuple[str, ...]:
    """Programmes registered or present as a folder; a name that is no slug never becomes a path."""
    base = folder / "programmes"
    try:
        present = {entry.name for entry in base.iterdir() if entry.is_dir()} if base.is_dir() else set()
    except OSError as error:
        why = error.strerror or str(error)
        raise DataFolderError(Text(f"无法打开文件夹 {base}:{why}", f"cannot open the folder {base}: {why}")) from None
    return tuple(sorted(name for name in registered | present if SLUG.fullmatch(name)))


def _read_file(
    folder: Path,
    path: str,
    table: Table,
    findings: list[Finding],
    incomplete: set[str],
    known: dict[str, str | None],
) -> CuratedFile | None:
    """Read one file; None where nothing of it can be used. Faults go to `findings`.

    `known` holds cells of files before it: most cells repeat another, so that of a million few have to be kept.
    """
    if table.optional and not os.path.lexists(folder / path):
        return None

    def fault(code: str, place: Place, value: str | None = None, fix: Fix | None = None, **facts: str | Text) -> None:
        findings.append(Finding(code, place, value, facts, fix))

    text = _text(folder, path, fault)
    if text is None:
        incomplete.add(table.name)
        return None
    records = _records(text)
    try:
        start, header = next(records, (1, []))
    except BrokenQuotesError as error:
        fault("dialect-error", Place(path, line=error.line), why=str(error))
        incomplete.add(table.name)
        return None
    if not any(cell.strip() for cell in header):
        fault("blank-header", Place(path, line=start), labels=",".join(table.names))
        incomplete.add(table.name)
        return None
    labels = read_header(header, table, path)
    findings += labels.findings
    letters, positions = labels.letters, labels.positions
    if len(known) > _KNOWN:
        known.clear()
    known[""] = None
    in_order = [positions.get(name) for name in table.names] == list(range(len(header)))
    if in_order and (plain := _plain_rows(text, len(header), known)) is not None:
        return CuratedFile(table, path, letters, plain, frozenset())
    rows: list[Record] = []
    absent: set[tuple[int, str]] = set()
    try:
        for row, (line, cells) in enumerate(records, 1):
            if in_order and len(cells) == len(header) and any(cells):
                rows.append(Record(row, line, tuple([known.setdefault(cell, cell) for cell in cells])))
            elif record := _record(Record(row, line, tuple(cells)), header, positions, table, path, absent, fault):
                rows.append(record)
    except BrokenQuotesError as error:
        fault("dialect-error", Place(path, line=error.line), why=str(error))
        incomplete.add(table.name)
    if len(letters) < len(table.names):
        incomplete.add(table.name)
    return CuratedFile(table, path, letters, tuple(rows), frozenset(absent))


def _plain_rows(text: str, width: int, known: dict[str, str | None]) -> tuple[Record, ...] | None:
    """The rows of a file without quotes, in which a row is a line; None where one is blank or not of the width.

    Nearly all files are so, and are read in half the time.
    """
    if '"' in text:
        return None
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), strict=True))[1:]
    except csv.Error:
        return None
    if not all(map(any, lines)) or {width}.union(map(len, lines)) != {width}:
        return None
    interned = known.setdefault
    return tuple([Record(row, row + 1, tuple(map(interned, cells, cells))) for row, cells in enumerate(lines, 1)])


def _text(folder: Path, path: str, fault: "Fault") -> str | None:
    """The decoded content of a file; None where it cannot be read or is no text."""
    here = Place(path)
    try:
        if leads_out(folder, folder / path):
            why = Text("是指向数据文件夹之外的链接,未读取", "a link out of the data folder; it was not read")
            fault("source-error", here, why=why)
            return None
        content = read_regular(folder / path)
    except FileNotFoundError:
        fault("source-error", here, why=Text("文件不存在", "no such file"))
        return None
    except OSError as error:
        fault("source-error", here, why=error.strerror or str(error))
        return None
    text, found = decode(content)
    if text is None:
        fault("source-error", here, why=found)
    elif found.en:
        fault("encoding-error", here, None, Fix("UTF-8", safe=True), found=found)
    return text


def _record(
    raw: Record,
    header: Sequence[str],
    positions: Mapping[str, int],
    table: Table,
    path: str,
    absent: set[tuple[int, str]],
    fault: "Fault",
) -> Record | None:
    """A record with its cells in schema order; None for a blank row."""
    place = Place(path, line=raw.line, row=raw.row)
    cells = raw.cells
    found, wanted = str(len(cells)), str(len(header))
    if not any(cells):
        fault("blank-row", place)
        return None
    if len(cells) < len(header):
        fault("missing-cell", place, found=found, wanted=wanted)
    elif len(cells) > len(header):
        extra = Place(path, raw.line, raw.row, spreadsheet_letter(len(header)))
        fault("extra-cell", extra, cells[len(header)], found=found, wanted=wanted)
    if len(cells) < len(header):
        absent |= {(raw.row, name) for name, at in positions.items() if at >= len(cells)}
    missing = len(cells)
    found_at = (positions.get(name, missing) for name in table.names)
    return Record(raw.row, raw.line, tuple((cells[at] or None) if at < missing else None for at in found_at))


class BrokenQuotesError(Exception):
    """A record cannot be told from the next: an unmatched quote in the record that starts at `line`."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(why)
        self.line = line


def _records(text: str) -> Iterator[tuple[int, list[str]]]:
    """Records with the physical line each starts in. Raises BrokenQuotesError."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    start = 1
    try:
        for cells in reader:
            yield start, cells
            start = reader.line_num + 1
    except csv.Error as error:
        raise BrokenQuotesError(start, str(error)) from None


class Fault(Protocol):
    """The shape of the callback that collects findings while a file is read."""

    def __call__(
        self, code: str, place: Place, value: str | None = None, fix: Fix | None = None, **facts: str | Text
    ) -> None: ...

"""Reads the curated files: bytes to text by the encoding ladder, text to records with their physical lines.

The only module that opens curated files. Reading never stops at a fault: what can be read is read, what cannot is a
finding, and tables that could not be read whole are named so that checks which need them can say so.
"""

import csv
import io
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pipeline.findings import Finding, Fix, Place
from pipeline.language import Text
from pipeline.tables import Table, curated_tables, spreadsheet_letter

csv.field_size_limit(min(sys.maxsize, 2**31 - 1))

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


class NotADataFolder(Exception):
    """The folder cannot be worked on at all; `reason` says why in both languages."""

    def __init__(self, reason: Text) -> None:
        super().__init__(reason.en)
        self.reason = reason


@dataclass(frozen=True)
class Record:
    """One data row: its number from 1, the physical line it starts in, its cells in schema order (None: empty)."""

    row: int
    line: int
    cells: tuple[str | None, ...]


@dataclass(frozen=True)
class CuratedFile:
    """One file as read. `letters` maps the columns found to their place in this file."""

    table: Table
    file: str
    letters: dict[str, str]
    records: tuple[Record, ...]
    absent: frozenset[tuple[int, str]] = frozenset()  # (row, field) of cells a truncated row lacks

    @property
    def missing_columns(self) -> tuple[str, ...]:
        return tuple(name for name in self.table.names if name not in self.letters)

    def place(self, record: Record, field: str | None = None) -> Place:
        names = self.table.names
        key = [record.cells[names.index(name)] for name in self.table.primary_key]
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

    Raises NotADataFolder where there is nothing to work on: no such folder, no permission, or none of our files in it.
    """
    _ensure_data_folder(folder)
    files: list[CuratedFile] = []
    findings: list[Finding] = []
    incomplete: set[str] = set()
    programmes: tuple[str, ...] = ()
    for table in curated_tables():
        if table.per_programme:
            continue
        file = _read_file(folder, table.path, table, findings, incomplete)
        if file is not None:
            files.append(file)
            if table.name == "programmes":
                programmes = _programme_folders(folder, file)
    for programme in programmes:
        for table in curated_tables():
            if table.per_programme:
                path = table.path.format(programme_id=programme)
                file = _read_file(folder, path, table, findings, incomplete)
                if file is not None:
                    files.append(file)
    return Reading(tuple(files), tuple(findings), frozenset(incomplete))


def _ensure_data_folder(folder: Path) -> None:
    try:
        entries = {entry.name for entry in folder.iterdir()}
    except FileNotFoundError:
        raise NotADataFolder(Text(f"没有文件夹 {folder}", f"no such folder: {folder}")) from None
    except NotADirectoryError:
        raise NotADataFolder(Text(f"{folder} 不是文件夹", f"{folder} is not a folder")) from None
    except OSError as error:
        raise NotADataFolder(
            Text(f"无法打开文件夹 {folder}:{error.strerror}", f"cannot open the folder {folder}: {error.strerror}")
        ) from None
    if not entries & {"programmes.csv", "reference", "programmes", "sources.csv"}:
        raise NotADataFolder(
            Text(
                f"{folder} 中没有整理数据(应有 programmes.csv、sources.csv、reference/、programmes/)",
                f"{folder} holds no curated data (programmes.csv, sources.csv, reference/, programmes/ expected)",
            )
        )


def _programme_folders(folder: Path, programmes: CuratedFile) -> tuple[str, ...]:
    """Programmes registered or present as a folder; a name that is no slug never becomes a path."""
    position = programmes.table.names.index("programme_id")
    registered = {record.cells[position] or "" for record in programmes.records}
    base = folder / "programmes"
    present = {entry.name for entry in base.iterdir() if entry.is_dir()} if base.is_dir() else set()
    return tuple(sorted(name for name in registered | present if SLUG.fullmatch(name)))


def _read_file(
    folder: Path, path: str, table: Table, findings: list[Finding], incomplete: set[str]
) -> CuratedFile | None:
    def fault(code: str, place: Place, value: str | None = None, fix: Fix | None = None, **facts: str | Text) -> None:
        findings.append(Finding(code, place, value, facts, fix))

    here = Place(path)
    try:
        content = (folder / path).read_bytes()
    except OSError as error:
        missing = isinstance(error, FileNotFoundError)
        why = Text("文件不存在", "no such file") if missing else Text(f"{error.strerror}", f"{error.strerror}")
        fault("source-error", here, why=why)
        incomplete.add(table.name)
        return None
    text, found = decode(content)
    if text is None:
        fault("source-error", here, why=found)
        incomplete.add(table.name)
        return None
    if found.en:
        fault("encoding-error", here, found=found, fix=Fix("UTF-8", safe=True))
    records = _records(text)
    try:
        start, header = next(records)
    except (StopIteration, csv.Error):
        header = []
        start = 1
    labels = ",".join(table.names)
    if not any(cell.strip() for cell in header):
        fault("blank-header", Place(path, line=start), labels=labels)
        incomplete.add(table.name)
        return None
    letters = _header(header, table, path, fault)
    if len(letters) < len(table.names):
        incomplete.add(table.name)
    rows: list[Record] = []
    absent: set[tuple[int, str]] = set()
    positions = {name: header.index(name) for name in letters}
    count = 0
    try:
        for line, cells in records:
            count += 1
            place = Place(path, line=line, row=count)
            if not any(cells):
                fault("blank-row", place)
                continue
            if len(cells) < len(header):
                fault("missing-cell", place, found=str(len(cells)), wanted=str(len(header)))
                absent |= {(count, name) for name, at in positions.items() if at >= len(cells)}
            elif len(cells) > len(header):
                extra = Place(path, line, count, spreadsheet_letter(len(header)))
                fault("extra-cell", extra, cells[len(header)], found=str(len(cells)), wanted=str(len(header)))
            aligned = tuple(
                (cells[positions[name]] or None) if name in positions and positions[name] < len(cells) else None
                for name in table.names
            )
            rows.append(Record(count, line, aligned))
    except csv.Error as error:
        line = rows[-1].line + 1 if rows else 2
        fault("dialect-error", Place(path, line=line), why=str(error))
        incomplete.add(table.name)
    return CuratedFile(table, path, letters, tuple(rows), frozenset(absent))


def decode(content: bytes) -> tuple[str | None, Text]:
    """The encoding ladder: byte order mark, strict UTF-8, strict GB18030, refuse. Nothing is guessed.

    Returns the text and what is wrong with the encoding (empty: nothing); no text where the bytes are none.
    """
    fine = Text("", "")
    for mark, name in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if content.startswith(mark):
            label = "UTF-8" if name == "utf-8-sig" else "UTF-16"
            try:
                return content.decode(name), Text(f"带 BOM 的 {label}", f"{label} with a byte order mark")
            except UnicodeDecodeError:
                break
    if b"\x00" in content or content.startswith(b"PK\x03\x04"):
        return None, Text("是二进制文件,不是文本", "it is a binary file, not text")
    try:
        return content.decode("utf-8"), fine
    except UnicodeDecodeError:
        pass
    try:
        return content.decode("gb18030"), Text("GB18030(GBK)", "GB18030 (GBK)")
    except UnicodeDecodeError:
        return None, Text("既非 UTF-8 也非 GB18030", "neither UTF-8 nor GB18030")


def _records(text: str) -> Iterator[tuple[int, list[str]]]:
    """Records with the physical line each starts in. Raises csv.Error at an unmatched quote."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    start = 1
    for cells in reader:
        yield start, cells
        start = reader.line_num + 1


def _header(header: Sequence[str], table: Table, path: str, fault: "Fault") -> dict[str, str]:
    """Judge the header; returns the spreadsheet letter of each known column."""
    labels = ",".join(table.names)
    letters: dict[str, str] = {}
    for index, label in enumerate(header):
        letter = spreadsheet_letter(index)
        place = Place(path, line=1, row=0, column=letter)
        if label not in table.names:
            nearest = _nearest_name(label, [name for name in table.names if name not in header])
            hint = Text(f";是否为 {nearest}?", f"; {nearest}?") if nearest else Text("", "")
            fault("extra-label", place, label, Fix(nearest) if nearest else None, labels=labels, nearest=hint)
        elif label in letters:
            fault("duplicate-label", place, label)
        else:
            letters[label] = letter
    for name in table.names:
        if name not in letters:
            fault("missing-label", Place(path, line=1, row=0, field=name), name, labels=labels)
    found = [label for label in header if label in letters]
    wanted = [name for name in table.names if name in letters]
    for label, name in zip(dict.fromkeys(found), wanted, strict=False):
        if label != name:
            fault("incorrect-label", Place(path, line=1, row=0, column=letters[label]), label, labels=labels)
            break
    return letters


def _nearest_name(label: str, names: Sequence[str]) -> str | None:
    from rapidfuzz import process  # only where something is wrong

    best = process.extractOne(label, names, score_cutoff=60)
    return str(best[0]) if best else None


class Fault(Protocol):
    """The shape of the callback that collects findings while a file is read."""

    def __call__(
        self, code: str, place: Place, value: str | None = None, fix: Fix | None = None, **facts: str | Text
    ) -> None: ...

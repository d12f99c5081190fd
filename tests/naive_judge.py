"""The structural checks once more, in the plainest Python: csv.reader, a judge for each cell, a dict for each key.

Slow and short, so that it is seen to be right; what runs on SQL is held against it. Plain comma-like files only.
"""

import contextlib
import csv
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from pipeline.cells import canonical_text, judge_of
from pipeline.descriptors import Described, Description
from pipeline.findings import Report
from pipeline.headers import read_header
from pipeline.tables import Field, spreadsheet_letter

Told = tuple[str, str, int | None, int | None, str | None, str | None]  # file, code, line, row, column, value
Key = tuple[str | None, ...]


@dataclass
class _Row:
    row: int
    line: int
    cells: list[str]


@dataclass
class _Read:
    """A table as read: where its fields stand, its rows, whether all of it could be read."""

    described: Described
    told: list[Told]
    positions: dict[str, int] = field(default_factory=dict)
    rows: list[_Row] = field(default_factory=list)
    broken: bool = False

    def text(self, row: _Row, f: Field) -> str | None:
        """The text of a cell; None where it is missing or was never written."""
        at = self.positions[f.name]
        return None if at >= len(row.cells) or row.cells[at] in f.missing_values else row.cells[at]

    def key(self, row: _Row, names: tuple[str, ...]) -> Key:
        fields = [self.described.table.field(name) for name in names]
        return tuple(None if (text := self.text(row, f)) is None else canonical_text(f, text) for f in fields)

    def has(self, names: tuple[str, ...]) -> bool:
        return set(names) <= set(self.positions)

    def tell(self, code: str, row: _Row, *names: str) -> None:
        """A fault of a cell, or of a key whose last part is shown where it stands."""
        places = [self.positions[name] for name in names]
        if places[-1] < len(row.cells):
            shown = "/".join(row.cells[at] for at in places)
            letter = spreadsheet_letter(places[-1])
            self.told.append((self.described.shown, code, row.line, row.row, letter, shown or None))


def judged(description: Description) -> Counter[Told]:
    """What is to be found in tables whose cells are written with one delimiter and double quotes."""
    told: list[Told] = []
    read = {described.table.name: _read(described, told) for described in description.tables}
    for each in read.values():
        if each.positions:
            _judge_cells(each)
            _judge_keys(each)
            _judge_references(each, read)
    return Counter(told)


def of_report(report: Report) -> Counter[Told]:
    """The findings of a report, told the same way: a key or reference by the cell as it stands in the file."""
    return Counter(
        (f.place.file, f.code, f.place.line, f.place.row, f.place.column, (f.value or None)) for f in report.findings
    )


def _records(described: Described) -> Iterator[tuple[int, list[str]]]:
    content = described.paths[0].read_bytes().decode("utf-8-sig")
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=described.dialect.delimiter, strict=True)
    while True:
        start = reader.line_num + 1
        cells = next(reader, None)
        if cells is None:
            return
        yield start, cells


def _read(described: Described, told: list[Told]) -> _Read:
    here = _Read(described, told)
    table, shown = described.table, described.shown
    records = _records(described)
    try:
        line, labels = next(records, (1, []))
        if not any(label.strip() for label in labels):
            told.append((shown, "blank-header", 1, None, None, None))
            here.broken = True
            return here
        header = read_header(labels, table, shown, described.match)
        told += [(shown, f.code, f.place.line, f.place.row, f.place.column, f.value) for f in header.findings]
        here.positions = dict(header.positions)
        for row, (line, cells) in enumerate(records, 1):
            if not any(cells):
                told.append((shown, "blank-row", line, row, None, None))
                continue
            here.rows.append(_Row(row, line, cells))
            if len(cells) < len(labels):
                told.append((shown, "missing-cell", line, row, None, None))
            elif len(cells) > len(labels):
                extra = spreadsheet_letter(len(labels))
                told.append((shown, "extra-cell", line, row, extra, cells[len(labels)] or None))
    except csv.Error:
        here.broken = True
        told.append((shown, "dialect-error", _line_after(described), None, None, None))
    return here


def _line_after(described: Described) -> int:
    """The line of the record at which reading breaks off."""
    content = described.paths[0].read_bytes().decode("utf-8-sig")
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=described.dialect.delimiter, strict=True)
    line = 1
    with contextlib.suppress(csv.Error):
        for _ in reader:
            line = reader.line_num + 1
    return line


def _judge_cells(here: _Read) -> None:
    for f in here.described.table.fields:
        if f.name in here.positions:
            judge = judge_of(f)
            for row in here.rows:
                for kind in judge(here.text(row, f)):
                    here.tell("type-error" if kind == "type" else "constraint-error", row, f.name)


def _judge_keys(here: _Read) -> None:
    table = here.described.table
    keys: list[tuple[str, ...]] = [*table.unique_keys, *((f.name,) for f in table.fields if f.unique)]
    unique = dict.fromkeys(keys, "unique-error")
    if table.primary_key:
        unique[table.primary_key] = "primary-key"
    for key, code in unique.items():
        seen: set[Key] = set()
        for row in here.rows if here.has(key) else ():
            value = here.key(row, key)
            if None not in value and value in seen:
                here.tell(code, row, *key)
            seen.add(value)
    own = table.primary_key
    if own and here.has(own) and not any(table.field(name).required for name in own):
        for row in here.rows:
            if set(here.key(row, own)) == {None}:
                here.tell("constraint-error", row, own[-1])


def _judge_references(here: _Read, read: dict[str, _Read]) -> None:
    for reference in here.described.table.foreign_keys:
        there = read.get(reference.resource)
        if there is None or there.broken or not there.has(reference.reference_fields):
            continue
        if len(there.positions) < len(there.described.table.fields) or not here.has(reference.fields):
            continue
        existing = {there.key(row, reference.reference_fields) for row in there.rows}
        for row in here.rows:
            value = here.key(row, reference.fields)
            if None not in value and value not in existing:
                here.tell(reference.rule, row, reference.fields[-1])

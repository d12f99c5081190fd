"""Where the cells of a CSV text stand, to the character: one cell can be changed and every other byte stays.

Reads exactly what `csv.reader(…, strict=True)` reads (a test holds the two against each other): cells part at commas,
records at LF, CRLF or CR, both only outside quotes; a quote inside an unquoted cell is a character like any other.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

_QUOTED = re.compile(r'"[^"]*+(?:""[^"]*+)*+"')
_UNQUOTED = re.compile(r"[^,\r\n]*+")
_LINE_END = re.compile(r"\r\n|\r|\n")
_SPECIAL = re.compile(r'[",\r\n]')


class ScanError(Exception):
    """Cells cannot be told apart: a quote is not closed, or something follows a closing quote."""


@dataclass(frozen=True)
class Extent:
    """The characters start to end of a text, quotes included."""

    start: int
    end: int


def scan(text: str) -> list[tuple[Extent, ...]]:
    """The raw cells of every record, the header first; a blank line is a record without cells. Raises ScanError."""
    records: list[tuple[Extent, ...]] = []
    at = 0
    while at < len(text):
        cells: list[Extent] = []
        if line_end := _LINE_END.match(text, at):
            at = line_end.end()
            records.append(())
            continue
        while True:
            pattern = _QUOTED if text.startswith('"', at) else _UNQUOTED
            cell = pattern.match(text, at)
            if cell is None:
                raise ScanError(f"the quote at character {at} is not closed")
            cells.append(Extent(at, cell.end()))
            at = cell.end()
            if not text.startswith(",", at):
                break
            at += 1
        records.append(tuple(cells))
        if at < len(text):
            line_end = _LINE_END.match(text, at)
            if line_end is None:
                raise ScanError(f"a closing quote is followed by other text at character {at}")
            at = line_end.end()
    return records


def value(raw: str) -> str:
    """What a raw cell says."""
    return raw[1:-1].replace('""', '"') if raw.startswith('"') else raw


def quoted(cell: str, *, always: bool = False) -> str:
    """A cell as CSV writes it: in quotes only where it has to be."""
    if always or _SPECIAL.search(cell):
        return '"' + cell.replace('"', '""') + '"'
    return cell


def line(cells: list[str]) -> str:
    """A record as CSV writes it, with LF; one empty cell is in quotes, lest it be a blank line."""
    if cells == [""]:
        return '""\n'
    joined = ",".join(cells)
    if _SPECIAL.search(joined.replace(",", "")) or joined.count(",") >= len(cells):
        joined = ",".join(quoted(cell) for cell in cells)
    return joined + "\n"


def replaced(text: str, cells: Mapping[tuple[int, int], tuple[str, str]]) -> str:
    """The text with (old, new) values in the cells named by (record, cell), both from 0; record 0 is the header.

    A cell that was in quotes without need stays in quotes, as the rest of such a file is. Raises ScanError, and
    LookupError where a cell does not say `old`.
    """
    records = scan(text)
    edits: list[tuple[Extent, str]] = []
    for (record, cell), (old, new) in cells.items():
        if record >= len(records) or cell >= len(records[record]):
            raise LookupError(f"no cell {cell} in record {record}")
        span = records[record][cell]
        raw = text[span.start : span.end]
        if value(raw) != old:
            raise LookupError(f"cell {cell} of record {record} is not {old!r}")
        alone = len(records[record]) == 1 and not new  # without quotes it would be a blank line
        edits.append((span, quoted(new, always=alone or (raw.startswith('"') and raw != quoted(old)))))
    parts: list[str] = []
    done = 0
    for span, raw in sorted(edits, key=lambda edit: edit[0].start):
        parts += (text[done : span.start], raw)
        done = span.end
    return "".join((*parts, text[done:]))

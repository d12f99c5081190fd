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
class Span:
    """The characters start to end of a text, quotes included."""

    start: int
    end: int


def scan(text: str) -> list[tuple[Span, ...]]:
    """The raw cells of every record, the header first; a blank line is a record without cells. Raises ScanError."""
    records: list[tuple[Span, ...]] = []
    at = 0
    while at < len(text):
        cells: list[Span] = []
        if line_end := _LINE_END.match(text, at):
            at = line_end.end()
            records.append(())
            continue
        while True:
            pattern = _QUOTED if text.startswith('"', at) else _UNQUOTED
            cell = pattern.match(text, at)
            if cell is None:
                raise ScanError(f"the quote at character {at} is not closed")
            cells.append(Span(at, cell.end()))
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
    """A record as CSV writes it, with LF."""
    joined = ",".join(cells)
    if _SPECIAL.search(joined.replace(",", "")) or joined.count(",") >= len(cells):
        joined = ",".join(quoted(cell) for cell in cells)
    return joined + "\n"


def replaced(text: str, cells: Mapping[tuple[int, int], str]) -> str:
    """The text with new values in the cells named by (record, cell), both from 0; record 0 is the header.

    A cell that was in quotes stays in quotes. Raises ScanError, and LookupError where there is no such cell.
    """
    records = scan(text)
    edits: list[tuple[Span, str]] = []
    for (record, cell), new in cells.items():
        if record >= len(records) or cell >= len(records[record]):
            raise LookupError(f"no cell {cell} in record {record}")
        span = records[record][cell]
        edits.append((span, quoted(new, always=text.startswith('"', span.start))))
    for span, raw in sorted(edits, key=lambda edit: -edit[0].start):
        text = text[: span.start] + raw + text[span.end :]
    return text

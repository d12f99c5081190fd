"""The canonical form of a curated file, as a pure function from bytes to bytes, and the pieces checks judge it by.

UTF-8 without a byte order mark, LF, quotes only where needed; columns in the order of the schema with unknown ones
behind them; rows by primary key, numbers as numbers, rows with an empty key part last; cells without white space at
their ends, half-width characters where the form of a cell is prescribed. Cells that repeat characters of a document and
cells of unknown columns stay as they are. Nothing is lost but rows in which no cell holds anything. A line that starts
with # is a row like any other: CSV has no comments.
"""

import csv
import io
import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import cache

from pipeline.encoding import decode
from pipeline.language import RefusalError, Text
from pipeline.paths import values_in
from pipeline.raw_cells import line
from pipeline.tables import Field, Table, curated_tables

# White space of Unicode, and characters without width, which hide at the end of a cell just as well.
EDGE = (
    "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000"
    + "".join(map(chr, range(0x2000, 0x200B)))
    + "\u180e\u200b\u200c\u200d\u2060\ufeff"
)
FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_NUMBER = re.compile(r"-?[0-9]{1,19}(?:\.[0-9]{1,9})?")

Key = tuple[tuple[int, Decimal | int, str], ...]


class NotReadableError(RefusalError):
    """The rows cannot be told apart or decoded, so no canonical form is made; `reason` says why."""


def canonical(content: bytes, table: Table) -> bytes:
    """The canonical form of a file of `table`. Raises NotReadableError where a row might be lost or mangled."""
    header, *rows = _rows(content)
    header = [label.strip(EDGE) for label in header]
    if not any(header):
        raise NotReadableError(Text("没有表头", "it has no header"))
    for number, cells in enumerate(rows, 1):
        if any(cells) and len(cells) != len(header):
            found, wanted = len(cells), len(header)
            raise NotReadableError(
                Text(
                    f"第 {number + 1} 行有 {found} 个单元格,应有 {wanted} 个",
                    f"row {number + 1} has {found} cells instead of {wanted}",
                )
            )
    known = [header.index(name) for name in table.names if name in header]
    order = known + [at for at in range(len(header)) if at not in known]
    clean = [_cleaner(table.field(header[at])) if at in known else str for at in order]
    cleaned = [
        [clean_cell(cells[at]) for clean_cell, at in zip(clean, order, strict=True)] for cells in rows if any(cells)
    ]
    kept = [cells for cells in cleaned if any(cells)]
    if set(table.primary_key) <= set(header):
        labels = [header[at] for at in order]
        key = key_of(table, labels)
        kept.sort(key=key)
    lines = [line([header[at] for at in order]), *(line(cells) for cells in kept)]
    return "".join(lines).encode("utf-8")


def _rows(content: bytes) -> list[list[str]]:
    """All records, the header first. Raises NotReadableError."""
    text, found = decode(content)
    if text is None:
        raise NotReadableError(found)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        raise NotReadableError(Text(f"引号不配对:{error}", f"broken quotes: {error}")) from None
    return rows or [[]]


def _cleaner(field: Field) -> Callable[[str], str]:
    return lambda cell: clean(field, cell) if cell else cell


def clean(field: Field, cell: str) -> str:
    """The canonical text of one cell: same meaning, no white space at the ends, prescribed forms half-width."""
    if field.as_printed:
        return cell
    if "\r" in cell:
        cell = cell.replace("\r\n", "\n").replace("\r", "\n")
    cell = cell.strip(EDGE)
    return cell.translate(FULL_WIDTH) if prescribed(field) and not cell.isascii() else cell


def prescribed(field: Field) -> bool:
    """Whether the schema prescribes the form of the cells: numbers, dates, identifiers, lists of values."""
    return not field.as_printed and bool(
        field.type != "string" or field.pattern or field.enum or field.name in _identifiers()
    )


@cache
def _identifiers() -> frozenset[str]:
    """Names of the columns by which records are referred to."""
    return frozenset(
        name
        for table in curated_tables()
        for key in table.foreign_keys
        for name in (*key.fields, *key.reference_fields)
    )


def key_of(table: Table, labels: Sequence[str]) -> Callable[[Sequence[str | None]], Key]:
    """The function by which rows with these columns are sorted; the columns of the primary key are among them."""
    parts = [(labels.index(name), table.field(name).type in ("integer", "number")) for name in table.primary_key]

    def key(cells: Sequence[str | None]) -> Key:
        return tuple(_part(cells[at] or "", numeric) for at, numeric in parts)

    return key


def _part(cell: str, numeric: bool) -> tuple[int, Decimal | int, str]:
    """Numbers first, by value; then other text by code point; what is empty last."""
    if numeric and _NUMBER.fullmatch(cell):
        return (0, int(cell) if cell.isdigit() else Decimal(cell), "")
    return (1, 0, cell) if cell else (2, 0, "")


# A quoted cell without comma, quote or line end in it; starts with a literal, which makes the search fast.
_MAY_BE_UNNEEDED = re.compile(r'"(?<![^,\n]")[^",\r\n]*"(?![^,\r\n])')


def dialect_fault(text: str) -> Text | None:
    """What of line ends and quotes is not canonical, whatever the cells say; None: nothing."""
    if text and not text.endswith(("\n", "\r")):
        return Text("最后一行没有换行", "the last line has no newline")
    if "\r" not in text and not _MAY_BE_UNNEEDED.search(text):
        return None
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error:
        return None  # said by the rule of broken quotes
    lines = "".join(map(line, rows))
    if lines == text:
        return None
    if lines.replace("\n", "\r\n") == text or lines.replace("\n", "\r") == text or "\r" in _outside_quotes(text):
        return Text("行末不是 LF(换行)", "lines do not end with LF")
    return Text("有不需要的引号", "there are quotes that are not needed")


def _outside_quotes(text: str) -> str:
    return re.sub(r'"[^"]*+(?:""[^"]*+)*+"', "", text)


def table_of(path: str) -> Table | None:
    """The table a path in a data folder belongs to."""
    for table in curated_tables():
        if values_in(table, path) is not None:
            return table
    return None

"""An Excel workbook for people who work in one: a cover, a dictionary, one sheet a mart; for reading, not for joining.

Cells are data: text is written as text, so that nothing in it becomes a formula or a link. A number of more digits than
Excel keeps (15) is written as text. The same edition gives the same bytes: XlsxWriter dates the parts of the file 1980.
Memory grows with the cells, so there are at most MOST_CELLS: the largest marts beyond that are left out whole, for part
of a table gives wrong sums, and the cover says so.
"""

import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import islice
from typing import TYPE_CHECKING

from pipeline.language import Text
from pipeline.release.formats import linked
from pipeline.release.formats.edition import Edition
from pipeline.release.resources import Resource
from pipeline.tables import Field, spreadsheet_letter

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PATH = "{name}.xlsx"
MOST_CELLS = 1_500_000
_MOST_CHARACTERS = 32_767  # of a cell, by the limits of Excel
_CUT = "……(全文见 CSV | full text in the CSV)"
_DIGITS = 15
_WIDEST = 48
_MEASURED = 60  # rows that the width of a column is made for
_COVER, _DICTIONARY = "说明 About", "字典 Dictionary"
_DICTIONARY_HEADER = (
    Text("表", "table"),
    Text("列", "column"),
    Text("中文标题", "title in Chinese"),
    Text("英文标题", "title in English"),
    Text("类型", "type"),
    Text("必填", "required"),
    Text("中文说明", "description in Chinese"),
    Text("英文说明", "description in English"),
    Text("取值", "values"),
)


@dataclass(frozen=True)
class _Styles:
    title: "Format"
    header: "Format"
    name: "Format"
    date: "Format"
    wrapped: "Format"


def content(edition: Edition) -> bytes:
    """The workbook as bytes of an xlsx file."""
    marts = [each.resource for each in edition.tables if each.resource.schema == "main"]
    kept = _that_fit(edition, marts)
    buffer = io.BytesIO()
    with _opened(buffer, edition) as (book, styles):
        _cover(book.add_worksheet(_COVER), styles, edition, marts, kept)
        _dictionary(book.add_worksheet(_DICTIONARY), styles, kept)
        for mart in kept:
            _mart(book.add_worksheet(mart.table.name[:31]), styles, mart, edition.rows(mart))
    return buffer.getvalue()


def _that_fit(edition: Edition, marts: Sequence[Resource]) -> list[Resource]:
    """The marts, smallest first, that fit into MOST_CELLS together; in their own order."""
    left = MOST_CELLS
    kept = []
    for size, mart in sorted(((_cells(edition, mart), mart) for mart in marts), key=lambda pair: pair[0]):
        left -= size
        if left >= 0:
            kept.append(mart)
    return [mart for mart in marts if mart in kept]


def _cells(edition: Edition, mart: Resource) -> int:
    """Cells of a mart, counted no further than it takes to know that they are too many."""
    columns = len(mart.table.fields)
    return columns * sum(1 for _ in islice(edition.rows(mart), MOST_CELLS // columns + 1))


@contextmanager
def _opened(buffer: io.BytesIO, edition: Edition) -> Iterator[tuple["Workbook", _Styles]]:
    from xlsxwriter import Workbook

    book = Workbook(buffer, {"in_memory": True})
    day = datetime.combine(date.fromisoformat(edition.entry.released_on), datetime.min.time(), UTC)
    book.set_properties(
        {
            "title": f"{edition.package.title.both} {edition.entry.version}",
            "author": edition.publisher.name,
            "comments": edition.citation,
            "created": day.replace(tzinfo=None),
        }
    )
    base = {"font_name": "Microsoft YaHei", "font_size": 10, "valign": "top"}
    head = {**base, "bold": True, "bg_color": "#DCE6F1", "bottom": 1}
    yield (
        book,
        _Styles(
            title=book.add_format({**base, "bold": True, "font_size": 14}),
            header=book.add_format(head),
            name=book.add_format({**head, "bold": False, "italic": True, "font_color": "#595959"}),
            date=book.add_format({"num_format": "yyyy-mm-dd"}),
            wrapped=book.add_format({**base, "text_wrap": True}),
        ),
    )
    book.close()


def _cover(
    sheet: "Worksheet", styles: _Styles, edition: Edition, marts: Sequence[Resource], kept: Sequence[Resource]
) -> None:
    package, entry = edition.package, edition.entry
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 2, 60)
    sheet.write_string(0, 0, package.title.zh, styles.title)
    sheet.write_string(1, 0, package.title.en)
    facts = (
        (Text("说明", "about"), package.description),
        (Text("版本", "version"), Text(entry.version, "")),
        (Text("发布日期", "released"), Text(entry.released_on, "")),
        (Text("发布者", "publisher"), Text(edition.publisher.name, "")),
        (Text("许可", "licence"), Text(" ".join(linked.licences(package)), "")),
        (Text("引用", "cite as"), Text(edition.citation, "")),
        (
            Text("注意", "note"),
            Text(
                "本工作簿供阅读,以 CSV 为准。每张表首行为中文标题,次行为列名;各列说明见字典。",
                "For reading; the CSV files are canonical. The first row of a sheet holds Chinese titles, the second "
                "the column names; the dictionary explains each column.",
            ),
        ),
    )
    row = 3
    for label, text in facts:
        sheet.write_string(row, 0, label.both, styles.header)
        sheet.write_string(row, 1, text.zh, styles.wrapped)
        if text.en:
            sheet.write_string(row, 2, text.en, styles.wrapped)
        row += 1
    row += 1
    for column, label in enumerate(
        (Text("表", "sheet"), Text("内容", "content in Chinese"), Text("内容英文", "content"))
    ):
        sheet.write_string(row, column, label.both, styles.header)
    for mart in marts:
        row += 1
        if mart in kept:
            sheet.write_url(row, 0, f"internal:'{mart.table.name[:31]}'!A1", string=mart.table.name)
            described = mart.table.description
        else:
            sheet.write_string(row, 0, mart.table.name)
            described = Text(
                f"太大,不在本工作簿中;见 {mart.path}",
                f"too large for this workbook; see {mart.path}",
            )
        sheet.write_string(row, 1, f"{mart.table.title.zh}:{described.zh}", styles.wrapped)
        sheet.write_string(row, 2, f"{mart.table.title.en}: {described.en}", styles.wrapped)


def _dictionary(sheet: "Worksheet", styles: _Styles, marts: Sequence[Resource]) -> None:
    for column, width in enumerate((22, 24, 20, 26, 9, 9, 48, 48, 60)):
        sheet.set_column(column, column, width)
    for column, label in enumerate(_DICTIONARY_HEADER):
        sheet.write_string(0, column, label.both, styles.header)
    row = 0
    for mart in marts:
        for field in mart.table.fields:
            row += 1
            for column, cell in enumerate(_explained(mart.table.name, field)):
                sheet.write_string(row, column, cell, styles.wrapped)
    sheet.freeze_panes(1, 2)
    sheet.autofilter(0, 0, row, len(_DICTIONARY_HEADER) - 1)


def _explained(table: str, field: Field) -> tuple[str, ...]:
    required = Text("是", "yes").both if field.required else ""
    values = "\n".join(f"{value} = {label.both}" for value, label in field.enum)
    texts = (field.title.zh, field.title.en, field.type, required, field.description.zh, field.description.en, values)
    return (table, field.name, *texts)


def _mart(sheet: "Worksheet", styles: _Styles, mart: Resource, rows: Iterator[Sequence[str]]) -> None:
    fields = mart.table.fields
    widths = [max(_width(field.title.zh), _width(field.name)) for field in fields]
    for column, field in enumerate(fields):
        sheet.write_string(0, column, field.title.zh, styles.header)
    for column, field in enumerate(fields):
        sheet.write_string(1, column, field.name, styles.name)
    writers = [_writer(sheet, styles, field) for field in fields]
    last = 1
    for last, row in enumerate(rows, 2):
        for column, (cell, write) in enumerate(zip(row, writers, strict=True)):
            if cell:
                write(last, column, cell)
                if last < _MEASURED:
                    widths[column] = max(widths[column], _width(cell))
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width + 2)
    sheet.freeze_panes(2, len(mart.table.primary_key) if len(mart.table.primary_key) < 3 else 1)
    sheet.autofilter(1, 0, last, len(fields) - 1)
    sheet.ignore_errors({"number_stored_as_text": f"A3:{spreadsheet_letter(len(fields) - 1)}{last + 1}"})  # codes


def _writer(sheet: "Worksheet", styles: _Styles, field: Field) -> Callable[[int, int, str], object]:
    """How a cell of this column is written: (row, column, cell of the CSV)."""

    def text(row: int, column: int, cell: str) -> object:
        if len(cell) > _MOST_CHARACTERS:
            cell = cell[: _MOST_CHARACTERS - len(_CUT)] + _CUT
        return sheet.write_string(row, column, cell)

    def number(row: int, column: int, cell: str) -> object:
        if len(cell) > _DIGITS and len(Decimal(cell).normalize().as_tuple().digits) > _DIGITS:
            return sheet.write_string(row, column, cell)
        return sheet.write_number(row, column, float(cell))

    def boolean(row: int, column: int, cell: str) -> object:
        return sheet.write_boolean(row, column, cell == "true")

    def day(row: int, column: int, cell: str) -> object:
        read = datetime.fromisoformat(cell)
        if read.year < 1900:  # before the first day that Excel knows
            return sheet.write_string(row, column, cell)
        return sheet.write_datetime(row, column, read, styles.date)

    return {"string": text, "integer": number, "number": number, "boolean": boolean, "date": day}[field.type]


def _width(text: str) -> int:
    """Columns a text takes on screen, at most _WIDEST: a Chinese character takes two, as it does bytes in GB 18030."""
    return min(len(text[:_WIDEST].encode("gb18030")), _WIDEST)

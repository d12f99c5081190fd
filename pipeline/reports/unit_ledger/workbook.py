"""A ledger as a workbook: a sheet a table, and one of notes.

Text of the data is written as text, never as a formula; colours stand beside the word they mean. Each sheet prints on
landscape paper with its title and headings on every page. The same ledger gives the same bytes.
"""

import io
import math
import unicodedata
from collections.abc import Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from pipeline.fiction import NOTICE
from pipeline.language import Language, Text
from pipeline.reports import wording
from pipeline.reports.unit_ledger import notes
from pipeline.reports.unit_ledger.columns import sheets
from pipeline.reports.unit_ledger.sheet import Cell, Mark, Share, Sheet
from pipeline.reports.visible import visible
from pipeline.unit_ledger.model import Ledger

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

_A3, _A4 = 8, 9  # numbers of paper sizes in the format
_MOST = 8_000  # characters of a text; a cell holds 32,767
_LINE, _TALLEST = 15.0, 409.0  # points: a line, and the tallest row there can be
_NOTES_WIDTH = 110
_LONGEST_WORD = 15  # characters that a column is widened for
_FILLS = {"good": "#E2EFDA", "fair": "#FFF2CC", "bad": "#F8CBAD", "none": "#EDEDED"}
_FONT = {"font_name": "Microsoft YaHei", "font_size": 10, "valign": "top"}
_PAGE = Text("第&P页，共&N页", "page &P of &N")
_NOTES = Text("说明", "Notes")


class _Styles:
    """Formats by their properties: a workbook keeps each one once."""

    def __init__(self, book: "Workbook") -> None:
        self.book = book
        self.made: dict[tuple[tuple[str, Any], ...], Format] = {}

    def of(self, **properties: Any) -> "Format":
        key = tuple(sorted(properties.items()))
        if key not in self.made:
            self.made[key] = self.book.add_format({**_FONT, **properties})
        return self.made[key]

    def cell(self, **properties: Any) -> "Format":
        return self.of(border=1, border_color="#BFBFBF", text_wrap=True, **properties)


def content(ledger: Ledger, language: Language) -> bytes:
    """The workbook as bytes of an xlsx file."""
    from xlsxwriter import Workbook

    buffer = io.BytesIO()
    book = Workbook(buffer, {"in_memory": True})
    created = datetime.combine(ledger.as_of, time())
    book.set_properties({"title": visible(notes.title(ledger)(language)), "created": created})
    styles = _Styles(book)
    for each in sheets(ledger):
        _table(book.add_worksheet(each.name(language)), styles, each, ledger, language)
    _notes(book.add_worksheet(_NOTES(language)), styles, ledger, language)
    book.close()
    return buffer.getvalue()


def _table(sheet: "Worksheet", styles: _Styles, made: Sheet, ledger: Ledger, language: Language) -> None:
    head = _heading(sheet, styles, made.name, ledger, language)
    widths = [_width(at, made, language) for at in range(len(made.columns))]
    for at, column in enumerate(made.columns):
        sheet.set_column(at, at, widths[at])
        sheet.write_string(head, at, column.title(language), styles.cell(bold=True, bg_color="#DCE6F1"))
    sheet.set_row(head, _height([(column.title,) for column in made.columns], widths, language))
    for row, cells in enumerate(made.rows, head + 1):
        for at, cell in enumerate(cells):
            _write(sheet, styles, row, at, cell, language)
        sheet.set_row(row, _height(cells, widths, language))
    if made.rows:
        sheet.autofilter(head, 0, head + len(made.rows), len(made.columns) - 1)
    else:
        sheet.write_string(head + 1, 0, made.empty(language), styles.of())
    sheet.freeze_panes(head + 1, made.kept)
    sheet.repeat_rows(0, head)
    _paper(sheet, _A3 if made.large else _A4, ledger, language)


def _heading(sheet: "Worksheet", styles: _Styles, name: Text, ledger: Ledger, language: Language) -> int:
    """Title, day, programmes and, of what is invented, that it is; the row that comes next."""
    told = notes.title(ledger)(language)
    sheet.set_row(0, 24)
    sheet.write_string(0, 0, visible(f"{told} · {name(language)}", _MOST), styles.of(bold=True, font_size=14))
    titles = Text(
        "、".join(each.title.zh for each in ledger.programmes), "; ".join(each.title.en for each in ledger.programmes)
    )
    sheet.write_string(1, 0, visible(f"{notes.day(ledger)(language)} · {titles(language)}", _MOST), styles.of())
    if not ledger.fictional:
        return 2
    sheet.write_string(2, 0, NOTICE(language), styles.of(bold=True, font_color="#9C0006"))
    return 3


def _write(sheet: "Worksheet", styles: _Styles, row: int, at: int, cell: Cell, language: Language) -> None:
    """A cell by what it is."""
    if isinstance(cell, Mark):
        sheet.write_string(row, at, cell.text(language), styles.cell(bg_color=_FILLS[cell.tone]))
    elif isinstance(cell, Share):
        shape = _shape("0", wording.per_cent(cell.value))
        sheet.write_number(row, at, float(cell.value), styles.cell(num_format=f"{shape}%"))
    elif isinstance(cell, Decimal | int):
        shape = _shape("#,##0", wording.number(cell))
        sheet.write_number(row, at, float(cell), styles.cell(num_format=shape))
    elif isinstance(cell, date):
        sheet.write_datetime(
            row, at, datetime.combine(cell, time()), styles.cell(num_format="yyyy-mm-dd", align="center")
        )
    elif cell:
        told = "\n".join(visible(line(language), _MOST // len(cell)) for line in cell)
        sheet.write_string(row, at, told, styles.cell())
    else:
        sheet.write_blank(row, at, None, styles.cell())


def _shape(whole: str, shown: str) -> str:
    """The format of a number with as many decimals as it is shown with elsewhere."""
    places = wording.decimals(shown)
    return f"{whole}.{'0' * places}" if places else whole


def _width(at: int, made: Sheet, language: Language) -> int:
    """The width of a column; an English word is not broken in two, unless it is very long."""
    column = made.columns[at]
    if language == "zh":
        return column.width
    texts = [column.title(language)]
    for row in made.rows:
        cell = row[at]
        texts += [cell.text(language)] if isinstance(cell, Mark) else []
        texts += [line(language) for line in cell] if isinstance(cell, tuple) else []
    longest = max(len(word) for text in texts for word in (text.split() or [""]))
    return max(column.width, min(longest + 2, _LONGEST_WORD))


def _height(cells: Sequence[Cell], widths: Sequence[int], language: Language) -> float:
    """The height of a row that shows its texts whole, in points: not every program fits rows to wrapped text."""
    lines = [1]
    for cell, width in zip(cells, widths, strict=True):
        if isinstance(cell, tuple):
            lines.append(sum(_lines(visible(line(language), _MOST), width) for line in cell))
    return min(_LINE * max(lines) + 3, _TALLEST)


def _lines(text: str, width: int) -> int:
    """How many lines a text takes in a column; an ideograph is two characters wide."""
    wide = sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
    return max(1, math.ceil(wide / (width - 0.5)))


def _notes(sheet: "Worksheet", styles: _Styles, ledger: Ledger, language: Language) -> None:
    head = _heading(sheet, styles, _NOTES, ledger, language)
    sheet.set_column(0, 0, 16)
    sheet.set_column(1, 1, _NOTES_WIDTH)
    told = notes.facts(ledger)
    told += [(Text("办法", "Method") if not at else Text("", ""), line) for at, line in enumerate(notes.method())]
    if not ledger.figures:
        told.append((Text("注意", "Note"), notes.NO_FIGURES))
    for row, (label, text) in enumerate(told, head + 1):
        sheet.write_string(row, 0, label(language), styles.of(bold=True))
        sheet.write_string(row, 1, visible(text(language), _MOST), styles.of(text_wrap=True))
        sheet.set_row(row, _LINE * _lines(text(language), _NOTES_WIDTH) + 3)
    sheet.repeat_rows(0, head - 1)
    _paper(sheet, _A4, ledger, language)


def _paper(sheet: "Worksheet", size: int, ledger: Ledger, language: Language) -> None:
    """Landscape, as wide as one page, with the page numbers below; & has a meaning in footers and is doubled."""
    sheet.set_landscape()
    sheet.set_paper(size)
    sheet.fit_to_pages(1, 0)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    left = f"{ledger.unit_id} · {ledger.as_of}" + (f" · {NOTICE(language)}" if ledger.fictional else "")
    sheet.set_footer(f"&L&8{left.replace('&', '&&')}&R&8{_PAGE(language)}")

"""A template as a workbook: a sheet to fill in, and one that makes of it the CSV the data folder takes.

The first sheet has a row an indicator with what helps to fill it in (name, task, target, last report), lists to choose
from, and dates that are checked. The second has the columns of the table and nothing else, made by formulas; saved as
CSV it is the report. Text of the data is written as text, never as a formula. The same template gives the same bytes.
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from pipeline.language import Language, Text
from pipeline.ledger import REPORTS
from pipeline.tables import spreadsheet_letter, table
from pipeline.template import Line, Template

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

FORM, MACHINE, LISTS = "填报 Report", "csv", "lists"
_TOLD = (  # columns that help, their width, and what of a line stands in them
    (Text("指标", "Indicator"), 34),
    (Text("任务", "Task"), 26),
    (Text("现行目标", "Target in force"), 30),
    (Text("上次填报", "Last report"), 30),
)
_FILLED = ("value", "unit_code", "accumulation", "status", "evidence", "reported_by", "reported_on", "note_zh")
_WIDTHS: Mapping[str, int] = {"evidence": 28, "note_zh": 28, "unit_code": 24, "accumulation": 24, "status": 18}
_HEAD = 3  # row of the headings, from 0
_LAST_DAY = date(2100, 12, 31)


@dataclass(frozen=True)
class _Styles:
    title: "Format"
    told: "Format"
    filled: "Format"
    day: "Format"
    head: "Format"
    head_filled: "Format"
    machine: "Format"


@dataclass(frozen=True)
class _Choice:
    """A list of the third sheet: what is shown of each code, and the cells of both as a formula names them."""

    shown: Mapping[str, str]
    labels: str
    codes: str


def content(made: Template, language: Language) -> bytes:
    """The workbook as bytes of an xlsx file."""
    from xlsxwriter import Workbook

    buffer = io.BytesIO()
    book = Workbook(buffer, {"in_memory": True})
    book.set_properties({"title": made.name, "created": datetime(1980, 1, 1)})  # noqa: DTZ001 - no time zone in xlsx
    styles = _styles(book)
    form, machine, lists = (book.add_worksheet(name) for name in (FORM, MACHINE, LISTS))
    choices = _Lists(lists, language)
    _heading(form, styles, made, language)
    for row, each in enumerate(made.lines, _HEAD + 1):
        _line(form, styles, row, each, made, choices, language)
    _machine(machine, styles, made.lines, choices, made)
    lists.hide()
    book.close()
    return buffer.getvalue()


def _styles(book: "Workbook") -> _Styles:
    base = {"font_name": "Microsoft YaHei", "font_size": 10, "valign": "top"}
    head = {**base, "bold": True, "bottom": 1, "text_wrap": True}
    grey, yellow = {"bg_color": "#EDEDED", "font_color": "#595959"}, {"bg_color": "#FFF8DC", "border": 1}
    return _Styles(
        title=book.add_format({**base, "bold": True, "font_size": 14}),
        told=book.add_format({**base, "text_wrap": True}),
        filled=book.add_format({**base, **yellow, "text_wrap": True}),
        day=book.add_format({**base, **yellow, "num_format": "yyyy-mm-dd"}),
        head=book.add_format({**head, "bg_color": "#DCE6F1"}),
        head_filled=book.add_format({**head, "bg_color": "#FFE699"}),
        machine=book.add_format({**base, **grey}),
    )


def _heading(sheet: "Worksheet", styles: _Styles, made: Template, language: Language) -> None:
    sheet.write_string(0, 0, f"{made.unit(language)} · {made.period.text} · {made.programme(language)}", styles.title)
    how = Text(
        f"请填写黄色各列;没有数值的选相应状态。填好后打开工作表“{MACHINE}”,另存为“CSV UTF-8”,"
        f"放到数据文件夹的 {made.place}。不填报的指标,在 CSV 中删去该行。",
        f"Fill in the yellow columns; where there is no value, choose the status that says why. Then open the sheet "
        f"“{MACHINE}”, save it as “CSV UTF-8” and put it into the data folder as {made.place}. In the CSV, delete the "
        "rows of what is not reported.",
    )
    sheet.write_string(1, 0, how(language))
    if made.notice:
        sheet.write_string(2, 0, made.notice.both, styles.title)
    for column, (title, width) in enumerate(_TOLD):
        sheet.set_column(column, column, width)
        sheet.write_string(_HEAD, column, title(language), styles.head)
    for column, name in enumerate(_FILLED, len(_TOLD)):
        field = table(REPORTS).field(name)
        sheet.set_column(column, column, _WIDTHS.get(name, 14))
        sheet.write_string(_HEAD, column, field.title(language), styles.head_filled)
        sheet.write_comment(_HEAD, column, field.description(language))
    sheet.freeze_panes(_HEAD + 1, 1)


def _line(
    sheet: "Worksheet",
    styles: _Styles,
    row: int,
    each: Line,
    made: Template,
    lists: "_Lists",
    language: Language,
) -> None:
    for column, text in enumerate((each.indicator, each.task, each.target, each.last)):
        sheet.write_string(row, column, text(language), styles.told)
    for column, name in enumerate(_FILLED, len(_TOLD)):
        known = each.cells.get(name, "")
        choice = _choice(name, each, made, lists)
        if choice:
            sheet.data_validation(row, column, row, column, {"validate": "list", "source": f"={choice.labels}"})
            known = choice.shown.get(known, "")
        sheet.write_string(row, column, known, styles.filled) if known else sheet.write_blank(
            row, column, None, styles.day if name == "reported_on" else styles.filled
        )
    sheet.data_validation(
        row, _at("value"), row, _at("value"), {"validate": "decimal", "criteria": ">", "value": -1e15}
    )
    day = Text(
        f"所属期到 {made.period.end} 结束,此前只能填报预测(F)。",
        f"The period ends on {made.period.end}; before, only a forecast (F) can be reported.",
    )
    sheet.data_validation(
        row,
        _at("reported_on"),
        row,
        _at("reported_on"),
        {
            "validate": "date",
            "criteria": "between",
            "minimum": made.period.end,
            "maximum": _LAST_DAY,
            "error_type": "warning",
            "error_message": day(language),
        },
    )


def _choice(name: str, each: Line, made: Template, lists: "_Lists") -> _Choice | None:
    if name == "unit_code":
        return lists.of(",".join(each.units), [(code, made.units[code]) for code in each.units])
    field = table(REPORTS).field(name)
    return lists.of(name, field.enum) if field.enum else None


class _Lists:
    """The third sheet: two columns a list, codes and what is shown of them."""

    def __init__(self, sheet: "Worksheet", language: Language) -> None:
        self.sheet, self.language = sheet, language
        self.known: dict[str, _Choice] = {}

    def of(self, name: str, values: Sequence[tuple[str, Text]]) -> _Choice:
        """The list of this name, made on first use."""
        if name not in self.known:
            codes = 2 * len(self.known)
            shown = {code: f"{label(self.language)} ({code})" for code, label in values}
            for row, (code, label) in enumerate(shown.items()):
                self.sheet.write_string(row, codes, code)
                self.sheet.write_string(row, codes + 1, label)
            places = [f"{LISTS}!${at}$1:${at}${len(shown)}" for at in map(spreadsheet_letter, (codes + 1, codes))]
            self.known[name] = _Choice(shown, *places)
        return self.known[name]


def _machine(sheet: "Worksheet", styles: _Styles, lines: Sequence[Line], lists: _Lists, made: Template) -> None:
    """The columns of the table: what is known as text, the rest by formulas over the first sheet."""
    for column, name in enumerate(table(REPORTS).names):
        sheet.set_column(column, column, 22, styles.machine)
        sheet.write_string(0, column, name, styles.machine)
        for row, each in enumerate(lines, 1):
            known = each.cells.get(name, "")
            if name not in _FILLED:
                sheet.write_string(row, column, known, styles.machine)
                continue
            cell = f"'{FORM}'!${spreadsheet_letter(_at(name))}${row + _HEAD + 1}"
            formula = _formula(name, cell, _choice(name, each, made, lists))
            sheet.write_formula(row, column, formula, styles.machine, known)
    sheet.freeze_panes(1, 1)


def _formula(name: str, cell: str, choice: _Choice | None) -> str:
    """What a cell of the first sheet is as a cell of the CSV, whatever format the spreadsheet would show it in."""
    if choice:
        made = f"INDEX({choice.codes},MATCH({cell},{choice.labels},0))"
    elif name == "value":
        made = f'IF({cell}=INT({cell}),TEXT({cell},"0"),TEXT(ROUND({cell},9),"0.#########"))'
    elif name == "reported_on":
        made = f'YEAR({cell})&"-"&TEXT(MONTH({cell}),"00")&"-"&TEXT(DAY({cell}),"00")'
    else:
        made = cell
    return f'=IF({cell}="","",{made})'


def _at(name: str) -> int:
    return len(_TOLD) + _FILLED.index(name)

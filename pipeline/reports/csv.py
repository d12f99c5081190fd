"""The report as a table for a spreadsheet, one row a finding, columns as in the JSON report with `fix` in two.

Rows are things to correct, so waived findings are left out. Cells are shown as people see them, one line each and cut
to what a spreadsheet cell holds; the JSON report is the exact one. A cell that a spreadsheet would run as a formula
gets an apostrophe in front.
"""

import csv
import io

from pipeline.findings import Finding, Report
from pipeline.language import Language
from pipeline.reports.visible import visible

# A file is opened in Excel, which takes a CSV without a byte order mark for GBK on a Chinese machine. A pipe is read
# by programs, which would take the mark for a part of the first column's name: it gets none.
ENCODING = "utf-8-sig"

COLUMNS = (
    "code",
    "severity",
    "file",
    "line",
    "row",
    "column",
    "field",
    "record",
    "value",
    "message",
    "expected",
    "fix_value",
    "fix_safe",
    "doc",
)
_LONGEST = 3000  # a spreadsheet cell holds 32 767 characters; written as \uXXXX one may become ten
_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")  # full-width ones too


def render(report: Report, language: Language) -> str:
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(_row(finding, language) for _, found in report.worst_first() for finding in found)
    return buffer.getvalue().removesuffix("\n")


def _row(finding: Finding, language: Language) -> dict[str, str]:
    public = finding.as_dict(language)
    fix = public.pop("fix") or {"value": None, "safe": None}
    return {
        name: _cell(value) for name, value in {**public, "fix_value": fix["value"], "fix_safe": fix["safe"]}.items()
    }


def _cell(value: str | int | bool | None) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return safe(str(value))


def safe(cell: str) -> str:
    """A text as a spreadsheet may hold it: seen, cut, and never run as a formula."""
    text = visible(cell, _LONGEST)
    return f"'{text}" if text.lstrip().startswith(_FORMULA) else text

"""The report as GitHub workflow commands, which become annotations beside the lines of a pull request.

Syntax and escaping are those of the Actions toolkit: `%`, CR and LF everywhere, `:` and `,` in properties too. GitHub
shows ten annotations of a kind a step, so the worst file comes first. `col` counts the cells of the row: a spreadsheet
has no other columns. Waived findings are counted only: an annotation would ask for something to be done.
"""

from functools import reduce

from pipeline.findings import Finding, Report
from pipeline.language import Language
from pipeline.reports.overview import EXPECTED, FIX, NOT_CHECKED, summary, unchecked
from pipeline.reports.visible import visible

_DATA = (("%", "%25"), ("\r", "%0D"), ("\n", "%0A"))
_PROPERTY = (*_DATA, (":", "%3A"), (",", "%2C"))


def render(report: Report, language: Language) -> str:
    lines = [_annotation(finding, report, language) for _, found in report.worst_first() for finding in found]
    for group in unchecked(report):
        title = f"{NOT_CHECKED(language)}: {', '.join(group.codes)}"
        reasons = "\n".join(visible(reason(language)) for reason in group.reasons)
        lines.append(_command("notice", {"title": title}, reasons))
    return "\n".join([*lines, summary(report)(language)])


def _annotation(finding: Finding, report: Report, language: Language) -> str:
    place = finding.place
    where = {"file": visible(report.path(place.file))}
    if place.line is not None:
        where["line"] = str(place.line)
        if place.column is not None:
            where["col"] = str(_cell_number(place.column))
    cell = visible(place.cell.rpartition("/")[2])
    title = f"{cell} {finding.rule.title(language)} [{finding.code}]"
    lines = [finding.message(language), f"{EXPECTED(language)}: {finding.expected(language)}"]
    if finding.fix:
        lines.append(f"{FIX(language)}: {finding.fix.value}")
    return _command(finding.severity.value, {**where, "title": title}, "\n".join(map(visible, lines)))


def _cell_number(letters: str) -> int:
    """Which cell of a row a spreadsheet letter means: A is 1, AA is 27."""
    return reduce(lambda number, letter: number * 26 + ord(letter) - ord("A") + 1, letters, 0)


def _command(name: str, properties: dict[str, str], data: str) -> str:
    listed = ",".join(f"{key}={_escaped(value, _PROPERTY)}" for key, value in properties.items())
    return f"::{name} {listed}::{_escaped(data, _DATA)}"


def _escaped(text: str, escapes: tuple[tuple[str, str], ...]) -> str:
    for character, escape in escapes:
        text = text.replace(character, escape)
    return text

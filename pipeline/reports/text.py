"""The report for a person at a terminal: worst file first, the cell, what is wrong, what would be right."""

import unicodedata

from pipeline.findings import Finding, Report, Waived
from pipeline.language import Language, Text
from pipeline.rules import Severity

_LONGEST = 400
_EXPECTED = Text("要求", "expected")
_FIX = Text("可改为", "fix")
_NOT_CHECKED = Text("未检查", "NOT CHECKED")
_WAIVED = Text("已豁免", "WAIVED")


def render(report: Report, language: Language) -> str:
    """The report as lines of text, without colour."""
    lines: list[str] = []
    for file, findings in report.worst_first():
        errors = sum(finding.severity is Severity.ERROR for finding in findings)
        warnings = len(findings) - errors
        lines.append(f"{file}: {_counted(errors, warnings)(language)}")
        for finding in findings:
            lines += _finding(finding, language)
        lines.append("")
    for entry in report.not_checked:
        lines.append(f"{_NOT_CHECKED(language)} {entry.code}: {plain(entry.reason(language))}")
    if report.not_checked:
        lines.append("")
    lines += [_waived(entry, language) for entry in report.waived]
    if report.waived:
        lines.append("")
    lines.append(_summary(report)(language))
    return "\n".join(lines)


def _finding(finding: Finding, language: Language) -> list[str]:
    mark = "✗" if finding.severity is Severity.ERROR else "!"
    place = finding.place
    cell = plain(place.cell.rpartition("/")[2])
    column = f" {place.field}" if place.field else ""
    record = f" ({plain(place.record)})" if place.record else ""
    lines = [
        f"  {mark} {cell}{column}{record}  [{finding.code}]",
        f"      {plain(finding.message(language))}",
        f"      {_EXPECTED(language)}: {plain(finding.expected(language))}",
    ]
    if finding.fix:
        lines.append(f"      {_FIX(language)}: {plain(finding.fix.value)}")
    return lines


def _waived(entry: Waived, language: Language) -> str:
    finding, waiver = entry.finding, entry.waiver
    until = Text(f"复核期限 {waiver.review_by}", f"review by {waiver.review_by}")(language)
    cell = plain(finding.place.cell.rpartition("/")[2])
    record = plain(finding.place.record or "")
    return f"{_WAIVED(language)} {cell} ({record})  [{finding.code}] — {plain(waiver.owner)}, {until}"


def plain(text: str) -> str:
    """Text of a file for a terminal: control and direction characters made visible, very long text cut."""
    shown = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… (+{len(text) - _LONGEST})"
    return "".join(c if unicodedata.category(c) not in ("Cc", "Cf", "Cs") else f"\\u{ord(c):04x}" for c in shown)


def _counted(errors: int, warnings: int) -> Text:
    return Text(
        f"{errors} 个错误,{warnings} 个警告",
        f"{errors} error{'' if errors == 1 else 's'}, {warnings} warning{'' if warnings == 1 else 's'}",
    )


def _summary(report: Report) -> Text:
    counted = _counted(report.errors, report.warnings)
    unchecked = len(report.not_checked)
    waived = len(report.waived)
    aside = Text(f",{waived} 条已豁免", f", {waived} waived") if waived else Text("", "")
    verdict = Text("通过", "OK") if report.ok and not unchecked else Text("", "")
    if not report.ok:
        verdict = Text("未通过:请先改正上列错误", "FAILED: correct the errors above first")
    elif unchecked:
        verdict = Text("没有错误,但有规则未检查", "no errors, but some rules were not checked")
    return Text(
        f"{verdict.zh} — {report.files} 个文件 {report.records} 行:{counted.zh},{unchecked} 条未检查{aside.zh}",
        f"{verdict.en} — {report.files} files, {report.records} rows: {counted.en}, {unchecked} not checked{aside.en}",
    )

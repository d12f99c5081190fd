"""The report for a person at a terminal: worst file first, the cell, what is wrong, what would be right, what to do."""

from pipeline.findings import Finding, Report, Waived
from pipeline.language import Language, Text
from pipeline.reports.overview import (
    EXPECTED,
    FIX,
    NOT_CHECKED,
    WAIVED,
    RuleCount,
    Unchecked,
    by_file,
    by_rule,
    counted,
    review,
    summary,
    unchecked,
)
from pipeline.reports.visible import visible
from pipeline.rules import Severity

_MOST = 20  # findings of one rule in one file: beyond that the pattern is clear
_MOST_NAMED = 3  # files of a rule, reasons of unchecked rules
_MARKS = {Severity.ERROR: "✗", Severity.WARNING: "!"}
_TO_DO = Text("按规则汇总:", "By rule:")


def render(report: Report, language: Language) -> str:
    """The report as lines of text, without colour; what repeats many times is counted instead of listed."""
    return _render(report, language, _MOST, _MOST_NAMED)


def render_all(report: Report, language: Language) -> str:
    """The same with nothing left out."""
    return _render(report, language, None, None)


def _render(report: Report, language: Language, most: int | None, named: int | None) -> str:
    lines: list[str] = []
    for file in by_file(report, most):
        lines.append(f"{visible(file.file)}: {counted(file.errors, file.warnings)(language)}")
        for finding in file.shown:
            lines += _finding(finding, language)
        lines += [f"  … {code}: {_more(count)(language)}" for code, count in file.left_out.items()]
        lines.append("")
    for group in unchecked(report):
        lines += [*_unchecked(group, language, named), ""]
    lines += [_waived(entry, language) for entry in report.waived]
    if report.waived:
        lines.append("")
    counts = by_rule(report)
    if counts:
        lines.append(_TO_DO(language))
        for count in counts:
            lines += _to_do(count, language, named)
        lines += [_hint(counts[0].rule.code)(language), ""]
    lines.append(summary(report)(language))
    return "\n".join(lines)


def _finding(finding: Finding, language: Language) -> list[str]:
    place = finding.place
    cell = visible(place.cell.rpartition("/")[2])
    column = f" {visible(place.field)}" if place.field else ""
    record = f" ({visible(place.record)})" if place.record else ""
    lines = [
        f"  {_MARKS[finding.severity]} {cell}{column}{record}  [{finding.code}]",
        f"      {visible(finding.message(language))}",
        f"      {EXPECTED(language)}: {visible(finding.expected(language))}",
    ]
    if finding.fix:
        lines.append(f"      {FIX(language)}: {visible(finding.fix.value)}")
    return lines


def _waived(entry: Waived, language: Language) -> str:
    finding, waiver = entry.finding, entry.waiver
    cell = visible(finding.place.cell.rpartition("/")[2])
    record = visible(finding.place.record or "")
    return (
        f"{WAIVED(language)} {cell} ({record})  [{finding.code}] — {visible(waiver.owner)}, {review(waiver)(language)}"
    )


def _unchecked(group: Unchecked, language: Language, named: int | None) -> list[str]:
    lines = [f"{NOT_CHECKED(language)} {', '.join(group.codes)}"]
    lines += [f"    {visible(reason(language))}" for reason in group.reasons[:named]]
    rest = len(group.reasons[named:]) if named else 0
    if rest:
        more = Text(f"另有 {rest} 处(加 --all 全部列出)", f"{rest} more (--all lists them)")
        lines.append(f"    … {more(language)}")
    return lines


def _to_do(count: RuleCount, language: Language, named: int | None) -> list[str]:
    several = len(count.files) > 1
    files = [visible(file) + (f" ({number})" if several else "") for file, number in count.files[:named]]
    rest = len(count.files[named:]) if named else 0
    if rest:
        files.append(Text(f"另有 {rest} 个文件", f"{rest} more file{'' if rest == 1 else 's'}")(language))
    where = Text("、".join(files), ", ".join(files))(language)
    return [
        f"  {_MARKS[count.rule.severity]} {count.total} × {count.rule.code} — {where}",
        f"      {count.rule.fix(language)}",
    ]


def _more(count: int) -> Text:
    return Text(
        f"本文件中另有 {count} 处(加 --all 全部列出,或用 --format csv)",
        f"{count} more in this file (--all or --format csv lists them)",
    )


def _hint(code: str) -> Text:
    return Text(f"规则详解: minsheng explain {code}", f"More about a rule: minsheng explain {code}")

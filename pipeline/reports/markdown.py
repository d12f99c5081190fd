"""The report as GitHub-flavoured Markdown, for a pull-request comment or a job summary.

A comment holds 65 536 characters, so what repeats is counted and files are left out once it is full. Text of a file
is escaped: it neither ends a cell nor becomes markup, a link or a mention of somebody.
"""

import re

from pipeline.findings import Finding, Report, Waived
from pipeline.language import Language, Text
from pipeline.reports.overview import (
    NOT_CHECKED,
    SEVERITIES,
    WAIVED,
    FileFindings,
    by_file,
    by_rule,
    counted,
    review,
    summary,
    unchecked,
)
from pipeline.reports.visible import visible
from pipeline.rules import Severity

_MOST = 20
_MOST_REASONS = 10
_FULL = 55_000  # characters, with room for the end of the report
_LONGEST = 200
_TITLE = Text("数据检查报告", "Data check")
_RULES = Text("| 规则 | 级别 | 处数 | 如何改正 |", "| Rule | Severity | Count | How to fix |")
_FINDINGS = Text("| | 单元格 | 记录 | 问题 | 要求 | 可改为 |", "| | Cell | Record | What is wrong | Expected | Fix |")
_MARKS = {Severity.ERROR: "❌", Severity.WARNING: "⚠️"}
# what Markdown gives a meaning, links it sees by itself, and what opens a block at the start of a line
_SPECIAL = re.compile(r"[\\`*_\[\]|~$]|(?<=:)//|(?<=www)\.|^[-+#=]")
_NUMBERED = re.compile(r"^[0-9]+(?=[.)])")  # a number that would open a list
_REFERENCE = re.compile(r"@(?=\w)|#(?=\d)")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_NOTHING = "—"  # an entry of a list without a text would underline the one above it as a heading
_GAP = "&#8203;"  # an invisible space: GitHub looks for mentions and issue numbers in the finished text


def render(report: Report, language: Language) -> str:
    return _render(report, language, _MOST, _MOST_REASONS, _FULL)


def render_all(report: Report, language: Language) -> str:
    """The same with nothing left out."""
    return _render(report, language, None, None, None)


def _render(report: Report, language: Language, most: int | None, named: int | None, full: int | None) -> str:
    mark = "❌" if not report.ok else "⚠️" if report.warnings or report.not_checked else "✅"
    parts = [f"## {mark} {_TITLE(language)}", _escaped(summary(report)(language))]
    if counts := by_rule(report):
        rows = [_RULES(language), "|---|---|--:|---|"]
        rows += [
            f"| `{rule.code}` {_escaped(rule.title(language))} | {SEVERITIES[rule.severity](language)}"
            f" | {count.total} | {_escaped(rule.fix(language))} |"
            for count, rule in ((count, count.rule) for count in counts)
        ]
        parts.append("\n".join(rows))
    end = [part for part in (_unchecked(report, language, named), _waived(report, language, most)) if part]
    room = None if full is None else full - sum(map(len, (*parts, *end)))
    files = by_file(report, most)
    for position, file in enumerate(files):
        section = _file(file, language)
        if room is not None and (room := room - len(section)) < 0:
            left = len(files) - position
            more = Text(
                f"另有 {left} 个文件未列出;`--format html` 或 `csv` 给出全部",
                f"{left} more file{'' if left == 1 else 's'} not shown; `--format html` or `csv` has them all",
            )
            parts.append(f"… {more(language)}")
            break
        parts.append(section)
    return "\n\n".join([*parts, *end])


def _file(file: FileFindings, language: Language) -> str:
    rows = [
        f"### {_code(file.file)} — {counted(file.errors, file.warnings)(language)}",
        "",
        _FINDINGS(language),
        "|---|---|---|---|---|---|",
        *(_row(finding, language) for finding in file.shown),
    ]
    for code, count in file.left_out.items():
        rest = Text(f"`{code}` 另有 {count} 处", f"{count} more of `{code}`")
        rows += ["", f"… {rest(language)}"]
    return "\n".join(rows)


def _row(finding: Finding, language: Language) -> str:
    place = finding.place
    cell = f"**{_escaped(place.cell.rpartition('!')[2])}**" if place.line else ""
    field = f" {_name(place.field)}" if place.field else ""
    cells = (
        _MARKS[finding.severity],
        f"{cell}{field}",
        _escaped(place.record or ""),
        f"{_escaped(finding.message(language))} `{finding.code}`",
        _escaped(finding.expected(language)),
        _code(finding.fix.value) if finding.fix else "",
    )
    return f"| {' | '.join(cells)} |"


def _unchecked(report: Report, language: Language, named: int | None) -> str:
    """The rules that were not judged, folded away; empty where there are none."""
    lines = []
    for group in unchecked(report):
        lines += ["", "- " + ", ".join(f"`{code}`" for code in group.codes)]
        lines += [f"  - {_escaped(reason(language)) or _NOTHING}" for reason in group.reasons[:named]]
        if named and len(group.reasons) > named:
            lines.append(f"  - … (+{len(group.reasons) - named})")
    if not lines:
        return ""
    return _folded(f"{NOT_CHECKED(language)} ({len(report.not_checked)})", lines)


def _waived(report: Report, language: Language, most: int | None) -> str:
    """What is waived, with the reason, who answers for it and until when; empty where nothing is."""
    lines = [line for entry in report.waived[:most] for line in ("", _waived_entry(entry, language))]
    if most and len(report.waived) > most:
        lines += ["", f"- … (+{len(report.waived) - most})"]
    return _folded(f"{WAIVED(language)} ({len(report.waived)})", lines) if lines else ""


def _waived_entry(entry: Waived, language: Language) -> str:
    place, waiver = entry.finding.place, entry.waiver
    where = f"{_code(place.file)} **{_escaped(place.cell.rpartition('!')[2])}** `{entry.finding.code}`"
    said = f"{_escaped(place.record or '')}: {_escaped(waiver.reason)} — {_escaped(waiver.owner)}"
    return f"- {where} {said}, {review(waiver)(language)}"


def _folded(title: str, lines: list[str]) -> str:
    return "\n".join(["<details>", f"<summary>{title}</summary>", *lines, "", "</details>"])


def _name(field: str) -> str:
    """The name of a column; those of a stranger's schema may be anything."""
    return f"`{field}`" if re.fullmatch(r"\w+", field) else _code(field)


def _code(text: str) -> str:
    """Text in the type of code; as HTML, since a code span cannot hold every text in a table."""
    return f"<code>{_escaped(text)}</code>"


def _escaped(text: str) -> str:
    """Text that Markdown shows as it is, in one line of some hundred characters at most."""
    shown = _SPECIAL.sub(lambda found: f"\\{found[0]}", visible(text, _LONGEST).strip())
    shown = _NUMBERED.sub(r"\g<0>\\", shown)
    shown = "".join(_ENTITIES.get(character, character) for character in shown)
    return _REFERENCE.sub(lambda found: found[0] + _GAP, shown)

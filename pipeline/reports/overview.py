"""What the reports for people share: findings by file, rules by frequency, unchecked rules in groups, a verdict."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.findings import Finding, Report, Waiver
from pipeline.language import Text
from pipeline.rules import Rule, Severity, rule

SEVERITIES = {Severity.ERROR: Text("错误", "error"), Severity.WARNING: Text("警告", "warning")}
EXPECTED = Text("要求", "expected")
FIX = Text("可改为", "fix")
NOT_CHECKED = Text("未检查", "NOT CHECKED")
WAIVED = Text("已豁免", "WAIVED")


@dataclass(frozen=True)
class FileFindings:
    """The findings of one file from top to bottom; `left_out` counts those not `shown`, by rule."""

    file: str
    shown: tuple[Finding, ...]
    left_out: Mapping[str, int]
    errors: int
    warnings: int


@dataclass(frozen=True)
class RuleCount:
    """How often a rule was broken, and in which files: (file, count), most first."""

    rule: Rule
    files: tuple[tuple[str, int], ...]

    @property
    def total(self) -> int:
        return sum(count for _, count in self.files)


@dataclass(frozen=True)
class Unchecked:
    """Rules that could not be judged, and all the reasons, which they share."""

    codes: tuple[str, ...]
    reasons: tuple[Text, ...]


def by_file(report: Report, most: int | None) -> list[FileFindings]:
    """The worst file first; of one rule no more than `most` findings a file (None: all)."""
    return [_file_findings(file, found, most) for file, found in report.worst_first()]


def _file_findings(file: str, found: list[Finding], most: int | None) -> FileFindings:
    seen: Counter[str] = Counter()
    shown = []
    for finding in found:
        seen[finding.code] += 1
        if most is None or seen[finding.code] <= most:
            shown.append(finding)
    left_out = {code: count - most for code, count in seen.items() if most is not None and count > most}
    errors = sum(finding.severity is Severity.ERROR for finding in found)
    return FileFindings(file, tuple(shown), left_out, errors, len(found) - errors)


def by_rule(report: Report) -> list[RuleCount]:
    """The rules that were broken: errors first, then the most frequent first."""
    files: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for finding in report.findings:
        files[finding.code][finding.place.file] += 1
    counts = [
        RuleCount(rule(code), tuple(sorted(found.items(), key=lambda item: (-item[1], item[0]))))
        for code, found in files.items()
    ]
    return sorted(counts, key=lambda count: (count.rule.severity is not Severity.ERROR, -count.total, count.rule.code))


def unchecked(report: Report) -> list[Unchecked]:
    """Rules that were not judged for the same reasons, together, in the order of the run."""
    codes_of: defaultdict[Text, dict[str, None]] = defaultdict(dict)
    for entry in report.not_checked:
        codes_of[entry.reason][entry.code] = None
    reasons_of: defaultdict[tuple[str, ...], list[Text]] = defaultdict(list)
    for reason, codes in codes_of.items():
        reasons_of[tuple(codes)].append(reason)
    return [Unchecked(codes, tuple(reasons)) for codes, reasons in reasons_of.items()]


def review(waiver: Waiver) -> Text:
    """Until when a waiver holds."""
    return Text(f"复核期限 {waiver.review_by}", f"review by {waiver.review_by}")


def counted(errors: int, warnings: int) -> Text:
    return Text(
        f"{errors} 个错误,{warnings} 个警告",
        f"{errors} error{'' if errors == 1 else 's'}, {warnings} warning{'' if warnings == 1 else 's'}",
    )


def verdict(report: Report) -> Text:
    if not report.ok:
        return Text("未通过:请先改正错误", "FAILED: correct the errors first")
    if report.not_checked:
        return Text("没有错误,但有规则未检查", "no errors, but some rules were not checked")
    return Text("通过", "OK")


def summary(report: Report) -> Text:
    """One line: the verdict and all counts, and what a reader must know of the data."""
    verdict_, counts = verdict(report), counted(report.errors, report.warnings)
    unjudged, waived = len(report.not_checked), len(report.waived)
    aside = Text(f",{waived} 条已豁免", f", {waived} waived") if waived else Text("", "")
    last = Text(f"。{report.notice.zh}", f". {report.notice.en}") if report.notice else Text("", "")
    files, rows = report.files, report.records
    return Text(
        f"{verdict_.zh} — {files} 个文件 {rows} 行:{counts.zh},{unjudged} 条未检查{aside.zh}{last.zh}",
        f"{verdict_.en} — {files} files, {rows} rows: {counts.en}, {unjudged} not checked{aside.en}{last.en}",
    )

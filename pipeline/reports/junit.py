"""The report as JUnit XML, as Jenkins, GitLab and Azure read it (the form of Jenkins' junit-10.xsd).

A suite is a file with findings, a test case in it is a rule that was broken there. The last suite holds the rules
without a finding or with a waived one: passed, or skipped where they were not checked everywhere (those that only a
release checks are left out). Warnings let a case pass and stand in its output, because they do not fail a run; so do
waived findings, in the last suite.
"""

from collections import defaultdict
from xml.etree import ElementTree as ET

from pipeline.findings import Finding, Report, Waived
from pipeline.language import Language
from pipeline.reports.overview import EXPECTED, FIX, NOT_CHECKED, SEVERITIES, WAIVED, review
from pipeline.reports.visible import visible
from pipeline.rules import Rule, Severity, catalogue

_NAME = "minsheng validate"


def render(report: Report, language: Language) -> str:
    said = f" — {report.notice(language)}" if report.notice else ""
    root = ET.Element("testsuites", name=f"{_NAME}{said}")
    for file, found in report.worst_first():
        root.append(_file_suite(report.path(file), found, language))
    root.append(_rules_suite(report, language))
    for total in ("tests", "failures", "errors"):
        root.set(total, str(sum(int(suite.get(total, "0")) for suite in root)))
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode")


def _file_suite(path: str, found: list[Finding], language: Language) -> ET.Element:
    by_code: defaultdict[str, list[Finding]] = defaultdict(list)
    for finding in found:
        by_code[finding.code].append(finding)
    cases = []
    for findings in by_code.values():
        rule = findings[0].rule
        case = _case(path, rule, language)
        text = "\n\n".join(_described(finding, language) for finding in findings)
        if rule.severity is Severity.ERROR:
            message = f"{len(findings)} × {rule.title(language)}"
            ET.SubElement(case, "failure", type=rule.code, message=message).text = text
        else:
            ET.SubElement(case, "system-out").text = f"{SEVERITIES[rule.severity](language)}\n{text}"
        cases.append(case)
    return _suite(path, cases)


def _rules_suite(report: Report, language: Language) -> ET.Element:
    reasons: defaultdict[str, list[str]] = defaultdict(list)
    for entry in report.not_checked:
        reasons[entry.code].append(visible(entry.reason(language)))
    waived: defaultdict[str, list[str]] = defaultdict(list)
    for covered in report.waived:
        waived[covered.finding.code].append(_waived(covered, language))
    broken = {finding.code for finding in report.findings}
    cases = []
    for code, rule in catalogue().items():
        if code in reasons or code in waived or not (code in broken or rule.at_release):
            case = _case(_NAME, rule, language)
            if why := reasons.get(code):
                message = f"{NOT_CHECKED(language)} ({len(why)})"
                ET.SubElement(case, "skipped", type=code, message=message).text = "\n".join(why)
            if said := waived.get(code):
                ET.SubElement(case, "system-out").text = "\n\n".join(said)
            cases.append(case)
    return _suite(_NAME, cases)


def _suite(name: str, cases: list[ET.Element]) -> ET.Element:
    counts = {kind: sum(case.find(kind) is not None for case in cases) for kind in ("failure", "skipped")}
    suite = ET.Element(
        "testsuite",
        name=visible(name),
        tests=str(len(cases)),
        failures=str(counts["failure"]),
        errors="0",
        skipped=str(counts["skipped"]),
    )
    suite.extend(cases)
    return suite


def _case(path: str, rule: Rule, language: Language) -> ET.Element:
    return ET.Element("testcase", classname=visible(path), name=f"{rule.code}: {rule.title(language)}")


def _described(finding: Finding, language: Language) -> str:
    place = finding.place
    named = [place.cell.rpartition("/")[2], place.field or "", f"({place.record})" if place.record else ""]
    lines = [
        visible(" ".join(part for part in named if part)),
        f"  {visible(finding.message(language))}",
        f"  {EXPECTED(language)}: {visible(finding.expected(language))}",
    ]
    if finding.fix:
        lines.append(f"  {FIX(language)}: {visible(finding.fix.value)}")
    return "\n".join(lines)


def _waived(entry: Waived, language: Language) -> str:
    waiver = entry.waiver
    said = f"{WAIVED(language)}: {visible(waiver.reason)} — {visible(waiver.owner)}, {review(waiver)(language)}"
    return f"{said}\n{visible(entry.finding.place.file)}\n{_described(entry.finding, language)}"

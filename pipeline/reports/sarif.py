"""The report as SARIF 2.1.0, for code scanning.

A finding knows its cell but not the characters it fills in the line, so a region is the line, the cell is a logical
location, and what would be right stands in the properties: a SARIF `fix` must name the characters to replace.
Fingerprints hold code, file, record and field, so that a finding keeps its identity when rows move.
A waived finding is a result that is suppressed, with the reason of the waiver and its row in waivers.csv.
"""

import hashlib
import json
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pipeline import __version__
from pipeline.findings import Finding, NotChecked, Place, Report, Waiver
from pipeline.language import Language, Text
from pipeline.reports.overview import EXPECTED, FIX, NOT_CHECKED, review
from pipeline.reports.visible import visible
from pipeline.rules import Rule, catalogue

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_TAGS = {"zh": "zh-CN", "en": "en-US"}
_FIX_TITLE = Text("如何改正", "How to fix")
_EXAMPLE = Text("示例", "Example")


def render(report: Report, language: Language) -> str:
    listed: list[tuple[Finding, Waiver | None]]
    listed = [(finding, None) for _, found in report.worst_first() for finding in found]
    listed += [(entry.finding, entry.waiver) for entry in report.waived]
    codes = {finding.code for finding, _ in listed} | {entry.code for entry in report.not_checked}
    rules = [rule for rule in catalogue().values() if rule.code in codes]
    positions = {rule.code: position for position, rule in enumerate(rules)}
    seen: Counter[str] = Counter()
    results = []
    for finding, waiver in listed:
        identity = _identity(finding)
        seen[identity] += 1
        result = _result(finding, f"{identity}:{seen[identity]}", positions, report, language)
        results.append({**result, "suppressions": [_suppression(waiver, report, language)]} if waiver else result)
    run: dict[str, Any] = {
        "tool": {
            "driver": {
                "name": "minsheng",
                "version": __version__,
                "semanticVersion": __version__,
                "rules": [_rule(rule, language) for rule in rules],
            }
        },
        "language": _TAGS[language],
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {
                "executionSuccessful": True,
                "toolExecutionNotifications": [_notification(n, positions, language) for n in report.not_checked],
            }
        ],
        "results": results,
    }
    if report.notice:
        run["properties"] = {"notice": report.notice(language)}
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, ensure_ascii=False, indent=2)


def _rule(rule: Rule, language: Language) -> dict[str, Any]:
    fix = f"{_FIX_TITLE(language)}: {rule.fix(language)}"
    example = f"{_EXAMPLE(language)}:"
    return {
        "id": rule.code,
        "name": "".join(part.capitalize() for part in rule.code.split("-")),
        "shortDescription": {"text": rule.title(language)},
        "fullDescription": {"text": rule.explanation(language)},
        "help": {
            "text": f"{rule.explanation(language)}\n{fix}\n{example} ✗ {rule.bad} ✓ {rule.good}",
            "markdown": f"{rule.explanation(language)}\n\n{fix}\n\n{example}\n\n    ✗ {rule.bad}\n    ✓ {rule.good}",
        },
        "defaultConfiguration": {"level": rule.severity.value},
        "properties": {"tags": [rule.group], "precision": "very-high", "problem.severity": rule.severity.value},
    }


def _result(
    finding: Finding, fingerprint: str, positions: dict[str, int], report: Report, language: Language
) -> dict[str, Any]:
    place = finding.place
    lines = [visible(finding.message(language)), f"{EXPECTED(language)}: {visible(finding.expected(language))}"]
    if finding.fix:
        lines.append(f"{FIX(language)}: {visible(finding.fix.value)}")
    cell = visible(place.cell)
    logical = {"name": cell.rpartition("/")[2], "fullyQualifiedName": cell, "kind": "element" if place.row else "file"}
    facts = {
        "cell": cell.rpartition("/")[2],
        "row": place.row,
        "field": visible(place.field) if place.field else None,
        "record": visible(place.record) if place.record else None,
        "value": None if finding.value is None else visible(finding.value),
        "fix": {"value": visible(finding.fix.value), "safe": finding.fix.safe} if finding.fix else None,
    }
    return {
        "ruleId": finding.code,
        "ruleIndex": positions[finding.code],
        "level": finding.severity.value,
        "message": {"text": "\n".join(lines)},
        "locations": [{"physicalLocation": _physical(place, report), "logicalLocations": [logical]}],
        # the first name is the one GitHub follows an alert by
        "partialFingerprints": {"primaryLocationLineHash": fingerprint, "recordAndField/v1": fingerprint},
        "properties": {name: fact for name, fact in facts.items() if fact is not None},
    }


def _physical(place: Place, report: Report) -> dict[str, Any]:
    return {
        "artifactLocation": {"uri": _uri(report.path(place.file))},
        "region": {"startLine": place.line or 1},  # code hosts want a line, for a whole file too
    }


def _suppression(waiver: Waiver, report: Report, language: Language) -> dict[str, Any]:
    return {
        "kind": "external",
        "status": "accepted",
        "justification": f"{visible(waiver.reason)} — {visible(waiver.owner)}, {review(waiver)(language)}",
        "location": {"physicalLocation": _physical(waiver.place, report)},
    }


def _identity(finding: Finding) -> str:
    """What stays the same when rows move; without a record, the value stands for it (a column's name, say)."""
    place = finding.place
    parts = (finding.code, place.file, place.record or f"={finding.value or ''}", place.field or "")
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _notification(entry: NotChecked, positions: dict[str, int], language: Language) -> dict[str, Any]:
    return {
        "level": "warning",
        "message": {"text": f"{NOT_CHECKED(language)} {entry.code}: {visible(entry.reason(language))}"},
        "associatedRule": {"id": entry.code, "index": positions[entry.code]},
    }


def _uri(path: str) -> str:
    """A path as a relative reference; a file outside the repository as a file URI."""
    try:
        encoded = path.encode("utf-8", "surrogateescape")  # a name the file system holds in another encoding
    except UnicodeEncodeError:
        encoded = path.encode("utf-8", "replace")
    return ("file://" if Path(path).is_absolute() else "") + quote(encoded, safe="/")

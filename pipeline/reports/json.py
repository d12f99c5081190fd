"""The report as JSON (contract: design, section 7)."""

import json

from pipeline.findings import Report
from pipeline.language import Language


def render(report: Report, language: Language) -> str:
    content = {
        "ok": report.ok,
        "counts": {
            "error": report.errors,
            "warning": report.warnings,
            "not_checked": len(report.not_checked),
        },
        "findings": [finding.as_dict(language) for _, found in report.worst_first() for finding in found],
        "not_checked": [{"code": entry.code, "reason": entry.reason(language)} for entry in report.not_checked],
    }
    # a lone surrogate of a damaged file must not stop the report
    return json.dumps(content, ensure_ascii=False, indent=2).encode("utf-8", "replace").decode("utf-8")

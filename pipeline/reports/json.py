"""The report as JSON (contract: design, section 7)."""

import json

from pipeline.findings import Report
from pipeline.language import Language


def render(report: Report, language: Language) -> str:
    # a lone surrogate of a damaged file must not stop the report
    content = json.dumps(report.as_dict(language), ensure_ascii=False, indent=2)
    return content.encode("utf-8", "replace").decode("utf-8")

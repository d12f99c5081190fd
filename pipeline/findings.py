"""What every check returns and every renderer takes: a fault, the cell it is in, and what would be right."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from pipeline.language import Language, Text
from pipeline.rules import Rule, Severity, rule


@dataclass(frozen=True)
class Place:
    """Where something stands.

    `file` is relative to the data folder; `line` is the physical line where the record starts and `row` the data row,
    both from 1; `column` is the spreadsheet letter. What does not apply is None.
    """

    file: str
    line: int | None = None
    row: int | None = None
    column: str | None = None
    field: str | None = None
    record: str | None = None

    @property
    def cell(self) -> str:
        """As a spreadsheet user would say it: targets.csv!G17; the row counts the header as row 1."""
        if self.row is None:
            return f"{self.file}!{self.column}{self.line}" if self.column and self.line else self.file
        return f"{self.file}!{self.column or 'A'}{self.row + 1}"


@dataclass(frozen=True)
class Fix:
    """What would be right; `safe` where it may be applied without asking."""

    value: str
    safe: bool = False


@dataclass(frozen=True)
class Finding:
    """One fault. `facts` fill the templates of its rule."""

    code: str
    place: Place
    value: str | None = None
    facts: Mapping[str, str | Text] = field(default_factory=dict)
    fix: Fix | None = None

    @property
    def rule(self) -> Rule:
        return rule(self.code)

    @property
    def severity(self) -> Severity:
        return self.rule.severity

    def message(self, language: Language) -> str:
        return self._fill(self.rule.message, language)

    def expected(self, language: Language) -> str:
        return self._fill(self.rule.expected, language)

    def _fill(self, template: Text, language: Language) -> str:
        facts = {k: v(language) if isinstance(v, Text) else v for k, v in self.facts.items()}
        place = self.place
        facts = {"value": self.value or "", "field": place.field or "", "file": place.file, **facts}
        return template(language).format_map(facts)

    def as_dict(self, language: Language) -> dict[str, Any]:
        """The public form (contract: design, section 7)."""
        place = self.place
        return {
            "code": self.code,
            "severity": self.severity.value,
            "file": place.file,
            "line": place.line,
            "row": place.row,
            "column": place.column,
            "field": place.field,
            "record": place.record,
            "value": self.value,
            "message": self.message(language),
            "expected": self.expected(language),
            "fix": {"value": self.fix.value, "safe": self.fix.safe} if self.fix else None,
            "doc": self.rule.doc,
        }


@dataclass(frozen=True)
class NotChecked:
    """A rule that could not be judged somewhere, and why. It has not been satisfied."""

    code: str
    reason: Text


@dataclass(frozen=True)
class Waiver:
    """A finding that is accepted for a time: the columns of waivers.csv, and where the row stands."""

    code: str
    record: str
    reason: str
    owner: str
    review_by: date
    place: Place


@dataclass(frozen=True)
class Waived:
    """A finding and the waiver in force that covers it. It is shown, but it is neither error nor warning."""

    finding: Finding
    waiver: Waiver

    def as_dict(self, language: Language) -> dict[str, Any]:
        """The finding as elsewhere, with a `waiver` that says why, who answers for it, until when, and where it is."""
        waiver = self.waiver
        said = {"reason": waiver.reason, "owner": waiver.owner, "review_by": waiver.review_by.isoformat()}
        return {
            **self.finding.as_dict(language),
            "waiver": {**said, "file": waiver.place.file, "line": waiver.place.line},
        }


@dataclass(frozen=True)
class Report:
    """All that one run found. `records` is the number of data rows read; `waived` findings are not in `findings`.

    `folder` is the data folder as its repository names it, for formats that are read beside the repository. `notice` is
    what a reader must know of the data before anything else.
    """

    findings: tuple[Finding, ...]
    not_checked: tuple[NotChecked, ...] = ()
    files: int = 0
    records: int = 0
    waived: tuple[Waived, ...] = ()
    folder: str = ""
    notice: Text | None = None

    @property
    def errors(self) -> int:
        return sum(finding.severity is Severity.ERROR for finding in self.findings)

    @property
    def warnings(self) -> int:
        return len(self.findings) - self.errors

    @property
    def ok(self) -> bool:
        return self.errors == 0

    def path(self, file: str) -> str:
        """The path of a file, which findings name relative to the data folder, in the repository."""
        return f"{self.folder.rstrip('/')}/{file}" if self.folder else file

    def exit_code(self, *, strict: bool = False) -> int:
        """0 no error, 1 data errors; strict: a rule that was not checked is not a passed one."""
        return 0 if self.ok and not (strict and self.not_checked) else 1

    def as_dict(self, language: Language) -> dict[str, Any]:
        """The public form (contract: design, section 7)."""
        return {
            **({"notice": self.notice(language)} if self.notice else {}),
            "ok": self.ok,
            "counts": {"error": self.errors, "warning": self.warnings, "not_checked": len(self.not_checked)},
            "findings": [finding.as_dict(language) for _, found in self.worst_first() for finding in found],
            "not_checked": [{"code": entry.code, "reason": entry.reason(language)} for entry in self.not_checked],
            "waived": [entry.as_dict(language) for entry in self.waived],
        }

    def worst_first(self) -> list[tuple[str, list[Finding]]]:
        """Findings by file, the file with most errors first, each file from top to bottom."""
        errors = Counter(f.place.file for f in self.findings if f.severity is Severity.ERROR)
        files = sorted({f.place.file for f in self.findings}, key=lambda name: (-errors[name], name))
        return [(name, sorted((f for f in self.findings if f.place.file == name), key=_position)) for name in files]


def _position(finding: Finding) -> tuple[int, int, str, str]:
    place = finding.place
    column = place.column or ""
    return (place.line or 0, len(column), column, finding.code)

"""What is gathered while tables are judged: findings, what could not be judged, cells nobody should rely on."""

from dataclasses import dataclass, field

from pipeline.curated import CuratedFile, Record
from pipeline.findings import Finding, NotChecked
from pipeline.language import Text


@dataclass
class Faults:
    findings: list[Finding] = field(default_factory=list)
    not_checked: list[NotChecked] = field(default_factory=list)
    faulty: dict[tuple[str, int], set[str]] = field(default_factory=dict)

    def add(self, file: CuratedFile, record: Record, name: str, finding: Finding) -> None:
        if name in file.missing_columns or (record.row, name) in file.absent:
            return  # the column or cell is not there; that has been said once
        self.findings.append(finding)
        self.faulty.setdefault((file.file, record.row), set()).add(name)

    def pass_over(self, code: str, reason: Text) -> None:
        self.not_checked.append(NotChecked(code, reason))

"""The rule catalogue as objects: what each code means, in Chinese and English.

The texts stand in schemas/rules.toml and nowhere else; docs/rules/ and `minsheng explain` are made from them.
"""

import tomllib
from dataclasses import dataclass, fields
from enum import StrEnum
from functools import cache

from pipeline.language import Text
from pipeline.tables import schemas_dir


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class Rule:
    """One rule. `message` and `expected` are templates over the facts of a finding.

    A rule is not `waivable` where a release would no longer be what it promises: rows that cannot be typed, joined or
    traced to their source.
    """

    code: str
    group: str
    severity: Severity
    title: Text
    explanation: Text
    message: Text
    expected: Text
    fix: Text
    bad: str
    good: str
    waivable: bool = True

    @property
    def at_release(self) -> bool:
        """Whether it is judged by the release gate, and not when the data are checked."""
        return self.group == "gate"

    @property
    def doc(self) -> str:
        return f"docs/rules/{self.code}.md"


@cache
def catalogue() -> dict[str, Rule]:
    """All rules by code, in the order of the file. Raises KeyError where an entry is incomplete."""
    entries = tomllib.loads((schemas_dir() / "rules.toml").read_text(encoding="utf-8"))
    texts = [field.name for field in fields(Rule) if field.type is Text]
    return {
        code: Rule(
            code=code,
            group=entry["group"],
            severity=Severity(entry["severity"]),
            bad=entry["bad"],
            good=entry["good"],
            waivable=entry.get("waivable", True),
            **{name: Text(entry[f"{name}_zh"], entry[f"{name}_en"]) for name in texts},
        )
        for code, entry in entries.items()
    }


def rule(code: str) -> Rule:
    return catalogue()[code]

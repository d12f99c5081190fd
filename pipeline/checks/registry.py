"""Where checks are registered under the codes they can report, and how they are run."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from pipeline.dataset import Dataset
from pipeline.findings import Finding, NotChecked
from pipeline.sources import SourceTexts
from pipeline.verification import Lock
from pipeline.view import View


@dataclass(frozen=True)
class Context:
    """What a check may look at: typed rows through a view, the source texts at hand, the verification lock."""

    view: View
    sources: SourceTexts
    lock: Lock

    @property
    def data(self) -> Dataset:
        return self.view.data


CheckFunction = Callable[[Context], Iterable[Finding]]


@dataclass(frozen=True)
class Check:
    """A check and the codes it can report; the first code names it where it could not judge something."""

    codes: tuple[str, ...]
    run: CheckFunction


CHECKS: list[Check] = []


def check(*codes: str) -> Callable[[CheckFunction], CheckFunction]:
    """Register a check function under its codes."""

    def register(function: CheckFunction) -> CheckFunction:
        CHECKS.append(Check(codes, function))
        return function

    return register


def judged_together(code: str) -> frozenset[str]:
    """The codes of the check that reports this one: it names what it could not judge under any of them."""
    return frozenset({code}).union(*(entry.codes for entry in CHECKS if code in entry.codes))


def run_all(data: Dataset, sources: SourceTexts, lock: Lock) -> tuple[list[Finding], list[NotChecked]]:
    """Run every registered check; none stops another."""
    findings: list[Finding] = []
    not_checked: list[NotChecked] = []
    for entry in CHECKS:
        view = View(data, entry.codes[0])
        findings += _checked(entry, entry.run(Context(view, sources, lock)))
        not_checked += view.passed_over
    return findings, not_checked


def _checked(entry: Check, found: Iterable[Finding]) -> Iterator[Finding]:
    for finding in found:
        if finding.code not in entry.codes:
            raise ValueError(f"{finding.code} is reported by a check registered for {entry.codes}")
        yield finding

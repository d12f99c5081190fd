"""Exceptions to a rule that expire: findings a steward accepts for a time, with a reason and somebody who answers.

A waiver covers the findings of one rule at one record. It is itself judged: one that is expired, covers nothing, says
nothing or sets aside a rule on which a release rests is an error.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath

from pipeline import clock
from pipeline.checks.registry import judged_together
from pipeline.dataset import Dataset, Row
from pipeline.findings import Finding, Fix, NotChecked, Waived, Waiver
from pipeline.language import Text
from pipeline.nearest import hint_of, nearest_values
from pipeline.rules import catalogue
from pipeline.tables import table
from pipeline.view import View

TABLE = "waivers"
RULES = ("waiver-unknown-rule", "waiver-not-allowed", "waiver-unexplained", "waiver-expired", "waiver-unused")

# What people write where they have to write something, by its letters and digits alone.
_FILLERS = frozenset(
    {"na", "none", "nil", "null", "no", "not", "tbd", "tba", "todo", "test", "unknown", "pending", "later", "reason"}
    | {
        "owner",
        "暂无",
        "没有",
        "待定",
        "待补",
        "待填",
        "待补充",
        "待确认",
        "未定",
        "未知",
        "不详",
        "同上",
        "其他",
        "测试",
    }
    | {"理由", "负责人"}
)


@dataclass(frozen=True)
class Judged:
    """What is left of the findings, with those on the waivers; what is waived; what could not be judged."""

    findings: tuple[Finding, ...]
    waived: tuple[Waived, ...]
    not_checked: tuple[NotChecked, ...]


def apply(findings: Sequence[Finding], not_checked: Sequence[NotChecked], data: Dataset) -> Judged:
    """Set waived findings aside and judge the waivers.

    `findings` and `not_checked` are those of all checks. Raises RefusalError where SOURCE_DATE_EPOCH is no time.
    """
    if not data.tables[TABLE] and TABLE not in data.incomplete:
        return Judged(tuple(findings), (), tuple(not_checked))
    today = clock.today()
    at = _by_target(findings)
    views = {rule: View(data, rule) for rule in RULES}
    faults = [
        *_rules(views["waiver-unknown-rule"]),
        *_words(views["waiver-unexplained"]),
        *_dates(views["waiver-expired"], today),
        *_unused(views["waiver-unused"], findings, at, {entry.code for entry in not_checked} | _adrift(findings, data)),
    ]
    passed_over = [entry for view in views.values() for entry in view.passed_over]
    return _judged(findings, at, data, today, faults, (*not_checked, *passed_over))


def settle(findings: Sequence[Finding], not_checked: Sequence[NotChecked], data: Dataset) -> Judged:
    """Set aside what is waived of the findings of the release gate, and report waivers that no such finding needs.

    The waivers themselves have been judged by `apply`. Raises RefusalError where SOURCE_DATE_EPOCH is no time.
    """
    at = _by_target(findings)
    view = View(data, "waiver-unused")
    faults = list(_unused(view, findings, at, {entry.code for entry in not_checked}, at_release=True))
    return _judged(findings, at, data, clock.today(), faults, (*not_checked, *view.passed_over))


def _judged(
    findings: Sequence[Finding],
    at: "Targets",
    data: Dataset,
    today: date,
    faults: Sequence[Finding],
    not_checked: Sequence[NotChecked],
) -> Judged:
    waived: dict[int, Waived] = {}
    for waiver in _in_force(data, today):
        for n in at.get((waiver.code, waiver.record), ()):
            waived.setdefault(n, Waived(findings[n], waiver))
    left = (finding for n, finding in enumerate(findings) if n not in waived)
    return Judged(
        (*left, *faults),
        tuple(waived[n] for n in sorted(waived)),
        tuple(dict.fromkeys(not_checked)),
    )


Targets = Mapping[tuple[str, str], Sequence[int]]


def _by_target(findings: Sequence[Finding]) -> Targets:
    """Positions of the findings a waiver may cover, by rule and record: the key, and the key behind its table."""
    targets: dict[tuple[str, str], list[int]] = {}
    for n, finding in enumerate(findings):
        record = finding.place.record
        if record is not None and finding.rule.waivable:
            for name in (record, f"{PurePosixPath(finding.place.file).stem}:{record}"):
                targets.setdefault((finding.code, name), []).append(n)
    return targets


def _waivable(code: str) -> bool:
    return code in catalogue() and catalogue()[code].waivable


def _in_force(data: Dataset, today: date) -> Iterator[Waiver]:
    """Waivers that hold today. One whose rule, record or date cannot be relied on sets nothing aside."""
    for row in data.tables[TABLE]:
        if row.faulty.isdisjoint(("code", "record", "review_by")) and _waivable(row["code"]):
            waiver = _waiver(row)
            if waiver.review_by >= today:
                yield waiver


def _waiver(row: Row) -> Waiver:
    said = {name: row[name] or "" for name in ("code", "record", "reason", "owner")}
    return Waiver(**said, review_by=row["review_by"], place=row.place())


def _rules(view: View) -> Iterator[Finding]:
    """A waiver names a rule of the catalogue that may be waived."""
    codes = list(catalogue())
    for row in view.rows(TABLE, "code"):
        code = row["code"]
        if code not in codes:
            near = nearest_values(code, codes)
            yield row.finding("waiver-unknown-rule", "code", Fix(near[0]) if near else None, nearest=hint_of(near))
        elif not _waivable(code):
            allowed = ", ".join(rule for rule in codes if _waivable(rule))
            yield row.finding("waiver-not-allowed", "code", title=catalogue()[code].title, codes=allowed)


def _words(view: View) -> Iterator[Finding]:
    """Reason and owner say something."""
    for name in ("reason", "owner"):
        for row in view.rows(TABLE, name):
            if says_nothing(row[name]):
                yield row.finding("waiver-unexplained", name, wanted=table(TABLE).field(name).description)


def says_nothing(text: str) -> bool:
    """Whether a cell is filled in form only: no two letters or digits, the same one again and again, a stock word."""
    core = re.sub(r"[\W_]+", "", text).casefold()
    return len(core) < 2 or core in _FILLERS or (len(core) > 2 and len(set(core)) == 1)


def _dates(view: View, today: date) -> Iterator[Finding]:
    """A waiver holds up to and with its review date."""
    for row in view.rows(TABLE, "review_by"):
        if row["review_by"] < today:
            yield row.finding("waiver-expired", "review_by", today=today.isoformat())


def _adrift(findings: Sequence[Finding], data: Dataset) -> set[str]:
    """Rules broken by a row whose key is faulty: it may be the record that a waiver means."""
    rows = (row for found in data.tables.values() for row in found)
    keys = {(r.source.file, r.record.row) for r in rows if r.faulty.intersection(r.source.table.primary_key)}
    return {finding.code for finding in findings if (finding.place.file, finding.place.row) in keys}


def _unused(
    view: View, findings: Sequence[Finding], at: Targets, open_rules: set[str], *, at_release: bool = False
) -> Iterator[Finding]:
    """A waiver covers a finding; where its rule could not be judged everywhere, nobody knows.

    Rules of the gate are judged `at_release`, all others when the data are checked.
    """
    for row in view.rows(TABLE, "code", "record"):
        code, record = row["code"], row["record"]
        if not _waivable(code) or (code, record) in at or catalogue()[code].at_release is not at_release:
            continue
        if judged_together(code) & open_rules:
            cell = row.place("record").cell
            view.pass_over(
                Text(f"{cell}:规则 {code} 未能全部检查", f"{cell}: the rule {code} could not be checked everywhere")
            )
            continue
        near = nearest_values(record, [finding.place.record or "" for finding in findings if finding.code == code])
        fix = Fix(near[0]) if near else None
        yield row.finding("waiver-unused", "record", fix, code=code, nearest=hint_of(near))

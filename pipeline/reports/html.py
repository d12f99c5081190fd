"""The report as one HTML page, for people who open no terminal: nothing to load, no script, fit to be printed.

The page is built as a tree, so text of a file can only ever become text. The policy in its head forbids everything
but its own style sheet. Rows turn into cards on a phone.
"""

from xml.etree import ElementTree as ET

from pipeline import __version__
from pipeline.findings import Finding, Report, Waived
from pipeline.language import Language, Text
from pipeline.reports import page_texts as say
from pipeline.reports.overview import (
    EXPECTED,
    NOT_CHECKED,
    SEVERITIES,
    FileFindings,
    RuleCount,
    by_file,
    by_rule,
    counted,
    unchecked,
    verdict,
)
from pipeline.reports.page import Child, cell, code, element, head, table
from pipeline.reports.visible import visible
from pipeline.rules import Rule, Severity, catalogue

_MOST = 200  # findings of one rule in one file
_MOST_REASONS = 20
_LANGUAGES = {"zh": "zh-CN", "en": "en"}


def render(report: Report, language: Language) -> str:
    return _render(report, language, _MOST, _MOST_REASONS)


def render_all(report: Report, language: Language) -> str:
    """The same with nothing left out."""
    return _render(report, language, None, None)


def _render(report: Report, language: Language, most: int | None, named: int | None) -> str:
    files = by_file(report, most)
    main = [
        _what_to_do(report, language),
        _contents(files, language),
        _filter(report, language),
        *(_file(file, position, language) for position, file in enumerate(files, 1)),
        _unchecked(report, language, named),
        _waived(report, language),
        _rules(report, language),
    ]
    page = element(
        "html",
        {"lang": _LANGUAGES[language]},
        head(f"{say.TITLE(language)} — {counted(report.errors, report.warnings)(language)}"),
        element(
            "body",
            {},
            element("a", {"class": "away", "href": "#main"}, say.SKIP(language)),
            _header(report, language),
            element("main", {"id": "main", "class": "" if report.errors and report.warnings else "one-kind"}, *main),
            element(
                "footer",
                {},
                element("p", {}, f"minsheng {__version__} · ", say.HOW_TO_ASK(language), " ", code(say.ASK)),
            ),
        ),
    )
    return "<!DOCTYPE html>\n" + ET.tostring(page, encoding="unicode", method="html").rstrip("\n")


def _header(report: Report, language: Language) -> ET.Element:
    grade = "bad" if not report.ok else "fair" if report.not_checked or report.warnings else "good"
    counts = (
        ("error", report.errors, say.ERRORS),
        ("warning", report.warnings, say.WARNINGS),
        ("", len(report.not_checked), say.UNCHECKED),
        *((("", len(report.waived), say.WAIVED),) if report.waived else ()),
        ("", report.files, say.FILES),
        ("", report.records, say.ROWS),
    )
    tiles = (
        element("li", {"class": kind if number else ""}, element("strong", {}, f"{number:,}"), text(language))
        for kind, number, text in counts
    )
    return element(
        "header",
        {},
        element("h1", {}, say.TITLE(language)),
        element("p", {"class": "subject"}, code(report.folder)) if report.folder else None,
        element("p", {"class": "verdict fair"}, report.notice(language)) if report.notice else None,
        element("p", {"class": f"verdict {grade}", "role": "status"}, verdict(report)(language)),
        element("ul", {"class": "counts"}, *tiles),
    )


def _what_to_do(report: Report, language: Language) -> ET.Element | None:
    counts = by_rule(report)
    if not counts:
        return None
    labels = [text(language) for text in (say.RULE, say.COUNT, say.IN_FILES, say.HOW_TO_FIX)]
    return element(
        "section",
        {},
        element("h2", {"id": "to-do"}, say.TO_DO(language)),
        table("to-do", labels, (_to_do(count, labels, language) for count in counts), say.TO_DO(language)),
    )


def _to_do(count: RuleCount, labels: list[str], language: Language) -> ET.Element:
    level = count.rule.severity
    return element(
        "tr",
        {"class": level.value},
        cell(
            "",
            _rule_link(count.rule, count.rule.title(language)),
            " ",
            _level(level, language),
            element("span", {"class": "field"}, count.rule.code),
        ),
        cell(labels[1], str(count.total), kind="number"),
        cell(labels[2], str(len(count.files)), kind="number"),
        cell(labels[3], count.rule.fix(language)),
    )


def _rule_link(rule: Rule, text: str) -> ET.Element:
    return element("a", {"href": f"#rule-{rule.code}", "class": "rule"}, text)


def _level(severity: Severity, language: Language) -> ET.Element:
    return element("span", {"class": f"level {severity.value}"}, SEVERITIES[severity](language))


def _contents(files: list[FileFindings], language: Language) -> ET.Element | None:
    if len(files) < 2:
        return None
    entries = (
        element(
            "li",
            {},
            element("a", {"href": f"#file-{position}"}, visible(file.file)),
            element("span", {}, counted(file.errors, file.warnings)(language)),
        )
        for position, file in enumerate(files, 1)
    )
    title = say.BY_FILE(language)
    return element(
        "nav", {"aria-labelledby": "files"}, element("h2", {"id": "files"}, title), element("ol", {}, *entries)
    )


def _filter(report: Report, language: Language) -> ET.Element | None:
    """Three choices that the style sheet acts on; only where there is something to choose."""
    if not (report.errors and report.warnings):
        return None
    choices: list[Child] = [element("legend", {}, say.SHOW(language))]
    for name, text, count in (
        ("all", say.ALL, len(report.findings)),
        ("error", say.ERRORS, report.errors),
        ("warning", say.WARNINGS, report.warnings),
    ):
        box = {"type": "radio", "name": "only", "id": f"only-{name}"}
        choices.append(element("input", {**box, "checked": "checked"} if name == "all" else box))
        choices.append(element("label", {"for": f"only-{name}"}, f"{text(language)} {count:,}"))
    return element("fieldset", {}, *choices)


def _file(file: FileFindings, position: int, language: Language) -> ET.Element:
    lacking = [f"no-{kind}" for kind, count in (("error", file.errors), ("warning", file.warnings)) if not count]
    labels = [text(language) for text in (say.CELL, say.VALUE, say.PROBLEM, say.FIX)]
    rows = (_finding(finding, labels, language) for finding in file.shown)
    more = (
        element("p", {"class": "more"}, code(rule), " ", say.more(count)(language))
        for rule, count in file.left_out.items()
    )
    return element(
        "section",
        {"class": " ".join(lacking), "aria-labelledby": f"file-{position}"},
        element("h2", {"id": f"file-{position}"}, element("bdi", {}, visible(file.file))),
        element("p", {"class": "subject"}, counted(file.errors, file.warnings)(language)),
        table("findings", labels, rows, visible(file.file)),
        *more,
    )


def _finding(finding: Finding, labels: list[str], language: Language) -> ET.Element:
    place = finding.place
    address = place.cell.rpartition("!")[2] if place.line else say.WHOLE_FILE(language)
    where = cell(
        "",
        element("span", {"class": "cell"}, visible(address)),
        " ",
        _level(finding.severity, language),
        element("span", {"class": "field"}, visible(place.field)) if place.field else None,
        element("span", {"class": "record"}, element("bdi", {}, visible(place.record))) if place.record else None,
    )
    nothing = element("span", {"class": "none"}, "—")
    problem = cell(
        "",
        element("bdi", {}, visible(finding.message(language))),
        " ",
        _rule_link(finding.rule, finding.code),
        element(
            "span",
            {"class": "expected"},
            f"{EXPECTED(language)}: ",
            element("bdi", {}, visible(finding.expected(language))),
        ),
    )
    fix = finding.fix
    safe = element("span", {"class": "safe"}, say.SAFE(language)) if fix and fix.safe else None
    return element(
        "tr",
        {"class": finding.severity.value},
        where,
        cell(labels[1], code(finding.value)) if finding.value else cell(labels[1], nothing, kind="empty"),
        problem,
        cell(labels[3], code(fix.value), safe) if fix else cell(labels[3], nothing, kind="empty"),
    )


def _unchecked(report: Report, language: Language, named: int | None) -> ET.Element | None:
    groups = unchecked(report)
    if not groups:
        return None
    rows = []
    for group in groups:
        reasons = [element("li", {}, element("bdi", {}, visible(reason(language)))) for reason in group.reasons[:named]]
        if named and len(group.reasons) > named:
            reasons.append(element("li", {}, say.more(len(group.reasons) - named)(language)))
        codes = [element("a", {"href": f"#rule-{rule}"}, code(rule)) for rule in group.codes]
        rows.append(element("tr", {}, cell("", *codes), cell("", element("ul", {}, *reasons))))
    title = NOT_CHECKED(language)
    return element(
        "section",
        {"aria-labelledby": "unchecked"},
        element("h2", {"id": "unchecked"}, f"{title} ({len(report.not_checked)})"),
        element("p", {"class": "subject"}, say.NOT_PASSED(language)),
        table("unchecked", (say.RULE(language), say.WHY(language)), rows, title),
    )


def _waived(report: Report, language: Language) -> ET.Element | None:
    if not report.waived:
        return None
    labels = [text(language) for text in (say.CELL, say.PROBLEM, say.WHY, say.OWNER, say.UNTIL)]
    title = f"{say.WAIVED(language)} ({len(report.waived)})"
    return element(
        "section",
        {"aria-labelledby": "waived"},
        element("h2", {"id": "waived"}, title),
        element("p", {"class": "subject"}, say.STILL_THERE(language)),
        table("waived", labels, (_waived_row(entry, labels, language) for entry in report.waived), title),
    )


def _waived_row(entry: Waived, labels: list[str], language: Language) -> ET.Element:
    finding, waiver = entry.finding, entry.waiver
    place = finding.place
    said = element("bdi", {}, visible(finding.message(language)))
    return element(
        "tr",
        {},
        cell(
            "",
            element("span", {"class": "cell"}, visible(place.cell)),
            element("span", {"class": "record"}, element("bdi", {}, visible(place.record or ""))),
        ),
        cell(labels[1], said, " ", _rule_link(finding.rule, finding.code)),
        cell(labels[2], element("bdi", {}, visible(waiver.reason))),
        cell(labels[3], element("bdi", {}, visible(waiver.owner))),
        cell(labels[4], waiver.review_by.isoformat()),
    )


def _rules(report: Report, language: Language) -> ET.Element | None:
    broken = {finding.code for finding in report.findings}
    codes = broken | {entry.code for entry in report.not_checked} | {entry.finding.code for entry in report.waived}
    if not codes:
        return None
    explained = (_rule(rule, language, code in broken) for code, rule in catalogue().items() if code in codes)
    title = say.RULES(language)
    return element("section", {"aria-labelledby": "rules"}, element("h2", {"id": "rules"}, title), *explained)


def _rule(rule: Rule, language: Language, broken: bool) -> ET.Element:
    """An explanation, open where the rule was broken; others can wait."""

    def entry(label: Text, *content: Child) -> tuple[ET.Element, ET.Element]:
        return element("dt", {}, label(language)), element("dd", {}, *content)

    return element(
        "details",
        {"id": f"rule-{rule.code}", **({"open": "open"} if broken else {})},
        element("summary", {}, rule.title(language), " ", element("code", {}, rule.code)),
        element(
            "dl",
            {},
            *entry(say.WHEN, rule.explanation(language)),
            *entry(say.HOW_TO_FIX, rule.fix(language)),
            *entry(say.WRONG, code(rule.bad)),
            *entry(say.RIGHT, code(rule.good)),
        ),
    )

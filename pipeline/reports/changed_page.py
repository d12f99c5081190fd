"""What changed between two sides as one HTML page, for people who open no terminal."""

import json
from collections.abc import Iterator
from xml.etree import ElementTree as ET

from pipeline import __version__
from pipeline.comparing import Comparison
from pipeline.fiction import NOTICE
from pipeline.language import Language, Text
from pipeline.release.changes import Change
from pipeline.release.kinds import WORDS, Kind
from pipeline.reports.changed import NOTHING, ONLY_CURATED, TableChanges, by_table, counts, shown
from pipeline.reports.page import Child, cell, code, element, head, table
from pipeline.reports.required import LEVEL_WORDS, because, verdict
from pipeline.reports.visible import visible

_MOST = 500  # changes of one table
_TITLE = Text("两版差异", "What changed")
_SKIP = Text("跳到正文", "Skip to the changes")
_WHY = Text("所需版本及理由", "The version required, and why")
_LEVEL = Text("级别", "Level")
_REASON = Text("理由", "Reason")
_BY_TABLE = Text("按表查看", "Table by table")
_LABELS = (
    Text("变更", "Change"),
    Text("记录", "Record"),
    Text("列", "Column"),
    Text("原为", "Before"),
    Text("现为", "After"),
)


def page(found: Comparison, language: Language) -> str:
    """The page as text: a summary, what it asks of the version, then each table with its changes."""
    tables = by_table(found.changes)
    body = element(
        "body",
        {},
        element("a", {"class": "away", "href": "#main"}, _SKIP(language)),
        _header(found, language),
        element(
            "main",
            {"id": "main"},
            _reasons(found, language),
            _contents(tables, language),
            *(_table(each, position, language) for position, each in enumerate(tables, 1)),
        ),
        element("footer", {}, element("p", {}, f"minsheng {__version__} · minsheng diff")),
    )
    title = f"{_TITLE(language)} — {found.before.version} → {found.after.version}"
    whole = element("html", {"lang": "zh-CN" if language == "zh" else "en"}, head(visible(title)), body)
    return "<!DOCTYPE html>\n" + ET.tostring(whole, encoding="unicode", method="html").rstrip("\n")


def _header(found: Comparison, language: Language) -> ET.Element:
    tiles = (
        element("li", {}, element("strong", {}, f"{count:,}"), WORDS[kind](language))
        for kind, count in counts(found.changes)
    )
    said = verdict(found.requirement)(language) if found.changes else NOTHING(language)
    return element(
        "header",
        {},
        element("h1", {}, _TITLE(language)),
        element("p", {"class": "subject"}, code(shown(found.before)), " → ", code(shown(found.after))),
        element("p", {"class": "verdict fair"}, NOTICE(language)) if found.fictional else None,
        element("p", {"class": f"verdict {'fair' if found.changes else 'good'}", "role": "status"}, said),
        element("p", {"class": "subject"}, ONLY_CURATED(language)) if not found.whole else None,
        element("ul", {"class": "counts"}, *tiles) if found.changes else None,
    )


def _reasons(found: Comparison, language: Language) -> ET.Element | None:
    reasons = found.requirement.reasons
    if not reasons:
        return None
    labels = [_LEVEL(language), _REASON(language)]
    rows = (
        element(
            "tr",
            {},
            cell(labels[0], LEVEL_WORDS[reason.level](language)),
            cell(labels[1], element("bdi", {}, because(reason)(language))),
        )
        for reason in reasons
    )
    title = _WHY(language)
    return element("section", {}, element("h2", {"id": "why"}, title), table("reasons", labels, rows, title))


def _contents(tables: list[TableChanges], language: Language) -> ET.Element | None:
    if len(tables) < 2:
        return None
    entries = (
        element(
            "li",
            {},
            element("a", {"href": f"#table-{position}"}, each.title(language)),
            element("span", {}, each.counted(language)),
        )
        for position, each in enumerate(tables, 1)
    )
    title = _BY_TABLE(language)
    return element(
        "nav", {"aria-labelledby": "tables"}, element("h2", {"id": "tables"}, title), element("ol", {}, *entries)
    )


def _table(each: TableChanges, position: int, language: Language) -> ET.Element:
    labels = [label(language) for label in _LABELS]
    rows = [(kind, change) for kind, ours in each.groups for change in ours]
    more = Text(
        f"另有 {len(rows) - _MOST:,} 处(--format json 全部列出)",
        f"{len(rows) - _MOST:,} more (--format json lists all)",
    )
    title = each.title(language)
    return element(
        "section",
        {"aria-labelledby": f"table-{position}"},
        element("h2", {"id": f"table-{position}"}, element("bdi", {}, title)),
        element("p", {"class": "subject"}, each.counted(language)),
        table("changes", labels, (_row(kind, change, labels, language) for kind, change in rows[:_MOST]), title),
        element("p", {"class": "more"}, more(language)) if len(rows) > _MOST else None,
    )


def _row(kind: Kind, change: Change, labels: list[str], language: Language) -> ET.Element:
    return element(
        "tr",
        {},
        cell(labels[0], WORDS[kind](language)),
        _told(labels[1], change.key),
        _told(labels[2], change.column),
        cell(labels[3], *_content(kind, change.before)),
        cell(labels[4], *_content(kind, change.after)),
    )


def _told(label: str, text: str) -> ET.Element:
    return cell(label, element("bdi", {}, visible(text))) if text else cell(label, kind="empty")


def _content(kind: Kind, text: str) -> Iterator[Child]:
    """A cell as it stands, a whole row as a list of its cells."""
    if not text:
        yield element("span", {"class": "none"}, "—")
    elif kind in (Kind.ROW_ADDED, Kind.ROW_REMOVED, Kind.REFERRED_REMOVED):
        cells: dict[str, str] = json.loads(text)
        yield element("ul", {}, *(element("li", {}, f"{name}: ", code(value)) for name, value in cells.items()))
    else:
        yield code(text)

"""The entry of a version in CHANGELOG.md, drafted from what changed; a steward edits it, this tool never does.

The draft goes into the release where the data folder's CHANGELOG.md has no entry for the version. Into the steward's
own file nothing is written: `minsheng diff latest datapackage --changelog` prints the draft to be pasted and edited.
"""

import re
from collections.abc import Iterable, Sequence

from pipeline.language import Text
from pipeline.release.changes import Change
from pipeline.release.kinds import WORDS, Kind
from pipeline.release.page import literally
from pipeline.release.snapshots import Snapshot
from pipeline.release.touched import Touched, everything, touched
from pipeline.release.versioning import Requirement
from pipeline.tables import curated_tables

_MOST = 20  # names of one list
_HEADINGS = {
    "added": Text("新增", "Added"),
    "corrected": Text("更正", "Corrected"),
    "removed": Text("删除", "Removed"),
    "renamed": Text("改名", "Renamed"),
}
_FIRST = Text("首次发布", "First release")
_STRUCTURE = Text("结构与说明", "Structure and descriptions")
_NOTHING = Text("数据没有变化", "No change of the data")
_ROW_KINDS = frozenset({Kind.ROW_ADDED, Kind.ROW_REMOVED, Kind.REFERRED_REMOVED, Kind.ROW_RENAMED, Kind.CELL_CHANGED})


def draft(
    version: str, found: Iterable[Change], before: Snapshot | None, after: Snapshot, requirement: Requirement
) -> str:
    """The entry as Markdown, in both languages; `found` are the changes from `before` to `after`."""
    lines = [f"## {version}", ""]
    if before is None:
        lines += _group(_FIRST, everything(after))
    else:
        groups = touched(found, before, after)
        for name, heading in _HEADINGS.items():
            if name in groups:
                lines += _group(heading, groups[name])
        lines += _structure(requirement)
    if len(lines) == 2:
        lines.append(f"- {_slashed(_NOTHING)}")
    return "\n".join(lines) + "\n"


def has_entry(history: str, version: str) -> bool:
    """Whether a change log has a heading for the version."""
    return re.search(rf"(?m)^##\s+\[?v?{re.escape(version)}(?![0-9.]*[0-9])", history) is not None


def with_entry(history: str, entry: str) -> str:
    """A change log with an entry in front of the newest one."""
    at = re.search(r"(?m)^##\s", history)
    if at is None:
        return f"{history.rstrip()}\n\n{entry}"
    return f"{history[: at.start()]}{entry}\n{history[at.start() :]}"


def _group(heading: Text, about: Touched) -> list[str]:
    titles = {table.name: table.title for table in curated_tables()}
    counted = ", ".join(
        f"{titles[name].zh if name in titles else name} {name} {len(keys):,}"
        for name, keys in sorted(about.rows.items(), key=lambda item: (item[0] not in _FIRST_TABLES, item[0]))
        if keys
    )
    lists = (
        (Text("方案", "programmes"), sorted(about.programmes)),
        (Text("时期", "periods"), _periods(about.years)),
        (Text("计量单位", "units of measure"), sorted(about.units)),
        (Text("指标", "indicators"), [f"{key} {name}".strip() for key, name in sorted(about.indicators.items())]),
    )
    lines = [f"- {_slashed(heading)}: {counted}"]
    return lines + [f"  - {_slashed(label)}: {_some(names)}" for label, names in lists if names]


_FIRST_TABLES = ("programmes", "tasks", "indicators", "targets", "observations", "milestones")


def _structure(requirement: Requirement) -> list[str]:
    lines = []
    for reason in requirement.reasons:
        if reason.kind not in _ROW_KINDS:
            what = f"{_slashed(WORDS[reason.kind])}, {literally(reason.table) or 'datapackage.json'}"
            named = f": {_some(reason.examples)}" if reason.examples else ""
            lines.append(f"  - {what} × {reason.count}{named}")
    return [f"- {_slashed(_STRUCTURE)}", *lines] if lines else []


def _slashed(text: Text) -> str:
    return f"{text.zh} / {text.en}"


def _some(names: Sequence[str]) -> str:
    shown = "; ".join(literally(name) for name in names[:_MOST])
    return shown if len(names) <= _MOST else f"{shown}; … (+{len(names) - _MOST})"


def _periods(years: Iterable[int]) -> list[str]:
    """Years in runs: 2024, 2026–2028."""
    runs: list[list[int]] = []
    for year in sorted(years):
        if runs and year == runs[-1][1] + 1:
            runs[-1][1] = year
        else:
            runs.append([year, year])
    return [str(first) if first == last else f"{first}–{last}" for first, last in runs]

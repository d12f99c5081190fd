"""What fmt and fix changed, would change or leave, for a person at a terminal."""

import difflib
from collections.abc import Iterator, Sequence

from pipeline.encoding import decode
from pipeline.fixing import Fixed
from pipeline.formatting import Formatting, LeftAlone
from pipeline.language import Language, Text
from pipeline.proposals import Edit, Question
from pipeline.reports.visible import visible
from pipeline.writing import Change

_LONGEST = 60


def formatted(result: Formatting, language: Language, *, written: bool, diff: bool) -> str:
    """The files that fmt changed, and those it left alone."""
    lines: list[str] = []
    for change in result.changes:
        lines.append(f"  {change.file}")
        if diff:
            lines += _diff(change)
    lines += _left_alone(result.left_alone, language)
    count, rest = len(result.changes), result.files - len(result.changes) - len(result.left_alone)
    verb = Text("已改为规范格式", "formatted") if written else Text("将改为规范格式", "would be formatted")
    summary = Text(f"{verb.zh} {count} 个文件,{rest} 个不变", f"{count} files {verb.en}, {rest} unchanged")
    return "\n".join([*lines, summary(language)])


def _diff(change: Change) -> Iterator[str]:
    """The lines of a file that differ; control characters are shown, not sent to the terminal."""
    text, _ = decode(change.old)
    old, new = (text or "").splitlines(), change.new.decode("utf-8").splitlines()
    if old == new:
        yield "    (UTF-8, LF)"
    yield from (f"    {visible(line)}" for line in difflib.unified_diff(old, new, lineterm="", n=0))


def edits(result: Fixed, language: Language) -> list[str]:
    """Every change of a fix, a cell a line: file!cell old → new [rule]."""
    lines = [
        f"  {finding.place.file}  {finding.message(language)} → UTF-8  [{finding.code}]" for finding in result.encodings
    ]
    return [*lines, *(f"  {_edit(edit)}  [{edit.code}]" for edit in result.edits)]


def _edit(edit: Edit) -> str:
    return f"{visible(edit.cell)}  {_shown(edit.old)} → {_shown(edit.new)}"


def _shown(cell: str) -> str:
    """A cell with what is invisible at its ends made visible, shortened."""
    if not cell:
        return "∅"
    short = cell if len(cell) <= _LONGEST else f"{cell[:_LONGEST]}…"
    shown = visible(short).replace("\u3000", "\\u3000").replace("\xa0", "\\u00a0")
    return f"“{shown}”" if short != short.strip() or not short.isprintable() else shown


def question(asked: Question, language: Language) -> str:
    """A finding with its choices, numbered from 1."""
    finding = asked.finding
    record = f" ({visible(finding.place.record)})" if finding.place.record else ""
    said = visible(finding.message(language))
    lines = [f"{visible(finding.place.cell)} {visible(finding.place.field or '')}{record}  [{finding.code}] {said}"]
    for number, choice in enumerate(asked.choices, 1):
        values = ",".join(_shown(edit.new) for edit in choice.edits)
        note = f"  {visible(choice.note(language))}" if choice.note.en else ""
        lines.append(f"  {number}) {values}{note}")
    return "\n".join(lines)


def left(result: Fixed, language: Language) -> str:
    """What was not fixed because somebody must decide, or because a file may not be changed."""
    lines = _left_alone(result.left_alone, language)
    if result.left:
        head = Text(
            f"以下 {len(result.left)} 处需要人来判断,未改动:", f"{len(result.left)} places to be decided, not changed:"
        )
        lines.append(head(language))
        for entry in result.left:
            values = " / ".join(",".join(_shown(edit.new) for edit in choice.edits) for choice in entry.choices)
            lines.append(f"  {visible(entry.finding.place.cell)}  {values}?  [{entry.finding.code}]")
    return "\n".join(lines)


def fixed(result: Fixed, language: Language, *, written: bool) -> str:
    """One line: how many fixes, and what to do next."""
    count = len(result.edits) + len(result.encodings)
    if not count:
        return Text("没有可以自动改正的地方", "nothing to fix without a decision")(language)
    verb = Text("已改正", "fixed") if written else Text("可自动改正", "can be fixed")
    verify = (
        Text(";请运行 minsheng verify", "; run minsheng verify") if written and result.verify_again else Text("", "")
    )
    return Text(f"{verb.zh} {count} 处{verify.zh}", f"{count} {verb.en}{verify.en}")(language)


def _left_alone(files: Sequence[LeftAlone], language: Language) -> list[str]:
    label = Text("未处理", "left alone")(language)
    return [f"  {label} {visible(entry.file)}: {visible(entry.reason(language))}" for entry in files]

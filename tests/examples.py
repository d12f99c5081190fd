"""The examples of the documentation: a query or a snippet, and the output the page prints under it."""

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

from pipeline.querying import query
from pipeline.reports.answer import render

ROOT = Path(__file__).parent.parent

# lines of a fence start with no fence, so that code without an output does not take that of the next
_LINES = r"((?:(?!```).*\n)*)```\n"
_FENCE = re.compile(rf"^```(sql|python|r|sh)\n{_LINES}(?:\n```text\n{_LINES})?", re.MULTILINE)
_COMMAND = re.compile(rf'^    \.venv/bin/(minsheng query "[^"]+")\n\n```\n{_LINES}', re.MULTILINE)


@dataclass(frozen=True)
class Example:
    """Code in `language`, and the output printed under it: None where the page prints none."""

    language: str
    code: str
    output: str | None


def commands(page: str) -> list[Example]:
    """The `minsheng query "…"` lines of a page, as queries."""
    text = (ROOT / page).read_text(encoding="utf-8")
    return [Example("sql", shlex.split(command)[2], output.rstrip("\n")) for command, output in _COMMAND.findall(text)]


def fences(text: str) -> list[Example]:
    """The fenced code of a text, in its order."""
    return [
        Example(found[1], found[2].rstrip("\n"), None if found[3] is None else found[3].rstrip("\n"))
        for found in _FENCE.finditer(text)
    ]


def answer(database: Path, sql: str) -> str:
    """What `minsheng query` prints at a terminal of 160 columns; the caller sets COLUMNS."""
    return render(query(database, sql), "table")

"""Where the files of the tables stand in a data folder: `ms:path` of a schema, both ways.

A placeholder in a path is a column: of the table itself, or `programme_id` of the programmes. Its pattern is that of
the column, so that nothing but an identifier or a period ever becomes part of a path.
"""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pipeline.language import Text
from pipeline.tables import Table, curated_tables, table

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_LINK = Text("是链接,未读取其中的文件", "a link in place of a folder; what is behind it was not read")
_NO_FOLDER = Text("不是文件夹", "not a folder")


@dataclass(frozen=True)
class Located:
    """Paths of files that are there, or that have to be, and places that were not looked into, with the reason."""

    paths: tuple[str, ...]
    refused: Mapping[str, Text]


def placeholders(of: Table) -> tuple[str, ...]:
    """The columns a file stands for, in the order of the path."""
    return tuple(_PLACEHOLDER.findall(of.path))


def is_spread(of: Table) -> bool:
    """Whether a programme may have several files of the table: they are found, not computed."""
    return any(name != "programme_id" for name in placeholders(of))


def values_in(of: Table, path: str) -> Mapping[str, str] | None:
    """The values a path has in place of its placeholders; None where it is no path of the table."""
    found = _pattern(of, of.path).fullmatch(path)
    return found.groupdict() if found else None


def located(folder: Path, of: Table, programme: str) -> Located:
    """The files of a table of a programme, sorted by path. Folders that are links are not entered."""
    if not is_spread(of):
        return Located((of.path.format(programme_id=programme),), {})
    start, _, rest = of.path.partition("{programme_id}/")
    paths: list[str] = []
    refused: dict[str, Text] = {}
    _descend(folder, f"{start}{programme}", rest.split("/"), of, paths, refused)
    return Located(tuple(sorted(paths)), refused)


def folders(folder: Path) -> Iterator[Path]:
    """Every folder in which files of tables may lie, whatever its name; links below a programme are left out."""
    yield from (folder, folder / "reference")
    for programme in sorted((folder / "programmes").glob("*")):
        yield programme
        for name in _spread_below():
            yield from _walk(programme / name)


def _walk(base: Path) -> Iterator[Path]:
    if base.is_symlink():
        return
    for place, inner, _ in os.walk(base):
        inner[:] = sorted(name for name in inner if not name.startswith("."))
        yield Path(place)


@cache
def _spread_below() -> tuple[str, ...]:
    """Names of the folders of a programme that hold the files of spread tables."""
    spread = (each.path.split("{programme_id}/")[1] for each in curated_tables() if is_spread(each))
    return tuple(dict.fromkeys(path.partition("/")[0] for path in spread))


def _descend(folder: Path, at: str, parts: list[str], of: Table, paths: list[str], refused: dict[str, Text]) -> None:
    part, rest = parts[0], parts[1:]
    try:
        names = sorted(filter(_pattern(of, part).fullmatch, os.listdir(folder / at)))  # noqa: PTH208 - names alone
    except FileNotFoundError:
        return
    except OSError as error:
        why = error.strerror or str(error)
        refused[at] = Text(why, why)
        return
    for name in names:
        place = f"{at}/{name}"
        if not rest:
            paths.append(place)
        elif (folder / place).is_symlink():
            refused[place] = _LINK
        elif (folder / place).is_dir():
            _descend(folder, place, rest, of, paths, refused)
        elif not _PLACEHOLDER.search(part):
            refused[place] = _NO_FOLDER


@cache
def _patterns() -> dict[tuple[str, str], re.Pattern[str]]:
    return {}


def _pattern(of: Table, path: str) -> re.Pattern[str]:
    """The expression for a path of a table, or for one part of it."""
    known = _patterns()
    if (of.name, path) not in known:
        pieces = _PLACEHOLDER.split(path)  # text and names take turns
        written = [_column(of, piece) if at % 2 else re.escape(piece) for at, piece in enumerate(pieces)]
        known[of.name, path] = re.compile("".join(written))
    return known[of.name, path]


def _column(of: Table, name: str) -> str:
    field = (of if name in of.names else table("programmes")).field(name)
    return f"(?P<{name}>{(field.pattern or '').removeprefix('^').removesuffix('$')})"

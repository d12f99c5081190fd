"""The fmt stage: the curated files of a data folder in canonical form."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pipeline.canonical import NotReadableError, canonical, table_of
from pipeline.curated import read
from pipeline.language import Text
from pipeline.tables import Table
from pipeline.writing import Change, WriteRefusedError, read_file, replace_all


@dataclass(frozen=True)
class LeftAlone:
    """A file that is not touched, and why."""

    file: str
    reason: Text


@dataclass(frozen=True)
class Formatting:
    """What the canonical form changes, and which files it cannot be made of."""

    changes: tuple[Change, ...]
    left_alone: tuple[LeftAlone, ...]
    files: int


def formatting(folder: Path) -> Formatting:
    """Compare every curated file with its canonical form; nothing is written. Raises DataFolderError."""
    changes: list[Change] = []
    left_alone: list[LeftAlone] = []
    files = 0
    for file, table in _files(folder):
        files += 1
        try:
            old = read_file(folder, file)
            new = canonical(old, table)
        except (WriteRefusedError, NotReadableError) as error:
            left_alone.append(LeftAlone(file, error.reason))
            continue
        if new != old:
            changes.append(Change(file, old, new))
    return Formatting(tuple(changes), tuple(left_alone), files)


def fmt(folder: Path) -> Formatting:
    """Write the canonical form. Raises DataFolderError, WriteRefusedError."""
    found = formatting(folder)
    replace_all(folder, found.changes)
    return found


def _files(folder: Path) -> Iterator[tuple[str, Table]]:
    """Curated files that exist, whether or not they can be read; what belongs to no table is not ours to change."""
    reading = read(folder)
    paths = {file.file for file in reading.files} | {finding.place.file for finding in reading.findings}
    for path in sorted(paths):
        table = table_of(path)
        if table is not None and os.path.exists(folder / path):  # noqa: PTH110 - takes a name that is too long, too
            yield path, table

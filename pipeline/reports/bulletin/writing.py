"""Bulletins as files: whole or not there, and nothing replaced but an older bulletin."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from pipeline.bulletin.edition import BulletinError
from pipeline.bulletin.making import Bulletin
from pipeline.language import Language, Text
from pipeline.regular import read_regular
from pipeline.replacing import move, stage
from pipeline.reports.bulletin import table
from pipeline.reports.bulletin.page import GENERATOR, page

_PAGE_MARK = f'<meta name="generator" content="{GENERATOR}'.encode()
_TABLE_MARK = ",".join(table.COLUMNS).encode()
_LOOKED_AT = 4096  # bytes at the start of a file, which hold the mark of a page of ours


def files(made: Bulletin, languages: Sequence[Language]) -> dict[str, bytes]:
    """A page a language and the table of targets, by the names of their files."""
    name = made.edition.name
    found = {
        f"{name}.{language}.html": f"{page(made, language, len(languages) > 1)}\n".encode() for language in languages
    }
    return {**found, f"{name}.csv": f"{table.render(made)}\n".encode(table.ENCODING)}


def write(folder: Path, content: Mapping[str, bytes]) -> list[Path]:
    """Write the files of a bulletin into a folder; returns their paths.

    All are written beside their places before one is moved there. Raises BulletinError where a place is taken by
    something that is no bulletin, or where the folder cannot be written.
    """
    targets = {folder / name: data for name, data in content.items()}
    staged: dict[Path, Path] = {}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for target in targets:
            if (target.exists() or target.is_symlink()) and not _is_ours(target):
                raise BulletinError(
                    Text(
                        f"{target} 已存在且不是通报，不予改动；请用 --out 写到别处",
                        f"{target} exists and is no bulletin; it is left as it is. Name another folder with --out",
                    )
                )
        try:
            for target, data in targets.items():
                staged[target] = stage(target, data)
            for target, beside in staged.items():
                move(beside, target)
        finally:
            for beside in staged.values():
                with suppress(OSError):
                    beside.unlink(missing_ok=True)
    except OSError as error:
        why = error.strerror or str(error)
        raise BulletinError(Text(f"无法写入 {folder}：{why}", f"cannot write to {folder}: {why}")) from None
    return list(targets)


def _is_ours(path: Path) -> bool:
    """Whether a file is an older bulletin: a page by what it says it was made by, a table by its columns."""
    try:
        start = read_regular(path)[:_LOOKED_AT].removeprefix(b"\xef\xbb\xbf")
    except (OSError, ValueError):
        return False
    return _PAGE_MARK in start if path.suffix == ".html" else start.startswith(_TABLE_MARK)

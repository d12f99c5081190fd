"""Writing files of a data folder so that each is the old one or the new one at every moment.

All new files of a run are first written beside the old ones and brought to the disk, then moved into place one by one.
A crash leaves every file whole: before the first move all are old, between two moves the first ones are new. Nothing
depends on the moves being one step, because both fmt and fix start from what stands in the files: run again, they do
the rest. There is no undo copy: the data is under version control, and every change is shown.
"""

import stat
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pipeline.language import RefusalError, Text
from pipeline.regular import read_regular
from pipeline.replacing import move, stage


class WriteRefusedError(RefusalError):
    """A file cannot or may not be written; `reason` says which and why."""


@dataclass(frozen=True)
class Change:
    """New content for a file of the folder; `old` is what it was made from."""

    file: str
    old: bytes
    new: bytes


def target_of(folder: Path, file: str) -> Path:
    """The regular file behind a path of the folder.

    Raises WriteRefusedError where it is no regular file or where a link leads out of the folder.
    """
    try:
        target = (folder / file).resolve(strict=True)
        status = target.stat()
    except OSError as error:
        why = error.strerror or str(error)
        raise WriteRefusedError(Text(f"无法打开 {file}:{why}", f"cannot open {file}: {why}")) from None
    if not target.is_relative_to(folder.resolve()):
        raise WriteRefusedError(
            Text(f"{file} 是指向数据文件夹之外的链接,未改动", f"{file} is a link out of the data folder; left alone")
        )
    if not stat.S_ISREG(status.st_mode):
        raise WriteRefusedError(Text(f"{file} 不是普通文件,未改动", f"{file} is no regular file; left alone"))
    return target


def read_file(folder: Path, file: str) -> bytes:
    """The content of a regular file of the folder. Raises WriteRefusedError."""
    try:
        return read_regular(target_of(folder, file))
    except OSError as error:
        why = error.strerror or str(error)
        raise WriteRefusedError(Text(f"无法读取 {file}:{why}", f"cannot read {file}: {why}")) from None


def replace_all(folder: Path, changes: Sequence[Change]) -> None:
    """Put all changes into place. Raises WriteRefusedError, which says how many files were written, if any."""
    staged: list[tuple[Path, Path, Change]] = []
    try:
        for change in changes:
            target = target_of(folder, change.file)
            staged.append((_stage(target, change), target, change))
        for done, (beside, target, change) in enumerate(staged):
            _move(beside, target, change, done)
    finally:
        for beside, _, _ in staged:
            with suppress(OSError):
                beside.unlink(missing_ok=True)


def _stage(target: Path, change: Change) -> Path:
    if not target.stat().st_mode & 0o222:
        # moving a file into its place would not ask; who protects a file means it
        raise WriteRefusedError(
            Text(f"{change.file} 被设为只读;没有文件被改动", f"{change.file} is write-protected; no file was changed")
        )
    try:
        return stage(target, change.new)
    except OSError as error:
        why = error.strerror or str(error)
        raise WriteRefusedError(
            Text(
                f"无法写入 {change.file}:{why};没有文件被改动",
                f"cannot write {change.file}: {why}; no file was changed",
            )
        ) from None


def _move(beside: Path, target: Path, change: Change, done: int) -> None:
    """Let the new file take the place of the old one, unless somebody changed that meanwhile."""
    written = Text(f";此前已写入 {done} 个文件", f"; {done} files were written before") if done else Text("", "")
    try:
        if target.read_bytes() != change.old:
            raise WriteRefusedError(
                Text(
                    f"{change.file} 同时被别的程序改动,未写入{written.zh};请再运行一次",
                    f"{change.file} was changed by another program meanwhile and not written{written.en}; run again",
                )
            )
        move(beside, target)
    except OSError as error:
        why = error.strerror or str(error)
        raise WriteRefusedError(
            Text(
                f"无法写入 {change.file}:{why}{written.zh};请再运行一次",
                f"cannot write {change.file}: {why}{written.en}; run again",
            )
        ) from None

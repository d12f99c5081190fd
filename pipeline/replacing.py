"""A file replaced in one step: written beside its place, brought to the disk, moved there.

At every moment the file is the old one or the new one. What a crash may leave beside it is a temporary file, named
.<file>.<letters>.tmp, which nothing reads.
"""

import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path


def replace_file(target: Path, content: bytes) -> None:
    """Give a file new content, or make it. Raises OSError; then the old content stands."""
    beside = stage(target, content)
    try:
        move(beside, target)
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)


def new_file(target: Path, content: bytes) -> None:
    """Make a file where nothing is, in one step. Raises FileExistsError, and OSError where it cannot be written."""
    beside = stage(target, content)
    try:
        try:
            os.link(beside, target)
        except FileExistsError:
            raise
        except OSError:  # a file system without hard links: the name is taken first, then the content moved there
            target.open("xb").close()
            os.replace(beside, target)  # noqa: PTH105 - the one step a crash cannot part
        to_disk(target.parent, below=False)
    finally:
        with suppress(OSError):
            beside.unlink(missing_ok=True)


def stage(target: Path, content: bytes) -> Path:
    """The content in a file beside its target, on the disk, with the mode of the old one. Raises OSError."""
    beside = target.with_name(f".{target.name}.{secrets.token_hex(4)}.tmp")
    try:
        with beside.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileNotFoundError):
            beside.chmod(stat.S_IMODE(target.stat().st_mode))
    except BaseException:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        raise
    return beside


def move(beside: Path, target: Path) -> None:
    """Let a staged file take the place of its target. Raises OSError."""
    os.replace(beside, target)  # noqa: PTH105 - the one step a crash cannot part
    to_disk(target.parent, below=False)


def to_disk(*paths: Path, below: bool = True) -> None:
    """Bring files and folders to the disk (fsync), folders with what is below them. Raises OSError."""
    for path in paths:
        if path.is_dir():
            for inner in path.iterdir() if below else ():
                to_disk(inner)
            with suppress(OSError):  # some systems let no folder be opened
                _sync(path, os.O_RDONLY)
        else:
            _sync(path, os.O_RDWR)  # some systems sync only what may be written


def _sync(path: Path, mode: int) -> None:
    descriptor = os.open(path, mode | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0))
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

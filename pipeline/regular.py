"""Reading files that others left in a folder: regular files only, and none that memory could not hold.

A pipe in place of a file would be waited for without end, a device never ends, and a file of holes takes no room on the
disk but all of the memory.
"""

import errno
import os
import stat
from pathlib import Path

LARGEST = 1 << 28  # bytes; no file that is held in memory as a whole comes near


class UnfitFileError(OSError):
    """What stands there is no regular file, or one too large; `strerror` says so in both languages."""


def read_regular(path: Path) -> bytes:
    """The content of a regular file of at most LARGEST bytes. Raises OSError."""
    # without O_NONBLOCK opening a pipe waits for somebody to write to it
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise UnfitFileError(errno.EINVAL, "不是普通文件 | not a regular file", str(path))
        if status.st_size > LARGEST:
            most = f"{LARGEST >> 20} MB"
            raise UnfitFileError(errno.EFBIG, f"文件超过 {most} | larger than {most}", str(path))
        return file.read(LARGEST + 1)


def leads_out(folder: Path, path: Path) -> bool:
    """Whether a path below `folder` is a link, or stands behind one, that leads out of it."""
    inside, place = os.path.realpath(folder), os.path.realpath(path)
    return os.path.commonpath((inside, place)) != inside

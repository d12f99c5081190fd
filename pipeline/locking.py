"""One writer at a time in a folder, on every system; a lock that a crash cannot leave behind."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class LockedError(Exception):
    """Another process holds the lock of the folder."""


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold `folder`/.lock while the block runs. Raises LockedError at once where another process holds it."""
    folder.mkdir(parents=True, exist_ok=True)
    # a link is not followed and nothing is cut: the folder may be anybody's
    descriptor = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o644)
    try:
        try:
            _lock(descriptor)
        except OSError:
            raise LockedError from None
        yield
    finally:
        os.close(descriptor)


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

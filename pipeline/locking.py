"""One writer at a time in a folder, on every system; a lock that a crash cannot leave behind."""

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
    with (folder / ".lock").open("w") as file:
        try:
            _lock(file.fileno())
        except OSError:
            raise LockedError from None
        yield


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

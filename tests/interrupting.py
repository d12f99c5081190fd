"""A small release published into a store by a process that dies, or that has no room on the disk, at a chosen step.

    python -m tests.interrupting ACTION FOLDER TARGET

copies FOLDER to TARGET/1, TARGET/2 … and does ACTION in each copy in a process of its own that SIGKILL ends at its
first, second … step: before it makes, opens for writing, renames, links or removes a file, wherever that is. It ends
when the action came through. It is a program of its own because a process that forks should have no threads.
"""

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from pipeline.release.store import Entry, Withdrawal, write_sums
from pipeline.release.stores import opened

NAME, DAY = "p", date(2030, 1, 1)
STEPS = {"os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.symlink", "os.link", "os.chmod", "os.truncate"}
MOST = 500  # more steps than any action has


def entry_of(version: str) -> Entry:
    name = f"{NAME}-{version}"
    return Entry(version, DAY.isoformat(), name, f"{name}.zip", f"sha256:{version}", f"sha256:{version}")


def write(beside: Path, entry: Entry, word: str) -> None:
    """The files of a small release; as in a real one, the database is never the same twice."""
    (beside / "data").mkdir()
    (beside / "data" / "targets.csv").write_text(f"target_id,value\n{word},1\n", encoding="utf-8")
    (beside / "data" / "large.csv").write_text(f"{word}\n" * 20_000, encoding="utf-8")
    (beside / "README.md").write_text(f"{word} 示例\n", encoding="utf-8")
    (beside / f"{NAME}.duckdb").write_bytes(os.urandom(64))
    (beside / "datapackage.json").write_text(json.dumps({"ms:release": entry.as_dict()}), encoding="utf-8")
    write_sums(beside)


def publish(address: str | Path, version: str = "0.2.0", word: str = "new") -> Entry:
    """Publish a small release as `minsheng release` does: set right what is left, then build beside, then publish."""
    store = opened(address, NAME)
    entry = store.settle(version, DAY)
    if entry is not None:
        return entry
    with store.building(version) as beside:
        entry = entry_of(version)
        write(beside, entry, word)
        store.publish(beside, entry, DAY)
    return entry


def withdraw(address: str | Path) -> Entry:
    return opened(address).withdraw("0.2.0", Withdrawal(DAY.isoformat(), "误", "wrong"))


ACTIONS: dict[str, Callable[[str | Path], Entry]] = {"publish": publish, "withdraw": withdraw}


def die_at(number: int) -> None:
    """Let this process be killed at its n-th step from now."""
    left = number

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal left
        writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
        if writes or event in STEPS:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


def in_child(prepare: Callable[[], None], action: Callable[[], object]) -> int:
    """Do something in a process of its own; returns how it ended, as `os.waitstatus_to_exitcode` says it."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            prepare()
            action()
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def main(name: str, folder: Path, target: Path) -> None:
    for number in range(1, MOST):
        copy = target / str(number)
        shutil.copytree(folder, copy, symlinks=True)
        ended = in_child(lambda number=number: die_at(number), lambda copy=copy: ACTIONS[name](copy))  # type: ignore[misc]
        if ended == 0:
            return
        if ended != -signal.SIGKILL:
            sys.exit(f"step {number} ended with {ended}")
    sys.exit("the action never came through")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))

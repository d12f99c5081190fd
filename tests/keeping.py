"""Second processes that are kept from one test to the next: to import dbt and Great Expectations takes them seconds."""

import os
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

_FREE: list[ProcessPoolExecutor] = []


class KeptPool:
    """In the place of a ProcessPoolExecutor of one process: takes one that another has left, and leaves it again.

    What is submitted runs in the folder and with the environment of this process, as in one that has just been started.
    """

    def __init__(self, max_workers: int, **started: Any) -> None:
        self._started = {"max_workers": max_workers, **started}
        self._pool: ProcessPoolExecutor | None = None
        self._submitted: list[Future[Any]] = []

    def submit(self, function: Callable[..., Any], *arguments: Any, **named: Any) -> Future[Any]:
        if self._pool is None:
            self._pool = self._left() or ProcessPoolExecutor(**self._started)
        here = dict(os.environ), Path.cwd()
        self._submitted.append(self._pool.submit(_as_here, *here, function, arguments, named))
        return self._submitted[-1]

    def _left(self) -> ProcessPoolExecutor | None:
        while _FREE:
            pool = _FREE.pop()  # the one left last: what is entered first needs what it needed before
            try:
                pool.submit(os.getpid).result()
            except BrokenProcessPool:
                continue
            return pool
        return None

    def shutdown(self, wait: bool = True, cancel_futures: bool = False) -> None:
        if self._pool is None:
            return
        if cancel_futures:
            for future in reversed(self._submitted):
                future.cancel()
        _all_done(self._submitted)
        _FREE.append(self._pool)
        self._pool = None


def _all_done(futures: list[Future[Any]]) -> None:
    wait(futures)


def _as_here(
    environment: Mapping[str, str],
    folder: Path,
    function: Callable[..., Any],
    arguments: tuple[Any, ...],
    named: Mapping[str, Any],
) -> Any:
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    return function(*arguments, **named)

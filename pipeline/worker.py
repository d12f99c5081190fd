"""A process beside this one that imports what is heavy while this one works, and then works for it."""

import atexit
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from multiprocessing import get_context, parent_process
from types import TracebackType
from typing import ParamSpec, Self, TypeVar

Given = ParamSpec("Given")
Result = TypeVar("Result")


class Worker:
    """One process, which is started when it is first needed.

    `preparations` are run in it at once: imports, which what is begun later need not wait for.
    """

    def __init__(self, *preparations: Callable[[], object]) -> None:
        self._preparations = preparations

    def __enter__(self) -> Self:
        self._pool = ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=_end_soon)
        self._process: Future[int] | None = None
        for prepare in self._preparations:
            self.begin(prepare)
        return self

    def begin(self, function: Callable[Given, Result], *arguments: Given.args, **named: Given.kwargs) -> Future[Result]:
        """Begin a function there; one is run after the other."""
        if self._process is None:  # which it is, is known before it has anything long to do
            self._process = self._pool.submit(os.getpid)
        return self._pool.submit(function, *arguments, **named)

    def stop(self) -> None:
        """End the process in the middle of what it does; nothing can be begun there any more. Waits for its end."""
        if self._process is not None:
            with suppress(BrokenProcessPool, ProcessLookupError):
                os.kill(self._process.result(), signal.SIGTERM)
        self._pool.shutdown(wait=True, cancel_futures=True)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)


def _end_soon() -> None:
    """Let this process end at once when its work is done, and also where the one it works for was killed."""
    atexit.register(os._exit, 0)  # for an interpreter to clear up hundreds of modules takes a second

    def follow() -> None:
        if parent := parent_process():
            parent.join()
            os._exit(1)

    threading.Thread(target=follow, daemon=True).start()

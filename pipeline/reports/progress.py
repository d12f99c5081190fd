"""What a run is doing, on standard error: a live line with the time on a terminal, plain lines elsewhere.

A step shorter than a second shows nothing on a terminal. rich is imported by the timer that finds a step long.
"""

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Self

from pipeline.language import Language, Text

if TYPE_CHECKING:
    from rich.progress import Progress

Step = Callable[[Text], None]
_PATIENCE = 1.0  # seconds a step runs before it is shown


@contextmanager
def steps(language: Language, *, log: bool = False) -> Iterator[Step]:
    """Give a function that says which step begins; the last one ends with the context.

    `log`: where standard error is no terminal, print each step as a line of its own.
    """
    if _is_live():
        with _Live(language) as live:
            yield live.step
    else:
        yield lambda text: print(f"… {text(language)}", file=sys.stderr, flush=True) if log else None


def _is_live() -> bool:
    able = os.name == "nt" or os.environ.get("TERM", "") not in ("", "dumb")
    return able and sys.stderr.isatty()


class _Live:
    """The step that runs, shown once it has run for a while; one that was shown leaves a line with its time."""

    def __init__(self, language: Language) -> None:
        self._language = language
        self._lock = threading.Lock()
        self._timer: threading.Timer | None = None
        self._shown: Progress | None = None
        self._text = ""
        self._began = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end(failed=kind is not None)

    def step(self, text: Text) -> None:
        self._end(failed=False)
        with self._lock:
            self._text, self._began = text(self._language), time.monotonic()
            self._timer = threading.Timer(_PATIENCE, self._show, [self._began])
            self._timer.daemon = True
            self._timer.start()

    def _show(self, began: float) -> None:
        from rich.console import Console
        from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        with self._lock:
            if began != self._began:
                return  # the step ended while rich was being imported
            self._shown = Progress(
                SpinnerColumn(),
                TextColumn("{task.description}", markup=False),
                TimeElapsedColumn(),
                console=Console(stderr=True, highlight=False),
                transient=True,
                redirect_stdout=False,
                redirect_stderr=False,
            )
            task = self._shown.add_task(self._text, total=None)
            self._shown.tasks[task].start_time = self._shown.get_time() - (time.monotonic() - began)
            self._shown.start()

    def _end(self, *, failed: bool) -> None:
        with self._lock:
            if self._timer:
                self._timer.cancel()
            seconds, self._began = time.monotonic() - self._began, 0.0
            if self._shown:
                self._shown.stop()
                self._shown = None
                print(f"{'✗' if failed else '✓'} {self._text} {seconds:.0f} s", file=sys.stderr, flush=True)

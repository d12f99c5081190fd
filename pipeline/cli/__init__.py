"""The command line: parse arguments, call one stage, hand its result to a renderer; nothing else.

A module holds the commands of one purpose; importing it adds them to the app, in the order in which `--help` lists
them. What a command needs is imported where it runs, because start-up counts.
"""

import gc
import os
import sys
from typing import Annotated

import typer

from pipeline import __version__
from pipeline.cli import checking as _checking  # noqa: F401
from pipeline.cli import curating as _curating  # noqa: F401
from pipeline.cli import informing as _informing  # noqa: F401
from pipeline.cli import publishing as _publishing  # noqa: F401
from pipeline.cli import starting as _starting  # noqa: F401
from pipeline.cli.options import LOCALE, ReportFormat, option
from pipeline.cli.running import MISUSE, app
from pipeline.language import Text

__all__ = ["ReportFormat", "app", "main"]

# Rows are kept to the end and hold no cycles: to search a million of them again and again takes a fifth of the time.
_ALLOCATIONS = 200_000


@app.callback(invoke_without_command=True)
def common(version: Annotated[bool, option("--version", "显示版本", "show the version")] = False) -> None:
    if version:
        typer.echo(f"minsheng {__version__}")
        raise typer.Exit


def main() -> None:
    """The entry point of the `minsheng` command: no traceback ever reaches a user."""
    if isinstance(sys.stdout.encoding, str) and sys.stdout.encoding.lower() not in ("utf-8", "utf8"):
        sys.stdout.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    gc.set_threshold(_ALLOCATIONS, 50, 1000)
    try:
        app()
    except (BrokenPipeError, KeyboardInterrupt):
        os._exit(130)
    except Exception as error:
        if os.environ.get("MINSHENG_DEBUG"):
            raise
        hint = Text("设 MINSHENG_DEBUG=1 可看详情", "set MINSHENG_DEBUG=1 for details")(LOCALE)
        typer.echo(f"minsheng: {type(error).__name__}: {error} ({hint})", err=True)
        sys.exit(MISUSE)

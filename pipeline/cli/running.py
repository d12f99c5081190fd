"""How a command runs: its help, its language, and how it ends where something refuses."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NoReturn

import typer

from pipeline.cli.options import LOCALE, Lang
from pipeline.language import Language, RefusalError, Text

MISUSE = 2
VALIDATING = Text("检查数据", "validating")

app = typer.Typer(
    name="minsheng",
    help=Text("把民生实事方案整理成可信的开放数据。", "Livelihood programmes as open data that can be trusted.")(
        LOCALE
    ),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def command(text: Text, example: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Make a function a command of the app; its help says what it does and shows an example."""
    return app.command(help=f"{text(LOCALE)}\n\n{Text('例', 'Example')(LOCALE)}:  {example}")


def spoken(lang: Lang) -> Language:
    return "zh" if lang is Lang.zh else "en"


def stop(message: str) -> NoReturn:
    """The tool was misused or could not run: say why on standard error."""
    typer.echo(f"minsheng: {message}", err=True)
    raise typer.Exit(MISUSE)


def at_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


@contextmanager
def refusals(language: Language) -> Iterator[None]:
    """End with a message where a stage refuses, or where the system does."""
    try:
        yield
    except RefusalError as error:
        stop(error.reason(language))
    except OSError as error:
        where = f": {error.filename}" if error.filename else ""
        why = f"{error.strerror or error}{where}"
        stop(Text(f"系统拒绝操作:{why}", f"the system refused: {why}")(language))

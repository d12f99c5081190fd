"""Values a command needs and was not given: asked for at a terminal, refused where nobody could answer."""

import sys
from collections.abc import Callable

from pipeline.language import Language, RefusalError, Text

# The option that gives a value, and the question.
Ask = Callable[[str, Text], str]


class MissingValueError(RefusalError):
    """A required value was not given; `reason` names its option."""


def asker(language: Language) -> Ask:
    """Questions go to standard error, so that standard output stays the result. Raises MissingValueError."""
    import typer

    def ask(option: str, question: Text) -> str:
        if not sys.stdin.isatty():
            raise MissingValueError(Text(f"缺少 {option}({question.zh})", f"{option} is missing ({question.en})"))
        answer: str = typer.prompt(f"{question(language)} [{option}]", err=True)
        return answer.strip()

    return ask

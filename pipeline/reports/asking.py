"""Asks at a terminal which of several fixes is right."""

import typer

from pipeline.fixing import Ask, StopAskingError
from pipeline.language import Language, Text
from pipeline.proposals import Choice, Question
from pipeline.reports.edits import question as render


def asker(language: Language) -> Ask:
    """A function that puts a question and returns the choice, or None where the cell is to stay as it is."""

    def ask(question: Question) -> Choice | None:
        typer.echo(render(question, language))
        prompt = Text("输入序号,回车跳过,q 结束", "a number, Enter to skip, q to stop asking")(language)
        while True:
            answer = typer.prompt(prompt, default="", show_default=False).strip().casefold()
            if not answer:
                return None
            if answer == "q":
                raise StopAskingError
            if answer.isdecimal() and 1 <= int(answer) <= len(question.choices):
                return question.choices[int(answer) - 1]

    return ask

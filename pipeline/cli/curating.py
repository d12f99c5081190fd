"""The curated files tidied and corrected, and what units fill in for them: fmt, fix, template."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.options import DEFAULT_FOLDER, DEFAULT_LANG, CheckOption, Folder, LangOption, option
from pipeline.cli.running import at_terminal, command, refusals, spoken
from pipeline.language import Text


@command(
    Text("把整理数据改写为规范格式。", "Write the curated files in canonical form."), "minsheng fmt --check --diff"
)
def fmt(
    folder: Folder = DEFAULT_FOLDER,
    check: CheckOption = False,
    diff: Annotated[bool, option("--diff", "显示改动", "show the changes")] = False,
    lang: LangOption = DEFAULT_LANG,
) -> None:
    from pipeline.formatting import fmt as write
    from pipeline.formatting import formatting
    from pipeline.reports.edits import formatted

    language = spoken(lang)
    with refusals(language):
        result = formatting(folder) if check else write(folder)
    typer.echo(formatted(result, language, written=not check, diff=diff))
    raise typer.Exit(1 if result.left_alone or (check and result.changes) else 0)


@command(Text("改正确定无疑的错误,其余逐处询问。", "Fix what is certain; ask about the rest."), "minsheng fix --check")
def fix(
    folder: Folder = DEFAULT_FOLDER,
    check: CheckOption = False,
    yes: Annotated[bool, option("--yes -y", "不询问,只改确定的", "ask nothing, fix what is certain")] = False,
    lang: LangOption = DEFAULT_LANG,
) -> None:
    from pipeline.fixing import Fixed
    from pipeline.fixing import fix as run
    from pipeline.reports import edits, renderer
    from pipeline.reports.asking import asker

    language = spoken(lang)

    shown: list[str] = []

    def show(fixed: Fixed) -> None:
        lines = [line for line in edits.edits(fixed, language) if line not in shown]
        shown.extend(lines)
        typer.echo("\n".join(lines), nl=bool(lines))

    interactive = not (check or yes) and at_terminal()
    with refusals(language):
        result = run(folder, asker(language) if interactive else None, show, write=not check)
    show(result)  # what answers brought about
    if rest := edits.left(result, language):
        typer.echo(rest)
    typer.echo(edits.fixed(result, language, written=not check))
    if check:
        raise typer.Exit(1 if result.any else 0)
    typer.echo(renderer("text")(result.report, language))
    raise typer.Exit(result.report.exit_code())


class TemplateFormat(StrEnum):
    csv = "csv"
    xlsx = "xlsx"


@command(
    Text("为一个单位写出某一期的填报模板。", "Write the report of a unit for a period, to be filled in."),
    "minsheng template --unit huainan-education-sports --period 2024-Q2 --format xlsx",
)
def template(
    unit: Annotated[str, option("--unit", "单位标识", "organization_id of the unit")],
    period: Annotated[str, option("--period", "所属期,如 2024-Q2", "period, such as 2024-Q2")],
    folder: Folder = DEFAULT_FOLDER,
    programme: Annotated[str | None, option("--programme", "方案标识", "slug of the programme")] = None,
    form: Annotated[TemplateFormat, option("--format", "文件格式", "format of the file")] = TemplateFormat.csv,
    out: Annotated[Path | None, option("--out", "写到此文件", "file to write")] = None,
    lang: LangOption = DEFAULT_LANG,
) -> None:
    from pipeline.reports.starting import to_fill_in
    from pipeline.template import csv_content, save
    from pipeline.template import template as make

    language = spoken(lang)
    with refusals(language):
        made = make(folder, unit, period, programme)
        target = out or Path(f"{made.name}.{form}")
        if form is TemplateFormat.xlsx:
            from pipeline.template_workbook import content

            save(target, content(made, language))
        else:
            save(target, csv_content(made))
    typer.echo(to_fill_in(made, folder, target, language))

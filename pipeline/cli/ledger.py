"""What a unit answers for, to be handed to it: ledger."""

from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.options import BUILD_FOLDER, DEFAULT_FOLDER, DEFAULT_LANG, AsOf, Folder, LangOption, option
from pipeline.cli.running import command, refusals, spoken
from pipeline.language import Text


@command(
    Text(
        "写出一个单位的工作任务台账(xlsx 与 HTML)。",
        "Write the ledger of a unit (工作任务台账) as a workbook and a page.",
    ),
    "minsheng ledger --unit huainan-civil-affairs --as-of 2024-12-31 --out ledgers",
)
def ledger(
    unit: Annotated[
        list[str],
        option("--unit", "单位标识或名称,可写多次", "organization_id or name of the unit; may be given again"),
    ],
    folder: Folder = DEFAULT_FOLDER,
    programme: Annotated[str | None, option("--programme", "只列此方案", "this programme only")] = None,
    as_of: AsOf = None,
    out: Annotated[Path, option("--out", "写到此文件夹", "folder to write to")] = Path(),
    lang: LangOption = DEFAULT_LANG,
) -> None:
    from pipeline.clock import today
    from pipeline.reports import renderer, stages
    from pipeline.reports.progress import steps
    from pipeline.unit_ledger.reading import unit_ledgers
    from pipeline.unit_ledger.writing import write, written

    language = spoken(lang)
    files: list[tuple[Path, Text]] = []
    with refusals(language), steps(language) as say:
        day = as_of.date() if as_of else today()
        made = unit_ledgers(folder, BUILD_FOLDER / "ledger", unit, day, programme, say)
        for each in made.ledgers:
            files += write(each, out, programme, language)
    if made.build is None:
        typer.echo(renderer("text")(made.report, language))
        raise typer.Exit(1)
    if not made.build.ok:
        typer.echo(stages.built(made.build, language))
        raise typer.Exit(1)
    for each in made.ledgers:
        typer.echo(written(each, language))
    for path, what in files:
        typer.echo(f"  {path} {what(language)}".rstrip())

"""What those who govern and those who are governed are given to read: bulletin, ledger."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.options import (
    BUILD_FOLDER,
    DEFAULT_FOLDER,
    DEFAULT_LANG,
    LOCALE,
    AsOf,
    Folder,
    Lang,
    LangOption,
    option,
)
from pipeline.cli.running import VALIDATING, command, refusals, spoken
from pipeline.language import Language, Text

if TYPE_CHECKING:
    from pipeline.marts import Say
    from pipeline.worker import Worker


class PageLang(StrEnum):
    zh = "zh"
    en = "en"
    both = "both"


@command(
    Text(
        "写一份某时期的进展通报:网页、打印版和数字表。", "Write the bulletin of a period: pages, print layout, figures."
    ),
    "minsheng bulletin --programme huainan-2024 --period 2024-Q2",
)
def bulletin(
    programme: Annotated[str, option("--programme", "方案标识", "slug of the programme")],
    period: Annotated[str, option("--period", "时期,如 2024-Q2", "period, such as 2024-Q2")],
    folder: Folder = DEFAULT_FOLDER,
    out: Annotated[Path, option("--out", "通报写入的文件夹", "folder for the bulletin")] = BUILD_FOLDER / "bulletins",
    as_of: Annotated[
        datetime | None,
        option(
            "--as-of",
            "按这一日已知的情况,默认为该期应报之日",
            "as known on this day; the day on which figures of the period are due unless given",
            formats=["%Y-%m-%d"],
            metavar="DATE",
            show_default=False,
        ),
    ] = None,
    lang: Annotated[PageLang, option("--lang", "通报的语言", "language of the bulletin")] = PageLang.both,
) -> None:
    from pipeline.bulletin.edition import edition
    from pipeline.bulletin.making import bulletin as make
    from pipeline.clock import today
    from pipeline.marts import sound
    from pipeline.reports.bulletin.writing import files, write
    from pipeline.transformation import thresholds

    language = spoken(Lang(LOCALE) if lang is PageLang.both else Lang(lang.value))
    languages: list[Language] = ["zh", "en"] if lang is PageLang.both else [language]
    with _informing(language, BUILD_FOLDER / "bulletin") as (say, worker):
        data = sound(folder)
        day = as_of.date() if as_of else None
        wanted = edition(data, programme, period, today=today(), grace=thresholds().report_due_days, day=day)
        made = make(data, wanted, BUILD_FOLDER / "bulletin", say, worker)
        written = write(out, files(made, languages))
    for path in written:
        typer.echo(path)


@command(
    Text(
        "写出一个单位的工作任务台账(xlsx 与 HTML)。",
        "Write the ledger of a unit (工作任务台账) as a workbook and a page.",
    ),
    "minsheng ledger --unit huainan-civil-affairs --as-of 2024-12-31",
)
def ledger(
    unit: Annotated[
        list[str],
        option("--unit", "单位标识或名称,可写多次", "organization_id or name of the unit; may be given again"),
    ],
    folder: Folder = DEFAULT_FOLDER,
    programme: Annotated[str | None, option("--programme", "只列此方案", "this programme only")] = None,
    as_of: AsOf = None,
    out: Annotated[Path, option("--out", "台账写入的文件夹", "folder for the ledgers")] = BUILD_FOLDER / "ledgers",
    lang: LangOption = DEFAULT_LANG,
) -> None:
    from pipeline.clock import today
    from pipeline.marts import UnbuiltError, sound
    from pipeline.reports import stages
    from pipeline.reports.unit_ledger.writing import write, written
    from pipeline.unit_ledger.reading import unit_ledgers

    language = spoken(lang)
    with _informing(language, BUILD_FOLDER / "ledger") as (say, worker):
        day = as_of.date() if as_of else today()
        try:
            made = unit_ledgers(sound(folder), BUILD_FOLDER / "ledger", unit, day, programme, say, worker)
        except UnbuiltError as error:
            typer.echo(stages.built(error.build, language))
            raise typer.Exit(1) from None
        files = [file for each in made for file in write(each, out, programme, language)]
    for each in made:
        typer.echo(written(each, language))
    for path, what in files:
        typer.echo(f"  {path} {what(language)}".rstrip())


@contextmanager
def _informing(language: Language, build_folder: Path) -> Iterator[tuple["Say", "Worker"]]:
    """How both commands run: they say what they do, end where something refuses, and of data with errors report."""
    from pipeline.marts import FaultyDataError
    from pipeline.reports import renderer
    from pipeline.reports.progress import steps
    from pipeline.warehouse import prepare_dbt
    from pipeline.worker import Worker

    try:
        with refusals(language), steps(language) as say, Worker(partial(prepare_dbt, build_folder)) as worker:
            say(VALIDATING)
            yield say, worker
    except FaultyDataError as error:
        typer.echo(renderer("text")(error.report, language))
        raise typer.Exit(1) from None

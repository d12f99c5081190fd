"""Another city, another programme, and where one stands: init, add-programme, status."""

from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.options import (
    DEFAULT_FOLDER,
    DEFAULT_LANG,
    DEFAULT_STORE,
    LOCALE,
    Folder,
    LangOption,
    ReportFormat,
    Store,
    option,
)
from pipeline.cli.running import command, refusals, spoken
from pipeline.language import Text


@command(
    Text("为一个地区建立空的数据文件夹。", "Lay out an empty data folder for a jurisdiction."),
    "minsheng init 340400 datapackage --name-en Huainan",
)
def init(
    code: Annotated[str, typer.Argument(help=Text("GB/T 2260 六位代码", "six-digit code of GB/T 2260")(LOCALE))],
    folder: Folder = DEFAULT_FOLDER,
    name_zh: Annotated[str | None, option("--name-zh", "新设代码的地区名称", "name, for a new code")] = None,
    name_en: Annotated[str | None, option("--name-en", "英文名称", "English name")] = None,
    prefecture_en: Annotated[
        str | None, option("--prefecture-en", "县区所属地市的英文名称", "English name of a county’s prefecture")
    ] = None,
    name: Annotated[str | None, option("--name", "数据包短名", "slug of the package")] = None,
    title_zh: Annotated[str | None, option("--title-zh", "数据包中文标题", "Chinese title")] = None,
    title_en: Annotated[str | None, option("--title-en", "数据包英文标题", "English title")] = None,
    publisher: Annotated[str | None, option("--publisher", "发布者", "publisher")] = None,
    lang: LangOption = DEFAULT_LANG,
) -> None:
    from pipeline.asking import asker
    from pipeline.reports.starting import started
    from pipeline.starting import Wanted, start

    language = spoken(lang)
    with refusals(language):
        wanted = Wanted(name_zh, name_en, prefecture_en, name, title_zh, title_en, publisher)
        made = start(code, folder, wanted, asker(language))
    typer.echo(started(made, language))


@command(
    Text("登记一个方案及其原文。", "Register a programme and its text."),
    "minsheng add-programme huainan-2027 --kind annual_list --start-year 2027 --source huainan.txt",
)
def add_programme(
    programme_id: Annotated[str, typer.Argument(help=Text("方案标识", "slug of the programme")(LOCALE))],
    folder: Folder = DEFAULT_FOLDER,
    title_zh: Annotated[str | None, option("--title-zh", "正式标题", "official title")] = None,
    title_en: Annotated[str | None, option("--title-en", "英文标题", "English title")] = None,
    kind: Annotated[str | None, option("--kind", "类型", "kind of document")] = None,
    start_year: Annotated[str | None, option("--start-year", "起始年", "first year")] = None,
    end_year: Annotated[str | None, option("--end-year", "结束年", "last year")] = None,
    issuer: Annotated[str | None, option("--issuer", "发文单位标识", "organization_id of the issuer")] = None,
    jurisdiction: Annotated[str | None, option("--jurisdiction", "行政区划代码", "jurisdiction_code")] = None,
    source: Annotated[Path | None, option("--source", "原文(UTF-8 纯文本)", "text (plain UTF-8)")] = None,
    source_title: Annotated[str | None, option("--source-title", "原文标题", "title of the text")] = None,
    script: Annotated[str | None, option("--script", "Hans 简体或 Hant 繁体", "Hans or Hant")] = None,
    lang: LangOption = DEFAULT_LANG,
) -> None:
    from pipeline.asking import asker
    from pipeline.registering import NewSource, register
    from pipeline.reports.starting import registered

    given = {
        "programme_id": programme_id,
        "jurisdiction_code": jurisdiction,
        "title_zh": title_zh,
        "title_en": title_en,
        "kind": kind,
        "issuer_id": issuer,
        "start_year": start_year,
        "end_year": end_year,
    }
    text = NewSource(source, source_title, script) if source else None
    with refusals(spoken(lang)):
        made = register(folder, given, text, asker(spoken(lang)))
    typer.echo(registered(made, spoken(lang)))


@command(Text("一屏看清数据的状态。", "The state of the data on one screen."), "minsheng status --format json")
def status(
    folder: Folder = DEFAULT_FOLDER,
    store: Store = DEFAULT_STORE,
    output: Annotated[ReportFormat, option("--format", "输出格式", "format of the report")] = ReportFormat.text,
    lang: LangOption = DEFAULT_LANG,
) -> None:
    from pipeline.reports.status import render
    from pipeline.status import status as run

    with refusals(spoken(lang)):
        found = run(folder, store)
    typer.echo(render(found, spoken(lang), output.value))

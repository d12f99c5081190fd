"""From sound data to marts, answers, a release and what is generated: build, query, release, docs."""

from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.options import (
    BUILD_FOLDER,
    DEFAULT_DATABASE,
    DEFAULT_FOLDER,
    DEFAULT_LANG,
    DEFAULT_STORE,
    LOCALE,
    BuildFolder,
    CheckOption,
    Folder,
    LangOption,
    Store,
    TableFormat,
    option,
)
from pipeline.cli.running import VALIDATING, command, refusals, spoken
from pipeline.language import Text


@command(Text("检查数据并用 dbt 构建集市表。", "Check the data and build the marts with dbt."), "minsheng build")
def build(
    folder: Folder = DEFAULT_FOLDER,
    out: BuildFolder = BUILD_FOLDER,
    lang: LangOption = DEFAULT_LANG,
) -> None:
    from pipeline.reports import renderer, stages
    from pipeline.reports.progress import steps
    from pipeline.validation import validate as run
    from pipeline.warehouse import build as build_warehouse

    language = spoken(lang)
    built = None
    with refusals(language), steps(language) as say:
        say(VALIDATING)
        validation = run(folder)
        if validation.report.ok:
            say(Text("构建集市表", "building the marts"))
            built = build_warehouse(validation.data, out)
    if built is None:
        typer.echo(renderer("text")(validation.report, language))
        raise typer.Exit(1)
    typer.echo(stages.built(built, language))
    raise typer.Exit(0 if built.ok else 1)


@command(
    Text("用 SQL 查询已构建的集市表。", "Query the marts with SQL."), 'minsheng query "SELECT * FROM programme_summary"'
)
def query(
    sql: Annotated[str, typer.Argument(help=Text("SQL 语句", "SQL statement")(LOCALE))],
    database: Annotated[Path, option("--database -d", "DuckDB 文件", "DuckDB file")] = DEFAULT_DATABASE,
    output: Annotated[TableFormat, option("--format", "输出格式", "format of the answer")] = TableFormat.table,
    lang: LangOption = DEFAULT_LANG,
) -> None:
    from pipeline.reports.answer import render
    from pipeline.warehouse import query as ask

    with refusals(spoken(lang)):
        answer = ask(database, sql)
    typer.echo(render(answer, output.value))


@command(
    Text("检查、构建、过关并发布数据包。", "Validate, build, gate and release the data package."),
    "minsheng release --store releases",
)
def release(
    folder: Folder = DEFAULT_FOLDER,
    store: Store = DEFAULT_STORE,
    out: BuildFolder = BUILD_FOLDER,
    lang: LangOption = DEFAULT_LANG,
) -> None:
    from pipeline.release.publish import release as run
    from pipeline.reports import stages
    from pipeline.reports.progress import steps

    language = spoken(lang)
    with refusals(language), steps(language, log=True) as say:
        released = run(folder, store, out, say)
    typer.echo(stages.released(released, store, language))
    raise typer.Exit(0 if released.ok else 1)


@command(
    Text("更新由表结构与规则目录生成的文件。", "Renew the files generated from schemas and rules."),
    "minsheng docs --check",
)
def docs(
    folder: Folder = DEFAULT_FOLDER,
    check: CheckOption = False,
    lang: LangOption = DEFAULT_LANG,
) -> None:
    from pipeline.generated import drift, makers, write

    root = folder.resolve().parent
    with refusals(spoken(lang)):
        wanted = makers(folder.resolve())
        changed = drift(root, wanted) if check else write(root, wanted)
    for path in changed:
        typer.echo(path)
    raise typer.Exit(1 if check and changed else 0)

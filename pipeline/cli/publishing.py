"""From sound data to marts, answers, a release and what is generated: build, query, release, diff, withdraw, docs."""

from functools import partial
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
    AsOf,
    BuildFolder,
    CheckOption,
    DiffFormat,
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
    as_of: AsOf = None,
    lang: LangOption = DEFAULT_LANG,
) -> None:
    from pipeline.reports import renderer, stages
    from pipeline.reports.progress import steps
    from pipeline.validation import validate as run
    from pipeline.warehouse import EarlyBuild, prepare_dbt
    from pipeline.worker import Worker

    language = spoken(lang)
    built = None
    with (
        refusals(language),
        steps(language) as say,
        Worker(partial(prepare_dbt, out)) as worker,
        EarlyBuild(out, worker, as_of=as_of.date() if as_of else None) as early,
    ):
        say(VALIDATING)
        validation = run(folder, meanwhile=early.begin)
        if validation.report.ok:
            say(Text("构建集市表", "building the marts"))
            built = early.finish(validation.data)
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
    from pipeline.querying import query as ask
    from pipeline.reports.answer import render

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
    sign: Annotated[
        Path | None,
        option("--sign", "用此 minisign 私钥签名", "sign with this minisign secret key", envvar="MINSHENG_SIGNING_KEY"),
    ] = None,
    lang: LangOption = DEFAULT_LANG,
) -> None:
    from pipeline.release.publish import release as run
    from pipeline.reports import stages
    from pipeline.reports.progress import steps

    language = spoken(lang)
    with refusals(language), steps(language, log=True) as say:
        released = run(folder, store, out, say, sign)
    typer.echo(stages.released(released, store, language))
    raise typer.Exit(0 if released.ok else 1)


@command(
    Text(
        "比较两个版本:发布文件夹、zip、数据文件夹、版本号或 latest。",
        "Compare two sides: a release folder, a zip, a data folder, a version number or `latest`.",
    ),
    "minsheng diff latest datapackage",
)
def diff(
    before: Annotated[str, typer.Argument(help=Text("旧版", "the older side")(LOCALE), metavar="A")],
    after: Annotated[str, typer.Argument(help=Text("新版", "the newer side")(LOCALE), metavar="B")],
    form: Annotated[DiffFormat, option("--format", "输出格式", "format of the answer")] = DiffFormat.text,
    changelog: Annotated[
        bool, option("--changelog", "只打印变更记录草稿", "print a draft of the change log only")
    ] = False,
    store: Store = DEFAULT_STORE,
    lang: LangOption = DEFAULT_LANG,
) -> None:
    from pipeline.comparing import comparison, entry_draft
    from pipeline.reports.changed import render

    language = spoken(lang)
    with refusals(language):
        found = comparison(before, after, store)
        typer.echo(entry_draft(found) if changelog else render(found, language, form.value))


@command(
    Text("撤回一个已发布的版本;文件不动,只作说明。", "Withdraw a released version; its files stay as they are."),
    'minsheng withdraw 0.2.0 --reason-zh 单位有误 --reason-en "wrong units"',
)
def withdraw(
    version: Annotated[str, typer.Argument(help=Text("版本号", "version")(LOCALE))],
    reason_zh: Annotated[str, option("--reason-zh", "撤回理由(中文)", "reason in Chinese")],
    reason_en: Annotated[str, option("--reason-en", "撤回理由(英文)", "reason in English")],
    store: Store = DEFAULT_STORE,
    lang: LangOption = DEFAULT_LANG,
) -> None:
    from pipeline.release.withdrawing import withdraw as run
    from pipeline.reports.required import withdrawn

    with refusals(spoken(lang)):
        entry, latest = run(store, version, Text(reason_zh, reason_en))
    typer.echo(withdrawn(entry, latest)(spoken(lang)))


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

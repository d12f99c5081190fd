"""The command line: parse arguments, call one stage, hand its result to a renderer; nothing else."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from pipeline import __version__
from pipeline.language import Language, RefusalError, Text, locale_language

if TYPE_CHECKING:
    from pipeline.findings import Report

_L = locale_language()
MISUSE = 2
BUILD_FOLDER = Path("build")


class Lang(StrEnum):
    zh = "zh"
    en = "en"


class ReportFormat(StrEnum):
    text = "text"
    json = "json"
    github = "github"
    sarif = "sarif"
    junit = "junit"
    markdown = "markdown"
    csv = "csv"
    html = "html"


class DiffFormat(StrEnum):
    text = "text"
    json = "json"
    html = "html"


class TableFormat(StrEnum):
    table = "table"
    csv = "csv"
    json = "json"


app = typer.Typer(
    name="minsheng",
    help=Text("把民生实事方案整理成可信的开放数据。", "Livelihood programmes as open data that can be trusted.")(_L),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _example(text: Text, command: str) -> str:
    return f"{text(_L)}\n\n{Text('例', 'Example')(_L)}:  {command}"


def _option(name: str, zh: str, en: str) -> Any:
    return typer.Option(name, help=Text(zh, en)(_L))


Folder = Annotated[
    Path,
    typer.Argument(help=Text("数据文件夹", "data folder")(_L), metavar="DIR", show_default="datapackage"),
]
LangOption = Annotated[Lang, typer.Option("--lang", help=Text("输出语言", "language of the output")(_L))]
CheckOption = Annotated[bool, typer.Option("--check", help=Text("只检查,不写入", "only check, write nothing")(_L))]
DEFAULT_FOLDER = Path("datapackage")
DEFAULT_LANG = Lang(_L)
VALIDATING = Text("检查数据", "validating")
Store = Annotated[Path, _option("--store", "发布文件夹", "folder of releases")]
DEFAULT_STORE = Path("releases")


def _language(lang: Lang) -> Language:
    return "zh" if lang is Lang.zh else "en"


def _stop(message: str) -> NoReturn:
    """The tool was misused or could not run: say why on standard error."""
    typer.echo(f"minsheng: {message}", err=True)
    raise typer.Exit(MISUSE)


def _at_terminal() -> bool:
    return sys.stdin.isatty() and sys.stdout.isatty()


@contextmanager
def _refusals(language: Language) -> Iterator[None]:
    """End with a message where a stage refuses, or where the system does."""
    try:
        yield
    except RefusalError as error:
        _stop(error.reason(language))
    except OSError as error:
        _stop(Text(f"系统拒绝操作:{error}", f"the system refused: {error}")(language))


@app.callback(invoke_without_command=True)
def common(
    version: Annotated[bool, typer.Option("--version", help=Text("显示版本", "show the version")(_L))] = False,
) -> None:
    if version:
        typer.echo(f"minsheng {__version__}")
        raise typer.Exit


@app.command(
    help=_example(
        Text("检查整理数据。", "Check the curated data."),
        "minsheng validate datapackage --format html --output report.html",
    )
)
def validate(
    data: Annotated[
        Path,
        typer.Argument(
            help=Text("数据文件夹、datapackage.json 或 CSV 文件", "data folder, datapackage.json or CSV file")(_L),
            metavar="DIR|PACKAGE|FILE",
            show_default="datapackage",
        ),
    ] = DEFAULT_FOLDER,
    schema: Annotated[
        Path | None,
        typer.Option(
            "--schema", help=Text("CSV 文件的 Table Schema", "Table Schema of the CSV file")(_L), metavar="SCHEMA"
        ),
    ] = None,
    form: Annotated[
        ReportFormat, typer.Option("--format", help=Text("报告格式", "format of the report")(_L))
    ] = ReportFormat.text,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help=Text("把报告写入文件", "write the report to a file")(_L), metavar="FILE"),
    ] = None,
    every: Annotated[
        bool,
        typer.Option(
            "--all", help=Text("重复出现的问题也逐条列出", "list every finding, however often it repeats")(_L)
        ),
    ] = False,
    strict: Annotated[
        bool,
        typer.Option("--strict", help=Text("有规则未检查也算失败", "fail where a rule was not checked")(_L)),
    ] = False,
    lang: LangOption = DEFAULT_LANG,
) -> None:
    from pipeline.reports import encoding, renderer
    from pipeline.reports.overview import summary
    from pipeline.reports.progress import steps
    from pipeline.reports.writing import write

    language = _language(lang)
    with _refusals(language):
        with steps(language) as say:
            say(VALIDATING)
            report = _judged(data, schema)
        rendered = renderer(form.value, every=every)(report, language)
        if output:
            write(output, rendered, encoding(form.value))
    typer.echo(f"{output}: {summary(report)(language)}" if output else rendered)
    raise typer.Exit(report.exit_code(strict=strict))


def _judged(data: Path, schema: Path | None) -> "Report":
    """A data folder is checked in full, tables of anybody in their structure."""
    if schema is not None or data.is_file():
        from pipeline.tabular import validate_tables

        return validate_tables(data, schema)
    from pipeline.validation import validate as run

    return run(data).report


@app.command(
    help=_example(
        Text(
            "对照来源文本核对全部引证,并更新核对记录。",
            "Verify all citations against the source texts; renew the lock.",
        ),
        "MINSHENG_SOURCES=~/texts minsheng verify",
    )
)
def verify(folder: Folder = DEFAULT_FOLDER, lang: LangOption = DEFAULT_LANG) -> None:
    from pipeline.reports import renderer
    from pipeline.reports.accounts import render
    from pipeline.reports.progress import steps
    from pipeline.verifying import verify as run

    with _refusals(_language(lang)), steps(_language(lang)) as say:
        say(Text("对照来源文本", "verifying against the texts"))
        verification = run(folder)
    if not verification.report.ok:
        typer.echo(renderer("text")(verification.report, _language(lang)))
    typer.echo(render(verification, _language(lang)))
    if verification.sources and not verification.any_text:
        where = "sources/, $MINSHENG_SOURCES, ../shared/sources"
        _stop(Text(f"没有可核对的来源文本({where})", f"no source text is at hand ({where})")(_language(lang)))
    raise typer.Exit(0 if verification.ok else 1)


@app.command(
    help=_example(
        Text("把整理数据改写为规范格式。", "Write the curated files in canonical form."), "minsheng fmt --check --diff"
    )
)
def fmt(
    folder: Folder = DEFAULT_FOLDER,
    check: CheckOption = False,
    diff: Annotated[bool, typer.Option("--diff", help=Text("显示改动", "show the changes")(_L))] = False,
    lang: LangOption = DEFAULT_LANG,
) -> None:
    from pipeline.formatting import fmt as write
    from pipeline.formatting import formatting
    from pipeline.reports.edits import formatted

    language = _language(lang)
    with _refusals(language):
        result = formatting(folder) if check else write(folder)
    typer.echo(formatted(result, language, written=not check, diff=diff))
    raise typer.Exit(1 if result.left_alone or (check and result.changes) else 0)


@app.command(
    help=_example(
        Text("改正确定无疑的错误,其余逐处询问。", "Fix what is certain; ask about the rest."), "minsheng fix --check"
    )
)
def fix(
    folder: Folder = DEFAULT_FOLDER,
    check: CheckOption = False,
    yes: Annotated[
        bool,
        typer.Option("--yes", "-y", help=Text("不询问,只改确定的", "ask nothing, fix what is certain")(_L)),
    ] = False,
    lang: LangOption = DEFAULT_LANG,
) -> None:
    from pipeline.fixing import Fixed
    from pipeline.fixing import fix as run
    from pipeline.reports import edits, renderer
    from pipeline.reports.asking import asker

    language = _language(lang)

    shown: list[str] = []

    def show(fixed: Fixed) -> None:
        lines = [line for line in edits.edits(fixed, language) if line not in shown]
        shown.extend(lines)
        typer.echo("\n".join(lines), nl=bool(lines))

    interactive = not (check or yes) and _at_terminal()
    with _refusals(language):
        result = run(folder, asker(language) if interactive else None, show, write=not check)
    show(result)  # what answers brought about
    if rest := edits.left(result, language):
        typer.echo(rest)
    typer.echo(edits.fixed(result, language, written=not check))
    if check:
        raise typer.Exit(1 if result.any else 0)
    typer.echo(renderer("text")(result.report, language))
    raise typer.Exit(result.report.exit_code())


@app.command(help=_example(Text("解释一条规则。", "Explain a rule."), "minsheng explain quantity-mismatch"))
def explain(
    code: Annotated[str, typer.Argument(help=Text("规则代码", "code of the rule")(_L))],
    lang: LangOption = DEFAULT_LANG,
) -> None:
    from pipeline.generated.rule_pages import page
    from pipeline.nearest import hints
    from pipeline.rules import catalogue

    rules = catalogue()
    if code not in rules:
        near = hints(code, list(rules))
        _stop(Text(f"没有规则 {code}{near.zh}", f"no rule {code}{near.en}")(_language(lang)))
    typer.echo(page(rules[code], (_language(lang),)))


@app.command(
    help=_example(
        Text("检查数据并用 dbt 构建集市表。", "Check the data and build the marts with dbt."),
        "minsheng build",
    )
)
def build(
    folder: Folder = DEFAULT_FOLDER,
    out: Annotated[Path, typer.Option("--out", help=Text("构建文件夹", "build folder")(_L))] = BUILD_FOLDER,
    lang: LangOption = DEFAULT_LANG,
) -> None:
    from pipeline.reports import renderer, stages
    from pipeline.reports.progress import steps
    from pipeline.validation import validate as run
    from pipeline.warehouse import build as build_warehouse

    language = _language(lang)
    built = None
    with _refusals(language), steps(language) as say:
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


@app.command(
    help=_example(
        Text("用 SQL 查询已构建的集市表。", "Query the marts with SQL."),
        'minsheng query "SELECT * FROM programme_summary"',
    )
)
def query(
    sql: Annotated[str, typer.Argument(help=Text("SQL 语句", "SQL statement")(_L))],
    database: Annotated[
        Path, typer.Option("--database", "-d", help=Text("DuckDB 文件", "DuckDB file")(_L))
    ] = BUILD_FOLDER / "warehouse.duckdb",
    output: Annotated[
        TableFormat, typer.Option("--format", help=Text("输出格式", "format of the answer")(_L))
    ] = TableFormat.table,
    lang: LangOption = DEFAULT_LANG,
) -> None:
    from pipeline.reports.answer import render
    from pipeline.warehouse import query as ask

    with _refusals(_language(lang)):
        answer = ask(database, sql)
    typer.echo(render(answer, output.value))


@app.command(
    help=_example(
        Text("检查、构建、过关并发布数据包。", "Validate, build, gate and release the data package."),
        "minsheng release --store releases",
    )
)
def release(
    folder: Folder = DEFAULT_FOLDER,
    store: Store = DEFAULT_STORE,
    out: Annotated[Path, typer.Option("--out", help=Text("构建文件夹", "build folder")(_L))] = BUILD_FOLDER,
    lang: LangOption = DEFAULT_LANG,
) -> None:
    from pipeline.release.publish import release as run
    from pipeline.reports import stages
    from pipeline.reports.progress import steps

    language = _language(lang)
    with _refusals(language), steps(language, log=True) as say:
        released = run(folder, store, out, say)
    typer.echo(stages.released(released, store, language))
    raise typer.Exit(0 if released.ok else 1)


@app.command(
    help=_example(
        Text(
            "比较两个版本:发布文件夹、zip、数据文件夹、版本号或 latest。",
            "Compare two sides: a release folder, a zip, a data folder, a version number or `latest`.",
        ),
        "minsheng diff latest datapackage",
    )
)
def diff(
    before: Annotated[str, typer.Argument(help=Text("旧版", "the older side")(_L), metavar="A")],
    after: Annotated[str, typer.Argument(help=Text("新版", "the newer side")(_L), metavar="B")],
    form: Annotated[DiffFormat, _option("--format", "输出格式", "format of the answer")] = DiffFormat.text,
    changelog: Annotated[
        bool, typer.Option("--changelog", help=Text("只打印变更记录草稿", "print a draft of the change log only")(_L))
    ] = False,
    store: Store = DEFAULT_STORE,
    lang: LangOption = DEFAULT_LANG,
) -> None:
    from pipeline.comparing import comparison, entry_draft
    from pipeline.reports.changed import render

    language = _language(lang)
    with _refusals(language):
        found = comparison(before, after, store)
        typer.echo(entry_draft(found) if changelog else render(found, language, form.value))


@app.command(
    help=_example(
        Text("撤回一个已发布的版本;文件不动,只作说明。", "Withdraw a released version; its files stay as they are."),
        'minsheng withdraw 0.2.0 --reason-zh 单位有误 --reason-en "wrong units"',
    )
)
def withdraw(
    version: Annotated[str, typer.Argument(help=Text("版本号", "version")(_L))],
    reason_zh: Annotated[str, _option("--reason-zh", "撤回理由(中文)", "reason in Chinese")],
    reason_en: Annotated[str, _option("--reason-en", "撤回理由(英文)", "reason in English")],
    store: Store = DEFAULT_STORE,
    lang: LangOption = DEFAULT_LANG,
) -> None:
    from pipeline.release.withdrawing import withdraw as run
    from pipeline.reports.required import withdrawn

    with _refusals(_language(lang)):
        entry, latest = run(store, version, Text(reason_zh, reason_en))
    typer.echo(withdrawn(entry, latest)(_language(lang)))


@app.command(
    help=_example(
        Text("为一个地区建立空的数据文件夹。", "Lay out an empty data folder for a jurisdiction."),
        "minsheng init 340400 datapackage --name-en Huainan",
    )
)
def init(
    code: Annotated[str, typer.Argument(help=Text("GB/T 2260 六位代码", "six-digit code of GB/T 2260")(_L))],
    folder: Folder = DEFAULT_FOLDER,
    name_zh: Annotated[str | None, _option("--name-zh", "新设代码的地区名称", "name, for a new code")] = None,
    name_en: Annotated[str | None, _option("--name-en", "英文名称", "English name")] = None,
    prefecture_en: Annotated[
        str | None, _option("--prefecture-en", "县区所属地市的英文名称", "English name of a county’s prefecture")
    ] = None,
    name: Annotated[str | None, _option("--name", "数据包短名", "slug of the package")] = None,
    title_zh: Annotated[str | None, _option("--title-zh", "数据包中文标题", "Chinese title")] = None,
    title_en: Annotated[str | None, _option("--title-en", "数据包英文标题", "English title")] = None,
    publisher: Annotated[str | None, _option("--publisher", "发布者", "publisher")] = None,
    lang: LangOption = DEFAULT_LANG,
) -> None:
    from pipeline.asking import asker
    from pipeline.reports.starting import started
    from pipeline.starting import Wanted, start

    language = _language(lang)
    with _refusals(language):
        wanted = Wanted(name_zh, name_en, prefecture_en, name, title_zh, title_en, publisher)
        made = start(code, folder, wanted, asker(language))
    typer.echo(started(made, language))


@app.command(
    help=_example(
        Text("登记一个方案及其原文。", "Register a programme and its text."),
        "minsheng add-programme huainan-2027 --kind annual_list --start-year 2027 --source huainan.txt",
    )
)
def add_programme(
    programme_id: Annotated[str, typer.Argument(help=Text("方案标识", "slug of the programme")(_L))],
    folder: Folder = DEFAULT_FOLDER,
    title_zh: Annotated[str | None, _option("--title-zh", "正式标题", "official title")] = None,
    title_en: Annotated[str | None, _option("--title-en", "英文标题", "English title")] = None,
    kind: Annotated[str | None, _option("--kind", "类型", "kind of document")] = None,
    start_year: Annotated[str | None, _option("--start-year", "起始年", "first year")] = None,
    end_year: Annotated[str | None, _option("--end-year", "结束年", "last year")] = None,
    issuer: Annotated[str | None, _option("--issuer", "发文单位标识", "organization_id of the issuer")] = None,
    jurisdiction: Annotated[str | None, _option("--jurisdiction", "行政区划代码", "jurisdiction_code")] = None,
    source: Annotated[Path | None, _option("--source", "原文(UTF-8 纯文本)", "text (plain UTF-8)")] = None,
    source_title: Annotated[str | None, _option("--source-title", "原文标题", "title of the text")] = None,
    script: Annotated[str | None, _option("--script", "Hans 简体或 Hant 繁体", "Hans or Hant")] = None,
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
    with _refusals(_language(lang)):
        made = register(folder, given, text, asker(_language(lang)))
    typer.echo(registered(made, _language(lang)))


@app.command(
    help=_example(Text("一屏看清数据的状态。", "The state of the data on one screen."), "minsheng status --format json")
)
def status(
    folder: Folder = DEFAULT_FOLDER,
    store: Store = DEFAULT_STORE,
    output: Annotated[ReportFormat, _option("--format", "输出格式", "format of the report")] = ReportFormat.text,
    lang: LangOption = DEFAULT_LANG,
) -> None:
    from pipeline.reports.status import render
    from pipeline.status import status as run

    with _refusals(_language(lang)):
        found = run(folder, store)
    typer.echo(render(found, _language(lang), output.value))


@app.command(
    help=_example(
        Text("更新由表结构与规则目录生成的文件。", "Renew the files generated from schemas and rules."),
        "minsheng docs --check",
    )
)
def docs(
    folder: Folder = DEFAULT_FOLDER,
    check: CheckOption = False,
    lang: LangOption = DEFAULT_LANG,
) -> None:
    from pipeline.generated import drift, makers, write

    root = folder.resolve().parent
    with _refusals(_language(lang)):
        wanted = makers(folder.resolve())
        changed = drift(root, wanted) if check else write(root, wanted)
    for path in changed:
        typer.echo(path)
    raise typer.Exit(1 if check and changed else 0)


def main() -> None:
    """The entry point of the `minsheng` command: no traceback ever reaches a user."""
    if isinstance(sys.stdout.encoding, str) and sys.stdout.encoding.lower() not in ("utf-8", "utf8"):
        sys.stdout.reconfigure(encoding="utf-8", errors="replace")  # type: ignore[union-attr]
    try:
        app()
    except (BrokenPipeError, KeyboardInterrupt):
        os._exit(130)
    except Exception as error:
        if os.environ.get("MINSHENG_DEBUG"):
            raise
        hint = Text("设 MINSHENG_DEBUG=1 可看详情", "set MINSHENG_DEBUG=1 for details")(_L)
        typer.echo(f"minsheng: {type(error).__name__}: {error} ({hint})", err=True)
        sys.exit(MISUSE)

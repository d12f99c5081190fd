"""The command line: parse arguments, call one stage, hand its result to a renderer; nothing else."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from pipeline import __version__
from pipeline.language import Language, RefusalError, Text, locale_language

_L = locale_language()
MISUSE = 2
BUILD_FOLDER = Path("build")


class Lang(StrEnum):
    zh = "zh"
    en = "en"


class ReportFormat(StrEnum):
    text = "text"
    json = "json"


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


Folder = Annotated[
    Path,
    typer.Argument(help=Text("数据文件夹", "data folder")(_L), metavar="DIR", show_default="datapackage"),
]
LangOption = Annotated[Lang, typer.Option("--lang", help=Text("输出语言", "language of the output")(_L))]
CheckOption = Annotated[bool, typer.Option("--check", help=Text("只检查,不写入", "only check, write nothing")(_L))]
DEFAULT_FOLDER = Path("datapackage")
DEFAULT_LANG = Lang(_L)


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
    help=_example(Text("检查整理数据。", "Check the curated data."), "minsheng validate datapackage --format json")
)
def validate(
    folder: Folder = DEFAULT_FOLDER,
    output: Annotated[
        ReportFormat, typer.Option("--format", help=Text("输出格式", "format of the report")(_L))
    ] = ReportFormat.text,
    strict: Annotated[
        bool,
        typer.Option("--strict", help=Text("有规则未检查也算失败", "fail where a rule was not checked")(_L)),
    ] = False,
    lang: LangOption = DEFAULT_LANG,
) -> None:
    from pipeline.reports import renderer
    from pipeline.validation import validate as run

    with _refusals(_language(lang)):
        report = run(folder).report
    typer.echo(renderer(output.value)(report, _language(lang)))
    raise typer.Exit(report.exit_code(strict=strict))


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
    from pipeline.verifying import verify as run

    with _refusals(_language(lang)):
        verification = run(folder)
    if not verification.report.ok:
        typer.echo(renderer("text")(verification.report, _language(lang)))
    typer.echo(render(verification, _language(lang)))
    if not verification.any_text:
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
    from pipeline.validation import validate as run
    from pipeline.warehouse import build as build_warehouse

    language = _language(lang)
    with _refusals(language):
        validation = run(folder)
        if not validation.report.ok:
            typer.echo(renderer("text")(validation.report, language))
            raise typer.Exit(1)
        built = build_warehouse(validation.data, out)
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
    store: Annotated[Path, typer.Option("--store", help=Text("发布文件夹", "folder of releases")(_L))] = Path(
        "releases"
    ),
    out: Annotated[Path, typer.Option("--out", help=Text("构建文件夹", "build folder")(_L))] = BUILD_FOLDER,
    lang: LangOption = DEFAULT_LANG,
) -> None:
    from pipeline.release.publish import release as run
    from pipeline.reports import stages

    language = _language(lang)
    with _refusals(language):
        released = run(folder, store, out, lambda step: typer.echo(f"… {step(language)}", err=True))
    typer.echo(stages.released(released, store, language))
    raise typer.Exit(0 if released.ok else 1)


@app.command(
    help=_example(
        Text("更新由表结构与规则目录生成的文件。", "Renew the files generated from schemas and rules."),
        "minsheng docs --check",
    )
)
def docs(
    check: CheckOption = False,
    lang: LangOption = DEFAULT_LANG,
) -> None:
    from pipeline.generated import drift, makers, write

    root = Path()
    with _refusals(_language(lang)):
        wanted = makers(root)
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

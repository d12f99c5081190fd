"""What is right and what is wrong: validate, verify, explain."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.cli.options import DEFAULT_FOLDER, DEFAULT_LANG, LOCALE, Folder, LangOption, ReportFormat, option
from pipeline.cli.running import VALIDATING, command, refusals, spoken, stop
from pipeline.language import Text

if TYPE_CHECKING:
    from pipeline.findings import Report


@command(
    Text("检查整理数据。", "Check the curated data."),
    "minsheng validate datapackage --format html --output report.html",
)
def validate(
    data: Annotated[
        Path,
        typer.Argument(
            help=Text("数据文件夹、datapackage.json 或 CSV 文件", "data folder, datapackage.json or CSV file")(LOCALE),
            metavar="DIR|PACKAGE|FILE",
            show_default="datapackage",
        ),
    ] = DEFAULT_FOLDER,
    schema: Annotated[
        Path | None, option("--schema", "CSV 文件的 Table Schema", "Table Schema of the CSV file", metavar="SCHEMA")
    ] = None,
    form: Annotated[ReportFormat, option("--format", "报告格式", "format of the report")] = ReportFormat.text,
    output: Annotated[
        Path | None, option("--output -o", "把报告写入文件", "write the report to a file", metavar="FILE")
    ] = None,
    every: Annotated[
        bool, option("--all", "重复出现的问题也逐条列出", "list every finding, however often it repeats")
    ] = False,
    strict: Annotated[bool, option("--strict", "有规则未检查也算失败", "fail where a rule was not checked")] = False,
    lang: LangOption = DEFAULT_LANG,
) -> None:
    from pipeline.reports import encoding, renderer
    from pipeline.reports.overview import summary
    from pipeline.reports.progress import steps
    from pipeline.reports.writing import write

    language = spoken(lang)
    with refusals(language):
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


@command(
    Text(
        "对照来源文本核对全部引证,并更新核对记录。",
        "Verify all citations against the source texts; renew the lock.",
    ),
    "MINSHENG_SOURCES=~/texts minsheng verify",
)
def verify(folder: Folder = DEFAULT_FOLDER, lang: LangOption = DEFAULT_LANG) -> None:
    from pipeline.reports import renderer
    from pipeline.reports.accounts import render
    from pipeline.reports.progress import steps
    from pipeline.verifying import verify as run

    with refusals(spoken(lang)), steps(spoken(lang)) as say:
        say(Text("对照来源文本", "verifying against the texts"))
        verification = run(folder)
    if not verification.report.ok:
        typer.echo(renderer("text")(verification.report, spoken(lang)))
    typer.echo(render(verification, spoken(lang)))
    if verification.sources and not verification.any_text:
        where = "sources/, $MINSHENG_SOURCES, ../shared/sources"
        stop(Text(f"没有可核对的来源文本({where})", f"no source text is at hand ({where})")(spoken(lang)))
    raise typer.Exit(0 if verification.ok else 1)


@command(Text("解释一条规则。", "Explain a rule."), "minsheng explain quantity-mismatch")
def explain(
    code: Annotated[str, typer.Argument(help=Text("规则代码", "code of the rule")(LOCALE))],
    lang: LangOption = DEFAULT_LANG,
) -> None:
    from pipeline.generated.rule_pages import page
    from pipeline.nearest import hints
    from pipeline.reports.visible import visible
    from pipeline.rules import catalogue

    rules = catalogue()
    if code not in rules:
        near, shown = hints(code, list(rules)), visible(code)
        stop(Text(f"没有规则 {shown}{near.zh}", f"no rule {shown}{near.en}")(spoken(lang)))
    typer.echo(page(rules[code], (spoken(lang),)))

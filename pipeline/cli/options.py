"""The arguments and options that commands share."""

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from pipeline.language import Text, locale_language

LOCALE = locale_language()


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


def option(names: str, zh: str, en: str, **more: Any) -> Any:
    """An option, its names apart by a blank, with its help in the language of the locale."""
    return typer.Option(*names.split(), help=Text(zh, en)(LOCALE), **more)


Folder = Annotated[
    Path,
    typer.Argument(help=Text("数据文件夹", "data folder")(LOCALE), metavar="DIR", show_default="datapackage"),
]
LangOption = Annotated[Lang, option("--lang", "输出语言", "language of the output")]
CheckOption = Annotated[bool, option("--check", "只检查,不写入", "only check, write nothing")]
AsOf = Annotated[
    datetime | None,
    option(
        "--as-of",
        "按这一日已知的情况评判,默认今天",
        "judge by what was known on this day; today unless given",
        formats=["%Y-%m-%d"],
        metavar="DATE",
        show_default=False,
    ),
]
BuildFolder = Annotated[Path, option("--out", "构建文件夹", "build folder")]
Store = Annotated[
    str, option("--store", "发布文件夹,或 s3:// 等地址", "folder of releases, or an address such as s3://bucket/folder")
]

DEFAULT_FOLDER = Path("datapackage")
DEFAULT_LANG = Lang(LOCALE)
DEFAULT_STORE = "releases"
BUILD_FOLDER = Path("build")
DEFAULT_DATABASE = BUILD_FOLDER / "warehouse.duckdb"

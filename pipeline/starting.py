"""The start of another city: a data folder with the registers of general use and everything else empty.

The folder is laid out beside its place and moved into it in one step; what is there already is never touched.
"""

import csv
import io
import json
import re
import shlex
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path

from pipeline import clock
from pipeline.asking import Ask
from pipeline.curated import SLUG
from pipeline.divisions import Division, lineage
from pipeline.generated.descriptor import FILE_NAME as DESCRIPTOR
from pipeline.generated.descriptor import content
from pipeline.language import RefusalError, Text
from pipeline.package import PACKAGE_FILE
from pipeline.tables import Table, curated_tables, table

# The same facts for every city, so that cities can be compared; the rest of reference/ is each city's own.
REGISTERS = ("concepts", "domains", "unit_symbols", "units")


class StartError(RefusalError):
    """The folder cannot be laid out; `reason` says why in both languages."""


@dataclass(frozen=True)
class Wanted:
    """What was said of the new package; None where it is to be derived or asked for."""

    name_zh: str | None = None
    name_en: str | None = None
    prefecture_en: str | None = None
    name: str | None = None
    title_zh: str | None = None
    title_en: str | None = None
    publisher: str | None = None


@dataclass(frozen=True)
class Started:
    """A folder that was laid out: for which jurisdictions, the province first, and under which package name."""

    folder: Path
    divisions: tuple[Division, ...]
    package: str


def registers_folder() -> Path:
    """The registers of general use, in a checkout in the data folder, in a wheel inside the package."""
    package = Path(str(resources.files("pipeline")))
    inside = package / "registers"
    return inside if inside.is_dir() else package.parent / "datapackage" / "reference"


def start(code: str, folder: Path, wanted: Wanted, ask: Ask) -> Started:
    """Lay out a data folder for the jurisdiction of a GB/T 2260 code.

    Raises StartError where the folder holds something or a value is unusable, CodeError, MissingValueError.
    """
    _ensure_free(folder)
    if not folder.name.isprintable():
        raise StartError(
            Text("文件夹名含有控制字符或不是 UTF-8", "the name of the folder holds control characters or is no UTF-8")
        )
    divisions = _named(lineage(code, wanted.name_zh), wanted, ask)
    here = divisions[-1]
    question = Text("数据包短名(小写字母、数字、连字符)", "package name (lower-case letters, digits, hyphens)")
    name = wanted.name or _slug(here.name_en) or ask("--name", question)
    if not SLUG.fullmatch(name):
        raise StartError(
            Text(
                f"--name“{name}”应为小写短名,例如 huainan-minsheng",
                f"--name “{name}” must be a lower-case slug, such as huainan-minsheng",
            )
        )
    files = {
        PACKAGE_FILE: _package_file(name, here, wanted),
        "CHANGELOG.md": "# 数据变更记录 / Changes of the data\n\n## 0.1.0\n\n- 初次整理。\n- First rows.\n",
        "README.md": _readme(name, here, folder.name),
        ".gitignore": "# 来源文本与生成的文件不入库 / source texts and what is generated stay out of the repository\n"
        "/sources/\n/build/\n/releases/\n",
        **{
            each.path: _rows(each, divisions if each.name == "jurisdictions" else ())
            for each in curated_tables()
            if not each.per_programme and each.name not in REGISTERS
        },
    }
    _lay_out(folder, files)
    return Started(folder, divisions, name)


def _ensure_free(folder: Path) -> None:
    if folder.is_symlink() or (folder.exists() and not (folder.is_dir() and not any(folder.iterdir()))):
        raise StartError(
            Text(
                f"{folder} 已存在且不是空文件夹,不予改动;请换一个文件夹",
                f"{folder} exists and is no empty folder; it is left as it is, name another folder",
            )
        )
    if folder.exists() and folder.resolve() == Path.cwd():
        raise StartError(
            Text(
                "不能就在当前文件夹里建立;请写出其中的一个新文件夹,例如 datapackage",
                "the current folder itself cannot be laid out; name a new folder in it, such as datapackage",
            )
        )


def _named(divisions: tuple[Division, ...], wanted: Wanted, ask: Ask) -> tuple[Division, ...]:
    """The divisions with English names, which no list gives below the provinces."""
    named = []
    for division in divisions:
        own = division is divisions[-1]
        option, given = ("--name-en", wanted.name_en) if own else ("--prefecture-en", wanted.prefecture_en)
        question = Text(f"{division.name_zh}的英文名称", f"English name of {division.name_zh}")
        known = given if given and (own or division.level == "prefecture") else division.name_en
        name = _one_line(option, known or ask(option, question))
        named.append(replace(division, name_zh=_one_line("--name-zh", division.name_zh), name_en=name))
    return tuple(named)


def _one_line(option: str, value: str) -> str:
    """A value for a single line of a file, without control characters. Raises StartError."""
    if not value.strip() or not value.isprintable():
        raise StartError(
            Text(f"{option} 的值为空或含有控制字符", f"the value of {option} is empty or holds control characters")
        )
    return value.strip()


def _slug(name_en: str) -> str:
    """A package name from an English name; empty where nothing of it is a letter or digit."""
    words = re.findall(r"[a-z0-9]+", name_en.lower())
    return "-".join([*words, "minsheng"]) if words else ""


def _package_file(name: str, here: Division, wanted: Wanted) -> str:
    title_zh = wanted.title_zh or f"{here.name_zh}民生实事开放数据"
    title_en = wanted.title_en or f"Livelihood programmes of {here.name_en} as open data"
    publisher = wanted.publisher or f"{here.name_zh}民生实事数据整理人 / data stewards of {here.name_en}"
    description_zh = (
        f"{here.name_zh}民生实事方案中的任务、量化目标、牵头单位与时间节点;每个数字都对应来源文件中的原样字符。"
    )
    description_en = (
        f"Tasks, quantified targets, lead units and deadlines of the livelihood programmes of {here.name_en}; "
        "every number is tied to the characters of the document it was read from."
    )
    return f"""\
# 数据包的自我说明;许可与发布者请按实际情况修改,发布新版前提高 version。
# What the package says of itself; change licence and publisher where they differ, raise version for each release.
name = {_toml("--name", name)}
version = "0.1.0"
title_zh = {_toml("--title-zh", title_zh)}
title_en = {_toml("--title-en", title_en)}
description_zh = {_toml("--name-zh", description_zh)}
description_en = {_toml("--name-en", description_en)}
keywords = ["民生实事", "government commitments", "indicators", "livelihood", "China"]

[[licenses]]
name = "CC-BY-4.0"
title = "Creative Commons Attribution 4.0 International"
path = "https://creativecommons.org/licenses/by/4.0/"

[[contributors]]
title = {_toml("--publisher", publisher)}
roles = ["dataCurator", "publisher"]
"""


def _toml(option: str, value: str) -> str:
    """A basic string of TOML: the escapes JSON writes for printable text mean the same in both."""
    return json.dumps(_one_line(option, value), ensure_ascii=False)


def _rows(of: Table, divisions: Sequence[Division]) -> str:
    """A register as CSV: the header and, for jurisdictions, the rows known from the code."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(of.names)
    for division in divisions:
        cells = {**vars(division), "jurisdiction_code": division.code}
        writer.writerow(cells.get(name) or "" for name in of.names)
    return buffer.getvalue()


def _readme(name: str, here: Division, folder: str) -> str:
    folder, year = shlex.quote(folder), clock.today().year
    command = (
        f"minsheng add-programme {name.removesuffix('-minsheng')}-{year} {folder} --kind annual_list "
        f"--start-year {year} --title-zh … --title-en … --source ….txt"
    )
    return f"""\
# {here.name_zh}民生实事数据 / Livelihood programmes of {here.name_en}

下一步:

1. 登记第一个方案及其原文(UTF-8 纯文本):

       {command}

2. 在 `reference/organizations.csv` 登记牵头单位,在 `reference/organization_names.csv` 登记文件里的写法。
3. 填写 `programmes/<方案标识>/` 中的表;`minsheng validate {folder}` 逐格指出问题,`minsheng status {folder}` 看进度。
4. 手边有原文时运行 `minsheng verify {folder}`,直到数字账目完整。
5. 运行 `minsheng docs {folder}` 更新数据包说明,再运行 `minsheng release {folder}` 发布;
   生成的 `build/`、`releases/` 不必入库。

单位、领域、共同指标是通用的登记表(取自 minsheng,CC BY 4.0),缺什么就补什么。原文放在 `sources/`,不入库。

Next steps:

1. Register the first programme and its text (plain UTF-8) with the command above.
2. Register lead units in `reference/organizations.csv`, and how documents print them in
   `reference/organization_names.csv`.
3. Fill in the tables of `programmes/<programme_id>/`; `minsheng validate {folder}` names each faulty cell,
   `minsheng status {folder}` shows how far you are.
4. With the text at hand, run `minsheng verify {folder}` until its numeral account is complete.
5. `minsheng docs {folder}` renews the package description, `minsheng release {folder}` publishes;
   `build/` and `releases/` are generated and need not be committed.

Units, domains and concepts are registers of general use (from minsheng, CC BY 4.0): add what is missing. Texts lie in
`sources/`, outside the repository.
"""


def _lay_out(folder: Path, files: dict[str, str]) -> None:
    """Write everything beside the folder and move it there; nothing is left where a step fails."""
    folder.absolute().parent.mkdir(parents=True, exist_ok=True)
    beside = folder.absolute().with_name(f".{folder.name}.minsheng-init")
    if beside.is_symlink():
        beside.unlink()  # never through a link
    shutil.rmtree(beside, ignore_errors=True)  # left by a crash
    try:
        (beside / "sources").mkdir(parents=True)
        (beside / "reference").mkdir()
        for path, text in files.items():
            (beside / path).write_text(text, encoding="utf-8", newline="\n")
        for register in REGISTERS:
            name = Path(table(register).path).name
            shutil.copyfile(registers_folder() / name, beside / "reference" / name)
        (beside / DESCRIPTOR).write_text(content(beside), encoding="utf-8", newline="\n")
        if folder.exists():
            folder.rmdir()
        beside.rename(folder)
    finally:
        shutil.rmtree(beside, ignore_errors=True)

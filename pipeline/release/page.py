"""The read-me of a release: what it is, what it holds, a first query."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from pipeline.findings import Waived, Waiver
from pipeline.package import Package
from pipeline.release.formats.edition import File
from pipeline.release.resources import Resource
from pipeline.release.store import Entry

_QUERY = "SELECT indicator_zh, comparator, value, unit_zh, lead_units_zh, printed FROM 'data/targets.parquet' LIMIT 5;"


def _licence(licence: Mapping[str, str]) -> str:
    """A name or path alone will do. Source: Data Package v2, licenses."""
    name, path = licence.get("title") or licence.get("name", ""), licence.get("path", "")
    return f"[{name}]({path})" if name and path else name or path


def readme(
    package: Package,
    entry: Entry,
    contents: Sequence[Resource],
    formats: Sequence[File],
    waived: Sequence[Waived],
    withdrawn: Sequence[Entry],
) -> str:
    """The page as Markdown.

    `formats` are the files beside the tables, `waived` the findings let through, `withdrawn` the versions before it
    that are not to be used.
    """
    licences = ", ".join(map(_licence, package.licenses))
    lines = [
        f"# {package.title.zh} {entry.version}",
        "",
        f"{package.description.zh}",
        "",
        f"{package.title.en}. {package.description.en}",
        "",
        f"发布日期 / released: {entry.released_on} · 许可 / licence: {licences}",
        "",
        "## 查询 / Query",
        "",
        f'    duckdb -c "{_QUERY}"',
        "",
        f"全部表在 `{package.name}.duckdb` 中;zip 不含此文件(每次生成的字节都不同),可在本文件夹中用一条命令重建:",
        f"`{package.name}.duckdb` holds all tables. The zip is without it, because its bytes differ each time",
        "it is made; one command makes it anew in this folder:",
        "",
        f'    duckdb {package.name}.duckdb -c ".read {package.name}.sql"',
        "",
        "CSV 为准,Parquet 与 DuckDB 由其派生。 The CSV files are canonical; Parquet and DuckDB are derived.",
        "",
        "## 内容 / Contents",
        "",
        "| table | 表 | what it holds |",
        "|---|---|---|",
    ]
    lines += [f"| [{r.name}]({r.path}) | {r.table.title.zh} | {r.table.description.en} |" for r in contents]
    lines += ["", "## 其他格式 / Other formats", "", "| file | 用途 | what for |", "|---|---|---|"]
    lines += [f"| [{file.path}]({file.path}) | {file.title.zh} | {file.title.en} |" for file in formats]
    lines += [
        "",
        *_waivers(waived),
        *_withdrawn(withdrawn),
        "`datapackage.json` 描述每一列 / describes every column",
        "· `changes.csv` 与上一版的差异 / changes since the last release",
        "· `quality/` 检查结果 / results of the checks · `SHA256SUMS` 校验和 / checksums",
        "",
    ]
    return "\n".join(lines)


def _waivers(waived: Sequence[Waived]) -> list[str]:
    """Every waiver in force, with the number of findings it covers: nobody has to look for exceptions."""
    found = Counter(entry.waiver for entry in waived)
    lines = ["## 豁免 / Waivers", ""]
    if not found:
        return [*lines, "没有豁免。 No finding of the checks is waived.", ""]
    lines += [
        f"{len(found)} 条豁免,涉及 {len(waived)} 个检查问题。"
        f" {_many(len(found), 'waiver')} for {_many(len(waived), 'finding')} of the checks.",
        "",
        "| rule / 规则 | record / 记录 | findings / 问题数 | reason / 理由 | owner / 负责人 | review by / 复核期限 |",
        "|---|---|---|---|---|---|",
    ]
    return [*lines, *(_waiver(waiver, count) for waiver, count in found.items()), ""]


def _withdrawn(entries: Sequence[Entry]) -> list[str]:
    """Earlier versions that are not to be used, where there are any."""
    if not entries:
        return []
    lines = [
        "## 撤回的版本 / Withdrawn versions",
        "",
        "| version / 版本 | withdrawn on / 撤回日期 | 理由 | reason |",
        "|---|---|---|---|",
    ]
    for entry in entries:
        if notice := entry.withdrawn:
            cells = (entry.version, notice.withdrawn_on, notice.reason_zh, notice.reason_en)
            lines.append("| " + " | ".join(literally(cell) for cell in cells) + " |")
    return [*lines, ""]


def _waiver(waiver: Waiver, count: int) -> str:
    cells = (waiver.code, waiver.record, str(count), waiver.reason, waiver.owner, waiver.review_by.isoformat())
    return "| " + " | ".join(literally(cell) for cell in cells) + " |"


def _many(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def literally(text: str) -> str:
    """Text of a file for one line of Markdown: shown as it stands, never as markup."""
    return re.sub(r"([\\`*_\[\]<>&|~!#])", r"\\\1", " ".join(text.split()))

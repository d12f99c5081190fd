"""The read-me of a release: what it is, what it holds, a first query."""

from collections.abc import Sequence

from pipeline.package import Package
from pipeline.release.resources import Resource
from pipeline.release.store import Entry

_QUERY = "SELECT indicator_zh, comparator, value, unit_zh, lead_units_zh, printed FROM 'data/targets.parquet' LIMIT 5;"


def readme(package: Package, entry: Entry, contents: Sequence[Resource]) -> str:
    licences = ", ".join(f"[{each.get('title', each['name'])}]({each['path']})" for each in package.licenses)
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
        f'    duckdb -readonly {package.name}.duckdb -c "{_QUERY}"',
        "",
        "CSV 为准,Parquet 与 DuckDB 由其派生。 The CSV files are canonical; Parquet and DuckDB are derived.",
        "",
        "## 内容 / Contents",
        "",
        "| table | 表 | what it holds |",
        "|---|---|---|",
    ]
    lines += [f"| [{r.name}]({r.path}) | {r.table.title.zh} | {r.table.description.en} |" for r in contents]
    lines += [
        "",
        "`datapackage.json` 描述每一列 / describes every column",
        "· `changes.csv` 与上一版的差异 / changes since the last release",
        "· `quality/` 检查结果 / results of the checks · `SHA256SUMS` 校验和 / checksums",
        "",
    ]
    return "\n".join(lines)

"""The entry for a Chinese public-data catalogue (政务信息资源目录): thirteen fields, one row a table.

Source: 《政务信息资源目录编制指南(试行)》, core metadata of an information resource, in the order of that guide; the
class is 主题信息资源/公共服务 of its list. The CSV begins with a byte order mark, the one file of a release that does:
it is made to be opened in Excel and uploaded to a portal, and Excel reads Chinese in a CSV only so.
"""

import csv
import io
import json

from pipeline.release.formats.edition import Edition, Published
from pipeline.tables import Field

PATH = "catalog-zh.csv"
JSON_PATH = "catalog-zh.json"
FIELDS = (
    "信息资源分类",
    "信息资源名称",
    "信息资源代码",
    "信息资源提供方",
    "信息资源提供方代码",
    "信息资源摘要",
    "信息资源格式",
    "信息项信息",
    "共享属性",
    "开放属性",
    "更新周期",
    "发布日期",
    "关联资源代码",
)
_TYPES = {"string": "字符型", "integer": "整数型", "number": "数值型", "boolean": "布尔型", "date": "日期型"}


def content(edition: Edition) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(FIELDS)
    writer.writerows(entry.values() for entry in entries(edition))
    return "\ufeff" + buffer.getvalue()


def json_content(edition: Edition) -> str:
    return json.dumps(entries(edition), ensure_ascii=False, indent=2) + "\n"


def entries(edition: Edition) -> list[dict[str, str]]:
    """One entry a table, by the names of the thirteen fields."""
    codes = {
        (each.resource.schema, each.resource.table.name): f"{edition.package.name}/{each.resource.name}"
        for each in edition.tables
    }
    return [_entry(each, edition, codes) for each in edition.tables]


def _entry(each: Published, edition: Edition, codes: dict[tuple[str, str], str]) -> dict[str, str]:
    resource = each.resource
    own = codes[resource.schema, resource.table.name]
    related = dict.fromkeys(
        codes[resource.schema, key.resource]
        for key in resource.table.foreign_keys
        if key.scope == "folder" and (resource.schema, key.resource) in codes
    )
    workbook = "、XLSX" if resource.schema == "main" else ""
    values = (
        "主题信息资源/公共服务",
        f"{edition.package.title.zh}:{resource.table.title.zh}",
        own,
        edition.publisher.name,
        edition.publisher.code,
        resource.table.description.zh,
        f"CSV、Parquet、DuckDB{workbook}",
        "；".join(_item(field) for field in resource.table.fields),
        "无条件共享",
        "无条件开放",
        "不定期",
        edition.entry.released_on,
        "；".join(code for code in related if code != own),
    )
    return dict(zip(FIELDS, values, strict=True))


def _item(field: Field) -> str:
    return f"{field.title.zh}({field.name},{_TYPES[field.type]})"

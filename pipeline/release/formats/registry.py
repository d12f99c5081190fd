"""The formats that describe a release, in the order they are written: one line here adds one.

A format is a function from an edition to the content of a file. One that lists files (DCAT-AP, schema.org, Croissant)
lists those above it, and so stands below them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.language import Text
from pipeline.release.formats import (
    catalogue,
    citation,
    croissant,
    csvw,
    datacite,
    dcat,
    loading,
    schema_org,
    workbook,
)
from pipeline.release.formats.edition import CSV, Edition, File, measured

_JSON_LD = "application/ld+json"


@dataclass(frozen=True)
class Format:
    """A file of every release: `path` may hold {name}, the name of the package; `title` says what it is for."""

    path: str
    media_type: str
    title: Text
    content: Callable[[Edition], str | bytes]
    is_data: bool = False


FORMATS: Sequence[Format] = (
    Format(
        workbook.PATH,
        workbook.MEDIA_TYPE,
        Text("Excel 工作簿,每个集市表一张", "Excel workbook, one sheet a mart"),
        workbook.content,
        is_data=True,
    ),
    Format(
        loading.PATH,
        "application/sql",
        Text("由 Parquet 重建 DuckDB 数据库的 SQL", "SQL that makes the DuckDB file anew from Parquet"),
        loading.content,
    ),
    Format(
        csvw.PATH,
        "application/csvm+json",
        Text("CSVW:列类型、主键与外键", "CSVW: datatypes, keys and foreign keys"),
        csvw.content,
    ),
    Format(
        catalogue.PATH,
        CSV,
        Text("政务信息资源目录条目,十三项(带 BOM,可用 Excel 打开)", "Chinese catalogue entry, thirteen fields"),
        catalogue.content,
    ),
    Format(
        catalogue.JSON_PATH,
        "application/json",
        Text("政务信息资源目录条目(JSON)", "the same as JSON"),
        catalogue.json_content,
    ),
    Format(
        citation.PATH,
        "application/yaml",
        Text("引用信息,供文献管理软件", "how to cite, for reference managers"),
        citation.content,
    ),
    Format(
        datacite.PATH,
        "application/vnd.datacite.datacite+json",
        Text("DataCite 元数据,供登记 DOI", "DataCite metadata, to register a DOI with"),
        datacite.content,
    ),
    Format(
        croissant.PATH,
        _JSON_LD,
        Text("Croissant 1.1,供机器学习工具", "Croissant 1.1, for tools of machine learning"),
        croissant.content,
    ),
    Format(
        schema_org.PATH,
        _JSON_LD,
        Text("schema.org Dataset,供搜索引擎", "schema.org Dataset, for search engines"),
        schema_org.content,
    ),
    Format(
        dcat.PATH,
        _JSON_LD,
        Text("DCAT-AP 3,供数据门户采集", "DCAT-AP 3, for data portals to harvest"),
        dcat.content,
    ),
)


def announced(name: str) -> list[dict[str, str]]:
    """The files as `ms:formats` of the descriptor lists them; the standard has no place for files that are no data."""
    return [
        {"path": form.path.format(name=name), "title": form.title.both, "mediatype": form.media_type}
        for form in FORMATS
    ]


def write(edition: Edition, folder: Path) -> tuple[File, ...]:
    """Write every format into a release folder. Raises OSError where it cannot be written."""
    written = []
    for form in FORMATS:
        path = form.path.format(name=edition.package.name)
        made = form.content(edition)
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(made.encode() if isinstance(made, str) else made)
        file = measured(folder, path, form.title, form.media_type)
        written.append(file)
        if form.is_data:
            edition = replace(edition, made=(*edition.made, file))
    return tuple(written)

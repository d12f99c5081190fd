"""The data package: what package.toml says of it, and its descriptor in conservative Data Package v2.

Conservative: `$schema` 2.0, arrays for keys, `enum` with `categories`, a title for each source, no `list` type and no
`fieldsMatch`, which the published profile or older readers refuse.
"""

import math
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from pipeline.curated import SLUG, read_table
from pipeline.fiction import MARK, NOTICE, is_fictional, marked
from pipeline.language import RefusalError, Text
from pipeline.regular import read_regular
from pipeline.tables import Table, table

PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
PACKAGE_FILE = "package.toml"
Item = TypeVar("Item")
_ADDRESS = re.compile(r"https?://[^\s<>\"{}|\\^`]+")


class PackageFileError(RefusalError):
    """package.toml is missing or says too little; `reason` says what in both languages."""


@dataclass(frozen=True)
class Package:
    """What a package says of itself; of a fictional one title and description say so first."""

    name: str
    version: str
    title: Text
    description: Text
    keywords: tuple[str, ...]
    licenses: tuple[Mapping[str, str], ...]
    contributors: tuple[Mapping[str, Any], ...]
    homepage: str = ""
    fictional: bool = False


def read_package(folder: Path) -> Package:
    """Read package.toml of a data folder. Raises PackageFileError."""
    path = folder / PACKAGE_FILE
    try:
        content = tomllib.loads(read_regular(path).decode("utf-8"))
    except OSError as error:
        why = error.strerror or str(error)
        raise PackageFileError(Text(f"无法读取 {path}:{why}", f"cannot read {path}: {why}")) from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        why = "nested too deep" if isinstance(error, RecursionError) else str(error)
        raise PackageFileError(Text(f"{path} 不是 UTF-8 的 TOML:{why}", f"{path} is not UTF-8 TOML: {why}")) from None
    try:
        if not isinstance(content["name"], str) or not SLUG.fullmatch(content["name"]):
            raise PackageFileError(Text(f"{path}:name 应为小写短名", f"{path}: name must be a lower-case slug"))
        if not isinstance(content["version"], str) or version_key(content["version"]) is None:
            raise PackageFileError(Text(f"{path}:version 应为 1.2.3 的形式", f"{path}: version must be like 1.2.3"))
        homepage = str(content.get("homepage", ""))
        if homepage and not _ADDRESS.fullmatch(homepage):
            raise PackageFileError(
                Text(f"{path}:homepage 应为 http(s) 网址", f"{path}: homepage must be an http(s) address")
            )
        package = Package(
            name=content["name"],
            version=content["version"],
            title=Text(content["title_zh"], content["title_en"]),
            description=Text(content["description_zh"], content["description_en"]),
            keywords=_listed(path, content, "keywords", str),
            licenses=_listed(path, content, "licenses", dict),
            contributors=_listed(path, content, "contributors", dict),
            homepage=homepage,
        )
    except KeyError as error:
        raise PackageFileError(Text(f"{path} 缺少 {error}", f"{path} lacks {error}")) from None
    for name in ("title_zh", "title_en", "description_zh", "description_en"):
        if not isinstance(content[name], str):
            raise PackageFileError(Text(f"{path}:{name} 应为文本", f"{path}: {name} must be text"))
    return _marked(package) if _has_fiction(folder) else package


def _has_fiction(folder: Path) -> bool:
    described = table("programmes")
    file = read_table(folder, described)
    at = described.positions["jurisdiction_code"]
    return file is not None and any(is_fictional(record.cells[at] or "") for record in file.records)


def _marked(package: Package) -> Package:
    """Every format takes title and description from here, so this is the one place where a release is marked."""
    notice = Text(NOTICE.zh, f"{NOTICE.en} ")
    return replace(
        package,
        title=marked(package.title, MARK),
        description=marked(package.description, notice),
        fictional=True,
    )


def _listed(path: Path, content: Mapping[str, Any], name: str, kind: type[Item]) -> tuple[Item, ...]:
    """A list that package.toml holds, of texts or of tables of JSON values. Raises PackageFileError, KeyError."""
    values = content.get(name, []) if name == "keywords" else content[name]
    if not isinstance(values, list) or not all(isinstance(value, kind) for value in values) or not _is_json(values):
        wanted = Text("文本", "texts") if kind is str else Text("表", "tables")
        raise PackageFileError(
            Text(f"{path}:{name} 应为{wanted.zh}的列表", f"{path}: {name} must be a list of {wanted.en}")
        )
    return tuple(values)


def _is_json(value: object) -> bool:
    """TOML has dates and not-a-number, which a descriptor cannot hold."""
    match value:
        case dict():
            return all(map(_is_json, value.values()))
        case list():
            return all(map(_is_json, value))
        case float():
            return math.isfinite(value)
        case _:
            return isinstance(value, str | int)


def version_key(version: str) -> tuple[int, int, int] | None:
    """A version MAJOR.MINOR.PATCH as a key to sort by; None where it is none."""
    match = re.fullmatch(r"(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})\.(0|[1-9][0-9]{0,8})", version)
    return (int(match[1]), int(match[2]), int(match[3])) if match else None


def is_higher(version: str, other: str) -> bool:
    """Whether one version is higher than another; what is no version is lower than any."""
    return (version_key(version) or (-1, 0, 0)) > (version_key(other) or (-1, 0, 0))


def descriptor(
    package: Package, sources: Sequence[Mapping[str, str]], resources: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """A package descriptor; `sources` are {title, …} of the documents, `resources` as made by `resource`."""
    return {
        "$schema": PROFILE,
        "name": package.name,
        "version": package.version,
        "title": f"{package.title.zh} | {package.title.en}",
        "description": f"{package.description.zh} {package.description.en}",
        **({"homepage": package.homepage} if package.homepage else {}),
        "languages": ["zh", "en"],
        "keywords": list(package.keywords),
        "licenses": [dict(entry) for entry in package.licenses],
        "contributors": [dict(entry) for entry in package.contributors],
        "sources": [dict(source) for source in sources],
        "resources": [dict(entry) for entry in resources],
    }


def resource(
    table: Table, name: str, path: str, names: Mapping[str, str], extra: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """A tabular resource. `names` maps the tables foreign keys refer to onto resource names; others are left out."""
    schema = {k: v for k, v in table.descriptor.items() if k in ("$schema", "fields", "primaryKey", "uniqueKeys")}
    keys = []
    for key in table.foreign_keys:
        if key.scope == "package" or key.resource not in names:
            continue
        reference: dict[str, Any] = {"fields": list(key.reference_fields)}
        if key.resource != table.name:
            reference = {"resource": names[key.resource], **reference}
        keys.append({"fields": list(key.fields), "reference": reference})
    if keys:
        schema["foreignKeys"] = keys
    return {
        "name": name,
        "type": "table",
        "path": path,
        "title": f"{table.title.zh} | {table.title.en}",
        "description": f"{table.description.zh} {table.description.en}",
        "scheme": "file",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        **(extra or {}),
        "schema": schema,
    }

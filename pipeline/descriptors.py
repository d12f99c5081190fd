"""Data Package descriptors of anybody, version 1 and 2: which tables they describe, and what is wrong with them.

Sources: Data Package v1 (specs.frictionlessdata.io) and v2 (datapackage.org): Package, Resource, Table Dialect, Table
Schema. Local files only. What a descriptor asks for and is not supported is told as not checked, never passed over.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from pipeline.findings import Finding, NotChecked, Place
from pipeline.headers import FieldsMatch
from pipeline.language import RefusalError, Text
from pipeline.rewriting import Dialect
from pipeline.table_schema import schema_faults
from pipeline.tables import Table, table_of

_MATCHES: tuple[FieldsMatch, ...] = ("exact", "equal", "subset", "superset", "partial")


class DescriptorError(RefusalError):
    """A descriptor cannot be read at all; `reason` says why in both languages."""


@dataclass(frozen=True)
class Described:
    """A table and the files it stands in. `shown` is their name in findings."""

    table: Table
    paths: tuple[Path, ...]
    shown: str
    dialect: Dialect
    match: FieldsMatch = "exact"


@dataclass
class Description:
    """The tables of a package that can be checked, and what is said of the rest."""

    tables: list[Described] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    not_checked: list[NotChecked] = field(default_factory=list)
    unread: set[str] = field(default_factory=set)  # resources whose table is not at hand

    def fault(self, code: str, file: str, pointer: str, problem: Text, value: object = None) -> None:
        """A fault of a descriptor; `pointer` leads to it (RFC 6901)."""
        shown = None if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        self.findings.append(Finding(code, Place(file), shown, {"pointer": pointer or "/", "problem": problem}))

    def pass_over(self, name: str, reason: Text) -> None:
        self.not_checked.append(NotChecked("resource-error", Text(f"{name}:{reason.zh}", f"{name}: {reason.en}")))


def read_json(path: Path) -> Any:
    """The content of a JSON file. Raises DescriptorError."""
    try:
        content = json.loads(path.read_bytes().decode("utf-8-sig"))
        json.dumps(content, ensure_ascii=False).encode("utf-8")  # half a surrogate pair is no text
        return content
    except OSError as error:
        why = error.strerror or str(error)
        raise DescriptorError(Text(f"无法读取 {path}:{why}", f"cannot read {path}: {why}")) from None
    except (ValueError, RecursionError) as error:
        why = str(error) if isinstance(error, ValueError) else "nested too deep"
        raise DescriptorError(Text(f"{path} 不是 JSON:{why}", f"{path} is no JSON: {why}")) from None


def describe_package(path: Path) -> Description:
    """The tables of a package. Raises DescriptorError where the descriptor cannot be read."""
    package, here = read_json(path), Description()
    file = path.name
    if not isinstance(package, dict):
        here.fault("package-error", file, "", Text("应为 JSON 对象", "a JSON object is expected"))
        return here
    resources = package.get("resources")
    if not isinstance(resources, list) or not resources:
        here.fault(
            "package-error", file, "/resources", Text("应为非空数组", "a non-empty array is expected"), resources
        )
        return here
    for name in ("foreignKeys", "views"):
        if name in package:
            here.pass_over(file, Text(f"不支持 {name}", f"{name} is not supported"))
    seen: set[str] = set()
    pointers: dict[str, str] = {}
    for number, resource in enumerate(resources):
        pointer = f"/resources/{number}"
        if not isinstance(resource, dict):
            here.fault("resource-error", file, pointer, Text("应为 JSON 对象", "a JSON object is expected"), resource)
            continue
        given = resource.get("name")
        name = given if isinstance(given, str) and given else f"resource{number + 1}"
        if name != given:
            here.fault("resource-error", file, f"{pointer}/name", Text("缺少名称", "a name is missing"), given)
        elif name in seen:
            here.fault("resource-error", file, f"{pointer}/name", Text("名称重复", "the name stands twice"), name)
            continue
        seen.add(name)
        here.unread.add(name)
        if described := _resource(resource, name, path.parent, file, pointer, here):
            here.tables.append(described)
            here.unread.discard(name)
            pointers[name] = pointer
    _check_references(here, pointers, seen, file)
    return here


def _check_references(here: Description, pointers: Mapping[str, str], names: set[str], file: str) -> None:
    """References lead to resources of the package and to fields they have."""
    tables = {described.table.name: described.table for described in here.tables}
    for table in tables.values():
        for number, key in enumerate(table.foreign_keys):
            place = f"{pointers[table.name]}/schema/foreignKeys/{number}/reference"
            there = tables.get(key.resource)
            if key.resource not in names:
                problem = Text("没有这个资源", "there is no such resource")
                here.fault("schema-error", file, f"{place}/resource", problem, key.resource)
            elif there and not set(key.reference_fields) <= set(there.names):
                problem = Text(f"{key.resource} 没有这些字段", f"{key.resource} has no such fields")
                here.fault("schema-error", file, f"{place}/fields", problem, list(key.reference_fields))


def describe_file(path: Path, schema_path: Path) -> Description:
    """A single file and its Table Schema. Raises DescriptorError where the schema cannot be read."""
    schema, here = read_json(schema_path), Description()
    if table := _table(schema, path.stem, path.name, schema_path.name, "", here):
        tabs = path.name.removesuffix(".gz").endswith((".tsv", ".tab"))
        dialect = Dialect(delimiter="\t" if tabs else ",", compressed=path.suffix == ".gz")
        here.tables.append(Described(table, (path,), path.name, dialect, _match(schema)))
    return here


def _resource(
    resource: Mapping[str, Any], name: str, base: Path, file: str, pointer: str, here: Description
) -> Described | None:
    if "data" in resource and "path" not in resource:
        here.pass_over(name, Text("内联数据不受支持", "inline data is not supported"))
        return None
    paths = list(_paths(resource.get("path"), base, file, f"{pointer}/path", name, here))
    if not paths:
        return None
    for unsupported in ("hash", "bytes"):
        if unsupported in resource:
            here.pass_over(name, Text(f"未核对 {unsupported}", f"{unsupported} was not compared"))
    plain_name = paths[0].name.removesuffix(".gz")
    kind = str(resource.get("format") or PurePosixPath(plain_name).suffix.lstrip(".")).lower()
    if kind not in ("csv", "tsv", "tab", "txt"):
        here.pass_over(name, Text(f"不支持格式 {kind or '?'}", f"the format {kind or '?'} is not supported"))
        return None
    if resource.get("compression") not in (None, "", "gz", "no") or paths[0].suffix == ".zip":
        here.pass_over(name, Text("不支持该压缩格式", "this compression is not supported"))
        return None
    schema = _embedded(resource.get("schema"), base, file, f"{pointer}/schema", name, here)
    if schema is None:
        here.pass_over(name, Text("没有表结构", "it has no schema"))
        return None
    shown = "+".join(_shown(path, base) for path in paths)
    table = _table(schema, name, shown, file, f"{pointer}/schema", here)
    written = _embedded(resource.get("dialect", {}), base, file, f"{pointer}/dialect", name, here)
    compressed = resource.get("compression") == "gz" or paths[0].suffix == ".gz"
    dialect = _dialect(written or {}, kind, compressed, resource.get("encoding"), file, f"{pointer}/dialect", here)
    if table is None or dialect is None:
        return None
    return Described(table, tuple(paths), shown, dialect, _match(schema))


def _shown(path: Path, base: Path) -> str:
    return path.relative_to(base).as_posix() if path.is_relative_to(base) else path.name


def _paths(value: object, base: Path, file: str, pointer: str, name: str, here: Description) -> Iterator[Path]:
    """The local files of a resource; a path that leads out of the folder of the package is a fault."""
    values = value if isinstance(value, list) else [value]
    for each in values:
        if not isinstance(each, str) or not each or "\0" in each:
            here.fault("resource-error", file, pointer, Text("应为文件路径", "a path is expected"), each)
            return
        if "://" in each:
            here.pass_over(name, Text("只检查本地文件", "only local files are checked"))
            return
        path = base / each
        inside = not PurePosixPath(each).is_absolute() and ".." not in PurePosixPath(each.replace("\\", "/")).parts
        if not inside or not _leads_into(path, base):
            problem = Text("路径指向数据包之外,未读取", "the path leads out of the package; it was not read")
            here.fault("resource-error", file, pointer, problem, each)
            return
    yield from (base / each for each in values)


def _leads_into(path: Path, base: Path) -> bool:
    try:
        return path.resolve().is_relative_to(base.resolve())
    except (OSError, RuntimeError):  # links that lead round in a circle
        return False


def _embedded(
    value: object, base: Path, file: str, pointer: str, name: str, here: Description
) -> Mapping[str, Any] | None:
    """A schema or dialect, written where it is used or in a file of its own."""
    if value is None:
        return None
    if isinstance(value, str):
        paths = list(_paths(value, base, file, pointer, name, here))
        if not paths:
            return None
        try:
            value = read_json(paths[0])
        except DescriptorError as error:
            here.fault("resource-error", file, pointer, error.reason)
            return None
    if isinstance(value, dict):
        return value
    here.fault("resource-error", file, pointer, Text("应为 JSON 对象", "a JSON object is expected"), value)
    return None


def _table(schema: object, name: str, shown: str, file: str, pointer: str, here: Description) -> Table | None:
    faults = list(schema_faults(schema))
    for place, problem, value in faults:
        here.fault("schema-error", file, pointer + place, problem, value)
    if faults or not isinstance(schema, dict):
        return None
    return table_of(schema, name, shown, canonical=False)


def _match(schema: Mapping[str, Any]) -> FieldsMatch:
    value = schema.get("fieldsMatch", "exact")
    first = value[0] if isinstance(value, list) and value else value
    return next((match for match in _MATCHES if match == first), "exact")


def _dialect(
    written: Mapping[str, Any],
    kind: str,
    compressed: bool,
    encoding: object,
    file: str,
    pointer: str,
    here: Description,
) -> Dialect | None:
    csv = written.get("csv")
    nested = {**written, **(csv if isinstance(csv, dict) else {})}
    properties = {name: value for name, value in nested.items() if value is not None or name == "quoteChar"}
    header = properties.get("header", True)
    rows, comments = properties.get("headerRows", [1]) if header else [], properties.get("commentRows", [])
    quote, escape = properties.get("quoteChar", '"') or None, properties.get("escapeChar") or None
    tabs = kind in ("tsv", "tab")
    dialect = Dialect(
        delimiter=properties.get("delimiter", "\t" if tabs else ","),
        quote=quote,
        escape=None if escape == quote else escape,
        double_quote=properties.get("doubleQuote", True) or escape == quote,
        skip_initial_space=properties.get("skipInitialSpace", False),
        header_rows=tuple(rows) if isinstance(rows, list) else (),
        header_join=properties.get("headerJoin", " "),
        ignore_header_case=not properties.get("caseSensitiveHeader", properties.get("headerCase", True)),
        comment_rows=tuple(comments) if isinstance(comments, list) else (),
        comment_char=properties.get("commentChar") or None,
        null_sequence=properties.get("nullSequence") or None,
        encoding=_utf8_or(encoding),
        compressed=compressed,
    )
    characters = (dialect.delimiter, dialect.quote, dialect.escape)
    wrong: list[object] = [
        c for c in characters if c is not None and not (isinstance(c, str) and len(c) == 1 and c not in "\r\n")
    ]
    texts = (dialect.header_join, dialect.comment_char, dialect.null_sequence, dialect.encoding)
    wrong += [text for text in texts if text is not None and not isinstance(text, str)]
    wrong += [row for row in (*dialect.header_rows, *dialect.comment_rows) if not isinstance(row, int) or row < 1]
    lists = isinstance(rows, list) and isinstance(comments, list)
    if wrong or not lists or dialect.delimiter in (dialect.quote, dialect.escape):
        problem = Text("方言的值不合规定", "a value of the dialect is not allowed")
        here.fault("resource-error", file, pointer, problem, dict(written))
        return None
    return dialect


def _utf8_or(encoding: object) -> Any:
    """None where UTF-8 is declared, as it is where nothing is."""
    return None if isinstance(encoding, str) and encoding.lower().replace("_", "-") in ("utf-8", "utf8") else encoding

"""One side of a comparison: the tables of a release folder, of its zip, or of a data folder, each with its own schema.

A release is read by its own datapackage.json, so that an old one keeps the columns, types and keys it was published
with. Rows are read when they are asked for, one at a time, and a zip is never unpacked: what a stranger's file names
or claims can neither lead out of it nor fill the memory. What is damaged is refused, never guessed.
"""

import csv
import io
import json
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from pipeline import curated
from pipeline import package as packages
from pipeline.fiction import is_marked
from pipeline.language import RefusalError, Text
from pipeline.release.resources import Resource, resources
from pipeline.table_schema import schema_faults
from pipeline.tables import Field, Table, table_of

CURATED = "curated-"  # before the name of a curated table, where a release publishes it
DESCRIPTOR = "datapackage.json"
_MOST_JSON = 64 * 2**20  # bytes of a descriptor
_MOST_RECORD = 16 * 2**20  # characters of one row
_MOST_TABLE = 64 * 2**30  # bytes of one table
_MOST_MEMBERS = 100_000

Row = tuple[str, ...]


class SnapshotError(RefusalError):
    """A side of the comparison cannot be read, or is damaged; `reason` says what in both languages."""


@dataclass(frozen=True)
class Published:
    """A table of a snapshot. Rows are cells in canonical text, in the order of `schema.names`; empty means missing.

    `rows` can be gone through again and again. Raises SnapshotError where a row is damaged.
    """

    name: str
    schema: Table
    rows: Iterable[Row] = field(compare=False)
    title: str = ""
    description: str = ""

    @property
    def curated(self) -> str | None:
        """The curated table this is, None for a mart."""
        return self.name.removeprefix(CURATED) if self.name.startswith(CURATED) else None


@dataclass(frozen=True)
class Snapshot:
    """The tables of one side by name, in their order. `about` is what the package says of itself, in words."""

    label: str
    name: str
    version: str
    tables: Mapping[str, Published]
    about: Mapping[str, str] = field(default_factory=dict)
    whole: bool = True  # a data folder has no marts

    @property
    def fictional(self) -> bool:
        """Whether the package says of itself that it is invented."""
        return is_marked(self.about.get("title", ""))

    def curated_only(self) -> "Snapshot":
        tables = {name: table for name, table in self.tables.items() if table.curated}
        return Snapshot(self.label, self.name, self.version, tables, {}, whole=False)


def snapshot(path: Path) -> Snapshot:
    """Read a release folder, a release zip or a data folder.

    Raises SnapshotError, DataFolderError, PackageFileError.
    """
    if path.is_dir():
        # the descriptor of a data folder is generated and may be behind its tables
        return of_data(path) if (path / packages.PACKAGE_FILE).exists() else of_release(path)
    if path.is_file():
        return of_zip(path)
    raise SnapshotError(Text(f"没有 {path}", f"there is no {path}"))


def of_data(folder: Path) -> Snapshot:
    """The curated tables of a data folder, with the schemas a release of it would have."""
    package = packages.read_package(folder)
    reading = curated.read(folder)
    if reading.incomplete:
        names = ", ".join(sorted(reading.incomplete))
        raise SnapshotError(
            Text(
                f"{folder} 中的 {names} 未能完整读取;请先运行 minsheng validate",
                f"{names} of {folder} could not be read whole; run minsheng validate first",
            )
        )
    rows: dict[str, list[Row]] = {}
    for file in reading.files:
        kinds = file.table.fields
        rows.setdefault(file.table.name, []).extend(_canonical(kinds, record.cells) for record in file.records)
    tables = {
        each.name: published(each, rows.get(each.table.name, ())) for each in resources() if each.schema == "curated"
    }
    return Snapshot(str(folder), package.name, package.version, tables, about(package), whole=False)


def of_written(package: packages.Package, folder: Path) -> Snapshot:
    """A release whose tables are written and whose descriptor is not yet."""
    tables = {
        each.name: published(each, _Stored(_in_folder(folder), each.path, str(folder), each.table))
        for each in resources()
    }
    return Snapshot(str(folder), package.name, package.version, tables, about(package))


def published(resource: Resource, rows: Iterable[Row]) -> Published:
    """A table of ours as its descriptor in a release would say it."""
    names = {each.table.name: each.name for each in resources() if each.schema == resource.schema}
    described = packages.resource(resource.table, resource.name, resource.path, names)
    return _published(described, lambda _: rows, resource.name)


def about(package: packages.Package) -> dict[str, str]:
    return _about(packages.descriptor(package, (), ()))


def of_release(folder: Path) -> Snapshot:
    """A release folder."""
    return _described(str(folder), _in_folder(folder))


def of_zip(path: Path) -> Snapshot:
    """A release zip: a folder of the release's name in it, or its files at the top."""
    with _refusing(str(path)), zipfile.ZipFile(path) as archive:
        names = [entry.filename for entry in archive.infolist()]
    if len(names) > _MOST_MEMBERS or len(set(names)) < len(names):
        raise damaged(str(path), Text("文件名重复或过多", "names of files are repeated, or too many"))
    found = [name for name in names if PurePosixPath(name).name == DESCRIPTOR and name.count("/") <= 1]
    if len(found) != 1:
        raise damaged(str(path), Text(f"应有一个 {DESCRIPTOR}", f"one {DESCRIPTOR} is expected"))
    return _described(str(path), _in_zip(path, found[0].removesuffix(DESCRIPTOR)))


def damaged(label: str, problem: Text) -> SnapshotError:
    return SnapshotError(Text(f"{label} 已损坏:{problem.zh}", f"{label} is damaged: {problem.en}"))


Opening = Callable[[str], AbstractContextManager[BinaryIO]]


def _in_folder(folder: Path) -> Opening:
    @contextmanager
    def opened(path: str) -> Iterator[BinaryIO]:
        place = folder / path
        if not place.resolve().is_relative_to(folder.resolve()):
            raise damaged(str(folder), Text(f"{path} 指向文件夹之外", f"{path} leads out of the folder"))
        with _refusing(str(folder)), place.open("rb") as file:
            yield file

    return opened


def _in_zip(path: Path, root: str) -> Opening:
    @contextmanager
    def opened(name: str) -> Iterator[BinaryIO]:
        with _refusing(str(path)), zipfile.ZipFile(path) as archive:
            info = archive.getinfo(root + name)
            if info.file_size > _MOST_TABLE:
                raise damaged(str(path), Text(f"{name} 过大", f"{name} is too large"))
            with archive.open(info) as file:
                yield file  # type: ignore[misc]  # it reads as a binary file does

    return opened


@contextmanager
def _refusing(label: str) -> Iterator[None]:
    """Turn what reading a damaged file raises into a refusal."""
    try:
        yield
    except (OSError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        if isinstance(error, RecursionError):
            raise
        raise damaged(label, Text(str(error), str(error))) from None
    except (KeyError, UnicodeDecodeError, csv.Error) as error:
        why = str(error.args[0]) if isinstance(error, KeyError) else str(error)
        raise damaged(label, Text(why, why)) from None


def _described(label: str, opened: Opening) -> Snapshot:
    """The tables that a release's own descriptor describes. What has no schema is no table and is passed over."""
    with opened(DESCRIPTOR) as file:
        content = file.read(_MOST_JSON + 1)
    try:
        if len(content) > _MOST_JSON:
            raise ValueError("too large")
        package = json.loads(content.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise damaged(label, Text(f"{DESCRIPTOR}:{error}", f"{DESCRIPTOR}: {error}")) from None
    listed = package.get("resources") if isinstance(package, dict) else None
    if not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
        raise damaged(label, Text(f"{DESCRIPTOR} 没有资源列表", f"{DESCRIPTOR} lists no resources"))
    tables: dict[str, Published] = {}
    for each in listed:
        if "schema" not in each:
            continue
        name, path = each.get("name"), each.get("path")
        if not isinstance(name, str) or name in tables or not isinstance(path, str) or not _inside(path):
            raise damaged(label, Text(f"资源 {name} 的名称或路径不合规定", f"name or path of the resource {name}"))
        if each.get("encoding", "utf-8") != "utf-8" or "dialect" in each or each.get("format", "csv") != "csv":
            raise damaged(label, Text(f"资源 {name} 不是本工具写出的 CSV", f"{name} is no CSV as this tool writes it"))
        tables[name] = _published(each, _stored(opened, path, label), label)
    return Snapshot(label, str(package.get("name")), str(package.get("version")), tables, _about(package))


def _stored(opened: Opening, path: str, label: str) -> Callable[[Table], Iterable[Row]]:
    return lambda schema: _Stored(opened, path, label, schema)


def _inside(path: str) -> bool:
    parts = PurePosixPath(path.replace("\\", "/")).parts
    return (
        bool(parts) and ".." not in parts and not path.startswith(("/", "\\")) and ":" not in path and "\0" not in path
    )


def _published(described: Mapping[str, Any], rows: Callable[[Table], Iterable[Row]], label: str) -> Published:
    """A resource with its schema, found well-formed."""
    schema, name = described["schema"], described["name"]
    for pointer, problem, _ in schema_faults(schema):
        where = f"{name}{pointer}"
        raise damaged(label, Text(f"{where}:{problem.zh}", f"{where}: {problem.en}"))
    try:
        table = table_of(schema, name, str(described["path"]), canonical=False)
    except (AttributeError, KeyError, TypeError, ValueError):
        raise damaged(label, Text(f"{name} 的表结构有误", f"the schema of {name} is faulty")) from None
    title, description = (str(described.get(key, "")) for key in ("title", "description"))
    return Published(name, table, rows(table), title, description)


def _about(package: Mapping[str, Any]) -> dict[str, str]:
    """What a package says of itself, so far as readers rely on it."""
    said = {name: str(package.get(name, "")) for name in ("title", "description")}
    licences = package.get("licenses")
    named = [str(each.get("name", each)) for each in licences if isinstance(each, dict)] if licences else []
    return {**said, "licenses": ", ".join(named)}


@dataclass(frozen=True)
class _Stored:
    """The rows of a CSV of a release, read anew each time."""

    opened: Opening
    path: str
    label: str
    schema: Table

    def __iter__(self) -> Iterator[Row]:
        with self.opened(self.path) as file:
            lines = _Lines(io.TextIOWrapper(file, encoding="utf-8", newline=""), self)
            reader = csv.reader(lines, strict=True)
            names, kinds = list(self.schema.names), self.schema.fields
            if next(reader, None) != names:
                raise self.damaged(Text("列与表结构不符", "its columns are not those of its schema"))
            plain = [number for number, each in enumerate(kinds) if each.type == "number"]
            for cells in reader:
                lines.taken = 0
                if len(cells) != len(names):
                    number = str(reader.line_num)
                    raise self.damaged(Text(f"第 {number} 行列数不符", f"line {number} has not as many cells"))
                for at in plain:
                    cells[at] = canonical(kinds[at].type, cells[at])
                yield tuple(cells)

    def damaged(self, problem: Text) -> SnapshotError:
        return damaged(self.label, Text(f"{self.path}:{problem.zh}", f"{self.path}: {problem.en}"))


class _Lines:
    """Lines of a text that end: of a row that never ends no more is read than a row may hold."""

    def __init__(self, text: io.TextIOWrapper, of: _Stored) -> None:
        self.text, self.of, self.taken = text, of, 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self.text.readline(_MOST_RECORD + 1)
        self.taken += len(line)
        if self.taken > _MOST_RECORD:
            raise self.of.damaged(Text("有一行过长", "a row is too long"))
        if not line:
            raise StopIteration
        return line


def _canonical(fields: Sequence[Field], cells: Sequence[str | None]) -> Row:
    return tuple(canonical(each.type, cell or "") for each, cell in zip(fields, cells, strict=True))


def canonical(kind: str, cell: str) -> str:
    """A cell as releases write it: 2.70 and 2.7 are the same number. What is no number stays as it is."""
    if kind not in ("number", "integer") or not cell:
        return cell
    try:
        number = Decimal(cell)
    except InvalidOperation:
        return cell
    if not number.is_finite() or abs(number.adjusted()) > 60:
        return cell
    text = format(number or Decimal(0), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text

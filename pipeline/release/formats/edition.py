"""What the descriptive formats speak of: one edition of the package, with its files and what its data cover.

Every format is a function of an `Edition` alone, so the same edition gives the same bytes. Places of files are relative
to the release folder: a release is right wherever it is put, and no address is claimed that nobody serves.
"""

import csv
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.language import Text
from pipeline.package import Package
from pipeline.release.resources import Resource
from pipeline.release.store import Entry

CSV = "text/csv"
PARQUET = "application/vnd.apache.parquet"
DATABASE = "application/octet-stream"  # DuckDB has no registered media type
ZIP = "application/zip"

Rows = Callable[[Resource], Iterator[Sequence[str]]]


@dataclass(frozen=True)
class File:
    """A file of a release. Size in bytes and SHA-256 are None where they are no function of the inputs (the DuckDB
    file) or not known before the file that would state them is written (the zip)."""

    path: str
    title: Text
    media_type: str
    size: int | None = None
    sha256: str | None = None


@dataclass(frozen=True)
class Published:
    """A table as it was published."""

    resource: Resource
    csv: File
    parquet: File


@dataclass(frozen=True)
class Agent:
    """Who answers for the data. `code` is a unified social credit code; empty where none is stated."""

    name: str
    roles: tuple[str, ...]
    given_name: str = ""
    family_name: str = ""
    email: str = ""
    address: str = ""
    code: str = ""

    @property
    def is_person(self) -> bool:
        return bool(self.given_name or self.family_name)


@dataclass(frozen=True)
class Place:
    """A jurisdiction that promises something; `code` is its six digits of GB/T 2260."""

    code: str
    name: Text


@dataclass(frozen=True)
class Theme:
    """A policy domain that has tasks; `match` says how closely the COFOG code and SDG goal fit, as in SKOS."""

    code: str
    name: Text
    cofog: str
    goal: str
    match: str


@dataclass(frozen=True)
class Source:
    """A document the data were read from."""

    title: str
    publisher: str
    published_on: str
    sha256: str
    terms: str


@dataclass(frozen=True)
class Edition:
    """A release as its formats see it. `made` are the files of formats written so far, `years` the first and last."""

    package: Package
    entry: Entry
    tables: tuple[Published, ...]
    years: tuple[int, int]
    places: tuple[Place, ...]
    themes: tuple[Theme, ...]
    sources: tuple[Source, ...]
    rows: Rows
    made: tuple[File, ...] = ()

    @property
    def database(self) -> File:
        return File(f"{self.package.name}.duckdb", Text("DuckDB 数据库", "DuckDB database"), DATABASE)

    @property
    def archive(self) -> File:
        """The zip stands beside the release folder and not in it."""
        return File(f"../{self.entry.zip}", Text("全部文件(zip)", "all files (zip)"), ZIP)

    @property
    def agents(self) -> tuple[Agent, ...]:
        return tuple(_agent(each) for each in self.package.contributors)

    @property
    def publisher(self) -> Agent:
        """The contributor whose role that is, else the first."""
        return next((each for each in self.agents if "publisher" in each.roles), self.agents[0])

    @property
    def creators(self) -> tuple[Agent, ...]:
        """The contributors who made it, else all."""
        found = tuple(each for each in self.agents if {"creator", "author"} & set(each.roles))
        return found or self.agents

    @property
    def citation(self) -> str:
        """How to cite it, in one line."""
        who = "; ".join(each.name for each in self.creators)
        year = self.entry.released_on[:4]
        return f"{who} ({year}): {self.package.title.both}, {self.entry.version}. {self.publisher.name}."


def _agent(contributor: Mapping[str, object]) -> Agent:
    """A contributor of the Data Package standard; `ms:uscc` is the unified social credit code."""
    text = {key: str(value) for key, value in contributor.items()}
    given, family = text.get("givenName", ""), text.get("familyName", "")
    roles = contributor.get("roles", ())
    return Agent(
        name=text.get("title") or f"{given} {family}".strip() or text.get("organization", ""),
        roles=tuple(str(role) for role in roles) if isinstance(roles, list | tuple) else (),
        given_name=given,
        family_name=family,
        email=text.get("email", ""),
        address=text.get("path", ""),
        code=text.get("ms:uscc", ""),
    )


def read(package: Package, entry: Entry, resources: Iterable[Resource], folder: Path) -> Edition:
    """The edition that stands in `folder`: its tables are written, its descriptive files not yet.

    Raises OSError where a table is not there.
    """
    tables = tuple(_published(resource, folder) for resource in resources)
    by_name = {each.resource.name: each.resource for each in tables}

    def rows(resource: Resource) -> Iterator[Sequence[str]]:
        return read_rows(folder / resource.path)

    def records(table: str) -> list[dict[str, str]]:
        resource = by_name[f"curated-{table}"]
        return [dict(zip(resource.table.names, row, strict=True)) for row in rows(resource)]

    programmes = records("programmes")
    promising = {row["jurisdiction_code"] for row in programmes}
    tasks = by_name["curated-tasks"]
    column = tasks.table.names.index("domain_code")
    used = {row[column] for row in rows(tasks)}
    return Edition(
        package=package,
        entry=entry,
        tables=tables,
        years=(min(int(row["start_year"]) for row in programmes), max(int(row["end_year"]) for row in programmes)),
        places=tuple(
            Place(row["jurisdiction_code"], Text(row["name_zh"], row["name_en"]))
            for row in records("jurisdictions")
            if row["jurisdiction_code"] in promising
        ),
        themes=tuple(
            Theme(
                row["domain_code"],
                Text(row["name_zh"], row["name_en"]),
                row["cofog_code"],
                row["sdg_goal"],
                row["match"],
            )
            for row in records("domains")
            if row["domain_code"] in used
        ),
        sources=tuple(
            Source(row["title_zh"], row["publisher_zh"], row["published_on"], row["sha256"], row["terms"])
            for row in records("sources")
        ),
        rows=rows,
    )


def read_rows(path: Path) -> Iterator[Sequence[str]]:
    """The rows of a published CSV, without its header."""
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        next(reader)
        yield from reader


def measured(folder: Path, path: str, title: Text, media_type: str) -> File:
    """A file that has been written, with its size and SHA-256."""
    target = folder / path
    with target.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return File(path, title, media_type, target.stat().st_size, sha256)


def _published(resource: Resource, folder: Path) -> Published:
    title = resource.table.title
    return Published(
        resource,
        measured(folder, resource.path, title, CSV),
        measured(folder, resource.parquet_path, title, PARQUET),
    )

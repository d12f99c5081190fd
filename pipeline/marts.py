"""The marts of a day, for bulletins and ledgers alike: built of sound data, asked, and what both tell of.

A programme, its units and the figures they owe are the same wherever they are told of, and are read here.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pipeline.dataset import Dataset
from pipeline.fiction import is_fictional
from pipeline.findings import Report
from pipeline.language import RefusalError, Text
from pipeline.validation import validate
from pipeline.warehouse import Build, build, opened
from pipeline.worker import Worker

Say = Callable[[Text], None]
Record = Mapping[str, Any]
# A question in SQL, with values for the $parameters in it; its answer are rows by column.
Ask = Callable[..., tuple[Record, ...]]

BUILDING = Text("构建集市表", "building the marts")


class FaultyDataError(Exception):
    """The data folder has errors, which `report` names."""

    def __init__(self, report: Report) -> None:
        super().__init__(f"{report.errors} errors")
        self.report = report


class UnbuiltError(RefusalError):
    """The marts of sound data do not hold; `build` says what failed."""

    def __init__(self, build: Build) -> None:
        failed = ", ".join(failure.node for failure in build.failures)
        super().__init__(
            Text(
                f"集市表未通过检验：{failed}；请运行 minsheng build 查看",
                f"the marts do not hold: {failed}; run minsheng build to see why",
            )
        )
        self.build = build


def sound(folder: Path) -> Dataset:
    """The rows of a data folder. Raises FaultyDataError, and DataFolderError as validation does."""
    validation = validate(folder)
    if not validation.report.ok:
        raise FaultyDataError(validation.report)
    return validation.data


def marts(
    data: Dataset, folder: Path, as_of: date, say: Say, step: Text = BUILDING, worker: Worker | None = None
) -> Path:
    """Build sound rows in a folder, as of a day; the warehouse. Raises UnbuiltError, and WarehouseError as `build`."""
    say(step)
    built = build(data, folder, as_of=as_of, unit_tests=False, worker=worker)
    if built.path is None:
        raise UnbuiltError(built)
    return built.path


@contextmanager
def asking(warehouse: Path, **known: object) -> Iterator[Ask]:
    """Questions to a warehouse, each with those of the known values that it names. Raises duckdb.Error."""
    with opened(warehouse) as connection:

        def ask(sql: str, **more: object) -> tuple[Record, ...]:
            values = {**known, **more}
            found = connection.execute(sql, {name: values[name] for name in re.findall(r"\$(\w+)", sql)})
            names = [column[0] for column in found.description or ()]
            return tuple(dict(zip(names, row, strict=True)) for row in found.fetchall())

        yield ask


def named(row: Record, name: str) -> Text:
    """A name in both languages; in Chinese also for English readers where that is all there is."""
    zh = row[f"{name}_zh"] or ""
    return Text(zh, row[f"{name}_en"] or zh)


@dataclass(frozen=True)
class Unit:
    """An organization that answers for something."""

    organization_id: str
    name: Text


@dataclass(frozen=True)
class Source:
    """A text that a programme was read from."""

    title: str
    publisher: str
    published_on: date | None
    sha256: str


@dataclass(frozen=True)
class Programme:
    programme_id: str
    title: Text
    jurisdiction: Text
    jurisdiction_code: str
    issuer: Text
    document_number: str
    start_year: int
    end_year: int
    sources: tuple[Source, ...]

    @property
    def is_fictional(self) -> bool:
        return is_fictional(self.jurisdiction_code)


@dataclass(frozen=True)
class OwedFigure:
    """The figure of a year that is over and for which a unit answers; `status` is a code of mart reporting_status."""

    unit: Unit
    role: str
    indicator_id: str
    indicator: Text
    task: Text
    year: int
    due_on: date
    reported_to: date | None
    status: str

    @property
    def late(self) -> bool:
        """Whether its day has passed without the figure."""
        return self.status in ("missing", "partly")


_PROGRAMMES = "SELECT * FROM programmes WHERE programme_id IN (SELECT unnest($ids)) ORDER BY start_year, programme_id"
_SOURCES = "SELECT * FROM curated.sources WHERE programme_id IN (SELECT unnest($ids)) ORDER BY source_id"
_OWED = """
    SELECT status.*, tasks.title_zh AS task_zh, tasks.title_en AS task_en
    FROM reporting_status AS status
    INNER JOIN tasks USING (task_id)
    WHERE
        ($unit IS NULL OR status.organization_id = $unit)
        AND ($programme IS NULL OR status.programme_id = $programme)
    ORDER BY status.due_on, status.indicator_id, status.role, status.organization_id
"""


def programmes(ask: Ask, ids: Iterable[str]) -> tuple[Programme, ...]:
    """Programmes with the texts they were read from, the earliest first."""
    wanted = list(ids)
    sources: dict[str, list[Source]] = {}
    for row in ask(_SOURCES, ids=wanted):
        source = Source(row["title_zh"], row["publisher_zh"] or "", row["published_on"], row["sha256"])
        sources.setdefault(row["programme_id"], []).append(source)
    return tuple(
        Programme(
            programme_id=row["programme_id"],
            title=named(row, "title"),
            jurisdiction=named(row, "jurisdiction"),
            jurisdiction_code=row["jurisdiction_code"],
            issuer=named(row, "issuer"),
            document_number=row["document_number"] or "",
            start_year=row["start_year"],
            end_year=row["end_year"],
            sources=tuple(sources.get(row["programme_id"], ())),
        )
        for row in ask(_PROGRAMMES, ids=wanted)
    )


def owed(ask: Ask, *, unit: str | None = None, programme: str | None = None) -> tuple[OwedFigure, ...]:
    """Figures of years that are over, settled or not, of all units and programmes or of one; the earliest due first."""
    return tuple(
        OwedFigure(
            unit=Unit(row["organization_id"], named(row, "organization")),
            role=row["role"],
            indicator_id=row["indicator_id"],
            indicator=named(row, "indicator"),
            task=named(row, "task"),
            year=row["year"],
            due_on=row["due_on"],
            reported_to=row["reported_to"],
            status=row["status"],
        )
        for row in ask(_OWED, unit=unit, programme=programme)
    )

"""The state of a data folder at a glance: what is there, what is accounted for, what is wrong, what was released."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.dataset import Dataset, Row
from pipeline.findings import Finding, Report
from pipeline.language import RefusalError
from pipeline.package import Package, read_package
from pipeline.release.stores import opened
from pipeline.sources import SourceTexts
from pipeline.tables import curated_tables
from pipeline.validation import validate
from pipeline.verification import Lock, account_of, is_current, read_lock

VERIFIED, STALE, NOT_VERIFIED, NO_SOURCE = "verified", "stale", "not_verified", "no_source"


@dataclass(frozen=True)
class Numerals:
    """The numeral account of a programme's texts, as far as a text or the lock tells it."""

    digits: int
    cited: int
    excluded: int
    unaccounted: int


@dataclass(frozen=True)
class ProgrammeStatus:
    """One programme. `rows` counts by table; `numerals` is None where neither text nor lock says anything."""

    programme_id: str
    title_zh: str
    title_en: str
    rows: Mapping[str, int]
    numerals: Numerals | None
    errors: int
    warnings: int
    verification: str


@dataclass(frozen=True)
class Status:
    """A data folder. `package` is None without a readable package.toml, `released` where nothing was released yet."""

    package: Package | None
    released: str | None
    programmes: tuple[ProgrammeStatus, ...]
    report: Report


def status(folder: Path, store: str | Path) -> Status:
    """Look at a data folder and its store of releases. Raises DataFolderError, StoreError."""
    validation = validate(folder)
    data, report, lock = validation.data, validation.report, read_lock(folder)
    try:
        package = read_package(folder)
    except RefusalError:
        package = None
    released = opened(store, package.name).newest() if package else None
    programmes = tuple(
        _programme(row, data, report, validation.sources, lock)
        for row in data.tables["programmes"]
        if row["programme_id"]
    )
    return Status(package, released.version if released else None, programmes, report)


def _programme(row: Row, data: Dataset, report: Report, texts: SourceTexts, lock: Lock) -> ProgrammeStatus:
    programme = row["programme_id"]
    sources = [source for source in data.tables["sources"] if source["programme_id"] == programme]
    place = f"programmes/{programme}/"
    found = Report(tuple(_of(report.findings, place, {("programmes.csv", row.key), *_keys(sources)})))
    return ProgrammeStatus(
        programme_id=programme,
        title_zh=row["title_zh"] or "",
        title_en=row["title_en"] or "",
        rows={
            table.name: sum(each.source.file.startswith(place) for each in data.tables[table.name])
            for table in curated_tables()
            if table.per_programme
        },
        numerals=_numerals(sources, data, texts, lock),
        errors=found.errors,
        warnings=found.warnings,
        verification=_verification(sources, data, lock),
    )


def _keys(sources: Iterable[Row]) -> set[tuple[str, str]]:
    return {("sources.csv", source.key) for source in sources}


def _of(findings: Iterable[Finding], folder: str, rows: set[tuple[str, str]]) -> Iterable[Finding]:
    """Findings in the files of a programme and in its rows of the registers; a record may name a place in a text."""
    for finding in findings:
        place = finding.place
        record = (place.record or "").partition("/")[0]
        if place.file.startswith(folder) or (place.file, record) in rows:
            yield finding


def _numerals(sources: Iterable[Row], data: Dataset, texts: SourceTexts, lock: Lock) -> Numerals | None:
    """Totals over the sources of which something is known: the text at hand before the lock."""
    known = []
    for source in sources:
        text, locked = texts.get(source["sha256"]), lock.sources.get(source["source_id"])
        if text is not None and source["source_id"]:
            found = account_of(data, source["source_id"], text)
            known.append((found.digits, found.cited, found.excluded, len(found.unaccounted)))
        elif locked is not None:
            digits, cited, excluded = (locked.account.get(name, 0) for name in ("digits", "cited", "excluded"))
            known.append((digits, cited, excluded, digits - cited - excluded))
    return Numerals(*(sum(column) for column in zip(*known, strict=True))) if known else None


def _verification(sources: list[Row], data: Dataset, lock: Lock) -> str:
    if not sources:
        return NO_SOURCE
    if all(is_current(data, source, lock.sources.get(source["source_id"])) for source in sources):
        return VERIFIED
    return STALE if any(source["source_id"] in lock.sources for source in sources) else NOT_VERIFIED

"""The validation stage: read, judge structure, type, judge meaning, set aside what is waived; one report of it all."""

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

# Importing a check module registers its checks; the order here is the order of the run.
from pipeline.checks import coherence as _coherence  # noqa: F401
from pipeline.checks import hygiene, structure
from pipeline.checks import lead_units as _lead_units  # noqa: F401
from pipeline.checks import measures as _measures  # noqa: F401
from pipeline.checks import printed as _printed  # noqa: F401
from pipeline.checks import provenance as _provenance  # noqa: F401
from pipeline.checks import renames as _renames  # noqa: F401
from pipeline.checks import rows as _rows  # noqa: F401
from pipeline.checks import units as _units  # noqa: F401
from pipeline.checks import years as _years  # noqa: F401

# isort: split
from pipeline.checks import reports as _reports  # noqa: F401
from pipeline.checks.registry import run_all
from pipeline.curated import Reading, read
from pipeline.dataset import Dataset, typed
from pipeline.fiction import NOTICE, fictional
from pipeline.findings import Report
from pipeline.repository import path_in_repository
from pipeline.sources import SourceTexts, find_texts
from pipeline.tables import curated_tables
from pipeline.verification import read_lock
from pipeline.waivers import apply as apply_waivers


@dataclass(frozen=True)
class Validation:
    """A report and the rows it is about."""

    report: Report
    data: Dataset
    reading: Reading
    sources: SourceTexts


def validate(
    folder: Path, sources: SourceTexts | None = None, meanwhile: Callable[[Dataset], None] | None = None
) -> Validation:
    """Check a data folder. Raises DataFolderError where there is nothing to check.

    `sources` defaults to the texts found in the usual places. `meanwhile` is given the rows before their meaning is
    judged, and only where every cell, key and reference is sound: what another process makes of them can begin.
    """
    with _nothing_collected():
        return _validate(folder, sources, meanwhile)


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """Rows refer to each other in no circle; to look for one among a million again and again takes a fourth of all."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def _validate(folder: Path, sources: SourceTexts | None, meanwhile: Callable[[Dataset], None] | None) -> Validation:
    reading = read(folder)
    texts = find_texts(folder) if sources is None else sources
    tables = curated_tables()
    faults = structure.check(reading, tables)
    data = typed(reading, tables, faults.faulty)
    if meanwhile and not (reading.findings or reading.incomplete or faults.findings or faults.not_checked):
        meanwhile(data)
    findings, not_checked = run_all(data, texts, read_lock(folder))
    judged = apply_waivers(
        (*reading.findings, *hygiene.dialects(folder, reading), *faults.findings, *findings),
        tuple(dict.fromkeys((*faults.not_checked, *not_checked))),
        data,
    )
    report = Report(
        findings=judged.findings,
        not_checked=judged.not_checked,
        files=len(reading.files),
        records=sum(len(file.records) for file in reading.files),
        waived=judged.waived,
        folder=path_in_repository(folder),
        notice=NOTICE if fictional(data) else None,
    )
    return Validation(report, data, reading, texts)

"""The verification stage: hold all citations against the source texts and renew the lock."""

from dataclasses import dataclass
from pathlib import Path

from pipeline.dataset import Row
from pipeline.findings import Finding, Report
from pipeline.sources import SourceTexts
from pipeline.validation import validate
from pipeline.verification import Account, Lock, LockedSource, account_of, lock_source, read_lock, write_lock

PROVENANCE = frozenset(
    {
        "source-hash-mismatch",
        "span-mismatch",
        "span-overlap",
        "span-length",
        "numeral-unaccounted",
        "list-value-unclaimed",
        "printed-name-not-in-source",
        "source-error",
        "dialect-error",
    }
)


@dataclass(frozen=True)
class VerifiedSource:
    """A source and its account; None where the text is not at hand."""

    source_id: str
    account: Account | None
    locked: bool


@dataclass(frozen=True)
class Verification:
    """What was verified. `report` holds only the findings that stand between the rows and the lock."""

    sources: tuple[VerifiedSource, ...]
    report: Report

    @property
    def ok(self) -> bool:
        """Every text at hand is verified; those that are not at hand are no fault."""
        return self.report.ok and all(source.locked for source in self.sources if source.account)

    @property
    def any_text(self) -> bool:
        return any(source.account for source in self.sources)


def _concerns(fault: Finding, source: Row) -> bool:
    """Whether a fault stands between a source and its lock: in its programme's files, its row, or a whole register."""
    file, record = fault.place.file, fault.place.record
    if file.startswith("programmes/"):
        return file.startswith(f"programmes/{source['programme_id']}/")
    if file == "sources.csv" and record is not None:
        return record.partition("/")[0] == str(source["source_id"])
    return file in ("sources.csv", "programmes.csv")


def verify(folder: Path, sources: SourceTexts | None = None) -> Verification:
    """Verify a data folder against the texts at hand; write the lock of every source that is complete and right.

    A source whose text is not at hand keeps the entry it has. Raises DataFolderError.
    """
    validation = validate(folder, sources)
    data, texts = validation.data, validation.sources
    faults = tuple(f for f in validation.report.findings if f.code in PROVENANCE)
    old = read_lock(folder)
    entries: dict[str, LockedSource] = {}
    verified: list[VerifiedSource] = []
    for source in data.tables["sources"]:
        source_id, text = source["source_id"], texts.get(source["sha256"])
        if source_id is None:
            continue
        if text is None:
            if source_id in old.sources:
                entries[source_id] = old.sources[source_id]
            verified.append(VerifiedSource(source_id, None, False))
            continue
        found = account_of(data, source_id, text)
        sound = found.complete and not any(_concerns(fault, source) for fault in faults)
        if sound:
            entries[source_id] = lock_source(data, source, found)
        elif source_id in old.sources:
            entries[source_id] = old.sources[source_id]
        verified.append(VerifiedSource(source_id, found, sound))
    if entries and entries != dict(old.sources):
        write_lock(folder, Lock(entries))
    return Verification(tuple(verified), Report(faults, (), validation.report.files, validation.report.records))

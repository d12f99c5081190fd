"""What a release changes against the last one: changes.csv, the version it must have, its entry in the change log."""

from dataclasses import dataclass
from pathlib import Path

from pipeline.package import Package
from pipeline.release import changelog, changes, versioning
from pipeline.release.snapshots import Snapshot, of_release, of_written
from pipeline.release.store import Store, highest
from pipeline.release.versioning import Requirement

CHANGES = "changes.csv"


@dataclass(frozen=True)
class Since:
    """The two sides and what the step from one to the other requires; `before` is None for a first release."""

    before: Snapshot | None
    after: Snapshot
    requirement: Requirement


def since_last(store: Store, package: Package, beside: Path) -> Since:
    """Compare the tables written in `beside` with the newest release that is not withdrawn; writes changes.csv there.

    Raises StoreError where the index is damaged, SnapshotError where that release is.
    """
    entries = store.entries()
    last, top = store.newest(), highest(entries)
    before = of_release(store.local(last)) if last else None
    after = of_written(package, beside)
    found = changes.compare(before or Snapshot("", package.name, "", {}), after)
    version, most = (last.version if last else ""), (top.version if top else "")
    requirement = versioning.required(changes.written(found, beside / CHANGES), version, most)
    return Since(before, after, requirement)


def change_log(folder: Path, package: Package, since: Since, beside: Path) -> str:
    """The change log of the data folder, with a drafted entry where it has none for the version."""
    log = folder / "CHANGELOG.md"
    history = log.read_text(encoding="utf-8", errors="replace") if log.is_file() else f"# {package.name}\n"
    if changelog.has_entry(history, package.version):
        return history
    found = changes.read(beside / CHANGES)
    return changelog.with_entry(
        history, changelog.draft(package.version, found, since.before, since.after, since.requirement)
    )

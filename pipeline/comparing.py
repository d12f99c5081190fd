"""The diff stage: two sides of a comparison, found by path or by version, and what changed between them."""

from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.language import Text
from pipeline.package import version_key
from pipeline.release import changelog, changes, versioning
from pipeline.release.changes import Change
from pipeline.release.snapshots import Snapshot, SnapshotError, snapshot
from pipeline.release.store import highest, newest
from pipeline.release.stores import opened, release_place
from pipeline.release.versioning import Requirement

LATEST = "latest"


@dataclass(frozen=True)
class Comparison:
    """Two sides, all changes from the first to the second, and the version they ask for.

    `whole` is false where only the curated tables were compared, because one side is a data folder.
    """

    before: Snapshot
    after: Snapshot
    changes: tuple[Change, ...]
    requirement: Requirement

    @property
    def fictional(self) -> bool:
        """Whether either side is invented."""
        return self.before.fictional or self.after.fictional

    @property
    def whole(self) -> bool:
        return self.before.whole and self.after.whole


def comparison(before: str, after: str, store: str | Path) -> Comparison:
    """Compare two sides: paths, versions in `store`, or `latest` there.

    Raises SnapshotError, StoreError, DataFolderError, PackageFileError.
    """
    (old, top), (new, _) = _side(before, store), _side(after, store)
    found = tuple(changes.compare(old, new))
    return Comparison(old, new, found, versioning.required(found, old.version, top))


def entry_draft(found: Comparison) -> str:
    """A draft of the change log's entry for the newer side: under its own version, unless that has to be raised."""
    side, needed = found.after, found.requirement
    version = side.version if side.whole or needed.allows(side.version) else needed.version
    return changelog.draft(version, found.changes, found.before, side, needed)


def _side(name: str, store: str | Path) -> tuple[Snapshot, str]:
    """A path where there is one, else a version in the store; with the highest version known there."""
    path = Path(name)
    if path.exists() or (name != LATEST and version_key(name) is None):
        side = snapshot(path)
        return side, side.version
    shelf = opened(store)
    entries = shelf.entries()
    entry = newest(entries) if name == LATEST else next((each for each in entries if each.version == name), None)
    if entry is None:
        known = ", ".join(each.version for each in entries) or "—"
        raise SnapshotError(
            Text(
                f"{shelf.place} 中没有 {name} 版;已发布:{known}",
                f"{shelf.place} holds no version {name}; released: {known}",
            )
        )
    top = highest(entries)
    side = replace(snapshot(shelf.local(entry)), label=release_place(store, entry.path))
    return side, top.version if top else entry.version

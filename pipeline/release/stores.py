"""Which store an address is: a folder, or whatever fsspec reaches under an address with `://`."""

from pathlib import Path

from pipeline.release import objects
from pipeline.release.folder_store import FolderStore
from pipeline.release.object_store import ObjectStore
from pipeline.release.store import Store

_LOCAL = ("file://", "local://")


def opened(address: str | Path, name: str = "") -> Store:
    """The store at an address, for releases of the package `name`; without one it is only read and withdrawn from.

    Raises StoreError where an address cannot be opened.
    """
    said = str(address)
    for scheme in _LOCAL:
        if said.startswith(scheme):
            return FolderStore(Path(said.removeprefix(scheme)), name)
    return ObjectStore(objects.Objects(said), name) if "://" in said else FolderStore(Path(said), name)


def release_place(address: str | Path, path: str) -> str:
    """Where a release is, as it is shown to people."""
    said = str(address)
    return f"{objects.shown(said)}/{path}" if "://" in said else str(Path(said) / path)

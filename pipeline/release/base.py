"""The release that the gate compares with: the one readers are sent to, with its files as they were published."""

from pipeline.against import Base
from pipeline.dataset import Dataset
from pipeline.package import Package
from pipeline.release.renamed import renames
from pipeline.release.resources import resources
from pipeline.release.snapshots import Snapshot, about, of_release, published
from pipeline.release.store import Store


def base_of(store: Store, package: Package, data: Dataset) -> Base | None:
    """The newest release that is not withdrawn, None where there is none.

    Raises StoreError where its files differ from SHA256SUMS, SnapshotError where they cannot be read.
    """
    last = store.newest()
    if last is None:
        return None
    folder = store.local(last)
    paths = {each.name: folder / each.parquet_path for each in resources()}
    tables = {name: path for name, path in paths.items() if path.is_file()}
    if not data.tables["renames"]:
        return Base(last.version, tables)
    before = of_release(folder)
    declared = renames(before, _curated(package, data))
    followed = {
        name: {table.schema.fields[at].name: dict(keys) for at, keys in declared.of(table).items()}
        for name, table in before.tables.items()
    }
    return Base(last.version, tables, {name: columns for name, columns in followed.items() if columns})


def _curated(package: Package, data: Dataset) -> Snapshot:
    """The curated rows as one side of a comparison."""
    tables = {
        each.name: published(each, [tuple(c or "" for c in row.record.cells) for row in data.tables[each.table.name]])
        for each in resources()
        if each.schema == "curated"
    }
    return Snapshot("", package.name, package.version, tables, about(package), whole=False)

"""What changed since the last release: a keyed diff of the published tables, as rows of changes.csv."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from pipeline.release.resources import Resource


@dataclass(frozen=True)
class Change:
    """One change: a table, row or cell that was added, removed or changed. `column` is empty for whole rows."""

    table: str
    change: str
    key: str
    column: str
    before: str
    after: str


def changes(resources: Sequence[Resource], before: Path | None, after: Path) -> Iterator[Change]:
    """Compare two release folders table by table and key by key; without a `before`, every table is new."""
    for resource in resources:
        had, old = _rows(resource, before / resource.path) if before else ([], None)
        has, new = _rows(resource, after / resource.path)
        new = new or {}
        if old is None:
            yield Change(resource.name, "table added", "", "", "", str(len(new)))
            continue
        yield from (Change(resource.name, "column removed", "", column, "", "") for column in had if column not in has)
        yield from (Change(resource.name, "column added", "", column, "", "") for column in has if column not in had)
        shared = [column for column in had if column in has]
        for key in sorted(old.keys() | new.keys()):
            yield from _row(resource.name, key, old.get(key), new.get(key), shared)
    if before:
        known = {resource.path for resource in resources}
        for path in sorted((before / "data").rglob("*.csv")):
            if path.relative_to(before).as_posix() not in known:
                name = f"curated-{path.stem}" if path.parent.name == "curated" else path.stem
                yield Change(name, "table removed", "", "", "", "")


def _row(
    table: str, key: str, old: Mapping[str, str] | None, new: Mapping[str, str] | None, columns: Sequence[str]
) -> Iterator[Change]:
    if old is None:
        yield Change(table, "row added", key, "", "", "")
    elif new is None:
        yield Change(table, "row removed", key, "", "", "")
    else:
        for column in columns:
            was, now = old.get(column, ""), new.get(column, "")
            if was != now:
                yield Change(table, "cell changed", key, column, was, now)


def _rows(resource: Resource, path: Path) -> tuple[list[str], dict[str, dict[str, str]] | None]:
    """Columns, and rows by key; None where the table was not published then."""
    if not path.is_file():
        return [], None
    with path.open(encoding="utf-8", newline="") as file:
        key = resource.table.primary_key
        reader = csv.DictReader(file)
        rows = {"/".join(row.get(name) or "" for name in key): row for row in reader}
        return list(reader.fieldnames or ()), rows


def write(found: Sequence[Change], target: Path) -> None:
    """Write changes.csv, one row a change."""
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(field.name for field in fields(Change))
        writer.writerows(astuple(change) for change in found)

"""What changed between two sides: a keyed diff of schemas and rows, as rows of changes.csv.

Rows are matched by key and compared by their digest first, so that of two tables of a million rows only the keys and
the rows that differ are held in memory. Tables whose bytes are equal cost one look at each row.
"""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, fields
from hashlib import blake2b
from pathlib import Path

from pipeline.language import Text
from pipeline.release.kinds import Kind
from pipeline.release.renamed import Renames, renamed, renames
from pipeline.release.schema_changes import Difference, table_differences
from pipeline.release.snapshots import Published, Row, Snapshot, SnapshotError

_SEPARATOR = "\x1f"


@dataclass(frozen=True)
class Change:
    """One change. `column` is empty for tables and rows, `table` for the package as a whole.

    `before` and `after` are the cell, the property or, of a row added or removed, all its filled cells as a JSON
    object: with them the older side can be turned into the newer. A renamed row has its keys there, and is called by
    the new one.
    """

    table: str
    change: str
    key: str
    column: str
    before: str
    after: str


def compare(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    """All changes, table by table in the order of the newer side. Raises SnapshotError.

    Where one side is a data folder, the curated tables are compared and nothing else.
    """
    if not (before.whole and after.whole):
        before, after = before.curated_only(), after.curated_only()
    if before.name != after.name:
        yield Change("", Kind.PACKAGE_RENAMED, "", "name", before.name, after.name)
    if before.about and after.about:
        for name, said in after.about.items():
            if (was := before.about.get(name, "")) != said:
                yield Change("", Kind.DESCRIBED, "", name, was, said)
    declared = renames(before, after)
    for name, table in after.tables.items():
        old = before.tables.get(name)
        if old is None:
            yield Change(name, Kind.TABLE_ADDED, "", "", "", str(sum(1 for _ in table.rows)))
            continue
        yield from (_of_schema(name, each) for each in table_differences(old, table))
        yield from _rows(old, table, declared, before)
    for name, table in before.tables.items():
        if name not in after.tables:
            yield Change(name, Kind.TABLE_REMOVED, "", "", str(sum(1 for _ in table.rows)), "")


def _of_schema(table: str, found: Difference) -> Change:
    return Change(table, found.kind, "", found.column, found.before, found.after)


def joined(key: Sequence[str]) -> str:
    """A key as one text, its parts joined by slashes; slashes in the parts of a composite key are escaped."""
    if len(key) == 1:
        return key[0]
    return "/".join(part.replace("\\", "\\\\").replace("/", "\\/") for part in key)


class _RepeatedKeyError(Exception):
    """Two rows of a table have the same key."""


@dataclass(frozen=True)
class _Keyed:
    """Rows of one side under a key made of the columns at `at`; without a key a row is its own, with its occurrence."""

    rows: Iterable[Row]
    at: tuple[int, ...]
    numbered: bool

    def __iter__(self) -> Iterator[tuple[str, Row]]:
        seen: dict[str, int] = {}
        for row in self.rows:
            key = joined([row[position] for position in self.at])
            if self.numbered:
                seen[key] = seen.get(key, 0) + 1
                key = f"{key}#{seen[key]}" if seen[key] > 1 else key
            yield key, row


def _rows(old: Published, new: Published, declared: Renames, side: Snapshot) -> Iterator[Change]:
    """Changes of rows, by the key of the newer side, else by that of the older, else by whole rows."""
    shared = [name for name in new.schema.names if name in old.schema.names]
    same = old.schema.primary_key == new.schema.primary_key
    candidates = [key for key in dict.fromkeys((new.schema.primary_key, old.schema.primary_key)) if key]
    for key in candidates:
        if set(key) <= set(shared):
            try:
                found = _matched(old, new, key, shared, declared)
            except _RepeatedKeyError as error:
                if same:
                    raise SnapshotError(
                        Text(
                            f"表 {new.name} 中主键 {error} 重复,无法比较;请先运行 minsheng validate",
                            f"the key {error} stands twice in the table {new.name}, which cannot be compared; "
                            "run minsheng validate first",
                        )
                    ) from None
                continue
            yield from _told(old, new, found, shared, declared, side)
            return
    yield from _told(old, new, _matched(old, new, (), shared, declared), shared, declared, side)


@dataclass(frozen=True)
class _Matched:
    """Rows that are not the same on both sides, by key, sorted; `renamed` is the former key of a row by its new one."""

    old: Mapping[str, Row]
    new: Mapping[str, Row]
    renamed: Mapping[str, str]


def _matched(old: Published, new: Published, key: Sequence[str], shared: Sequence[str], declared: Renames) -> _Matched:
    following = declared.of(old)
    numbered = not key
    was, now = ([table.schema.names.index(name) for name in (key or shared)] for table in (old, new))
    cells_was, cells_now = ([table.schema.names.index(name) for name in shared] for table in (old, new))
    olds = _Keyed(_Again(old.rows, following), tuple(was), numbered)
    news = _Keyed(new.rows, tuple(now), numbered)
    digests: dict[str, bytes | None] = {}  # None: met on the newer side
    for name, row in olds:
        if name in digests:
            raise _RepeatedKeyError(name)
        digests[name] = _digest(row, cells_was)
    differing: dict[str, Row] = {}
    added: dict[str, Row] = {}
    for name, row in news:
        digest = digests.get(name)
        if name in added or (digest is None and name in digests):
            raise _RepeatedKeyError(name)
        if digest is None:
            added[name] = row
        else:
            digests[name] = None
            if digest != _digest(row, cells_now):
                differing[name] = row
    wanted = {name for name, digest in digests.items() if digest} | differing.keys()
    digests.clear()
    own = declared.keys.get(old.curated or "", {})
    former = _former(old, own, following)
    rows = {name: row for name, row in olds if name in wanted} if wanted else {}
    return _Matched(rows, {**added, **differing}, former)


def _former(old: Published, own: Mapping[str, str], following: Mapping[int, Mapping[str, str]]) -> dict[str, str]:
    """Rows whose own identifier was renamed; in a mart, those whose whole key is one that was."""
    if len(old.schema.primary_key) != 1:
        return {}
    at = old.schema.names.index(old.schema.primary_key[0])
    keys = own or following.get(at, {})
    if not keys:
        return {}
    return {keys[row[at]]: row[at] for row in old.rows if row[at] in keys}


@dataclass(frozen=True)
class _Again:
    """Rows of the older side with its renames made, each time anew."""

    rows: Iterable[Row]
    following: Mapping[int, Mapping[str, str]]

    def __iter__(self) -> Iterator[Row]:
        return renamed(self.rows, self.following)


def _digest(row: Row, at: Sequence[int]) -> bytes:
    text = _SEPARATOR.join([row[position] for position in at])
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=12).digest()


def _told(
    old: Published, new: Published, found: _Matched, shared: Sequence[str], declared: Renames, side: Snapshot
) -> Iterator[Change]:
    removed = {key: row for key, row in found.old.items() if key not in found.new}
    referred = _referred(old, removed, side)
    columns = [(name, old.schema.names.index(name), new.schema.names.index(name)) for name in shared]
    for key in sorted(found.old.keys() | found.new.keys() | found.renamed.keys()):
        if key in found.renamed:
            yield Change(new.name, Kind.ROW_RENAMED, key, "", found.renamed[key], key)
        was, now = found.old.get(key), found.new.get(key)
        if was is not None and now is not None:
            for name, at_old, at_new in columns:
                if was[at_old] != now[at_new] and not declared.follows(was[at_old], now[at_new]):
                    yield Change(new.name, Kind.CELL_CHANGED, key, name, was[at_old], now[at_new])
        elif now is not None:
            yield Change(new.name, Kind.ROW_ADDED, key, "", "", _as_json(new, now))
        elif was is not None:
            kind = Kind.REFERRED_REMOVED if key in referred else Kind.ROW_REMOVED
            yield Change(new.name, kind, key, "", _as_json(old, was), "")


def _referred(old: Published, removed: Mapping[str, Row], side: Snapshot) -> set[str]:
    """Which removed rows other tables of the older side referred to: readers join by them."""
    found: set[str] = set()
    if not removed:
        return found
    for table in side.tables.values():
        for key in table.schema.foreign_keys:
            if key.resource != old.name or table.name == old.name:
                continue
            theirs = [old.schema.names.index(name) for name in key.reference_fields if name in old.schema.names]
            if len(theirs) < len(key.fields):
                continue
            wanted: dict[Row, list[str]] = {}
            for name, row in removed.items():
                wanted.setdefault(tuple(row[at] for at in theirs), []).append(name)
            own = [table.schema.names.index(name) for name in key.fields]
            for row in table.rows:
                found.update(wanted.get(tuple(row[at] for at in own), ()))
    return found


def _as_json(table: Published, row: Row) -> str:
    cells = {name: cell for name, cell in zip(table.schema.names, row, strict=True) if cell}
    return json.dumps(cells, ensure_ascii=False, separators=(",", ":"))


def written(found: Iterable[Change], target: Path) -> Iterator[Change]:
    """Write changes.csv, one row a change, and hand each on."""
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(field.name for field in fields(Change))
        for change in found:
            writer.writerow(astuple(change))
            yield change


def read(path: Path) -> Iterator[Change]:
    """The rows of a changes.csv that was written before."""
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file)
        next(reader)
        for row in reader:
            yield Change(*row)

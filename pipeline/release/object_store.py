"""Releases behind an address: all files of a release first, then its zip, and the index last, which makes it one.

There is no renaming among objects, so nothing is ever moved: each file is written once, where there is none, and the
index is replaced only as it was when the release began. What an interruption leaves is files that no index names. The
next publisher of that version first replaces the index by the same one with a claim in it, so that whoever wrote them
can no longer publish, then removes them and writes its own. Of two publishers at once one is therefore refused, and
whatever the index names was written by one of them alone.

One thing no condition of S3 excludes: a publisher that was clearing up is stopped (not ended), another clears up,
publishes the same version and ends, and only then the removal that the first had sent arrives. `settle` tells of it.
"""

import atexit
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path, PurePosixPath
from secrets import token_hex
from tempfile import TemporaryDirectory, mkdtemp

from pipeline.language import Text
from pipeline.release.objects import Objects, OvertakenError, State
from pipeline.release.store import (
    CHECKSUMS,
    INDEX,
    LATEST,
    Entry,
    Index,
    StoreError,
    Withdrawal,
    index_of,
    newest,
    pack,
    sums_hold,
    writing_to,
)


@dataclass
class ObjectStore:
    """Releases of one package behind an address. `_seen` is the state of the index when the release began."""

    objects: Objects
    name: str
    _seen: State = None
    _here: dict[str, Path] = field(default_factory=dict)

    @property
    def place(self) -> str:
        return self.objects.place

    def index(self) -> Index:
        return self._read()[0]

    def entries(self) -> tuple[Entry, ...]:
        return self.index().entries

    def newest(self) -> Entry | None:
        return newest(self.entries())

    def settle(self, version: str, epoch: date) -> Entry | None:
        """Raises StoreError also where files of the release are missing; content is checked where it is fetched."""
        index = self.index()
        entry = index.of(version)
        if entry is not None:
            missing = self._summed(entry).keys() - self.objects.names(entry.path)
            if missing or not self.objects.exists(entry.zip):
                raise self._damaged(entry)
        self._point_latest(index)
        return entry

    def local(self, entry: Entry) -> Path:
        if entry.path not in self._here:
            home = Path(mkdtemp(prefix="minsheng-"))
            atexit.register(shutil.rmtree, home, ignore_errors=True)  # rows are read when they are asked for, and later
            with writing_to(home, str(home)):
                self.objects.fetch(self._summed(entry), home)
            if not sums_hold(home / entry.path):
                raise self._damaged(entry)
            self._here[entry.path] = home / entry.path
        return self._here[entry.path]

    @contextmanager
    def building(self, version: str) -> Iterator[Path]:
        _, self._seen = self._read()
        with TemporaryDirectory(prefix="minsheng-") as home, writing_to(Path(home), home):
            beside = Path(home) / f"{self.name}-{version}"
            beside.mkdir()
            yield beside

    def publish(self, beside: Path, entry: Entry, epoch: date) -> None:
        packed = beside.parent / entry.zip
        pack(beside, packed, epoch)
        files = {f"{entry.path}/{path.relative_to(beside).as_posix()}": path for path in _files(beside)}
        try:
            index = self._begun(entry)
            for name, path in files.items():
                self.objects.create(path, name)
            self.objects.create(packed, entry.zip)
            if self.objects.names(entry.path) != files.keys():
                raise OvertakenError
            index = index.entered(self.name, entry)
            self._seen = self.objects.replace(INDEX, index.as_bytes(), self._seen)
        except OvertakenError:
            raise self._busy() from None
        self._point_latest(index)

    def withdraw(self, version: str, notice: Withdrawal) -> Entry:
        index, seen = self._read()
        self._point_latest(index)  # what an interrupted run may have left undone
        marked = index.withdrawn(version, notice)
        try:
            self.objects.replace(INDEX, marked.as_bytes(), seen)
        except OvertakenError:
            raise self._busy() from None
        self._point_latest(marked)
        return next(each for each in marked.entries if each.version == version)

    def _read(self) -> tuple[Index, State]:
        content, seen = self.objects.read(INDEX)
        place = f"{self.place}/{INDEX}"
        return (Index(self.name), None) if seen is None else (index_of(content, place), seen)

    def _begun(self, entry: Entry) -> Index:
        """The index to go on from, with nothing left in the place of the release. Raises OvertakenError."""
        index = self.index()
        if index.of(entry.version) is not None:
            place = f"{self.place}/{entry.path}"
            raise StoreError(Text(f"{place} 已存在,不予改动", f"{place} exists and is never changed"))
        left = self.objects.names(entry.path) | ({entry.zip} if self.objects.exists(entry.zip) else set())
        if left:
            self._seen = self.objects.replace(INDEX, replace(index, claim=token_hex(8)).as_bytes(), self._seen)
            self.objects.remove(left)
        return index

    def _summed(self, entry: Entry) -> dict[str, str]:
        """Names of the files that SHA256SUMS of a release states, itself among them, with their sums."""
        content, _ = self.objects.read(f"{entry.path}/{CHECKSUMS}")
        lines = [line.partition("  ") for line in content.decode("utf-8", "replace").splitlines()]
        sums = {name: stated for stated, _, name in lines}
        if not sums or not all(map(_plain, sums)):
            raise self._damaged(entry)
        return {f"{entry.path}/{name}": stated for name, stated in {**sums, CHECKSUMS: ""}.items()}

    def _point_latest(self, index: Index) -> None:
        """`latest` holds the name of the newest release."""
        entry = newest(index.entries)
        content, seen = self.objects.read(LATEST)
        wanted = f"{entry.path}\n".encode() if entry else b""
        if entry is None and seen is not None:
            self.objects.remove([LATEST])
        elif content != wanted:
            self.objects.overwrite(LATEST, wanted)

    def _busy(self) -> StoreError:
        return StoreError(
            Text(
                f"{self.place} 中同时另有发布,本次没有发布;请待其结束后再试",
                f"another release into {self.place} is running; this one is not published, try again when it has ended",
            )
        )

    def _damaged(self, entry: Entry) -> StoreError:
        place = f"{self.place}/{entry.path}"
        return StoreError(
            Text(
                f"{place} 的文件缺失或与 {CHECKSUMS} 不符;请从备份恢复",
                f"files of {place} are missing or differ from {CHECKSUMS}; restore them from a copy",
            )
        )


def _files(folder: Path) -> list[Path]:
    """Every file of a release, the checksums last: what has none was interrupted, for whoever looks."""
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    return sorted(found, key=lambda path: path.name == CHECKSUMS)


def _plain(name: str) -> bool:
    """Whether a name from a file leads nowhere but below its folder."""
    path = PurePosixPath(name)
    inside = not path.is_absolute() and ".." not in path.parts and not set(name) & set("\\:\0")
    return inside and name == path.as_posix()

"""Releases in a folder: written beside, brought to the disk, moved into place in one step.

A release is written in `.building-…`. Every file and folder of it and its zip are brought to the disk (fsync) before
they are moved to their places, and those moves before the index names them: after a power cut the index never promises
what the disk does not hold. What a crash leaves is a `.building-…` folder, which the next run removes, or a whole
release that is not in the index yet, which the next run adopts after its checksums were found right, or a `latest` that
leads to the release before, which the next run corrects.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pipeline.language import Text
from pipeline.locking import LockedError, alone
from pipeline.regular import read_regular
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
    stated,
    sums_hold,
    unreadable,
    writing_to,
)
from pipeline.replacing import replace_file, to_disk


@dataclass(frozen=True)
class FolderStore:
    """A folder of releases of one package."""

    folder: Path
    name: str

    @property
    def place(self) -> str:
        return str(self.folder)

    def path(self, version: str) -> Path:
        return self.folder / f"{self.name}-{version}"

    def index(self) -> Index:
        place = self.folder / INDEX
        try:
            return index_of(read_regular(place), str(place))
        except FileNotFoundError:
            return Index(self.name)
        except OSError as error:
            why = error.strerror or str(error)
            raise unreadable(str(place), Text(why, why)) from None

    def entries(self) -> tuple[Entry, ...]:
        return self.index().entries

    def newest(self) -> Entry | None:
        return newest(self.entries())

    def local(self, entry: Entry) -> Path:
        place = self.folder / entry.path
        if not sums_hold(place):
            raise StoreError(
                Text(
                    f"{place} 的文件缺失或与 {CHECKSUMS} 不符;请从备份恢复",
                    f"files of {place} are missing or differ from {CHECKSUMS}; restore them from a copy",
                )
            )
        return place

    def settle(self, version: str, epoch: date) -> Entry | None:
        """Raises StoreError also where the files of the release are not what they were when published."""
        index = self.index()
        entry = index.of(version)
        if self._leftovers() or not self._leads_to(newest(index.entries)) or (entry is None and self._left(version)):
            try:
                with writing_to(self.folder, self.place), self._alone():
                    entry = self._settled(version, epoch)
            except _BusyError:
                if entry is None:  # else it was published long ago, whatever the other run is about
                    raise
        if entry is not None:
            self.local(entry)
        return entry

    @contextmanager
    def building(self, version: str) -> Iterator[Path]:
        """One release at a time: raises StoreError where another process is releasing into this store."""
        with writing_to(self.folder, self.place), self._alone():
            self._clear()
            beside = self.folder / f".building-{os.getpid()}" / f"{self.name}-{version}"
            beside.mkdir(parents=True)
            try:
                yield beside
            finally:
                shutil.rmtree(beside.parent, ignore_errors=True)

    def publish(self, beside: Path, entry: Entry, epoch: date) -> None:
        target, archive = self.folder / entry.path, self.folder / entry.zip
        if target.exists():
            raise StoreError(Text(f"{target} 已存在,不予改动", f"{target} exists and is never changed"))
        packed = beside.parent / entry.zip
        pack(beside, packed, epoch)
        to_disk(beside, packed)
        beside.rename(target)
        try:
            packed.replace(archive)
            to_disk(self.folder, below=False)
            self._write(self.index().entered(self.name, entry))
        except OSError:
            if self.index().of(entry.version) is None:  # the disk refused the index: as if nothing had been done
                with suppress(OSError):
                    archive.unlink(missing_ok=True)
                    target.rename(beside)
            raise
        self._point_latest_of(entry)

    def withdraw(self, version: str, notice: Withdrawal) -> Entry:
        with writing_to(self.folder, self.place), self._alone():
            self._clear()
            index = self.index()
            self._point_latest(newest(index.entries))  # what an interrupted run may have left undone
            marked = index.withdrawn(version, notice)
            self._write(marked)
            self._point_latest(newest(marked.entries))
        return next(each for each in marked.entries if each.version == version)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        try:
            with alone(self.folder):
                yield
        except LockedError:
            raise _BusyError(
                Text(
                    f"{self.folder} 中另有发布正在进行;请待其结束后再试",
                    f"another release into {self.folder} is running; try again when it has ended",
                )
            ) from None

    def _leftovers(self) -> list[Path]:
        """What only a crash leaves, or a run that is at work now."""
        patterns = (".building-*", f".{INDEX}.*.tmp", f".{LATEST}", f".{LATEST}.*.tmp")
        return [path for pattern in patterns for path in self.folder.glob(pattern)]

    def _clear(self) -> None:
        for left in self._leftovers():
            if left.is_dir() and not left.is_symlink():  # never through a link
                shutil.rmtree(left, ignore_errors=True)
            else:
                left.unlink(missing_ok=True)

    def _left(self, version: str) -> bool:
        return self.path(version).is_dir()

    def _settled(self, version: str, epoch: date) -> Entry | None:
        self._clear()
        index = self.index()
        if index.of(version) is None and self._left(version):
            index = index.entered(self.name, self._adopted(self.path(version), epoch))
            self._write(index)
        self._point_latest(newest(index.entries))
        return index.of(version)

    def _adopted(self, folder: Path, epoch: date) -> Entry:
        """A release that an interrupted run moved into place and did not enter, with its zip made anew."""
        said = stated(folder)
        whole = said is not None and (said.path, said.zip) == (folder.name, f"{folder.name}.zip")
        if said is None or not whole or not sums_hold(folder):
            raise StoreError(
                Text(
                    f"{folder} 不在目录中,且校验和不符;请移走后重试",
                    f"{folder} is not in the index and its checksums do not hold; move it away and try again",
                )
            )
        beside = self.folder / f".building-{os.getpid()}"
        beside.mkdir()
        try:
            packed = beside / said.zip
            pack(folder, packed, epoch)
            to_disk(folder, packed)
            packed.replace(self.folder / said.zip)
            to_disk(self.folder, below=False)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
        return said

    def _write(self, index: Index) -> None:
        replace_file(self.folder / INDEX, index.as_bytes())

    def _leads_to(self, entry: Entry | None) -> bool:
        link = self.folder / LATEST
        try:
            said = str(link.readlink()) if link.is_symlink() else read_regular(link).decode("utf-8", "replace").strip()
        except FileNotFoundError:
            return entry is None
        except OSError:
            return False
        return entry is not None and said == entry.path

    def _point_latest_of(self, entry: Entry) -> None:
        """After a release: it is published already, whatever becomes of the link."""
        try:
            self._point_latest(newest(self.entries()))
        except OSError as error:
            why = error.strerror or str(error)
            raise StoreError(
                Text(
                    f"已发布 {entry.version} 版,但 {self.folder / LATEST} 未能更新({why});再次运行即可更新",
                    f"version {entry.version} is released, but {self.folder / LATEST} could not be renewed ({why}); "
                    "run again to renew it",
                )
            ) from None

    def _point_latest(self, entry: Entry | None) -> None:
        """`latest` is a link to the newest release or, where links are not to be had, a file with its name."""
        link = self.folder / LATEST
        if self._leads_to(entry):
            return
        if entry is None:
            link.unlink(missing_ok=True)
            return
        if link.is_dir() and not link.is_symlink():
            raise StoreError(
                Text(
                    f"{link} 是文件夹,应为链接或文件;请移走后重试",
                    f"{link} is a folder where a link or a file should be; move it away and try again",
                )
            )
        beside = self.folder / f".{LATEST}"
        beside.unlink(missing_ok=True)
        try:
            beside.symlink_to(entry.path, target_is_directory=True)
        except OSError:
            replace_file(link, f"{entry.path}\n".encode())
            return
        beside.replace(link)
        to_disk(self.folder, below=False)


class _BusyError(StoreError):
    """Another process is at work in the store."""

"""Where releases are kept: whole folders, a zip each, and an index that says which there are.

A release is written beside (`.building-…`) and moved into its place in one step, then its zip, then the index. What a
crash leaves is either a `.building-` folder, which the next run removes, or a whole release that is not in the index
yet, which the next run adopts after its checksums were found right. Nothing published is ever changed: a release that
is withdrawn stays byte for byte, the index says when and why, and `latest` leads past it.
"""

import hashlib
import json
import os
import shutil
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from pipeline.language import RefusalError, Text
from pipeline.locking import LockedError, alone
from pipeline.package import version_key
from pipeline.regular import read_regular
from pipeline.replacing import replace_file

INDEX = "index.json"
CHECKSUMS = "SHA256SUMS"
DATABASE_SUFFIX = ".duckdb"


class StoreError(RefusalError):
    """The store refuses; `reason` says why in both languages."""


@dataclass(frozen=True)
class Withdrawal:
    """Why a release is not to be used any more."""

    withdrawn_on: str
    reason_zh: str
    reason_en: str


@dataclass(frozen=True)
class Entry:
    """A release in the index. `digest` covers its CSV content, `inputs` what it was made from."""

    version: str
    released_on: str
    path: str
    zip: str
    digest: str
    inputs: str
    withdrawn: Withdrawal | None = None

    def as_dict(self) -> dict[str, Any]:
        """The public form; `withdrawn` is there where the release was."""
        said = asdict(self)
        return said if self.withdrawn else {name: value for name, value in said.items() if name != "withdrawn"}


def entry_of(said: Mapping[str, Any]) -> Entry:
    """An entry from its public form. Raises KeyError, TypeError, ValueError where it is damaged."""
    notice = said.get("withdrawn")
    entry = Entry(**{**said, "withdrawn": Withdrawal(**notice) if notice is not None else None})
    texts = {**asdict(entry), **(asdict(entry.withdrawn) if entry.withdrawn else {}), "withdrawn": ""}
    if not all(isinstance(value, str) for value in texts.values()):
        raise TypeError("an entry holds texts only")
    for name in (entry.path, entry.zip):
        if Path(name).name != name or name.startswith("."):
            raise ValueError(f"{name} is no name of a release")
    if version_key(entry.version) is None:
        raise ValueError(f"{entry.version} is no version")
    return entry


@dataclass(frozen=True)
class Store:
    """A folder of releases of one package."""

    folder: Path
    name: str

    def path(self, version: str) -> Path:
        return self.folder / f"{self.name}-{version}"

    def entries(self) -> tuple[Entry, ...]:
        """Releases in the order they were made. Raises StoreError where the index is damaged."""
        try:
            content = json.loads(read_regular(self.folder / INDEX).decode("utf-8"))
            return tuple(entry_of(entry) for entry in content["releases"])
        except FileNotFoundError:
            return ()
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            place, why = self.folder / INDEX, _why(error)
            raise StoreError(Text(f"{place} 无法读取:{why.zh}", f"cannot read {place}: {why.en}")) from None

    def newest(self) -> Entry | None:
        """The release that readers are sent to: the highest version that is not withdrawn."""
        return newest(self.entries())

    def find(self, version: str) -> Entry | None:
        """The release of this version. Raises StoreError where its files are not what they were when published."""
        entry = next((entry for entry in self.entries() if entry.version == version), None)
        if entry is not None and not sums_hold(self.folder / entry.path):
            place = self.folder / entry.path
            raise StoreError(
                Text(
                    f"{place} 的文件缺失或与 {CHECKSUMS} 不符;请从备份恢复",
                    f"files of {place} are missing or differ from {CHECKSUMS}; restore them from a copy",
                )
            )
        return entry

    @contextmanager
    def building(self, version: str) -> Iterator[Path]:
        """A folder to write a release in; it is removed unless `publish` has moved it into place.

        One release at a time: raises StoreError where another process is releasing into this store.
        """
        with self._alone():
            yield from self._fresh(version)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        try:
            with alone(self.folder):
                yield
        except LockedError:
            raise StoreError(
                Text(f"{self.folder} 中另有发布正在进行", f"another release into {self.folder} is running")
            ) from None

    def _fresh(self, version: str) -> Iterator[Path]:
        """An empty folder beside the releases, after removing what a crash may have left."""
        for left in self.folder.glob(".building-*"):
            if left.is_symlink():
                left.unlink()  # never through a link
            shutil.rmtree(left, ignore_errors=True)
        beside = self.folder / f".building-{os.getpid()}" / f"{self.name}-{version}"
        beside.mkdir(parents=True)
        try:
            yield beside
        finally:
            shutil.rmtree(beside.parent, ignore_errors=True)

    def publish(self, beside: Path, entry: Entry, epoch: date) -> None:
        """Move a finished folder and its zip into place and enter them in the index."""
        target = self.folder / entry.path
        if target.exists():
            raise StoreError(Text(f"{target} 已存在,不予改动", f"{target} exists and is never changed"))
        packed = beside.parent / entry.zip
        pack(beside, packed, epoch)
        beside.rename(target)
        packed.rename(self.folder / entry.zip)
        self._enter(entry)

    def withdraw(self, version: str, notice: Withdrawal) -> Entry:
        """Mark a release as not to be used; its files stay as they are. Raises StoreError."""
        with self._alone():
            entries = self.entries()
            entry = next((each for each in entries if each.version == version), None)
            if entry is None:
                known = ", ".join(each.version for each in entries) or "—"
                raise StoreError(
                    Text(f"没有 {version} 版;已发布:{known}", f"there is no version {version}; released: {known}")
                )
            if entry.withdrawn is not None:
                self._point_latest(newest(entries))  # what an interrupted run may have left undone
                day = entry.withdrawn.withdrawn_on
                raise StoreError(
                    Text(f"{version} 版已于 {day} 撤回", f"version {version} was withdrawn on {day} already")
                )
            withdrawn = replace(entry, withdrawn=notice)
            self._write([withdrawn if each.version == version else each for each in entries])
            return withdrawn

    def _enter(self, entry: Entry) -> None:
        self._write([*(e for e in self.entries() if e.version != entry.version), entry])

    def _write(self, entries: Sequence[Entry]) -> None:
        latest = newest(entries)
        content = {
            "name": self.name,
            "latest": latest.version if latest else None,
            "releases": [entry.as_dict() for entry in entries],
        }
        text = json.dumps(content, ensure_ascii=False, indent=2) + "\n"
        replace_file(self.folder / INDEX, text.encode("utf-8"))
        self._point_latest(latest)

    def _point_latest(self, entry: Entry | None) -> None:
        """`latest` is a link to the newest release or, where links are not to be had, a file with its name."""
        if entry is None:
            (self.folder / "latest").unlink(missing_ok=True)
            return
        beside = self.folder / ".latest"
        beside.unlink(missing_ok=True)
        try:
            beside.symlink_to(entry.path, target_is_directory=True)
        except OSError:
            beside.write_text(entry.path + "\n", encoding="utf-8")
        beside.replace(self.folder / "latest")

    def adopt(self, version: str, epoch: date) -> Entry | None:
        """Enter a whole release that an interrupted run left out of the index; None where there is none."""
        folder = self.path(version)
        if not folder.is_dir():
            return None
        with self._alone():
            return self._adopted(folder, epoch)

    def _adopted(self, folder: Path, epoch: date) -> Entry:
        stated = _stated(folder)
        whole = stated is not None and (stated.path, stated.zip) == (folder.name, f"{folder.name}.zip")
        if stated is None or not whole or not sums_hold(folder):
            raise StoreError(
                Text(
                    f"{folder} 不在目录中,且校验和不符;请移走后重试",
                    f"{folder} is not in the index and its checksums do not hold; move it away and try again",
                )
            )
        archive = self.folder / stated.zip
        if not archive.exists():
            pack(folder, archive, epoch)
        self._enter(stated)
        return stated


def read_index(folder: Path) -> tuple[tuple[Entry, ...], Entry | None]:
    """The releases of a store and the one readers are sent to, whatever its package. Raises StoreError."""
    store = Store(folder, "")
    return store.entries(), store.newest()


def newest(entries: Sequence[Entry]) -> Entry | None:
    """The highest version that is not withdrawn."""
    kept = [entry for entry in entries if entry.withdrawn is None]
    return max(kept, key=lambda entry: version_key(entry.version) or (0, 0, 0), default=None)


def highest(entries: Sequence[Entry]) -> Entry | None:
    """The highest version ever published, withdrawn or not."""
    return max(entries, key=lambda entry: version_key(entry.version) or (0, 0, 0), default=None)


def _stated(folder: Path) -> Entry | None:
    """The index entry a release carries in its own descriptor."""
    try:
        return entry_of(json.loads(read_regular(folder / "datapackage.json").decode("utf-8"))["ms:release"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _why(error: Exception) -> Text:
    if isinstance(error, OSError):
        why = error.strerror or str(error)
        return Text(why, why)
    return Text("内容不是发布目录", "its content is no index of releases")


def hashed(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digest(folder: Path) -> str:
    """The content digest of a release: the names and hashes of its CSV tables, and nothing that is derived."""
    lines = [
        f"{hashed(path)}  {path.relative_to(folder).as_posix()}\n" for path in sorted((folder / "data").rglob("*.csv"))
    ]
    return "sha256:" + hashlib.sha256("".join(lines).encode()).hexdigest()


def reproducible_files(folder: Path) -> list[Path]:
    """Every file but the database, sorted: the files of which the same inputs give the same bytes."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != DATABASE_SUFFIX)


def write_sums(folder: Path) -> None:
    """Write SHA256SUMS over every reproducible file of a release folder."""
    files = [path for path in reproducible_files(folder) if path != folder / CHECKSUMS]
    lines = [f"{hashed(path)}  {path.relative_to(folder).as_posix()}\n" for path in files]
    (folder / CHECKSUMS).write_text("".join(lines), encoding="utf-8", newline="\n")


def sums_hold(folder: Path) -> bool:
    """Whether every file is there with the content the checksums state."""
    try:
        lines = read_regular(folder / CHECKSUMS).decode("utf-8").splitlines()
        sums = [line.partition("  ") for line in lines]
        return bool(sums) and all(hashed(folder / name) == stated for stated, _, name in sums)
    except (OSError, ValueError):
        return False


def pack(folder: Path, target: Path, epoch: date) -> None:
    """A zip of the reproducible files with fixed names, order, times and modes: the same files, the same bytes."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for path in reproducible_files(folder):
            info = zipfile.ZipInfo(f"{folder.name}/{path.relative_to(folder).as_posix()}")
            info.date_time = (epoch.year, epoch.month, epoch.day, 0, 0, 0)
            info.external_attr = 0o644 << 16
            info.create_system = 3
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, path.read_bytes())

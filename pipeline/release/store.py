"""What a store of releases is, wherever it is kept: whole releases, a zip each, and an index that says which there are.

A release exists once the index names it; until then it is nothing that a reader could meet. Nothing published is ever
changed: a release that is withdrawn stays byte for byte, the index says when and why, and `latest` leads past it.
`folder_store` keeps releases in a folder, `object_store` behind an address; `stores` tells which of them an address is.
"""

import errno
import hashlib
import json
import shutil
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Protocol

from pipeline.language import RefusalError, Text
from pipeline.package import version_key
from pipeline.regular import read_regular

INDEX = "index.json"
LATEST = "latest"
CHECKSUMS = "SHA256SUMS"
DATABASE_SUFFIX = ".duckdb"
_AT_ONCE = 1 << 20  # bytes of a file in memory while it is packed


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

    @property
    def day(self) -> date:
        """The day of the release."""
        return date.fromisoformat(self.released_on)

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
    date.fromisoformat(entry.released_on)
    return entry


@dataclass(frozen=True)
class Index:
    """The releases of a store in the order they were made. `claim` marks a publisher that has begun to clear up."""

    name: str = ""
    entries: tuple[Entry, ...] = ()
    claim: str = ""

    def of(self, version: str) -> Entry | None:
        return next((entry for entry in self.entries if entry.version == version), None)

    def entered(self, name: str, entry: Entry) -> "Index":
        """With one more release; one of the same version gives way to it."""
        return Index(name, (*(each for each in self.entries if each.version != entry.version), entry))

    def withdrawn(self, version: str, notice: Withdrawal) -> "Index":
        """With a release marked as not to be used. Raises StoreError where there is none, or it is so already."""
        entry = self.of(version)
        if entry is None:
            known = ", ".join(each.version for each in self.entries) or "—"
            raise StoreError(
                Text(f"没有 {version} 版;已发布:{known}", f"there is no version {version}; released: {known}")
            )
        if entry.withdrawn is not None:
            day = entry.withdrawn.withdrawn_on
            raise StoreError(Text(f"{version} 版已于 {day} 撤回", f"version {version} was withdrawn on {day} already"))
        marked = replace(entry, withdrawn=notice)
        return Index(self.name, tuple(marked if each is entry else each for each in self.entries))

    def as_bytes(self) -> bytes:
        """The published form; the claim is there only while somebody clears up."""
        latest = newest(self.entries)
        content: dict[str, Any] = {
            "name": self.name,
            "latest": latest.version if latest else None,
            "releases": [entry.as_dict() for entry in self.entries],
        }
        if self.claim:
            content["publishing"] = self.claim
        return (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode("utf-8")


def index_of(content: bytes, place: str) -> Index:
    """The index from its published form. Raises StoreError, naming `place`, where it is damaged."""
    try:
        said = json.loads(content.decode("utf-8"))
        name = said.get("name", "")
        if not isinstance(name, str):
            raise TypeError("the name is no text")
        return Index(name, tuple(entry_of(entry) for entry in said["releases"]))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise unreadable(place, Text("内容不是发布目录", "its content is no index of releases")) from None


def unreadable(place: str, why: Text) -> StoreError:
    return StoreError(Text(f"{place} 无法读取:{why.zh}", f"cannot read {place}: {why.en}"))


class Store(Protocol):
    """Releases of one package. Every method raises StoreError where the store is damaged or cannot be reached."""

    @property
    def name(self) -> str:
        """The package whose releases are published here; empty where the store is only read."""

    @property
    def place(self) -> str:
        """Where the store is, as it is shown to people: without anything secret."""

    def index(self) -> Index:
        """What there is; empty where nothing was released yet."""

    def entries(self) -> tuple[Entry, ...]:
        """Releases in the order they were made."""

    def newest(self) -> Entry | None:
        """The release that readers are sent to: the highest version that is not withdrawn."""

    def settle(self, version: str, epoch: date) -> Entry | None:
        """Set right what an interrupted run left; the release of this version, found whole, where there is one."""

    def local(self, entry: Entry) -> Path:
        """A folder with the files of a release that SHA256SUMS names, held against it; it lasts as long as the process.

        Raises StoreError where files are missing or differ.
        """

    def building(self, version: str) -> AbstractContextManager[Path]:
        """A folder to write a release in; what is not published by the end of the block is gone."""

    def publish(self, beside: Path, entry: Entry, epoch: date) -> None:
        """Let the folder that `building` gave become a release: all of it, or nothing."""

    def withdraw(self, version: str, notice: Withdrawal) -> Entry:
        """Mark a release as not to be used; its files stay as they are."""


def newest(entries: Sequence[Entry]) -> Entry | None:
    """The highest version that is not withdrawn."""
    kept = [entry for entry in entries if entry.withdrawn is None]
    return max(kept, key=lambda entry: version_key(entry.version) or (0, 0, 0), default=None)


def highest(entries: Sequence[Entry]) -> Entry | None:
    """The highest version ever published, withdrawn or not."""
    return max(entries, key=lambda entry: version_key(entry.version) or (0, 0, 0), default=None)


def stated(folder: Path) -> Entry | None:
    """The index entry a release carries in its own descriptor."""
    try:
        return entry_of(json.loads(read_regular(folder / "datapackage.json").decode("utf-8"))["ms:release"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


_DISK = {
    errno.ENOSPC: Text("磁盘已满", "the disk is full"),
    errno.EDQUOT: Text("磁盘配额已用完", "the disk quota is used up"),
    errno.EFBIG: Text("文件超过系统允许的大小", "a file is larger than the system allows"),
    errno.EROFS: Text("该处只读", "it is read-only"),
    errno.EACCES: Text("没有写入权限", "there is no permission to write"),
    errno.EPERM: Text("系统不允许写入", "the system does not permit writing"),
}
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)  # of these the system seldom says in which file


@contextmanager
def writing_to(folder: Path, place: str) -> Iterator[None]:
    """Turn what a full or read-only disk raises below `folder` into a refusal that names `place`."""
    try:
        yield
    except Exception as error:
        found = None if isinstance(error, RefusalError) else _of_the_disk(error, folder)
        if found is None:
            raise
        why = _DISK[found.errno or 0]
        where = place if found.filename is None else str(found.filename)
        raise StoreError(
            Text(
                f"无法写入 {where}:{why.zh};已发布的文件没有改动",
                f"cannot write to {where}: {why.en}; no released file was changed",
            )
        ) from None


def _of_the_disk(error: BaseException | None, folder: Path) -> OSError | None:
    """What the system said of the disk, also where a writer of some format has wrapped it."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in _DISK:
            below = error.filename is not None and Path(str(error.filename)).is_relative_to(folder)
            if below or error.errno in FULL:
                return error
        error = error.__cause__ or error.__context__
    return None


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
            info.file_size = path.stat().st_size
            with path.open("rb") as file, archive.open(info, "w") as entry:
                shutil.copyfileobj(file, entry, _AT_ONCE)

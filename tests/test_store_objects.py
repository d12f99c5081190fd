"""Releases behind an address, on the file system in memory: whole at every step, one publisher at a time."""

import builtins
import errno
import gc
import json
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fsspec
import pytest

from pipeline.comparing import comparison
from pipeline.language import Text
from pipeline.release import objects
from pipeline.release.object_store import ObjectStore
from pipeline.release.snapshots import SnapshotError
from pipeline.release.store import StoreError
from pipeline.release.stores import opened
from pipeline.release.withdrawing import withdraw
from tests.interrupting import DAY, NAME, entry_of, publish, write
from tests.test_store import Tree, check_whole, tree, unchanged

Files = Any  # fsspec carries no types


class Killed(BaseException):
    """The end of a process, as far as anything in it could notice: nothing of ours catches it."""


@pytest.fixture
def address() -> str:
    return f"memory://{secrets.token_hex(8)}/releases"


def stored(address: str) -> Tree:
    """The files behind an address, but databases."""
    files = fsspec.filesystem("memory")
    root = "/" + address.removeprefix("memory://")
    return {
        path.removeprefix(f"{root}/"): files.cat_file(path) for path in files.find(root) if not path.endswith(".duckdb")
    }


def dies(monkeypatch: pytest.MonkeyPatch, number: int, *publishing: str) -> bool:
    """Publish, and be killed at the n-th writing; returns whether it came to that."""
    with monkeypatch.context() as patch:
        dying(patch, number)
        try:
            publish(*publishing)
        except Killed:
            return True
    return False


def dying(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Let the n-th writing of a file system raise Killed."""
    steps: list[str] = []

    def counted(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        def step(self: Files, *arguments: Any, **more: Any) -> Any:
            steps.append(name)
            if len(steps) == number:
                raise Killed
            return original(self, *arguments, **more)

        return step

    for owner, name in [
        (fsspec.implementations.memory.MemoryFileSystem, "pipe_file"),
        (fsspec.implementations.memory.MemoryFileSystem, "rm_file"),
        (fsspec.spec.AbstractFileSystem, "put_file"),
        (fsspec.implementations.memory.MemoryFile, "commit"),
    ]:
        monkeypatch.setattr(owner, name, counted(name, getattr(owner, name)))


def test_it_is_the_folder_in_another_place(address: str, tmp_path: Path) -> None:
    for place in (address, tmp_path):
        publish(place, "0.1.0", "old")
        publish(place, "0.2.0", "new")
    ours, folder = stored(address), tree(tmp_path)
    assert ours.pop("latest") == b"p-0.2.0\n"
    assert folder.pop("latest") == b"p-0.2.0"
    assert ours == folder
    assert check_whole(ours) == ["0.1.0", "0.2.0"]
    assert opened(address).newest() == entry_of("0.2.0")


@pytest.mark.parametrize("interrupted_before", [False, True])
def test_killed_at_every_step(address: str, monkeypatch: pytest.MonkeyPatch, interrupted_before: bool) -> None:
    """Also where an earlier run, of other content, left files behind that have to be cleared up."""
    publish(f"{address}/whole", "0.1.0", "old")
    publish(f"{address}/whole")
    undisturbed = stored(f"{address}/whole")
    for number in range(1, 100):
        place = f"{address}/{number}"
        publish(place, "0.1.0", "old")
        if interrupted_before:
            dies(monkeypatch, 5, place, "0.2.0", "other")
        before = stored(place)
        came_through = not dies(monkeypatch, number, place)
        found = stored(place)
        versions = check_whole(found)
        released = {name: content for name, content in before.items() if name.startswith(f"{NAME}-0.1.0")}
        assert unchanged(found, released)
        assert found["latest"].decode().strip().removeprefix(f"{NAME}-") in versions
        publish(place)
        assert stored(place) == undisturbed, number
        if came_through:
            assert number > 8
            return
    pytest.fail("it never came through")


def test_of_two_releases_at_once_one_is_refused(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the order: the second begins before the first has ended."""
    publish(address, "0.1.0", "old")
    first, second = opened(address, NAME), opened(address, NAME)
    with first.building("0.2.0") as beside, second.building("0.2.0") as other:
        write(beside, entry_of("0.2.0"), "new")
        write(other, entry_of("0.2.0"), "other")
        first.publish(beside, entry_of("0.2.0"), DAY)
        found = stored(address)
        with pytest.raises(StoreError, match="exists and is never changed"):
            second.publish(other, entry_of("0.2.0"), DAY)
    assert dies(monkeypatch, 5, address, "0.3.0", "left behind")  # what there is to clear up gives no right to publish
    with second.building("0.3.0") as other:  # compared with 0.2.0 before a 0.2.1 comes
        with first.building("0.2.1") as beside:
            write(beside, entry_of("0.2.1"), "newer")
            first.publish(beside, entry_of("0.2.1"), DAY)
        write(other, entry_of("0.3.0"), "other")
        with pytest.raises(StoreError, match="another release into memory://"):
            second.publish(other, entry_of("0.3.0"), DAY)
    assert unchanged(stored(address), found)
    assert check_whole(stored(address)) == ["0.1.0", "0.2.0", "0.2.1"]


@pytest.mark.parametrize("at", ["data/large.csv", "README.md", "SHA256SUMS", "zip", "index.json"])
def test_a_publisher_is_overtaken(address: str, monkeypatch: pytest.MonkeyPatch, at: str) -> None:
    """While the first uploads, a second clears up and publishes: the first is refused and has changed nothing."""
    publish(address, "0.1.0", "old")
    begun = False
    for name in ("create", "replace"):
        original = getattr(objects.Objects, name)

        def step(self: objects.Objects, *arguments: Any, original: Any = original) -> Any:
            nonlocal begun
            if not begun and any(str(each).endswith(at) for each in arguments):
                begun = True
                publish(address, "0.2.0", "second")
            return original(self, *arguments)

        monkeypatch.setattr(objects.Objects, name, step)
    with pytest.raises(StoreError, match="another release into memory://"):
        publish(address, "0.2.0", "first")
    found = stored(address)
    assert begun
    assert check_whole(found) == ["0.1.0", "0.2.0"]
    assert b"second" in found["p-0.2.0/data/targets.csv"]
    assert "publishing" not in json.loads(found["index.json"])


def test_a_claim_is_no_release(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert dies(monkeypatch, 3, address)
    assert dies(monkeypatch, 3, address)
    assert json.loads(stored(address)["index.json"])["releases"] == []
    assert opened(address, NAME).entries() == ()
    with pytest.raises(StoreError, match="holds no releases"):
        withdraw(address, "0.2.0", Text("误", "wrong"))
    with pytest.raises(SnapshotError, match="holds no version latest"):
        comparison("latest", "latest", address)
    publish(address)
    assert check_whole(stored(address)) == ["0.2.0"]


def test_withdrawn(address: str) -> None:
    publish(address, "0.1.0", "old")
    publish(address)
    before = stored(address)
    _, newest = withdraw(address, "0.2.0", Text("误", "wrong"))
    assert newest == entry_of("0.1.0")
    found = stored(address)
    assert found["latest"] == b"p-0.1.0\n"
    assert unchanged(found, before)
    withdraw(address, "0.1.0", Text("误", "wrong"))
    assert "latest" not in stored(address)
    with pytest.raises(StoreError, match="withdrawn on"):
        withdraw(address, "0.1.0", Text("误", "wrong"))


def test_what_is_fetched_is_held_against_its_checksums(address: str, tmp_path: Path) -> None:
    publish(address)
    publish(tmp_path)
    store = opened(address, NAME)
    fetched = store.local(entry_of("0.2.0"))
    del store
    gc.collect()
    assert tree(fetched) == tree(tmp_path / "p-0.2.0")  # rows are read later than they are fetched
    files, root = fsspec.core.url_to_fs(address)
    files.pipe_file(f"{root}/p-0.2.0/data/targets.csv", b"damaged")
    with pytest.raises(StoreError, match="differ from SHA256SUMS"):
        opened(address, NAME).local(entry_of("0.2.0"))
    files.rm_file(f"{root}/p-0.2.0/data/targets.csv")
    with pytest.raises(StoreError, match="are missing"):
        opened(address, NAME).settle("0.2.0", DAY)


@pytest.mark.parametrize("name", ["../../planted", "/planted", "a\\b", "a/../../b", "c:d"])
def test_a_name_that_leads_out_is_not_fetched(address: str, name: str) -> None:
    publish(address)
    files, root = fsspec.core.url_to_fs(address)
    files.pipe_file(f"{root}/p-0.2.0/SHA256SUMS", f"{'0' * 64}  {name}\n".encode())
    with pytest.raises(StoreError, match="SHA256SUMS"):
        opened(address, NAME).local(entry_of("0.2.0"))


def test_an_index_that_is_damaged(address: str) -> None:
    publish(address)
    files, root = fsspec.core.url_to_fs(address)
    files.pipe_file(f"{root}/index.json", b'{"releases": [')
    with pytest.raises(StoreError, match=r"cannot read memory://.*/index\.json"):
        opened(address, NAME).entries()


def test_where_fsspec_is_missing_it_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ordinary = builtins.__import__

    def without(name: str, *more: Any) -> Any:
        if name == "fsspec":
            raise ModuleNotFoundError("No module named 'fsspec'", name="fsspec")
        return ordinary(name, *more)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(StoreError, match=r"fsspec.*minsheng\[s3\]") as caught:
        opened("s3://bucket/releases")
    assert "缺少所需的软件包" in caught.value.reason.zh
    assert opened(tmp_path / "releases").entries() == ()  # a folder needs none of it


def test_where_a_protocol_is_missing_it_is_said() -> None:
    with pytest.raises(StoreError, match="gcsfs"):
        opened("gs://bucket/releases")
    with pytest.raises(StoreError, match="nonsense"):
        opened("nonsense://bucket/releases")


def test_a_full_disk_where_it_is_built(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    publish(address, "0.1.0", "old")
    before = stored(address)
    monkeypatch.setattr("pipeline.release.object_store.pack", full)
    with pytest.raises(StoreError, match="the disk is full"):
        publish(address)
    assert stored(address) == before


def test_a_full_disk_where_it_is_fetched(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    publish(address, "0.1.0", "old")
    monkeypatch.setattr(fsspec.implementations.memory.MemoryFileSystem, "get", full)
    with pytest.raises(StoreError, match=r"cannot write to .*minsheng-.*the disk is full"):
        opened(address, NAME).local(entry_of("0.1.0"))


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (PermissionError("Forbidden"), "credentials"),
        (TimeoutError(), "in time"),
        (ConnectionRefusedError(), "cannot be reached"),
        (FileNotFoundError("bucket"), "made beforehand"),
        (OSError(errno.ENOSYS, "not implemented"), "conditional writing"),
        (RuntimeError("the key is very-secret"), "RuntimeError: the key is …"),
    ],
)
def test_what_a_library_raises_is_said_in_words(
    address: str, monkeypatch: pytest.MonkeyPatch, error: Exception, word: str
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise error

    publish(address, "0.1.0", "old")
    store = opened(address, NAME)
    assert isinstance(store, ObjectStore)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "very-secret")
    monkeypatch.setattr(fsspec.implementations.memory.MemoryFileSystem, "pipe_file", refuse)
    monkeypatch.setattr(fsspec.implementations.memory.MemoryFileSystem, "find", refuse)
    with pytest.raises(StoreError) as caught:
        store.settle("0.1.0", DAY)
    assert word in caught.value.reason.en
    assert address in caught.value.reason.zh

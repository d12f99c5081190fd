"""The store is never half: killed at every step, without room on the disk, read-only, two releases at once."""

import errno
import hashlib
import io
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.locking import alone
from pipeline.release import folder_store, store
from pipeline.release.folder_store import FolderStore
from pipeline.release.store import StoreError
from pipeline.release.stores import opened, release_place
from tests import interrupting
from tests.interrupting import DAY, NAME, entry_of, publish, withdraw

ROOT = Path(__file__).parent.parent
Tree = dict[str, bytes]


def tree(folder: Path) -> Tree:
    """Every file and link by path, but the lock, which is always there, and databases, which always differ."""
    return {
        path.relative_to(folder).as_posix(): str(path.readlink()).encode() if path.is_symlink() else path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if (path.is_symlink() or path.is_file()) and path.name != ".lock" and path.suffix != ".duckdb"
    }


def check_whole(found: Tree) -> list[str]:
    """Hold a store against what readers rely on; returns the versions that the index names."""
    if "index.json" not in found:
        return []
    index = json.loads(found["index.json"])
    for entry in index["releases"]:
        files = {
            name.removeprefix(f"{entry['path']}/"): content
            for name, content in found.items()
            if name.startswith(f"{entry['path']}/")
        }
        lines = files["SHA256SUMS"].decode().splitlines()
        stated = {name: sha256 for sha256, _, name in (line.partition("  ") for line in lines)}
        assert stated == {
            name: hashlib.sha256(content).hexdigest() for name, content in files.items() if name != "SHA256SUMS"
        }
        with zipfile.ZipFile(io.BytesIO(found[entry["zip"]])) as archive:
            assert {name: archive.read(name) for name in archive.namelist()} == {
                f"{entry['path']}/{name}": content for name, content in files.items()
            }
    return [entry["version"] for entry in index["releases"]]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with one release."""
    folder = tmp_path_factory.mktemp("base") / "releases"
    publish(folder, "0.1.0", "old")
    return folder


@pytest.fixture(scope="module")
def undisturbed(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Tree:
    """What the store is after a second release that nothing disturbed."""
    folder = tmp_path_factory.mktemp("undisturbed") / "releases"
    shutil.copytree(base, folder, symlinks=True)
    publish(folder)
    found = tree(folder)
    assert check_whole(found) == ["0.1.0", "0.2.0"]
    return found


def killed(action: str, base: Path, target: Path) -> Iterator[Path]:
    """Copies of a store in which an action was killed at its first, second … step."""
    target.mkdir()
    command = [sys.executable, "-m", "tests.interrupting", action, str(base), str(target)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    copies = sorted(target.iterdir(), key=lambda path: int(path.name))
    assert len(copies) > 5
    yield from copies


def unchanged(found: Tree, before: Tree) -> bool:
    """Whether all that was published before is there, byte for byte."""
    ours = {name: content for name, content in before.items() if name.startswith(f"{NAME}-")}
    return ours.items() <= found.items()


def test_killed_at_every_step_of_a_release(base: Path, undisturbed: Tree, tmp_path: Path) -> None:
    before, seen = tree(base), set()
    for copy in killed("publish", base, tmp_path / "killed"):
        found = tree(copy)
        versions = check_whole(found)
        seen.add(tuple(versions))
        assert unchanged(found, before)
        assert found["latest"].decode() in {f"{NAME}-{version}" for version in versions}
        publish(copy)
        assert tree(copy) == undisturbed, copy.name
        assert not list(copy.glob(".building-*"))
    assert seen == {("0.1.0",), ("0.1.0", "0.2.0")}


def test_killed_at_every_step_of_a_first_release(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    publish(tmp_path / "whole")
    for copy in killed("publish", tmp_path / "empty", tmp_path / "killed"):
        check_whole(tree(copy))
        publish(copy)
        assert tree(copy) == tree(tmp_path / "whole"), copy.name


def test_killed_at_every_step_of_setting_right(base: Path, undisturbed: Tree, tmp_path: Path) -> None:
    """What a crash left between the move and the index is adopted, and a crash of that is set right too."""
    left = next(
        copy
        for copy in killed("publish", base, tmp_path / "first")
        if (copy / f"{NAME}-0.2.0").is_dir() and check_whole(tree(copy)) == ["0.1.0"]
    )
    for copy in killed("publish", left, tmp_path / "second"):
        assert unchanged(tree(copy), tree(base))
        check_whole(tree(copy))
        publish(copy)
        assert tree(copy) == undisturbed, copy.name


def test_killed_at_every_step_of_a_withdrawal(base: Path, undisturbed: Tree, tmp_path: Path) -> None:
    shutil.copytree(base, tmp_path / "two", symlinks=True)
    publish(tmp_path / "two")
    shutil.copytree(tmp_path / "two", tmp_path / "done", symlinks=True)
    withdraw(tmp_path / "done")
    wanted = tree(tmp_path / "done")
    assert wanted["latest"] == b"p-0.1.0"
    for copy in killed("withdraw", tmp_path / "two", tmp_path / "killed"):
        assert unchanged(tree(copy), undisturbed)
        assert check_whole(tree(copy)) == ["0.1.0", "0.2.0"]
        with suppress(StoreError):  # it was withdrawn already
            withdraw(copy)
        assert tree(copy) == wanted, copy.name


LIMITS = (0, 1, 20, 200, 500, 5_000, 60_000)


def little_room(limit: int, killing: bool) -> None:
    """Let no file grow beyond a number of bytes: writing on is fatal, or an error of the system."""
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL if killing else signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))


@pytest.mark.parametrize("limit", LIMITS)
def test_killed_in_the_middle_of_a_file(base: Path, undisturbed: Tree, tmp_path: Path, limit: int) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(base, copy, symlinks=True)
    ended = interrupting.in_child(lambda: little_room(limit, killing=True), lambda: publish(copy))
    assert ended == -signal.SIGXFSZ
    assert check_whole(tree(copy)) == ["0.1.0"]
    assert unchanged(tree(copy), tree(base))
    publish(copy)
    assert tree(copy) == undisturbed


def refused(base: Path, copy: Path, why: str) -> None:
    """Publishing into a copy is refused with the place and the reason, and the copy stays as it was."""
    with pytest.raises(StoreError) as caught:
        publish(copy)
    assert str(copy) in caught.value.reason.zh
    assert str(copy) in caught.value.reason.en
    assert why in caught.value.reason.en
    assert tree(copy) == tree(base)
    assert not list(copy.glob(".building-*"))


@pytest.mark.parametrize("limit", LIMITS)
def test_no_room_for_a_file(base: Path, tmp_path: Path, limit: int) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(base, copy, symlinks=True)

    def attempt() -> None:
        try:
            publish(copy)
        except StoreError as error:
            place, reason = str(copy), error.reason
            told = place in reason.zh and place in reason.en and "larger than the system allows" in reason.en
            os._exit(7 if told else 8)

    assert interrupting.in_child(lambda: little_room(limit, killing=False), attempt) == 7
    assert tree(copy) == tree(base)
    assert not list(copy.glob(".building-*"))


WRITERS: dict[str, Callable[[], tuple[object, str]]] = {
    "zip": lambda: (folder_store, "pack"),
    "fsync": lambda: (folder_store, "to_disk"),
    "index": lambda: (folder_store, "replace_file"),
}


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT], ids=errno.errorcode.get)
@pytest.mark.parametrize("writer", WRITERS)
def test_the_disk_is_full_at_a_step(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, writer: str, code: int
) -> None:
    """Also after the release is in its place: then it is taken back."""
    copy = tmp_path / "copy"
    shutil.copytree(base, copy, symlinks=True)

    def full(*_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as patch:
        patch.setattr(*WRITERS[writer](), full)
        refused(base, copy, "the disk")
    publish(copy)
    assert check_whole(tree(copy)) == ["0.1.0", "0.2.0"]


def test_latest_that_cannot_be_renewed_is_told_and_renewed_by_the_next_run(
    base: Path, undisturbed: Tree, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(base, copy, symlinks=True)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(FolderStore, "_point_latest", full)
        with pytest.raises(StoreError, match=r"0\.2\.0 is released, but .*latest could not be renewed"):
            publish(copy)
    assert check_whole(tree(copy)) == ["0.1.0", "0.2.0"]
    publish(copy)
    assert tree(copy) == undisturbed


MOUNTED = """
import sys
from pathlib import Path
from pipeline.release.store import StoreError
from tests.interrupting import publish
try:
    publish(Path(sys.argv[1]))
except StoreError as error:
    print(error.reason.both)
    sys.exit(2)
"""


def mounted(place: Path, base: Path, options: str, then: str) -> "subprocess.CompletedProcess[str]":
    """Publish into a store on a small disk of its own, mounted where nobody else sees it; skips where barred."""
    script = f'mount -t tmpfs -o {options} none "$1" && cp -a "$2"/. "$1" && {then} && "$3" -c "$4" "$1"; code=$?; '
    script += 'find "$1" -type f -o -type l | sort >&2; exit $code'
    if shutil.which("unshare") is None:
        pytest.skip("there is no unshare")
    barred = subprocess.run(["unshare", "-rm", "mount", "-t", "tmpfs", "none", str(place)], check=False)
    if barred.returncode:
        pytest.skip("the system lets no disk be mounted")
    command = ["unshare", "-rm", "sh", "-c", script, "sh", str(place), str(base), sys.executable, MOUNTED]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_a_disk_that_is_full(base: Path, tmp_path: Path) -> None:
    """From far too small to just large enough: refused and as before, or published."""
    size = sum(path.stat().st_size for path in base.rglob("*") if path.is_file()) // 1024
    before = {path.relative_to(base).as_posix() for path in base.rglob("*") if path.is_symlink() or path.is_file()}
    ended = []
    for kilobytes in range(40, 180, 8):
        done = mounted(tmp_path, base, f"size={size + kilobytes}k", "true")
        files = {Path(line).relative_to(tmp_path).as_posix() for line in done.stderr.splitlines()}
        ended.append(done.returncode)
        if done.returncode == 0:
            assert files > before
            break
        assert done.returncode == 2, done.stderr
        assert f"无法写入 {tmp_path}" in done.stdout
        assert "the disk is full" in done.stdout
        assert files == before
    assert len(ended) > 3
    assert ended[-1] == 0


def test_a_read_only_disk(base: Path, tmp_path: Path) -> None:
    done = mounted(tmp_path, base, "size=4m", 'mount -o remount,ro "$1"')
    assert done.returncode == 2, done.stderr
    assert f"无法写入 {tmp_path}" in done.stdout
    assert "it is read-only" in done.stdout


def test_the_command_ends_with_code_2(base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(base, copy, symlinks=True)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(folder_store, "replace_file", full)
    reasons = ["--reason-zh", "误", "--reason-en", "wrong"]
    result = CliRunner().invoke(app, ["withdraw", "0.1.0", *reasons, "--store", str(copy), "--lang", "zh"])
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"无法写入 {copy}:磁盘已满" in result.stderr
    assert tree(copy) == tree(base)


def test_a_folder_without_permission(base: Path, tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    copy = tmp_path / "copy"
    shutil.copytree(base, copy, symlinks=True)
    copy.chmod(0o555)
    (copy / ".lock").chmod(0o444)
    refused(base, copy, "no permission")
    copy.chmod(0o755)


def test_two_releases_at_once(base: Path, undisturbed: Tree, tmp_path: Path) -> None:
    """One is published, the other refused with the reason, or finds it published; the store is whole."""
    copy = tmp_path / "copy"
    shutil.copytree(base, copy, symlinks=True)
    with alone(copy):
        refused(base, copy, "another release into")
        command = [sys.executable, "-c", MOUNTED, str(copy)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert (done.returncode, "另有发布正在进行" in done.stdout) == (2, True)
        assert opened(copy, NAME).settle("0.1.0", DAY) == entry_of("0.1.0")
    runs = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) for _ in range(4)]
    ended = {run.wait() for run in runs}
    assert 0 in ended
    assert ended <= {0, 2}
    assert tree(copy) == undisturbed


def test_a_release_is_on_the_disk_before_the_index_names_it(
    base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every file and folder of it and the zip are synced, then the folder they are moved into, then the index."""
    if not Path("/proc/self/fd").exists():
        pytest.skip("what is synced can be seen under Linux only")
    copy = tmp_path / "copy"
    shutil.copytree(base, copy, symlinks=True)
    said: list[str] = []
    sync, swap = os.fsync, os.replace

    def synced(descriptor: int) -> None:
        place = Path(f"/proc/self/fd/{descriptor}").readlink()
        said.append("/".join(part for part in place.relative_to(copy).parts if not part.startswith(".building")))
        sync(descriptor)

    def replaced(source: Path, target: Path) -> None:
        said.append(f"-> {Path(target).name}")
        swap(source, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "replace", replaced)
    publish(copy)
    before = said[: said.index("-> index.json")]
    release = copy / f"{NAME}-0.2.0"
    wanted = {path.relative_to(copy).as_posix() for path in (release, *release.rglob("*"))} | {f"{NAME}-0.2.0.zip"}
    assert wanted <= set(before)
    moved = max(before.index(name) for name in wanted)
    assert "" in before[moved + 1 :]  # the store folder itself, after the moves
    assert before[-1].startswith(".index.json.")


def test_a_zip_that_was_cut_is_made_anew(base: Path, undisturbed: Tree, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(base, copy, symlinks=True)
    index = (copy / "index.json").read_bytes()
    publish(copy)
    (copy / "index.json").write_bytes(index)
    (copy / f"{NAME}-0.2.0.zip").write_bytes(undisturbed[f"{NAME}-0.2.0.zip"][:100])
    publish(copy)
    assert tree(copy) == undisturbed


def test_a_folder_in_the_place_of_latest_is_told_before_anything_is_built(base: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(base, copy)  # follows the link, as copying by hand may
    with pytest.raises(StoreError, match="is a folder where a link"):
        opened(copy, NAME).settle("0.2.0", DAY)
    assert (copy / "latest" / "README.md").is_file()


def test_a_wrapped_error_of_the_disk_is_understood(tmp_path: Path) -> None:
    """Writers of some formats raise errors of their own over that of the system."""
    full = RuntimeError("cannot close")
    full.__cause__ = OSError(errno.ENOSPC, "No space left on device")
    with pytest.raises(StoreError, match="the disk is full"), store.writing_to(tmp_path, "there"):
        raise full
    with pytest.raises(PermissionError), store.writing_to(tmp_path, "there"):
        raise PermissionError(errno.EACCES, "Permission denied", "/elsewhere/data.csv")


def test_a_damaged_release_is_not_compared_with(base: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(base, copy, symlinks=True)
    assert opened(copy, NAME).local(entry_of("0.1.0")) == copy / "p-0.1.0"
    (copy / "p-0.1.0" / "data" / "targets.csv").write_text("damaged\n", encoding="utf-8")
    for asked in (lambda: opened(copy, NAME).local(entry_of("0.1.0")), lambda: opened(copy, NAME).settle("0.1.0", DAY)):
        with pytest.raises(StoreError, match=r"p-0\.1\.0 are missing or differ from SHA256SUMS"):
            asked()


def test_an_address_of_a_file_is_a_folder(base: Path) -> None:
    assert opened(f"file://{base}", NAME).entries() == opened(base, NAME).entries()
    assert isinstance(opened(f"file://{base}"), FolderStore)


def test_the_place_of_a_release_is_shown_without_what_is_secret(tmp_path: Path) -> None:
    assert release_place("s3://bucket/data/", "p-0.1.0") == "s3://bucket/data/p-0.1.0"
    assert release_place("ftp://somebody:secret@host/data", "p-0.1.0") == "ftp://host/data/p-0.1.0"
    assert release_place(tmp_path, "p-0.1.0") == str(tmp_path / "p-0.1.0")

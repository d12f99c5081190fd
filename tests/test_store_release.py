"""A real release of the fictional programme, killed at a few moments: the next run makes it what it would have been."""

import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from tests.test_store import Tree, check_whole, tree

ROOT = Path(__file__).parent.parent
FIXTURE = ROOT / "tests" / "fixtures" / "shili"
KILLED = """
import os, signal, sys
event, word = sys.argv[1:3]
def hook(name, arguments):
    if name == event and any(word in str(each) for each in arguments):
        os.kill(os.getpid(), signal.SIGKILL)
sys.addaudithook(hook)
from pipeline.cli import main
sys.argv[1:] = sys.argv[3:]
main()
"""

pytestmark = pytest.mark.slow


def release(home: Path, *before: str) -> int:
    """Run the command in a group of its own, so that what it started ends with it; returns how it ended."""
    command = [sys.executable, *(before or ("-m", "pipeline")), "release", str(home / "data")]
    command += ["--store", str(home / "releases"), "--out", str(home / "build"), "--lang", "en"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "SOURCE_DATE_EPOCH": "1893456000"}
    run = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    ended = run.wait()
    with suppress(ProcessLookupError):
        os.killpg(run.pid, signal.SIGKILL)
    return ended


def home(folder: Path) -> Path:
    shutil.copytree(FIXTURE, folder / "data")
    return folder


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    folder = home(tmp_path_factory.mktemp("undisturbed"))
    assert release(folder) == 0
    found = tree(folder / "releases")
    assert check_whole(found) == ["0.1.0"]
    return found


@pytest.mark.parametrize(
    ("event", "word", "released"),
    [("open", "SHA256SUMS", False), ("os.rename", "shili-0.1.0.zip", False), ("os.rename", ".latest", True)],
)
def test_killed(undisturbed: Tree, tmp_path: Path, event: str, word: str, released: bool) -> None:
    folder = home(tmp_path)
    assert release(folder, "-c", KILLED, event, word) == -signal.SIGKILL
    assert check_whole(tree(folder / "releases")) == (["0.1.0"] if released else [])
    assert release(folder) == 0
    assert tree(folder / "releases") == undisturbed
    assert not list((folder / "releases").glob(".building-*"))

"""What most tests start from: the fictional data folder 示例市, its text, and what the real data becomes, made once."""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline import worker
from pipeline.language import Text
from pipeline.release.publish import Outcomes, release
from pipeline.sources import SourceTexts, read_texts
from pipeline.validation import validate
from pipeline.warehouse import Build, build
from tests.keeping import KeptPool

FIXTURES = Path(__file__).parent / "fixtures"
REAL_DATA = Path(__file__).parent.parent / "datapackage"


@pytest.fixture(scope="session", autouse=True)
def kept_processes() -> Iterator[None]:
    """Let second processes be kept: a release starts three of them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(worker, "ProcessPoolExecutor", KeptPool)
        yield


@pytest.fixture
def data_folder(tmp_path: Path) -> Path:
    """A copy of tests/fixtures/shili that a test may damage."""
    return Path(shutil.copytree(FIXTURES / "shili", tmp_path / "shili"))


@pytest.fixture
def years_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """The day 2035-01-01, when the reports of the fictional programme of 2030 have been made."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "2051222400")


@pytest.fixture(scope="session")
def texts() -> SourceTexts:
    """The source text of the fictional programme."""
    return read_texts([FIXTURES / "texts"])


def _once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], dict[str, Any]]) -> dict[str, Any]:
    """What `make` says of the folder it fills, called once for all processes that run the tests."""
    base = factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / name
    folder.mkdir(exist_ok=True)
    said = folder / "said.json"
    with (folder / "lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not said.exists():
            said.write_text(json.dumps(make(folder)), encoding="utf-8")
    content: dict[str, Any] = json.loads(said.read_text(encoding="utf-8"))
    return content


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """The warehouse of the real programmes."""

    def make(folder: Path) -> dict[str, Any]:
        result = build(validate(REAL_DATA).data, folder)
        assert result.ok, result.failures
        return {"path": str(result.path), "nodes": dict(result.nodes)}

    said = _once(tmp_path_factory, "built", make)
    return Build(Path(said["path"]), said["nodes"], ())


@pytest.fixture(scope="session")
def warehouse(built: Build) -> Path:
    assert built.path is not None
    return built.path


@pytest.fixture(scope="session")
def real_release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a first release of the real programmes, its zip beside it; not to be changed. For slow tests."""

    def silent(step: Text) -> None:
        assert step.zh

    def make(folder: Path) -> dict[str, Any]:
        made = release(REAL_DATA, folder / "releases", folder / "build", silent)
        assert made.outcome is Outcomes.RELEASED, made
        assert made.entry is not None
        return {"path": str(folder / "releases" / made.entry.path)}

    return Path(_once(tmp_path_factory, "released", make)["path"])


EPOCH = "1893456000"  # 2030-01-01, the day on which the fictional data are released


@pytest.fixture(scope="session")
def shili_released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The fictional data released once: data, releases and build; not to be changed, but to be copied."""

    def make(folder: Path) -> dict[str, Any]:
        shutil.copytree(FIXTURES / "shili", folder / "data")
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("SOURCE_DATE_EPOCH", EPOCH)
            made = release(folder / "data", folder / "releases", folder / "build", lambda step: None)
        assert made.outcome is Outcomes.RELEASED, (made.report, made.build, made.gate, made.referee)
        return {"path": str(folder)}

    return Path(_once(tmp_path_factory, "shili", make)["path"])


def copied(released: Path, folder: Path) -> Path:
    """A copy of what `shili_released` gives, that a test may change."""
    for name in ("data", "releases", "build"):
        shutil.copytree(released / name, folder / name, symlinks=True)
    return folder


def cached(request: pytest.FixtureRequest, name: str, content: bytes, make: Callable[[Path], None]) -> Path:
    """A folder of the test cache that `make` fills once for each `content`; skips where that does not work.

    Of several processes that run the tests one fills it, and the others wait.
    """
    key = hashlib.sha256(content).hexdigest()[:16]
    folder = Path(request.config.cache.mkdir(f"{name}-{key}"))
    with folder.with_name(f"{folder.name}.lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "complete").exists():
            try:
                make(folder)
            except (subprocess.CalledProcessError, OSError) as error:
                pytest.skip(f"cannot install the {name} (is a package registry reachable?): {error}")
            (folder / "complete").touch()
    return folder

"""The long legs of `make test-all`: the built wheel in an empty folder, and DuckDB 2."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from pipeline.starting import REGISTERS
from tests.new_city import FACTS, PROGRAMME, TEXT, fill_in

ROOT = Path(__file__).parent.parent
FIXTURE = ROOT / "tests" / "fixtures" / "shili"
PIP = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check")

pytestmark = pytest.mark.slow


def run(*command: str | Path, folder: Path, **environment: str) -> str:
    done = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with the wheel; its dependencies are those of the environment the tests run in."""
    home = tmp_path_factory.mktemp("wheel")
    run(*PIP, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", home, ROOT, folder=home)
    run(sys.executable, "-m", "venv", "--without-pip", home / "venv", folder=home)
    python = home / "venv" / "bin" / "python"
    site = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", folder=home).strip())
    (wheel,) = home.glob("minsheng-*.whl")
    run(*PIP, "install", "--no-deps", "--target", site, wheel, folder=home)
    # behind the wheel in the search path, so that the checkout is not what is imported
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return python


def test_the_wheel_works_in_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    where = run(installed, "-c", "import pipeline; print(pipeline.__file__)", folder=tmp_path)
    assert str(ROOT) not in where
    shutil.copytree(FIXTURE, tmp_path / "datapackage")
    texts = str(ROOT / "tests" / "fixtures" / "texts")
    command = (installed, "-m", "pipeline")
    assert "OK" in run(*command, "validate", "--lang", "en", folder=tmp_path)
    assert "verified" in run(*command, "verify", "--lang", "en", folder=tmp_path, MINSHENG_SOURCES=texts)
    assert "released" in run(*command, "release", "--lang", "en", folder=tmp_path)
    assert "示例市" in run(*command, "query", "SELECT jurisdiction_zh FROM programmes", folder=tmp_path)


def test_another_city_starts_from_the_wheel_alone(installed: Path, tmp_path: Path) -> None:
    """From an empty folder to an answer, with nothing of the checkout at hand."""
    (tmp_path / "text.txt").write_bytes(TEXT.encode())
    home = tmp_path / "office"
    home.mkdir()

    def minsheng(*arguments: str | Path, code: int = 0) -> str:
        command = [str(installed), "-m", "pipeline", *(str(a) for a in arguments)]
        outside = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "MINSHENG_SOURCES")}
        done = subprocess.run(
            command, cwd=home, env={**outside, "LC_ALL": "C.UTF-8"}, capture_output=True, text=True, check=False
        )
        assert done.returncode == code, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout + done.stderr

    assert "340400" in minsheng("init", "35", code=2)
    minsheng("init", "350500", "--name-en", "Quanzhou")
    for register in REGISTERS:
        path = f"datapackage/reference/{register}.csv"
        assert (home / path).read_bytes() == (ROOT / path).read_bytes()
    assert "OK" in minsheng("validate", "--strict")
    assert "nothing to verify" in minsheng("verify")
    assert "built" in minsheng("build")
    assert "no promised value" in minsheng("release", code=1)

    titles = ("--title-zh", "泉州示例清单", "--title-en", "Example list of Quanzhou")
    year = ("--kind", "annual_list", "--start-year", "2027")
    minsheng("add-programme", PROGRAMME, *titles, *year, "--source", tmp_path / "text.txt")
    assert "exists already" in minsheng("add-programme", PROGRAMME, *titles, *year, code=2)
    assert "NOT verified: the numeral account is incomplete" in minsheng("verify", code=1)
    assert "0 cited, 0 excluded, 3 unaccounted" in minsheng("status")
    fill_in(home / "datapackage")
    assert "OK" in minsheng("validate", "--strict")
    assert "— verified" in minsheng("verify")
    assert minsheng("docs", "--check") == ""
    assert "released" in minsheng("release")
    assert "last release 0.1.0" in minsheng("status")
    database = home / "releases" / "latest" / "quanzhou-minsheng.duckdb"
    sql = "SELECT indicator_zh, CAST(value AS INT) AS value, lead_units_zh, printed FROM targets"
    assert json.loads(minsheng("query", sql, "--database", database, "--format", "json")) == [FACTS]
    assert "nothing changed" in minsheng("release")
    assert {path.name for path in home.iterdir()} == {"datapackage", "build", "releases"}


def test_the_code_runs_on_duckdb_2(tmp_path: Path) -> None:
    """Files written by DuckDB 2 keep the storage version that older readers open."""
    newer = tmp_path / "newer"
    run(*PIP, "install", "--no-deps", "--target", newer, "duckdb==2.0.0", folder=tmp_path)
    shutil.copytree(FIXTURE, tmp_path / "datapackage")
    command = (sys.executable, "-m", "pipeline")
    path = f"{newer}{os.pathsep}{ROOT}"
    version = run(sys.executable, "-c", "import duckdb; print(duckdb.__version__)", folder=tmp_path, PYTHONPATH=path)
    assert version.strip() == "2.0.0"
    assert "released" in run(*command, "release", "--lang", "en", folder=tmp_path, PYTHONPATH=path)
    database = tmp_path / "releases" / "shili-0.1.0" / "shili.duckdb"
    assert "2.7" in run(*command, "query", "SELECT value FROM targets", "--database", database, folder=ROOT)

"""Hooks and recipes for stewards' repositories: they parse, name commands that exist, and the script runs."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from pipeline.cli import app
from pipeline.tables import curated_tables

ROOT = Path(__file__).parent.parent
PAGES = ("docs/ci.md", "docs/ci.zh-CN.md")
COMMANDS = set(typer.main.get_command(app).commands)  # type: ignore[attr-defined]


def blocks(page: str, kind: str) -> list[str]:
    """Fenced blocks of a page, by their language."""
    text = (ROOT / page).read_text(encoding="utf-8")
    found: list[str] = re.findall(rf"^```{kind}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return found


def hooks() -> list[dict[str, Any]]:
    manifest: list[dict[str, Any]] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    return manifest


def test_the_pages_show_the_same_recipes() -> None:
    english, chinese = ([*blocks(page, "yaml"), *blocks(page, "sh")] for page in PAGES)
    assert english == chinese
    assert len(english) == 4


def test_the_recipes_parse() -> None:
    pre_commit, github, gitlab = (yaml.safe_load(block) for block in blocks(PAGES[0], "yaml"))
    assert {hook["id"] for hook in pre_commit["repos"][0]["hooks"]} == {hook["id"] for hook in hooks()}
    (job,) = github["jobs"].values()
    assert all(set(step) & {"uses", "run"} for step in job["steps"])
    upload = next(step for step in job["steps"] if "upload-sarif" in step.get("uses", ""))
    assert upload["with"]["sarif_file"] in "".join(step.get("run", "") for step in job["steps"])
    assert github["permissions"]["security-events"] == "write"
    assert gitlab["validate"]["artifacts"]["reports"]["junit"] in "".join(gitlab["validate"]["script"])


def test_the_hooks_run_where_a_table_is_part_of_the_commit() -> None:
    for hook in hooks():
        assert (hook["language"], hook["pass_filenames"]) == ("python", False)
        assert shlex.split(hook["entry"])[0] == "minsheng"
        for table in curated_tables():
            path = table.path.format(programme_id="huainan-2024", organization_id="huainan-finance", period="2024-Q2")
            assert re.search(hook["files"], path)
            assert re.search(hook["files"], f"datapackage/{path}")
        for other in ("README.md", "datapackage/package.toml", "data/export.csv", "sources/huainan-2024.txt"):
            assert not re.search(hook["files"], other)
    assert re.search(hooks()[0]["files"], "datapackage/verification.json")
    assert "validate" in COMMANDS


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A steward's repository in which the tool is installed already; the script of the page lies at its top."""
    shutil.copytree(ROOT / "tests" / "fixtures" / "shili", tmp_path / "datapackage")
    (script,) = blocks(PAGES[0], "sh")
    kept = [line for line in script.splitlines() if not line.startswith(".venv") or line.split()[1] in COMMANDS]
    (tmp_path / "check.sh").write_text("\n".join(kept) + "\n", encoding="utf-8")
    tool = tmp_path / ".venv" / "bin" / "minsheng"
    tool.parent.mkdir(parents=True)
    tool.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m pipeline "$@"\n', encoding="utf-8")
    tool.chmod(0o755)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([tool, "docs", "datapackage"], cwd=tmp_path, env=environment, check=True, capture_output=True)
    return tmp_path


def check(repository: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["sh", "check.sh"],
        cwd=repository,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_script_passes_sound_data_and_stops_at_faults(repository: Path) -> None:
    done = check(repository)
    assert done.returncode == 0, done.stdout + done.stderr
    register = repository / "datapackage" / "package.toml"
    register.write_text(register.read_text(encoding="utf-8").replace("0.1.0", "0.1.1"), encoding="utf-8")
    done = check(repository)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (1, "datapackage/datapackage.json")
    (repository / "datapackage" / "sources.csv").unlink()
    done = check(repository)
    assert done.returncode == 1
    assert "[source-error]" in done.stdout


def test_the_script_says_what_it_needs_to_install(repository: Path) -> None:
    (repository / ".venv" / "bin" / "minsheng").unlink()
    done = check(repository, MINSHENG="")
    assert done.returncode != 0
    assert "MINSHENG says what to install" in done.stderr

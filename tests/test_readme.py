"""What the read-me shows a steward is what the tool prints."""

import re
import shutil
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from pipeline.cli import ReportFormat, app
from tests.editing import set_cell

ROOT = Path(__file__).parent.parent
PAGES = sorted(page for folder in (".", "docs", "examples") for page in (ROOT / folder).glob("*.md"))
CHINESE = [page for page in PAGES if page.name.endswith(".zh-CN.md")]
HEAD = 5  # lines


@pytest.mark.parametrize(("page", "lang"), [("README.md", "en"), ("README.zh-CN.md", "zh")])
def test_the_validate_example_is_real(tmp_path: Path, page: str, lang: str) -> None:
    folder = tmp_path / "datapackage"
    shutil.copytree(ROOT / "datapackage", folder)
    file = "programmes/huainan-2024/targets.csv"
    set_cell(folder, file, "target_id", "huainan-2024-t01-02", "unit_code", "precent")
    output = CliRunner().invoke(app, ["validate", str(folder), "--lang", lang]).stdout
    shown = (ROOT / page).read_text(encoding="utf-8")
    for line in output.splitlines():
        assert line.strip() in shown


def links(page: Path) -> list[str]:
    """Where a page leads to within the repository, as it is written there."""
    return [
        target
        for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8"))
        if not target.startswith("http")
    ]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    for target in links(page):
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize("chinese", CHINESE, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_leads_to_the_same_in_the_other_language_at_its_head_and_to_its_own_elsewhere(chinese: Path) -> None:
    english = chinese.with_name(chinese.name.replace(".zh-CN.", "."))
    for page, mark, other in ((chinese, "English", english), (english, "中文", chinese)):
        head = page.read_text(encoding="utf-8").splitlines()[:HEAD]
        assert f"[{mark}]({other.name})" in "\n".join(head)
    elsewhere = [chinese.parent / target for target in links(chinese) if target != english.name]
    assert [page.name for page in elsewhere if page.with_suffix(".zh-CN.md").exists()] == []


def test_the_architecture_page_names_every_module() -> None:
    """Of pipeline/ and its checks; the other rooms are named as a whole."""
    shown = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rooms = {path.parent.name for path in (ROOT / "pipeline").glob("*/__init__.py")}
    modules = {path.stem for path in [*(ROOT / "pipeline").glob("*.py"), *(ROOT / "pipeline/checks").glob("*.py")]}
    named = {name for code in re.findall(r"`([a-z0-9_/]+)`", shown) for name in (code, code.removeprefix("checks/"))}
    assert modules - {"__init__", "__main__"} - named == set()
    assert {f"{room}/" for room in rooms} - named == set()


def test_the_read_mes_name_every_command_and_format() -> None:
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    for page in ("README.md", "README.zh-CN.md"):
        shown = (ROOT / page).read_text(encoding="utf-8")
        assert set(re.findall(r"^\| `minsheng ([a-z-]+)", shown, re.MULTILINE)) == set(commands)
        assert {form.value for form in ReportFormat} <= set(re.findall(r"^\| `([a-z]+)` \|", shown, re.MULTILINE))

"""What the read-me shows a steward is what the tool prints."""

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.cli import app
from tests.editing import set_cell

ROOT = Path(__file__).parent.parent


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


@pytest.mark.parametrize("page", ["README.md", "README.zh-CN.md"])
def test_every_link_leads_somewhere(page: str) -> None:
    import re

    for target in re.findall(r"\]\(([^)#]+)\)", (ROOT / page).read_text(encoding="utf-8")):
        if not target.startswith("http"):
            assert (ROOT / target).exists(), target

"""What most tests start from: a fresh copy of the fictional data folder 示例市 and the text it was read from."""

import shutil
from pathlib import Path

import pytest

from pipeline.sources import SourceTexts, read_texts

FIXTURES = Path(__file__).parent / "fixtures"


@pytest.fixture
def data_folder(tmp_path: Path) -> Path:
    """A copy of tests/fixtures/shili that a test may damage."""
    return Path(shutil.copytree(FIXTURES / "shili", tmp_path / "shili"))


@pytest.fixture(scope="session")
def texts() -> SourceTexts:
    """The source text of the fictional programme."""
    return read_texts([FIXTURES / "texts"])

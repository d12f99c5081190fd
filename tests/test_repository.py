"""The path of the data folder as code hosts know it."""

from pathlib import Path

import pytest

from pipeline.repository import path_in_repository


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "repository"
    (root / "city" / "datapackage").mkdir(parents=True)
    (root / ".git").mkdir()
    return root


def test_a_folder_is_named_from_the_root_of_its_repository(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert path_in_repository(repository / "city" / "datapackage") == "city/datapackage"
    monkeypatch.chdir(repository / "city")
    assert path_in_repository(Path("datapackage")) == "city/datapackage"
    assert path_in_repository(repository) == ""


def test_a_worktree_is_a_repository_too(repository: Path) -> None:
    (repository / ".git").rmdir()
    (repository / ".git").write_text("gitdir: elsewhere\n", encoding="utf-8")
    assert path_in_repository(repository / "city") == "city"


def test_without_a_repository_the_working_folder_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here" / "data").mkdir(parents=True)
    (tmp_path / "there").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    if path_in_repository(tmp_path) != str(tmp_path):
        pytest.skip("the folder for temporary files lies in a repository")
    assert path_in_repository(Path("data")) == "data"
    assert path_in_repository(Path("../there")) == "../there"

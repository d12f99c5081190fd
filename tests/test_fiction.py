"""What is invented says so, everywhere, and never gets among the real."""

import io
import json
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.comparing import comparison
from pipeline.fiction import MARK, NOTICE, fictional, is_fictional
from pipeline.package import read_package
from pipeline.querying import query
from pipeline.release.folder_store import FolderStore
from pipeline.release.publish import Outcomes, Released, release
from pipeline.release.store import write_sums
from pipeline.reports import changed, renderer, stages
from pipeline.reports import status as state
from pipeline.status import status
from pipeline.tables import mart_tables
from pipeline.template import template
from pipeline.template_workbook import content
from pipeline.validation import validate
from pipeline.verifying import verify
from pipeline.warehouse import Build
from tests.conftest import EPOCH, FIXTURES, REAL_DATA, copied

SHILI = FIXTURES / "shili"
BEARING_A_TITLE = (
    "README.md",
    "CITATION.cff",
    "catalog-zh.csv",
    "catalog-zh.json",
    "croissant.json",
    "datacite.json",
    "datapackage.json",
    "dcat-ap.jsonld",
    "schema-org.jsonld",
)


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory, shili_released: Path) -> Iterator[Path]:
    """A folder with the fictional data, released once, on a fixed day."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", EPOCH)
        yield copied(shili_released, tmp_path_factory.mktemp("home"))


def run(data: Path, store: Path) -> Released:
    return release(data, store, store.parent / "build", lambda step: None)


def made_real(data: Path) -> None:
    """The same data of a jurisdiction that could exist."""
    for path in data.rglob("*.csv"):
        path.write_text(path.read_text(encoding="utf-8").replace("990", "340"), encoding="utf-8")
    verify(data)


def strings(workbook: Path | io.BytesIO) -> list[str]:
    """The texts of a workbook, in the order they are first written in."""
    with zipfile.ZipFile(workbook) as archive:
        root = ElementTree.fromstring(archive.read("xl/sharedStrings.xml"))
    return ["".join(entry.itertext()) for entry in root]


@pytest.mark.parametrize(
    ("code", "expected"), [("990100", True), ("999900", True), ("340400", False), ("419900", False)]
)
def test_the_code_of_the_jurisdiction_tells(code: str, expected: bool) -> None:
    assert is_fictional(code) is expected


@pytest.mark.parametrize("form", ["text", "json", "html", "markdown", "github", "sarif", "junit"])
def test_a_report_bears_the_notice_and_one_of_real_data_does_not(form: str, data_folder: Path) -> None:
    render = renderer(form)
    for language in ("zh", "en"):
        assert NOTICE(language) in render(validate(data_folder).report, language)
    made_real(data_folder)
    assert NOTICE.en not in render(validate(data_folder).report, "en")


def test_state_and_build_bear_the_notice(tmp_path: Path) -> None:
    found = status(SHILI, tmp_path)
    assert NOTICE.zh in state.render(found, "zh", "text")
    assert json.loads(state.render(found, "en", "json"))["notice"] == NOTICE.both
    assert NOTICE.en in stages.built(Build(tmp_path, {}, (), fictional=True), "en")
    assert NOTICE.en not in stages.built(Build(tmp_path, {}, ()), "en")


def test_the_package_says_so_once_and_the_real_one_never() -> None:
    package = read_package(SHILI)
    assert package.fictional
    assert (package.title.zh.count(MARK.zh), package.title.en.count(MARK.en)) == (1, 1)
    assert package.description.zh.startswith(NOTICE.zh)
    assert package.description.en.startswith(NOTICE.en)
    real = read_package(REAL_DATA)
    assert not real.fictional
    assert MARK.zh not in real.title.both
    assert NOTICE.zh not in real.description.zh


def test_the_workbook_to_fill_in_shows_the_notice() -> None:
    made = template(SHILI, "shili-civil-affairs", "2030-Q2")
    assert NOTICE.both in strings(io.BytesIO(content(made, "zh")))


def test_the_command_for_templates_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    unit = ["--unit", "shili-civil-affairs", "--period", "2030-Q2"]
    said = CliRunner().invoke(app, ["template", str(SHILI), *unit, "--lang", "en"])
    assert said.exit_code == 0, said.output
    assert NOTICE.en in said.output


def test_every_mart_of_figures_says_so(shili_released: Path) -> None:
    """Whoever takes a row out of its context takes the word with it."""
    built = shili_released / "build" / "warehouse.duckdb"
    assert fictional(validate(SHILI).data)
    saying = [mart.name for mart in mart_tables() if "fictional" in mart.names]
    assert {"programmes", "targets", "attainment", "attainment_history", "unit_performance"} < set(saying)
    for mart in saying:
        rows = query(built, f"SELECT count(*), count(*) FILTER (WHERE fictional) FROM {mart}").rows
        assert rows[0][0] == rows[0][1], mart


def test_the_message_of_a_release_says_so(released: Path) -> None:
    made = run(released / "data", released / "releases")
    assert made.outcome is Outcomes.UNCHANGED
    assert NOTICE.en in stages.released(replace(made, outcome=Outcomes.RELEASED, fictional=True), "releases", "en")


def test_a_release_of_fiction_is_marked_in_every_format(released: Path) -> None:
    folder = released / "releases" / "shili-0.1.0"
    for name in BEARING_A_TITLE:
        text = (folder / name).read_text(encoding="utf-8")
        assert MARK.zh in text, name
        assert name.startswith("catalog") or NOTICE.zh in text, name
    described = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    assert described["title"].startswith(MARK.zh)
    assert described["description"].startswith(NOTICE.zh)
    assert (folder / "README.md").read_text(encoding="utf-8").count(NOTICE.zh) == 1


def test_the_released_workbook_is_marked(released: Path) -> None:
    title, *rest = strings(released / "releases" / "shili-0.1.0" / "shili.xlsx")
    assert title.startswith(MARK.zh)
    assert any(text.startswith(NOTICE.zh) for text in rest)


@pytest.mark.parametrize("form", ["text", "json", "html"])
def test_a_comparison_bears_the_notice(released: Path, form: str) -> None:
    found = comparison(str(released / "releases" / "shili-0.1.0"), str(SHILI), released / "releases")
    assert NOTICE.en in changed.render(found, "en", form)


def test_real_data_are_not_released_among_fiction(released: Path, data_folder: Path) -> None:
    shutil.copytree(FIXTURES / "texts", data_folder / "sources")
    made_real(data_folder)
    store = released / "releases"
    before = sorted(path.name for path in store.iterdir())
    refused = run(data_folder, store)
    assert refused.outcome is Outcomes.FICTION_AMONG_REAL, refused
    assert not refused.ok
    assert "version 0.1.0 of this store is fictional" in stages.released(refused, store, "en")
    assert "虚构" in stages.released(refused, store, "zh")
    assert sorted(path.name for path in store.iterdir()) == before


def test_fiction_is_not_released_among_real_data(
    released: Path, data_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Path(shutil.copytree(released / "releases", tmp_path / "releases", symlinks=True))
    folder = store / "shili-0.1.0"
    described = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    described["title"] = "民生实事 | Livelihood"  # as a release of real data would have it
    (folder / "datapackage.json").write_text(json.dumps(described, ensure_ascii=False), encoding="utf-8")
    write_sums(folder)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", EPOCH)
    path = data_folder / "package.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("0.1.0", "0.2.0"), encoding="utf-8")
    refused = run(data_folder, store)
    assert refused.outcome is Outcomes.FICTION_AMONG_REAL, refused
    assert "version 0.1.0 of this store is real" in stages.released(refused, store, "en")
    assert [entry.version for entry in FolderStore(store, "shili").entries()] == ["0.1.0"]

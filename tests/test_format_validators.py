"""Formats of a release before validators that others wrote; each must pass the release and refuse a damaged copy."""

import csv
import json
import os
import shutil
import subprocess
import venv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.language import Text
from pipeline.release.publish import Outcomes, release
from pipeline.release.resources import resources
from pipeline.tables import mart_tables
from tests.conftest import cached

ROOT = Path(__file__).parent.parent
STANDARDS = ROOT / "tests" / "fixtures" / "standards"
LOCK = ROOT / "requirements" / "validators.txt"
Verdict = dict[str, Any]
Ask = Callable[..., Verdict]

pytestmark = pytest.mark.slow


@pytest.fixture(scope="session")
def ask(request: pytest.FixtureRequest) -> Ask:
    """Ask a validator of tests/strangers.py, in an environment made from requirements/validators.txt."""

    def install(folder: Path) -> None:
        venv.create(folder, clear=True, with_pip=True)
        pip: list[str | Path] = [
            folder / "bin" / "python",
            "-m",
            "pip",
            "install",
            "--quiet",
            "--require-hashes",
            "-r",
            LOCK,
        ]
        subprocess.run(pip, check=True, env={**os.environ, "PYTHONPATH": ""})

    python = cached(request, "validators", LOCK.read_bytes(), install) / "bin" / "python"

    def verdict(name: str, *paths: Path) -> Verdict:
        command: list[str | Path] = [python, ROOT / "tests" / "strangers.py", name, *paths]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": ""}
        )
        assert done.returncode == 0, done.stderr
        found: Verdict = json.loads(done.stdout)
        return found

    return verdict


@pytest.fixture(scope="session")
def node(request: pytest.FixtureRequest) -> Path:
    """A folder with the JavaScript packages of tests/fixtures/standards/package.json."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        pytest.skip("there is no Node.js here")
    listed = STANDARDS / "package.json"

    def install(folder: Path) -> None:
        shutil.copy(listed, folder)
        subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--silent"], cwd=folder, check=True)

    return cached(request, "npm", listed.read_bytes(), install)


@pytest.fixture(scope="module", params=["tests/fixtures/shili", "datapackage"])
def released(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release of the fictional data, then of the five programmes."""
    if request.param == "datapackage":
        return Path(request.getfixturevalue("real_release"))
    home = tmp_path_factory.mktemp("released")
    made = release(ROOT / request.param, home / "releases", home / "build", _silent)
    assert made.outcome is Outcomes.RELEASED, made
    assert made.entry is not None
    return home / "releases" / made.entry.path


def _silent(step: Text) -> None:
    assert step


@pytest.fixture
def damaged(released: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(released, tmp_path / "damaged"))


def edit(path: Path, change: Callable[[Any], object]) -> Path:
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content)
    path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return path


def test_csvw_accepts_the_tables_by_their_metadata(ask: Ask, released: Path) -> None:
    assert ask("csvw", released / "data" / "csv-metadata.json") == {"valid": True, "says": []}


def test_csvw_refuses_a_key_that_refers_to_nothing(ask: Ask, damaged: Path) -> None:
    path = damaged / "data" / "curated" / "sources.csv"
    text = path.read_text(encoding="utf-8")
    source, programme = text.splitlines()[1].split(",")[:2]
    path.write_text(text.replace(f"{source},{programme},", f"{source},nowhere-2030,"), encoding="utf-8")
    assert not ask("csvw", damaged / "data" / "csv-metadata.json")["valid"]


def test_mlcroissant_reads_as_many_records_as_there_are_rows(ask: Ask, released: Path) -> None:
    found = ask("croissant", released / "croissant.json")
    assert found["valid"], found
    for resource in resources():
        with (released / resource.path).open(encoding="utf-8", newline="") as file:
            assert found["says"][resource.name] == len(list(csv.reader(file))) - 1, resource.name


def test_mlcroissant_refuses_a_field_without_a_file(ask: Ask, damaged: Path) -> None:
    path = edit(damaged / "croissant.json", lambda document: document["distribution"].pop(0))
    assert not ask("croissant", path)["valid"]


def test_the_official_shapes_accept_the_dcat_description(ask: Ask, released: Path) -> None:
    shapes = STANDARDS / "dcat-ap-3.0.1-shacl.ttl"
    assert ask("shacl", released / "dcat-ap.jsonld", shapes) == {"valid": True, "says": []}


def test_of_what_dcat_recommends_only_what_nobody_stated_is_missing(ask: Ask, released: Path) -> None:
    missing = set(ask("shacl", released / "dcat-ap.jsonld", STANDARDS / "dcat-ap-3.0.1-recommended.ttl")["says"])
    assert {path.rpartition("#")[2].rpartition("/")[2] for path in missing} == {
        "bbox", "centroid",  # GB/T 2260 names areas and draws none
        "contactPoint", "homepage",  # package.toml states neither
        "format",  # of the DuckDB file: not on the list of file types
        "type",  # of the publisher and the licence, by vocabularies of the EU
    }  # fmt: skip


def test_the_official_shapes_refuse_a_dataset_without_a_title(ask: Ask, damaged: Path) -> None:
    path = edit(damaged / "dcat-ap.jsonld", lambda document: document["@graph"][1].pop("dct:title"))
    found = ask("shacl", path, STANDARDS / "dcat-ap-3.0.1-shacl.ttl")
    assert found == {"valid": False, "says": ["http://purl.org/dc/terms/title"]}


def test_the_schema_of_datacite_accepts_its_metadata(ask: Ask, released: Path, damaged: Path) -> None:
    assert ask("datacite", released / "datacite.json") == {"valid": True, "says": []}
    path = edit(damaged / "datacite.json", lambda document: document["types"].update(resourceTypeGeneral="Table"))
    assert not ask("datacite", path)["valid"]


def test_cffconvert_accepts_the_citation(ask: Ask, released: Path, damaged: Path) -> None:
    assert ask("cff", released / "CITATION.cff") == {"valid": True, "says": ""}
    path = damaged / "CITATION.cff"
    path.write_text(path.read_text(encoding="utf-8").replace('"dataset"', '"table"'), encoding="utf-8")
    assert not ask("cff", path)["valid"]


def test_openpyxl_reads_the_workbook_back(ask: Ask, released: Path) -> None:
    (path,) = released.glob("*.xlsx")
    sheets = ask("workbook", path)["says"]
    assert list(sheets)[2:] == [table.name for table in mart_tables()]
    for table in mart_tables():
        sheet = sheets[table.name]
        header, *rows = sheet["rows"]
        assert header == list(table.names)
        assert sheet["formulas"] == []
        assert sheet["frozen"].endswith("3"), "both rows of the header stay"
        with (released / table.path).open(encoding="utf-8", newline="") as file:
            _, *expected = csv.reader(file)
        assert len(rows) == len(expected)
        texts = [place for place, field in enumerate(table.fields) if field.type == "string"]
        for got, wanted in zip(rows, expected, strict=True):
            assert [got[place] for place in texts] == [wanted[place] for place in texts]
        numbers = [place for place, field in enumerate(table.fields) if field.type in ("number", "integer")]
        for got, wanted in zip(rows, expected, strict=True):
            assert [float(got[place] or "nan") for place in numbers if wanted[place]] == [
                float(wanted[place]) for place in numbers if wanted[place]
            ]


_READ = """
const {Package} = require('datapackage');
(async () => {
  const found = await Package.load(process.argv[1]);
  const faults = found.errors.map(String);
  let rows = 0;
  for (const resource of found.resources) {
    try { rows += (await resource.read({relations: true})).length }
    catch (error) { faults.push(resource.name + ': ' + error.message) }
  }
  console.log(JSON.stringify({valid: found.valid && !faults.length, rows, faults}));
})();
"""


def test_the_javascript_library_reads_the_package_with_its_keys(node: Path, released: Path, damaged: Path) -> None:
    def read(folder: Path) -> Verdict:
        command = ["node", "-e", _READ, str(folder / "datapackage.json")]
        done = subprocess.run(command, cwd=node, capture_output=True, text=True, check=True)
        verdict: Verdict = json.loads(done.stdout)
        return verdict

    found = read(released)
    assert found["valid"], found["faults"]
    assert found["rows"] > len(resources())
    path = damaged / "data" / "tasks.csv"
    header, _, *rest = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join([header, *rest]), encoding="utf-8")
    assert not read(damaged)["valid"]


def test_the_types_of_schema_org_accept_the_dataset(node: Path, released: Path, tmp_path: Path) -> None:
    """schema-dts holds every class and property of schema.org as types; the compiler refuses a name it lacks."""
    document = json.loads((released / "schema-org.jsonld").read_text(encoding="utf-8"))
    del document["@context"]  # the library knows it as an address only

    def accepted(content: dict[str, Any]) -> bool:
        program = node / f"{tmp_path.name}.ts"
        text = f'import type {{Dataset}} from "schema-dts";\nexport const it: Dataset = {json.dumps(content)};\n'
        program.write_text(text, encoding="utf-8")
        compiler = node / "node_modules" / "typescript" / "bin" / "tsc"
        options = ("--noEmit", "--strict", "--moduleResolution", "node", "--module", "commonjs")
        done = subprocess.run(["node", compiler, *options, program], capture_output=True, text=True, check=False)
        program.unlink()
        return done.returncode == 0

    assert accepted(document)
    assert not accepted({**document, "isAccesibleForFree": True})

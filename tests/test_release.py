"""From the fictional programme to a release: what is in it, and what is never done to it."""

import csv
import errno
import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from pipeline import gate, warehouse
from pipeline.curated import DataFolderError
from pipeline.language import Text
from pipeline.querying import query
from pipeline.release import publish
from pipeline.release.folder_store import FolderStore
from pipeline.release.formats.registry import FORMATS
from pipeline.release.inputs import commit, read_inputs
from pipeline.release.publish import Outcomes, Released, release
from pipeline.release.resources import resources
from pipeline.release.signing import SigningError, sign
from pipeline.release.store import StoreError, reproducible_files
from pipeline.tables import mart_tables
from tests.conftest import EPOCH, copied
from tests.doubles import OpenGate

ROOT = Path(__file__).resolve().parent.parent
FIXTURE = ROOT / "tests" / "fixtures" / "shili"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, shili_released: Path) -> Iterator[Path]:
    """A folder with the fictional data, released once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", EPOCH)
        yield copied(shili_released, tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def twin(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A second store, released from the same inputs as if on another machine.

    Another folder, mask, time zone, locale, order of hashes and number of processors, in a process of its own.
    """
    elsewhere = tmp_path_factory.mktemp("另一台 机器")
    shutil.copytree(home / "data", elsewhere / "数据")
    environment = {
        **os.environ,
        "TZ": "Pacific/Kiritimati",
        "LC_ALL": "tr_TR.UTF-8",
        "LANG": "tr_TR.UTF-8",
        "PYTHONHASHSEED": "77",
        "PYTHONPATH": str(ROOT),
    }

    def one_processor_and_a_private_mask() -> None:
        os.umask(0o077)
        if hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})

    done = subprocess.run(
        [sys.executable, "-m", "pipeline", "release", "数据", "--store", "发布", "--out", "构建"],
        cwd=elsewhere,
        env=environment,
        preexec_fn=one_processor_and_a_private_mask,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return elsewhere / "发布"


def run(folder: Path, data: str = "data", store: str = "releases") -> Released:
    def silent(step: Text) -> None:
        assert step.zh
        assert step.en

    return release(folder / data, folder / store, folder / "build", silent)


def published(folder: Path) -> list[str]:
    """The files of a release whose bytes are a function of the inputs, by their path in the store."""
    return [path.relative_to(folder.parent).as_posix() for path in reproducible_files(folder)]


def test_the_release_has_the_layout_of_the_contract(home: Path) -> None:
    folder = home / "releases" / "shili-0.1.0"
    names = {path.name for path in folder.iterdir()}
    assert names == {
        "datapackage.json", "data", "shili.duckdb", "README.md", "CHANGELOG.md", "changes.csv", "SHA256SUMS", "quality",
        *(form.path.format(name="shili").partition("/")[0] for form in FORMATS),
    }  # fmt: skip
    for resource in resources():
        assert (folder / resource.path).is_file()
        assert (folder / resource.parquet_path).is_file()
    index = json.loads((home / "releases" / "index.json").read_text(encoding="utf-8"))
    assert (index["latest"], [entry["released_on"] for entry in index["releases"]]) == ("0.1.0", ["2030-01-01"])
    assert (home / "releases" / "latest" / "datapackage.json").is_file()
    assert list((home / "releases").glob(".building*")) == []


def test_checksums_hold_for_every_file_but_the_database(home: Path) -> None:
    folder = home / "releases" / "shili-0.1.0"
    lines = (folder / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    stated = {name: sha256 for sha256, _, name in (line.partition("  ") for line in lines)}
    present = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}
    assert present - stated.keys() == {"SHA256SUMS", "shili.duckdb"}
    for name, sha256 in stated.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == sha256


def test_every_format_is_in_the_checksums_the_descriptor_and_the_read_me(home: Path) -> None:
    folder = home / "releases" / "shili-0.1.0"
    described = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))["ms:formats"]
    paths = [form.path.format(name="shili") for form in FORMATS]
    assert [each["path"] for each in described] == paths
    sums = (folder / "SHA256SUMS").read_text(encoding="utf-8")
    page = (folder / "README.md").read_text(encoding="utf-8")
    for each in described:
        content = (folder / each["path"]).read_bytes()
        assert f"{hashlib.sha256(content).hexdigest()}  {each['path']}\n" in sums
        assert f"]({each['path']})" in page


def test_frictionless_finds_the_published_package_valid(home: Path) -> None:
    verdict = json.loads((home / "releases/shili-0.1.0/quality/frictionless.json").read_text(encoding="utf-8"))
    assert verdict["valid"]
    assert len(verdict["tables"]) == len(resources())


def test_an_analyst_queries_the_released_file(home: Path) -> None:
    path = home / "releases/shili-0.1.0/shili.duckdb"
    assert query(path, "SELECT version, CAST(released_on AS VARCHAR) FROM release").rows == (("0.1.0", "2030-01-01"),)
    uncommented = query(
        path, "SELECT table_name, column_name FROM duckdb_columns() WHERE comment IS NULL AND NOT internal"
    )
    assert {name for name, _ in uncommented.rows} == {"release"}
    cited = query(
        path,
        "SELECT DISTINCT t.value, t.value_base FROM targets t JOIN curated.citations c USING (target_id) "
        "WHERE c.printed = '2.7万人左右'",
    )
    assert cited.rows == ((Decimal("2.7"), Decimal(27000)),)


def test_the_zip_makes_the_database_it_leaves_out(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Same tables, types, rows and comments as the file in the folder, by the one script the read-me names."""
    with zipfile.ZipFile(home / "releases/shili-0.1.0.zip") as archive:
        archive.extractall(tmp_path)
    folder = tmp_path / "shili-0.1.0"
    assert not (folder / "shili.duckdb").exists()
    assert 'duckdb shili.duckdb -c ".read shili.sql"' in (folder / "README.md").read_text(encoding="utf-8")
    monkeypatch.chdir(folder)
    with duckdb.connect("shili.duckdb") as connection:
        connection.execute((folder / "shili.sql").read_text(encoding="utf-8"))
        connection.execute(f"ATTACH '{home}/releases/shili-0.1.0/shili.duckdb' AS released (READ_ONLY)")
        of = "FROM {}() WHERE database_name = '{}' AND NOT internal ORDER BY ALL"
        for seen, listed in (
            ("schema_name, table_name, comment", "duckdb_tables"),
            ("schema_name, table_name, column_index, column_name, data_type, comment", "duckdb_columns"),
        ):
            made, released = (
                connection.execute(f"SELECT {seen} {of.format(listed, name)}").fetchall()
                for name in ("shili", "released")
            )
            assert made == released
            assert made
        relations = ["main.release", *(resource.relation for resource in resources())]
        for relation in relations:
            made, released = (
                connection.execute(f"SELECT * FROM {name}.{relation}").fetchall() for name in ("shili", "released")
            )
            assert made == released


def test_parquet_and_csv_say_the_same(home: Path) -> None:
    data = home / "releases/shili-0.1.0/data"
    with duckdb.connect() as connection:
        for table in mart_tables():
            rows = connection.execute(
                "SELECT count(*) FROM read_parquet(?)", [str(data / f"{table.name}.parquet")]
            ).fetchone()
            with (data / f"{table.name}.csv").open(encoding="utf-8", newline="") as file:
                records = list(csv.reader(file))
            assert tuple(records[0]) == table.names
            assert rows == (len(records) - 1,)
        stated = connection.execute(
            "SELECT decode(value) FROM parquet_kv_metadata(?) WHERE decode(key) = 'datapackage_version'",
            [str(data / "targets.parquet")],
        ).fetchone()
    assert stated == ("0.1.0",)


def test_csv_numbers_carry_no_trailing_zeros(home: Path) -> None:
    with (home / "releases/shili-0.1.0/data/targets.csv").open(encoding="utf-8", newline="") as file:
        values = [row["value"] for row in csv.DictReader(file) if row["value"]]
    assert "2.7" in values
    assert not any("." in value and value.endswith("0") for value in values)


def test_nothing_changed_means_nothing_is_done(home: Path) -> None:
    before = {p: p.stat().st_mtime_ns for p in (home / "releases").rglob("*")}
    assert run(home).outcome is Outcomes.UNCHANGED
    assert {p: p.stat().st_mtime_ns for p in (home / "releases").rglob("*")} == before


def test_a_version_made_anew_in_another_year_is_the_same(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What depends on the day (which figures are owed, for one) is told as of the day of the release."""
    shutil.copytree(home / "data", home / "later")
    (home / "later" / "notes.txt").write_text("an input that changes nothing", encoding="utf-8")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(EPOCH) + 500 * 24 * 60 * 60))
    monkeypatch.setattr(publish, "Gatekeeper", OpenGate)
    assert run(home, "later").outcome is Outcomes.UNCHANGED


def test_a_published_version_is_never_overwritten(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publish, "Gatekeeper", OpenGate)
    changed = home / "changed"
    shutil.copytree(FIXTURE, changed)
    tasks = changed / "programmes" / "shili-2030" / "tasks.csv"
    lines = tasks.read_text(encoding="utf-8").splitlines(keepends=True)
    name = lines[1].split(",")[6]
    tasks.write_text("".join([lines[0], lines[1].replace(name, "另一个标题"), *lines[2:]]), encoding="utf-8")
    digest = (home / "releases/shili-0.1.0/SHA256SUMS").read_bytes()
    assert run(home, "changed").outcome is Outcomes.VERSION_TAKEN
    assert (home / "releases/shili-0.1.0/SHA256SUMS").read_bytes() == digest

    built = warehouse.Build(home / "build" / "warehouse.duckdb", {}, ())  # with another version it would be the same
    monkeypatch.setattr("pipeline.warehouse.build", lambda *_, **__: built)
    toml = changed / "package.toml"
    toml.write_text(toml.read_text(encoding="utf-8").replace('"0.1.0"', '"0.1.1"'), encoding="utf-8")
    assert run(home, "changed").outcome is Outcomes.RELEASED
    with (home / "releases/shili-0.1.1/changes.csv").open(encoding="utf-8", newline="") as file:
        changes = [row for row in csv.DictReader(file) if row["table"] == "curated-tasks"]
    assert [(c["change"], c["column"], c["before"], c["after"]) for c in changes] == [
        ("cell changed", "title_zh", name, "另一个标题")
    ]
    index = json.loads((home / "releases" / "index.json").read_text(encoding="utf-8"))
    assert [entry["version"] for entry in index["releases"]] == ["0.1.0", "0.1.1"]


def test_the_same_inputs_give_the_same_bytes(home: Path, twin: Path) -> None:
    first, second = (store / "shili-0.1.0.zip" for store in (home / "releases", twin))
    assert first.read_bytes() == second.read_bytes()
    with zipfile.ZipFile(first) as archive:
        assert not [name for name in archive.namelist() if name.endswith(".duckdb")]


def test_another_machine_gives_the_same_bytes(home: Path, twin: Path) -> None:
    names = published(home / "releases" / "shili-0.1.0")
    assert published(twin / "shili-0.1.0") == names
    for name in ("shili-0.1.0.zip", *names):
        assert (twin / name).read_bytes() == (home / "releases" / name).read_bytes(), name


def test_the_attestation_names_what_went_in_and_what_came_out(home: Path) -> None:
    folder = home / "releases" / "shili-0.1.0"
    said = json.loads((folder / "quality" / "attestation.intoto.json").read_text(encoding="utf-8"))
    assert (said["_type"], said["predicateType"]) == (
        "https://in-toto.io/Statement/v1",
        "https://slsa.dev/provenance/v1",
    )
    came_out = {each["name"]: each["digest"]["sha256"] for each in said["subject"]}
    there = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    assert there.keys() - came_out.keys() == {"SHA256SUMS", "shili.duckdb", "quality/attestation.intoto.json"}
    assert all(hashlib.sha256(there[name].read_bytes()).hexdigest() == sha for name, sha in came_out.items())
    definition = said["predicate"]["buildDefinition"]
    assert definition["externalParameters"] == {"package": "shili", "version": "0.1.0", "released_on": "2030-01-01"}
    went_in = {each["name"]: each["digest"] for each in definition["resolvedDependencies"]}
    data = {path.relative_to(home / "data").as_posix(): path for path in (home / "data").rglob("*") if path.is_file()}
    assert {name for name in went_in if name.startswith("data/")} == {f"data/{name}" for name in data}
    for name, path in data.items():
        assert went_in[f"data/{name}"] == {"sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
    assert went_in["shili-2030"]["sha256"] == "1e32c0e997015871e0fa15adaf24098b844077592569b6f68b512348dc058027"
    assert {len(went_in[name]["dirHash"]) for name in ("schemas", "dbt_project", "pipeline")} == {64}
    assert "repository" not in went_in  # the fictional data lie in no repository
    versions = said["predicate"]["runDetails"]["builder"]["version"]
    assert versions["duckdb"] == duckdb.__version__
    assert {"minsheng", "python", "dbt-core", "great-expectations", "frictionless", "pandera"} <= versions.keys()


def test_the_commit_of_the_data_is_known_and_whether_they_differ_from_it(tmp_path: Path) -> None:
    def git(*arguments: str) -> None:
        who = ("-c", "user.name=n", "-c", "user.email=e@example.org")
        subprocess.run(["git", *who, *arguments], cwd=tmp_path, check=True, capture_output=True)

    data = tmp_path / "data"
    data.mkdir()
    (data / "a.csv").write_text("a\n")
    assert commit(data) is None
    git("init", "--quiet")
    assert commit(data) is None  # nothing committed yet
    git("add", ".")
    git("commit", "--quiet", "--message", "first")
    clean = commit(data)
    assert clean is not None
    assert (len(clean.sha), clean.modified) == (40, False)
    (tmp_path / "elsewhere.txt").write_text("beside the data")
    assert commit(data) == clean
    (data / "a.csv").write_text("b\n")
    assert commit(data) == replace(clean, modified=True)


def test_what_a_repository_says_of_itself_runs_no_program(tmp_path: Path) -> None:
    trap = tmp_path / "trap.sh"
    trap.write_text(f"#!/bin/sh\ntouch {tmp_path}/sprung\n")
    trap.chmod(0o755)
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    subprocess.run(["git", "config", "core.fsmonitor", str(trap)], cwd=tmp_path, check=True)
    assert commit(tmp_path) is None
    assert not (tmp_path / "sprung").exists()


@pytest.mark.skipif(not shutil.which("minisign"), reason="minisign is not installed")
def test_a_signature_holds_for_the_checksums_and_reproduces(home: Path, tmp_path: Path) -> None:
    key, public = tmp_path / "k.key", tmp_path / "k.pub"
    subprocess.run(["minisign", "-G", "-W", "-s", str(key), "-p", str(public)], check=True, capture_output=True)
    entry = FolderStore(home / "releases", "shili").entries()[0]
    signatures = []
    for name in ("a", "b"):
        folder = tmp_path / name
        folder.mkdir()
        shutil.copy(home / "releases" / "shili-0.1.0" / "SHA256SUMS", folder)
        sign(folder, key, "shili", entry)
        signatures.append((folder / "SHA256SUMS.minisig").read_bytes())
    assert signatures[0] == signatures[1]
    verify = ["minisign", "-V", "-p", str(public), "-m", str(tmp_path / "a" / "SHA256SUMS")]
    assert b"shili 0.1.0 2030-01-01" in subprocess.run(verify, check=True, capture_output=True).stdout
    (tmp_path / "a" / "SHA256SUMS").write_bytes(b"something else")
    assert subprocess.run(verify, check=False, capture_output=True).returncode != 0
    key.write_text("no key")
    with pytest.raises(SigningError, match="minisign"):
        sign(tmp_path / "b", key, "shili", entry)


def test_a_missing_key_or_program_is_said_before_the_work(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("built before the key was looked for")

    monkeypatch.setattr("pipeline.warehouse.build", never)
    monkeypatch.setattr("shutil.which", lambda _: "/bin/true")
    with pytest.raises(SigningError, match=r"no\.key"):
        release(home / "data", tmp_path / "s", tmp_path / "b", lambda _: None, tmp_path / "no.key")
    monkeypatch.setattr("shutil.which", lambda _: None)
    with pytest.raises(SigningError, match="--sign"):
        release(home / "data", tmp_path / "s", tmp_path / "b", lambda _: None, tmp_path / "no.key")


def test_a_release_that_a_crash_left_out_of_the_index_is_adopted(home: Path, twin: Path) -> None:
    crashed = home / "crashed"
    shutil.copytree(twin, crashed, symlinks=True)
    for name in ("index.json", "latest", "shili-0.1.0.zip"):
        (crashed / name).unlink()
    assert run(home, store="crashed").outcome is Outcomes.UNCHANGED
    assert (crashed / "shili-0.1.0.zip").read_bytes() == (twin / "shili-0.1.0.zip").read_bytes()
    assert (crashed / "index.json").read_bytes() == (twin / "index.json").read_bytes()


def test_what_a_crash_left_is_not_adopted_where_its_checksums_fail(home: Path, twin: Path) -> None:
    damaged = home / "damaged"
    shutil.copytree(twin, damaged, symlinks=True)
    (damaged / "index.json").unlink()
    (damaged / "shili-0.1.0" / "data" / "targets.csv").write_text("damaged\n", encoding="utf-8")
    with pytest.raises(StoreError, match="checksums"):
        FolderStore(damaged, "shili").settle("0.1.0", date(2030, 1, 1))


def test_the_gate_finds_what_breaks_an_expectation(home: Path, tmp_path: Path) -> None:
    """A mart that lost a citation and repeats a key does not pass, and the records are named."""
    warehouse = tmp_path / "warehouse.duckdb"
    shutil.copy(home / "build" / "warehouse.duckdb", warehouse)
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute("UPDATE targets SET citations = 0 WHERE target_id = (SELECT min(target_id) FROM targets)")
        connection.execute("INSERT INTO deadlines SELECT * FROM deadlines LIMIT 1")
        lost = connection.execute("SELECT min(target_id) FROM targets").fetchone()
    failed = [outcome for outcome in gate.check(warehouse) if not outcome.passed]
    assert {(o.expectation.mart, o.expectation.type) for o in failed} == {
        ("targets", "expect_column_values_to_be_between"),
        ("deadlines", "expect_compound_columns_to_be_unique"),
    }
    assert lost is not None
    assert lost[0] in next(o for o in failed if o.expectation.mart == "targets").keys


def test_an_input_that_cannot_be_read_is_named(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(path: Path) -> str:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr("pipeline.release.inputs.hashed", fail)
    with pytest.raises(DataFolderError, match=r"cannot read .*data.*Permission denied"):
        read_inputs(home / "data")

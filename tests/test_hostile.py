"""Hostile data folders, packages, queries and surroundings: a finding or a clear refusal, and nothing else touched."""

import itertools
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from pipeline import querying
from pipeline.language import RefusalError
from pipeline.locking import alone
from pipeline.release.folder_store import FolderStore
from pipeline.release.store import Entry
from pipeline.reports import renderer
from pipeline.reports.answer import render
from pipeline.tabular import validate_tables
from pipeline.validation import validate
from pipeline.verification import FILE_NAME as LOCK
from tests import hostile
from tests.conftest import FIXTURES
from tests.hostile import keeps_the_contract, run, untouched

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pipes, devices and links of POSIX")

SHILI = FIXTURES / "shili"
FILES = sorted(path.relative_to(SHILI).as_posix() for path in SHILI.rglob("*.csv"))
PAPERS = ("package.toml", LOCK, "datapackage.json")
TARGETS = "programmes/shili-2030/targets.csv"
SECRET = "nobody may read this"
ADD = ("--kind", "annual_list", "--start-year", "2031", "--title-zh", "题", "--title-en", "t")
# Every command that reads a data folder and needs no warehouse. `docs` says nothing where nothing changed.
COMMANDS: dict[str, Callable[[Path], list[str | Path]]] = {
    "validate": lambda data: ["validate", data],
    "validate json": lambda data: ["validate", data, "--format", "json"],
    "validate html": lambda data: ["validate", data, "--format", "html", "-o", data.parent / "out" / "r.html"],
    "validate csv": lambda data: ["validate", data, "--format", "csv"],
    "validate github": lambda data: ["validate", data, "--format", "github", "--strict"],
    "validate sarif": lambda data: ["validate", data, "--format", "sarif"],
    "validate junit": lambda data: ["validate", data, "--format", "junit"],
    "validate markdown": lambda data: ["validate", data, "--format", "markdown", "--all"],
    "fmt": lambda data: ["fmt", data],
    "fmt check": lambda data: ["fmt", data, "--check", "--diff"],
    "fix": lambda data: ["fix", data, "--yes"],
    "fix check": lambda data: ["fix", data, "--check"],
    "verify": lambda data: ["verify", data],
    "status": lambda data: ["status", data, "--store", data.parent / "out"],
    "status json": lambda data: ["status", data, "--store", data.parent / "out", "--format", "json"],
    "docs": lambda data: ["docs", data],
    "docs check": lambda data: ["docs", data, "--check"],
    "add-programme": lambda data: ["add-programme", "shili-2031", data, *ADD],
}
READING = ("validate json", "fmt check", "fix check", "status json", "docs check")


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder beside a folder that is nobody's business, and `out` for what a command may write."""
    monkeypatch.setenv("MINSHENG_SOURCES", str(FIXTURES / "texts"))
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.txt").write_text(SECRET, encoding="utf-8")
    (tmp_path / "out").mkdir()
    return fresh(tmp_path)


def fresh(place: Path) -> Path:
    shutil.rmtree(place / "data", ignore_errors=True)
    return Path(shutil.copytree(SHILI, place / "data"))


def described(data: Path) -> None:
    """Give the folder the descriptor a published one has."""
    assert run("docs", data).code == 0


def attack(data: Path, command: str, language: str = "en") -> hostile.Ended:
    """Run a command on a damaged folder; the folders around it stay as they are."""
    with untouched(data.parent, "data", "out"):
        ended = run(*COMMANDS[command](data), "--lang", language)
    if ended.code or not command.startswith("docs"):
        keeps_the_contract(ended)
    if ended.code == 2:
        assert bool(re.search("[\u4e00-\u9fff]", ended.err.replace(str(data), ""))) or language == "en", ended.err
    assert SECRET not in ended.out + ended.err
    return ended


# ------------------------------------------------------------------------------------------------ data folders


def cases(damages: Any, files: Any) -> list[tuple[str, str, str]]:
    """Each damage once, files and commands taken in turn, so that a short run meets all of them."""
    turn, commands = itertools.cycle(files), itertools.cycle(COMMANDS)
    return [(name, next(turn), next(commands)) for name in damages]


@pytest.mark.parametrize(("damage", "file", "command"), cases(hostile.BYTES, FILES))
def test_damaged_bytes(data: Path, damage: str, file: str, command: str) -> None:
    (data / file).write_bytes(hostile.BYTES[damage]((data / file).read_bytes()))
    attack(data, command, "zh" if len(damage) % 2 else "en")


@pytest.mark.parametrize("damage", ["10,000 columns", "10 MB of quotes", "20,000 faulty rows"])
def test_huge_files_are_judged_in_time(data: Path, damage: str) -> None:
    (data / TARGETS).write_bytes(hostile.HUGE[damage]((data / TARGETS).read_bytes()))
    assert attack(data, "validate").code == 1


@pytest.mark.parametrize(("damage", "file", "command"), cases(hostile.PATHS, [TARGETS, "sources.csv", *PAPERS]))
def test_something_else_in_place_of_a_file(data: Path, damage: str, file: str, command: str) -> None:
    described(data)
    hostile.PATHS[damage](data / file)
    attack(data, command)


@pytest.mark.parametrize("command", ["docs", "fmt", "fix", "verify"])
@pytest.mark.parametrize("file", ["datapackage.json", TARGETS, LOCK])
def test_links_lead_no_writer_out_of_the_folder(data: Path, file: str, command: str) -> None:
    described(data)
    hostile.PATHS["link to a copy"](data / file)
    copy = data.parent / "outside" / f"stolen-{Path(file).name}"
    copy.write_bytes(copy.read_bytes().replace(b",", b", ") + b"\n")
    attack(data, command)


@pytest.mark.parametrize("folder", ["programmes", "sources"])
def test_a_programme_is_not_registered_through_a_link(data: Path, folder: str) -> None:
    shutil.rmtree(data / folder, ignore_errors=True)
    (data / folder).symlink_to(data.parent / "outside")
    text = data.parent / "out" / "text.txt"
    text.write_text("5条路\n", encoding="utf-8")
    with untouched(data.parent):
        ended = run("add-programme", "shili-2031", data, *ADD, "--issuer", "shili-gov", "--source", text)
    keeps_the_contract(ended, 2)


def planted(place: Path, name: str) -> Path:
    """A folder with a link of this name that leads to a file elsewhere."""
    (place / "elsewhere").write_text(SECRET, encoding="utf-8")
    (place / "folder").mkdir()
    (place / "folder" / name).symlink_to(place / "elsewhere")
    return place / "folder"


def test_a_lock_is_not_taken_through_a_link(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="symbolic link"), alone(planted(tmp_path, ".lock")):
        pytest.fail("the lock was taken")
    assert (tmp_path / "elsewhere").read_text(encoding="utf-8") == SECRET


@pytest.mark.parametrize("name", [".index.json", ".latest", "index.json"])
def test_a_release_is_not_written_through_a_link(tmp_path: Path, name: str) -> None:
    store = FolderStore(planted(tmp_path, name), "shili")
    if name == "index.json":
        (tmp_path / "elsewhere").write_text('{"releases": []}', encoding="utf-8")
    before = (tmp_path / "elsewhere").read_bytes()
    with store.building("0.1.0") as beside:
        entry = Entry("0.1.0", "2030-01-01", "shili-0.1.0", "shili-0.1.0.zip", "sha256:", "sha256:")
        store.publish(beside, entry, date(2030, 1, 1))
    assert store.entries() == (entry,)
    assert (tmp_path / "elsewhere").read_bytes() == before


@pytest.mark.parametrize(("damage", "file", "command"), cases(hostile.TEXTS, PAPERS))
def test_damaged_papers(data: Path, damage: str, file: str, command: str) -> None:
    described(data)
    (data / file).write_bytes(hostile.TEXTS[damage]((data / file).read_bytes()))
    attack(data, command)


@pytest.mark.parametrize(
    "line",
    [
        "licenses = [1]",
        "licenses = 5",
        "licenses = [{issued = 2020-01-01}]",
        "contributors = ['x']",
        "contributors = [{share = nan}]",
        "keywords = 'abc'",
        "title_zh = 1",
        "version = 0.1",
        "name = '../x'",
    ],
)
def test_a_package_file_of_other_types_is_refused(data: Path, line: str) -> None:
    name = line.partition(" ")[0]
    kept = re.sub(rf"(?ms)^\[\[{name}\]\].*?(?=^\[\[|\Z)", "", (data / "package.toml").read_text(encoding="utf-8"))
    kept = re.sub(rf"(?m)^{name} = .*\n", "", kept)
    (data / "package.toml").write_text(f"{line}\n{kept}", encoding="utf-8")
    ended = attack(data, "docs")
    assert ended.code == 2
    assert name in ended.err


def test_names_that_differ_in_case_only(data: Path) -> None:
    shutil.copytree(data / "programmes" / "shili-2030", data / "programmes" / "Shili-2030")
    (data / "PROGRAMMES.CSV").write_bytes((data / "programmes.csv").read_bytes())
    files = {f.place.file for f in validate(data).report.findings if f.code == "source-error"}
    assert "PROGRAMMES.CSV" in files
    assert any(file.startswith("programmes/Shili-2030/") for file in files)


@pytest.mark.parametrize(
    "name", ["a'; DROP TABLE x; --.csv", "a\n\u202e.csv", "x" * 240 + ".csv", "\udcff.csv", "=1+1.csv"]
)
def test_names_of_strangers(data: Path, name: str) -> None:
    (data / name).write_bytes(b"a\n")
    for command in ("validate html", "fmt check"):
        attack(data, command)
    assert attack(data, "validate json").code == 1


def test_an_identifier_longer_than_a_file_name(data: Path) -> None:
    (data / "programmes.csv").write_bytes(
        (data / "programmes.csv").read_bytes().replace(b"shili-2030,", b"9" * 5000 + b",", 1)
    )
    for command in ("validate", "fmt", "docs"):
        assert attack(data, command).code in (0, 1), command


# ------------------------------------------------------------------------------------------------ mutations

SPECIAL = (b'"', b",", b"\n", b"\r", b"\x00", b"\xff", b"\xed\xa0\x80", b"=", "\u202e".encode(), b"\xef\xbb\xbf", b"'")
Mutation = tuple[str, float, bytes, int]
MUTATIONS = st.tuples(
    st.sampled_from(["flip", "cut", "insert", "repeat", "drop"]),
    st.floats(0, 1, exclude_max=True),
    st.sampled_from(SPECIAL) | st.binary(min_size=1, max_size=4),
    st.integers(0, 40),
)


def mutated(content: bytes, mutation: Mutation) -> bytes:
    kind, where, extra, size = mutation
    at = int(where * len(content))
    head, tail = content[:at], content[at:]
    match kind:
        case "flip":
            return head + bytes(byte ^ (1 << size % 8) for byte in tail[:1]) + tail[1:]
        case "cut":
            return head
        case "insert":
            return head + extra + tail
        case "repeat":
            return head + tail[:size] + tail
        case _:
            return head + tail[size:]


def survives(place: Path, file: str, mutations: list[Mutation]) -> None:
    data = fresh(place)
    content = (data / file).read_bytes()
    for mutation in mutations:
        content = mutated(content, mutation)
    (data / file).write_bytes(content)
    with hostile.in_time(30):
        report = validate(data).report
    for finding in report.findings:
        assert finding.message("zh")
        assert finding.message("en")


FUZZED = st.tuples(st.sampled_from(FILES), st.lists(MUTATIONS, min_size=1, max_size=4))


@settings(
    max_examples=15,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(FUZZED)
@example(("programmes/shili-2030/citations.csv", [("insert", 0.5, b"\nx\n", 0)]))
@example(("reference/units.csv", [("insert", 0.99, b"\nx\n", 0)]))
def test_mutated_files(tmp_path: Path, case: tuple[str, list[Mutation]]) -> None:
    survives(tmp_path, *case)


@pytest.mark.slow
@settings(
    max_examples=600,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(FUZZED)
def test_many_mutated_files(tmp_path: Path, case: tuple[str, list[Mutation]]) -> None:
    survives(tmp_path, *case)


# ------------------------------------------------------------------------------------------------ everything


@pytest.mark.slow
@pytest.mark.parametrize("file", FILES)
def test_every_damage_of_every_file(data: Path, file: str) -> None:
    commands = itertools.cycle(COMMANDS)
    for damage in hostile.BYTES.values():
        for command in ("validate json", next(commands)):
            folder = fresh(data.parent)
            (folder / file).write_bytes(damage((folder / file).read_bytes()))
            attack(folder, command)


@pytest.mark.slow
@pytest.mark.parametrize("damage", hostile.HUGE)
@pytest.mark.parametrize("command", ["validate json", "validate html", "fmt", "fix check", "status"])
def test_every_huge_file(data: Path, damage: str, command: str) -> None:
    (data / TARGETS).write_bytes(hostile.HUGE[damage]((data / TARGETS).read_bytes()))
    attack(data, command)


@pytest.mark.slow
@pytest.mark.parametrize("damage", hostile.PATHS)
@pytest.mark.parametrize("file", [TARGETS, "sources.csv", "programmes.csv", "reference/units.csv", *PAPERS])
def test_every_stranger_in_place_of_a_file(data: Path, damage: str, file: str) -> None:
    for command in COMMANDS:
        folder = fresh(data.parent)
        described(folder)
        shutil.rmtree(data.parent / "outside")
        (data.parent / "outside").mkdir()
        (data.parent / "outside" / "secret.txt").write_text(SECRET, encoding="utf-8")
        hostile.PATHS[damage](folder / file)
        attack(folder, command)


# ------------------------------------------------------------------------------------------------ descriptors


def judged(place: Path, document: Any) -> None:
    (place / "t.csv").write_text(hostile.RICH_TABLE, encoding="utf-8")
    (place / "p.json").write_text(json.dumps(document), encoding="utf-8")
    try:
        with hostile.in_time(30):
            report = validate_tables(place / "p.json")
    except RefusalError:
        return
    for form, language in itertools.product(("json", "text", "html", "markdown", "junit", "sarif"), ("zh", "en")):
        shown = renderer(form)(report, language)  # type: ignore[arg-type]
        assert "root:" not in shown
        shown.encode("utf-8")


def test_the_rich_descriptor_is_judged_at_all(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(hostile.RICH_TABLE, encoding="utf-8")
    (tmp_path / "p.json").write_text(json.dumps(hostile.RICH), encoding="utf-8")
    report = validate_tables(tmp_path / "p.json")
    assert {finding.place.row for finding in report.findings} == {2}
    assert len(report.findings) > 6


PLACES = list(hostile.nodes(hostile.RICH))


@pytest.mark.parametrize("path", PLACES[::4], ids=lambda path: "/".join(map(str, path)))
def test_a_hostile_value_in_a_descriptor(tmp_path: Path, path: tuple[str | int, ...]) -> None:
    value = hostile.VALUES[PLACES.index(path) % len(hostile.VALUES)]
    judged(tmp_path, hostile.replaced(hostile.RICH, path, value))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("dialect/delimiter", None),
        ("dialect/delimiter", "\x00"),
        ("dialect/headerJoin", None),
        ("dialect/commentRows", 5),
        ("encoding", "\x00"),
        ("encoding", "hex"),
        ("path", "\ud800"),
        ("schema/fields/4/categories", 7),
        ("schema/fields/4/categories", [{}]),
        ("schema/fields/4/constraints/pattern", "(" * 5000),
        ("schema/fields/8/constraints/jsonSchema", {"$ref": "#"}),
        ("schema/fields/8/constraints/jsonSchema", {"$ref": "http://127.0.0.1:9/"}),
        ("schema/fields/8/constraints/jsonSchema", {"type": "?"}),
        ("schema/fields/4/name", "\x00`|\u202e<b>"),
        ("schema/uniqueKeys", [[]]),
    ],
)
def test_values_that_once_broke_it(tmp_path: Path, path: str, value: object) -> None:
    place = [int(part) if part.isdigit() else part for part in path.split("/")]
    judged(tmp_path, hostile.replaced(hostile.RICH, ("resources", 0, *place), value))


@pytest.mark.slow
@pytest.mark.parametrize("path", PLACES, ids=lambda path: "/".join(map(str, path)))
def test_every_hostile_value_in_a_descriptor(tmp_path: Path, path: tuple[str | int, ...]) -> None:
    for value in hostile.VALUES:
        judged(tmp_path, hostile.replaced(hostile.RICH, path, value))


@pytest.mark.parametrize("damage", [*hostile.BYTES][:33:2])
def test_a_damaged_file_beside_its_schema(data: Path, damage: str) -> None:
    schema = data.parent / "s.json"
    schema.write_text(json.dumps(hostile.RICH["resources"][0]["schema"]), encoding="utf-8")
    (data / "t.csv").write_bytes(hostile.BYTES[damage](hostile.RICH_TABLE.encode()))
    with untouched(data.parent):
        keeps_the_contract(run("validate", data / "t.csv", "--schema", schema, "--lang", "en"), 0, 1)


@pytest.mark.parametrize("damage", hostile.PATHS)
def test_something_else_in_place_of_a_table_or_schema(data: Path, damage: str) -> None:
    for name in ("t.csv", "s.json"):
        (data / "s.json").write_text(json.dumps(hostile.RICH["resources"][0]["schema"]), encoding="utf-8")
        (data / "t.csv").write_text(hostile.RICH_TABLE, encoding="utf-8")
        if damage == "a terabyte" and name == "t.csv":
            continue  # a table is read as it comes, whatever its size
        hostile.PATHS[damage](data / name)
        with untouched(data.parent):
            keeps_the_contract(run("validate", data / "t.csv", "--schema", data / "s.json"), 1, 2)
        for left in ("t.csv", "s.json"):
            shutil.rmtree(data / left) if (data / left).is_dir() and not (data / left).is_symlink() else (
                data / left
            ).unlink(missing_ok=True)


# ------------------------------------------------------------------------------------------------ queries

ENDLESS = "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT count(*) FROM r"


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("asked") / "w.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE t AS SELECT range AS a FROM range(10)")
    return path


@pytest.mark.parametrize(
    "sql",
    [
        "ATTACH '{out}/x.db'",
        "ATTACH ':memory:' AS m",
        "COPY t TO '{out}/x.csv'",
        "EXPORT DATABASE '{out}/e'",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM glob('/etc/*')",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "RESET enable_external_access",
        "SET lock_configuration = false",
        "SELECT 1; DROP TABLE t",
        "CREATE TABLE z (i int)",
        "SELECT * FROM database",
        "SELECT * FROM range(1000000000000)",
        "SELECT string_agg(repeat('x', 1000000)) FROM range(10000000)",
        "(" * 20_000,
        "SELECT ?",
        "",
        "; -- nothing",
        "SELECT \ud800",
    ],
)
def test_a_query_that_is_refused(database: Path, tmp_path: Path, sql: str) -> None:
    with untouched(database.parent), untouched(tmp_path):
        for language in ("zh", "en"):
            ended = run("query", sql.replace("{out}", str(tmp_path)), "-d", database, "--lang", language)
            keeps_the_contract(ended, 2)


def test_a_query_without_end_is_stopped(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(querying, "ANSWER_SECONDS", 1)
    started = time.monotonic()
    keeps_the_contract(run("query", ENDLESS, "-d", database, "--lang", "en"), 2)
    assert time.monotonic() - started < 20


def test_an_answer_repeats_what_was_asked(database: Path) -> None:
    sql = "SELECT 1 AS a, 2 AS a, 3 AS a_1, 'nan'::DOUBLE AS f, [1.5, 'inf'::DOUBLE] AS l, chr(27) || chr(8238) AS c"
    rows = json.loads(render(querying.query(database, sql), "json"))
    assert rows == [{"a": 1, "a_2": 2, "a_1": 3, "f": None, "l": [1.5, None], "c": "\x1b\u202e"}]
    table = render(querying.query(database, sql), "table")
    assert "\x1b" not in table
    assert "\u202e" not in table
    assert "\\u202e" in table


@pytest.mark.parametrize("damage", hostile.PATHS)
def test_something_else_in_place_of_a_warehouse(data: Path, database: Path, damage: str) -> None:
    copy = data / "w.duckdb"
    shutil.copyfile(database, copy)
    hostile.PATHS[damage](copy)
    sound = damage in ("link to a copy", "a terabyte")
    with untouched(data.parent):
        keeps_the_contract(run("query", "SELECT 1", "-d", copy, "--lang", "en"), 0 if sound else 2)


# ------------------------------------------------------------------------------------------------ other commands


@pytest.mark.parametrize("code", ["../x", "\x00", "\ud800", "'; --", "x" * 100_000, "unit-unknown\n", ""])
def test_explaining_what_is_no_rule(code: str) -> None:
    keeps_the_contract(run("explain", code, "--lang", "zh"), 2)


@pytest.mark.parametrize(
    "arguments",
    [
        ("000000",),
        ("\ud800",),
        ("３４０４００",),
        ("340400", "--name-en", "a\x1b[2J"),
        ("340400", "--name-en", "Huainan", "--name", "../x"),
        ("340400", "--name-en", "Huainan", "--title-zh", "\u202e"),
        ("340400", "--name-en", "Huainan", "--publisher", "\ud800"),
    ],
)
def test_a_start_with_hostile_values(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    with untouched(tmp_path):
        keeps_the_contract(run("init", arguments[0], tmp_path / "new", *arguments[1:], "--lang", "en"), 2)


@pytest.mark.parametrize("name", ["x" * 300, "a\nb", "\udcff"])
def test_a_start_in_a_folder_nobody_can_make(tmp_path: Path, name: str) -> None:
    ended = run("init", "340400", tmp_path / name, "--name-en", "Huainan", "--lang", "en")
    keeps_the_contract(ended, 2)


@pytest.mark.parametrize("identifier", ["../x", "..", "a/b", "a\x00", "\ud800", "A", "x" * 300, "a'; --", ""])
def test_a_programme_with_a_hostile_name(data: Path, identifier: str) -> None:
    with untouched(data.parent):
        keeps_the_contract(run("add-programme", identifier, data, *ADD, "--issuer", "shili-gov", "--lang", "en"), 2)


@pytest.mark.parametrize("damage", hostile.PATHS)
def test_a_hostile_source_text(data: Path, damage: str) -> None:
    text = data.parent / "data" / "text.txt"
    text.write_text("5条路\n", encoding="utf-8")
    hostile.PATHS[damage](text)
    ended = run("add-programme", "shili-2031", data, *ADD, "--issuer", "nobody", "--source", text, "--lang", "en")
    keeps_the_contract(ended, 2)


@pytest.mark.parametrize(
    "index",
    ["[", "null", "{}", '{"releases": [1]}', '{"releases": [{}]}', "[" * 100_000, b"\xff".decode("latin-1")]
    + [
        json.dumps({"releases": [dict.fromkeys(("version", "released_on", "path", "zip", "digest", "inputs"), value)]})
        for value in (1, None, "../../outside", "1.0.0/../..")
    ],
)
def test_a_damaged_index_of_releases(data: Path, index: str) -> None:
    (data.parent / "out" / "index.json").write_text(index, encoding="utf-8")
    assert attack(data, "status").code == 2


# ------------------------------------------------------------------------------------------------ surroundings


def process(
    *arguments: str | Path, environment: dict[str, str] | None = None, before: Sequence[str] = (), **options: Any
) -> "subprocess.CompletedProcess[bytes]":
    """The entry point as a process of its own; `environment` stands over that of the tests."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG", "PYTHON"))}
    root = str(Path(__file__).parent.parent)
    allowed: dict[str, Any] = {"capture_output": True} | options
    ended: subprocess.CompletedProcess[bytes] = subprocess.run(
        [*before, sys.executable, "-m", "pipeline", *map(str, arguments)],
        env={**kept, "PYTHONPATH": root, **(environment or {})},
        check=False,
        timeout=hostile.SECONDS,
        **allowed,
    )
    return ended


@pytest.mark.parametrize(
    "environment",
    [
        pytest.param({"LANG": "C", "LC_ALL": "C"}, marks=pytest.mark.slow),
        {"LC_ALL": "POSIX", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        pytest.param({"PYTHONIOENCODING": "ascii", "LANG": "zh_CN.GB18030"}, marks=pytest.mark.slow),
        {"HOME": "/nowhere", "TMPDIR": "/nowhere", "LANG": "", "MINSHENG_SOURCES": "/dev/zero", "COLUMNS": "-1"},
    ],
    ids="+".join,
)
def test_odd_environments(data: Path, environment: dict[str, str]) -> None:
    (data / "\udcff民.csv").write_bytes(b"a\n")
    with untouched(data.parent, "data"):
        ended = process("validate", data, "--lang", "zh", environment=environment)
    assert ended.returncode == 1, ended.stderr
    assert "未读取" in ended.stdout.decode("utf-8")
    assert not ended.stderr


def test_a_reader_that_goes_away(data: Path) -> None:
    """A closed pipe ends the command without a word."""
    reading, writing = os.pipe()
    os.close(reading)
    (data / TARGETS).write_bytes((data / TARGETS).read_bytes() + b"x\n" * 5000)
    try:
        ended = process("validate", data, "--all", stdout=writing, stderr=subprocess.PIPE, capture_output=False)
    finally:
        os.close(writing)
    assert ended.returncode in (1, 130)
    assert b"Traceback" not in ended.stderr
    assert b"Error" not in ended.stderr


# The tests may run as root, who may write everywhere; without capabilities root is a user like others.
PLAIN_USER = [] if os.geteuid() else ["setpriv", "--bounding-set=-all", "--inh-caps=-all"]


@pytest.mark.skipif(bool(PLAIN_USER) and not shutil.which("setpriv"), reason="root may write everywhere")
def test_a_folder_that_may_not_be_written(data: Path) -> None:
    for path in (data, *data.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    (data.parent / "out").chmod(0o555)
    (data / TARGETS).chmod(0o644)
    (data / TARGETS).write_bytes((data / TARGETS).read_bytes() + b"\n")
    (data / TARGETS).chmod(0o444)
    try:
        with untouched(data.parent):
            ran = [
                process(*command, "--lang", "en", before=PLAIN_USER, cwd=data.parent)
                for command in (
                    ("fmt", data),
                    ("docs", data),
                    ("add-programme", "shili-2031", data, *ADD, "--issuer", "shili-gov"),
                    ("validate", data, "-o", data.parent / "out" / "r.txt"),
                )
            ]
    finally:
        for path in (data, *data.rglob("*")):
            path.chmod(0o755)
    for ended in ran:
        assert ended.returncode in (1, 2), ended
        assert b"Traceback" not in ended.stderr
        assert b"MINSHENG_DEBUG" not in ended.stderr, ended.stderr


def test_two_writers_at_once(data: Path) -> None:
    """Each of many commands ends well or says why; the files are whole afterwards."""
    (data / TARGETS).write_bytes((data / TARGETS).read_bytes().replace(b"\n", b"\r\n"))
    commands = [["fmt", data], ["fix", data, "--yes"], ["fmt", data], ["docs", data]]
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "pipeline", *map(str, command), "--lang", "en"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=Path(__file__).parent.parent,
        )
        for command in commands
    ]
    for each in running:
        _, error = each.communicate(timeout=hostile.SECONDS)
        assert each.returncode in (0, 1, 2)
        assert b"Traceback" not in error
        assert b"MINSHENG_DEBUG" not in error, error
    assert run("fmt", data, "--check").code == 0
    assert not list(data.rglob("*.tmp"))


# ------------------------------------------------------------------------------------------------ decisions


@pytest.mark.parametrize("damage", ["10,000 columns", "10,000 blank columns"])
def test_thousands_of_unknown_columns_are_told_in_a_hundred_findings(data: Path, damage: str) -> None:
    (data / TARGETS).write_bytes(hostile.HUGE[damage]((data / TARGETS).read_bytes()))
    found = [f for f in validate(data).report.findings if f.code == "extra-label"]
    assert len(found) == 100
    assert "9900 more unknown columns" in found[-1].message("en")
    assert "另有 9900 个未知列" in found[-1].message("zh")


def test_a_repeated_value_names_the_file_where_it_stood_first(data: Path) -> None:
    sources = data / "sources.csv"
    lines = sources.read_text(encoding="utf-8").splitlines()
    sources.write_text("\n".join([*lines, lines[1].replace("shili-2030", "shili-2031", 1)]) + "\n", encoding="utf-8")
    (found,) = [f for f in validate(data).report.findings if f.code == "unique-error"]
    assert "row 2" in found.message("en")

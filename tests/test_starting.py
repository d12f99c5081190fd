"""Another city from nothing: init, add-programme, rows, validate, verify, release, status."""

import csv
import hashlib
import json
import os
import pty
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline import divisions, registering, starting, warehouse
from pipeline.cli import app
from pipeline.divisions import CodeError, lineage
from pipeline.registering import condition_of, script_of
from pipeline.starting import REGISTERS
from pipeline.tables import curated_tables
from tests.new_city import FACTS, PROGRAMME, TEXT, fill_in

ROOT = Path(__file__).parent.parent
RUN = CliRunner()
INIT = ("init", "350500", "datapackage", "--name-en", "Quanzhou")
ADD = ("add-programme", PROGRAMME, "--title-zh", "泉州示例清单", "--title-en", "Example list of Quanzhou")
YEAR = ("--kind", "annual_list", "--start-year", "2027")


def run(*arguments: str | Path) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of a command, in English."""
    result = RUN.invoke(app, [*(str(a) for a in arguments), "--lang", "en"])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, away from any source text."""
    folder = tmp_path / "office" / "home"
    folder.mkdir(parents=True)
    monkeypatch.chdir(folder)
    monkeypatch.delenv("MINSHENG_SOURCES", raising=False)
    return folder


@pytest.fixture
def city(home: Path) -> Path:
    """A data folder as `init` makes it."""
    assert run(*INIT)[0] == 0
    return home / "datapackage"


@pytest.fixture
def text(home: Path) -> Path:
    path = home / "text.txt"
    path.write_bytes(TEXT.encode())
    return path


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def contents(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


# — the code of the jurisdiction


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("340000", [("340000", "安徽省", "province", None)]),
        ("350500", [("350000", "福建省", "province", None), ("350500", "泉州市", "prefecture", "350000")]),
        ("441900", [("440000", "广东省", "province", None), ("441900", "东莞市", "prefecture", "440000")]),
        (
            "210504",
            [
                ("210000", "辽宁省", "province", None),
                ("210500", "本溪市", "prefecture", "210000"),
                ("210504", "明山区", "county", "210500"),
            ],
        ),
        ("110105", [("110000", "北京市", "province", None), ("110105", "朝阳区", "county", "110000")]),
        ("429004", [("420000", "湖北省", "province", None), ("429004", "仙桃市", "county", "420000")]),
        ("210200", [("210000", "辽宁省", "province", None), ("210200", "大连市", "prefecture", "210000")]),
    ],
)
def test_a_code_leads_to_what_stands_above_it(code: str, expected: list[tuple[str, str, str, str | None]]) -> None:
    assert [(d.code, d.name_zh, d.level, d.parent_code) for d in lineage(code)] == expected


@pytest.mark.parametrize(
    ("code", "name", "why"),
    [
        ("3404", None, "six digits"),
        ("34040a", None, "six digits"),
        ("340400", None, ""),
        ("990100", None, "no province"),
        ("340499", None, "--name-zh"),
        ("442527", None, "no longer"),
        ("110100", None, "only gathers"),
        ("429000", None, "only gathers"),
        ("340300", "淮南市", "蚌埠市"),
        ("340000", "安徽", "安徽省"),
        ("330113", "临平区", ""),
    ],
)
def test_what_is_no_code_is_refused_with_a_reason(code: str, name: str | None, why: str) -> None:
    if not why:
        assert lineage(code, name)[-1].code == code
        return
    with pytest.raises(CodeError) as refusal:
        lineage(code, name)
    assert why in refusal.value.reason.en
    assert refusal.value.reason.zh


def test_our_own_jurisdictions_agree_with_the_list() -> None:
    for row in rows(ROOT / "datapackage" / "reference" / "jurisdictions.csv"):
        found = lineage(row["jurisdiction_code"])[-1]
        assert (found.name_zh, found.level, found.parent_code or "") == (
            row["name_zh"],
            row["level"],
            row["parent_code"],
        )
        if found.level == "province":
            assert found.name_en == row["name_en"]


def test_every_province_is_in_the_list_too() -> None:
    from stdnum import numdb

    for prefix, name in divisions.PROVINCES.items():
        listed = numdb.get("cn/loc").info(prefix + "0000")[1][1]["county"]
        assert listed.rpartition("]")[2] == name.zh
    assert len(divisions.PROVINCES) == 34


# — init


def test_init_lays_out_a_valid_package(city: Path) -> None:
    expected = {"package.toml", "datapackage.json", "README.md", "CHANGELOG.md", ".gitignore"}
    expected |= {table.path for table in curated_tables() if not table.per_programme}
    assert contents(city).keys() == expected
    assert (city / "sources").is_dir()
    for register in REGISTERS:
        path = f"reference/{register}.csv"
        assert (city / path).read_bytes() == (ROOT / "datapackage" / path).read_bytes()
    assert [row["name_zh"] for row in rows(city / "reference" / "jurisdictions.csv")] == ["福建省", "泉州市"]
    for empty in ("programmes", "sources", "reference/organizations", "reference/organization_names"):
        assert rows(city / f"{empty}.csv") == []
    assert tomllib.loads((city / "package.toml").read_text(encoding="utf-8"))["name"] == "quanzhou-minsheng"
    assert run("validate", "--strict")[0] == 0
    assert run("docs", "--check")[:2] == (0, "")
    code, output, _ = run("verify")
    assert (code, output) == (0, "no source is registered; there is nothing to verify\n")
    assert not (city / "verification.json").exists()


def test_frictionless_accepts_a_new_package(city: Path) -> None:
    from frictionless import Package

    report = Package.from_descriptor(str(city / "datapackage.json")).validate()
    assert report.valid, report.flatten(["rowNumber", "type", "note"])


def test_init_takes_what_it_is_told_as_text_and_not_as_toml(home: Path) -> None:
    title = 'A "quoted" \\ title = [1]'
    assert run(*INIT, "--title-en", title, "--name", "qz")[0] == 0
    package = tomllib.loads((home / "datapackage" / "package.toml").read_text(encoding="utf-8"))
    assert (package["title_en"], package["name"]) == (title, "qz")


def test_a_county_stands_below_its_prefecture(home: Path) -> None:
    arguments = ("init", "210504", "data", "--name-en", "Mingshan")
    code, _, error = run(*arguments)
    assert (code, list(home.iterdir())) == (2, [])
    assert "--prefecture-en" in error
    assert run(*arguments, "--prefecture-en", "Benxi")[0] == 0
    own = rows(home / "data" / "reference" / "jurisdictions.csv")
    assert [(row["name_en"], row["parent_code"]) for row in own] == [
        ("Liaoning", ""),
        ("Benxi", "210000"),
        ("Mingshan", "210500"),
    ]


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("init", "3505"), "six digits"),
        (("init", "350500"), "--name-en is missing"),
        ((*INIT, "--name", "Quanzhou 1"), "lower-case slug"),
        ((*INIT, "--title-zh", "两行\n标题"), "--title-zh"),
        ((*INIT, "--name-zh", "厦门市"), "泉州市"),
        (("init", "350500", ".", "--name-en", "Quanzhou"), "current folder"),
    ],
)
def test_a_refused_init_leaves_nothing(home: Path, arguments: tuple[str, ...], why: str) -> None:
    code, output, error = run(*arguments)
    assert (code, output) == (2, "")
    assert why in error
    assert list(home.iterdir()) == []


def test_init_never_touches_what_is_there(home: Path) -> None:
    (home / "datapackage").mkdir()
    (home / "datapackage" / "mine.txt").write_text("mine", encoding="utf-8")
    (home / "file").write_text("mine", encoding="utf-8")
    (home / "link").symlink_to(home / "nowhere")
    for name in ("datapackage", "file", "link"):
        assert run("init", "350500", name, "--name-en", "Quanzhou")[0] == 2
    assert contents(home / "datapackage") == {"mine.txt": b"mine"}
    assert sorted(p.name for p in home.iterdir()) == ["datapackage", "file", "link"]


def test_init_takes_an_empty_folder_and_makes_those_above(home: Path) -> None:
    (home / "empty").mkdir()
    for name in ("empty", "a/b/c"):
        assert run("init", "350500", name, "--name-en", "Quanzhou")[0] == 0
        assert (home / name / "package.toml").is_file()


def test_init_that_breaks_off_leaves_nothing(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(starting, "registers_folder", lambda: home / "nowhere")
    assert run(*INIT)[0] == 2
    assert list(home.iterdir()) == []


def test_a_terminal_is_asked_for_what_is_missing(home: Path) -> None:
    """At a real terminal the question is put; the answer ends up in the register."""
    master, terminal = pty.openpty()
    command = [sys.executable, "-m", "pipeline", "init", "350500", "--lang", "zh"]
    pipe, here = subprocess.PIPE, {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, stdin=terminal, stdout=pipe, stderr=pipe, env=here)
    os.write(master, b"Quanzhou\n")
    output, error = process.communicate(timeout=60)
    os.close(master)
    os.close(terminal)
    assert process.returncode == 0, error
    assert "泉州市的英文名称" in error.decode()
    assert "已建立" in output.decode()
    assert rows(home / "datapackage" / "reference" / "jurisdictions.csv")[1]["name_en"] == "Quanzhou"


# — add-programme


def test_a_programme_is_registered_with_its_empty_tables(city: Path) -> None:
    code, output, _ = run(*ADD, *YEAR)
    assert code == 0
    assert "minsheng validate" in output
    (row,) = rows(city / "programmes.csv")
    assert {name: value for name, value in row.items() if value} == {
        "programme_id": PROGRAMME,
        "jurisdiction_code": "350500",
        "title_zh": "泉州示例清单",
        "title_en": "Example list of Quanzhou",
        "kind": "annual_list",
        "start_year": "2027",
        "end_year": "2027",
    }
    for table in curated_tables():
        if table.per_programme and not table.optional:
            path = city / table.path.format(programme_id=PROGRAMME)
            assert path.read_text(encoding="utf-8") == ",".join(table.names) + "\n"
    code, output, _ = run("validate", "--strict", "--format", "json")
    assert code == 0
    assert [f["code"] for f in json.loads(output)["findings"]] == ["programme-empty"]
    assert run("docs", "--check")[:2] == (0, "")
    assert run("verify")[0] == 0


def test_rows_go_to_their_place_and_other_bytes_stay(city: Path) -> None:
    """Windows line ends, a quoted newline and a missing one at the end are kept as they are."""
    header = (city / "programmes.csv").read_bytes().rstrip(b"\n")
    first = 'quanzhou-2020,350500,"甲\r\n乙",A,annual_list,,,,2020,2020,,'.encode()
    last = "quanzhou-2029,350500,丙,C,annual_list,,,,2029,2029,,".encode()
    (city / "programmes.csv").write_bytes(b"\r\n".join([header, first, last]))
    assert run(*ADD, *YEAR)[0] == 0
    new = f"{PROGRAMME},350500,泉州示例清单,Example list of Quanzhou,annual_list,,,,2027,2027,,".encode()
    assert (city / "programmes.csv").read_bytes() == b"\r\n".join([header, first, new, last, b""])
    assert run("add-programme", "quanzhou-2030", *ADD[2:], "--kind", "annual_list", "--start-year", "2030")[0] == 0
    assert (city / "programmes.csv").read_bytes().endswith(b"2029,2029,,\r\n" + new.replace(b"2027", b"2030") + b"\r\n")


def test_a_text_is_registered_with_its_fingerprint(city: Path, text: Path) -> None:
    code, output, _ = run(*ADD, *YEAR, "--source", text)
    assert code == 0
    assert "script Hans, condition redacted" in output
    (row,) = rows(city / "sources.csv")
    assert {name: value for name, value in row.items() if value} == {
        "source_id": PROGRAMME,
        "programme_id": PROGRAMME,
        "title_zh": "泉州示例清单",
        "script": "Hans",
        "condition": "redacted",
        "sha256": hashlib.sha256(TEXT.encode()).hexdigest(),
        "characters": str(len(TEXT)),
    }
    assert (city / "sources" / f"{PROGRAMME}.txt").read_bytes() == TEXT.encode()
    assert "/sources/\n" in (city / ".gitignore").read_text(encoding="utf-8")
    assert run("docs", "--check")[:2] == (0, "")


def test_an_incomplete_account_is_said_clearly(city: Path, text: Path) -> None:
    run(*ADD, *YEAR, "--source", text)
    code, output, _ = run("verify")
    assert code == 1
    assert "unaccounted 3, double-claimed 0 — NOT verified: the numeral account is incomplete" in output
    assert "[numeral-unaccounted]" in output
    assert not (city / "verification.json").exists()
    assert run("validate")[0] == 1
    code, output, _ = run("release")
    assert code == 1
    assert "nothing is released" in output


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("add-programme", "Quanzhou 2027"), "huainan-2024"),
        (("add-programme", "../elsewhere"), "huainan-2024"),
        (("add-programme", PROGRAMME), "--title-zh is missing"),
        ((*ADD, "--kind", "annual_list"), "--start-year is missing"),
        ((*ADD, "--kind", "multi_year_plan", "--start-year", "2027"), "--end-year is missing"),
        ((*ADD, "--kind", "anual_list", "--start-year", "2027", "--end-year", "2027"), "--kind: "),
        ((*ADD, "--kind", "annual_list", "--start-year", "27"), "--start-year: "),
        ((*ADD, "--kind", "annual_list", "--start-year", "next"), "--start-year: "),
        ((*ADD, *YEAR, "--end-year", "2026"), "is before --start-year"),
        ((*ADD, *YEAR, "--issuer", "nobody"), "--issuer: “nobody” does not occur"),
        ((*ADD, *YEAR, "--jurisdiction", "350600"), "--jurisdiction: "),
        ((*ADD, *YEAR, "--source", "nowhere.txt"), "cannot read nowhere.txt"),
        ((*ADD, *YEAR, "--source", "gbk.txt"), "no plain UTF-8"),
        ((*ADD, *YEAR, "--source", "bom.txt"), "no plain UTF-8"),
        ((*ADD, *YEAR, "--source", "empty.txt"), "no plain UTF-8"),
        ((*ADD, *YEAR, "--source", "text.txt", "--script", "Latn"), "--script: "),
        ((*ADD, *YEAR, "--title-en", "two\nlines"), "--title-en"),
        ((*ADD, *YEAR, "--source", "text.txt", "--source-title", "两行\n标题"), "--source-title"),
    ],
)
def test_a_refused_programme_changes_nothing(
    home: Path, city: Path, text: Path, arguments: tuple[str, ...], why: str
) -> None:
    (home / "gbk.txt").write_bytes("示例".encode("gb18030"))
    (home / "bom.txt").write_bytes(b"\xef\xbb\xbf" + TEXT.encode())
    (home / "empty.txt").write_bytes(b"")
    before = contents(city)
    code, output, error = run(*arguments)
    assert (code, output) == (2, "")
    assert why in error
    assert contents(city) == before
    assert not (city / "programmes").exists() or list((city / "programmes").iterdir()) == []


def test_what_exists_is_refused(home: Path, city: Path, text: Path) -> None:
    assert run(*ADD, *YEAR, "--source", text)[0] == 0
    before = contents(city)
    assert "exists already" in run(*ADD, *YEAR)[2]
    again = ("add-programme", "quanzhou-2028", *ADD[2:], *YEAR)
    assert "--source" in run(*again, "--source", text)[2], "one text, one source"
    (city / "programmes" / "quanzhou-2030").mkdir()
    assert "exists already" in run("add-programme", "quanzhou-2030", *ADD[2:], *YEAR)[2]
    (city / "sources" / "quanzhou-2028.txt").write_text("another", encoding="utf-8")
    other = home / "other.txt"
    other.write_text("2 件", encoding="utf-8")
    assert "exists with another text" in run(*again, "--source", other)[2]
    assert contents(city) == {**before, "sources/quanzhou-2028.txt": b"another"}
    assert not (city / "programmes" / "quanzhou-2028").exists()


def test_what_breaks_off_is_undone(city: Path, text: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(folder: Path) -> str:
        assert (folder / "programmes" / PROGRAMME / "tasks.csv").is_file(), "the last of all steps"
        raise OSError("no space left on device")

    before = contents(city)
    monkeypatch.setattr(registering, "content", full)
    code, _, error = run(*ADD, *YEAR, "--source", text)
    assert code == 2
    assert "no space left" in error
    assert contents(city) == before
    assert not (city / "programmes" / PROGRAMME).exists()


def test_a_faulty_register_is_not_written_to(city: Path) -> None:
    path = city / "programmes.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    code, _, error = run(*ADD, *YEAR)
    assert code == 2
    assert "minsheng validate" in error
    assert not (city / "programmes").exists()


def test_script_and_condition_are_read_from_the_text() -> None:
    assert script_of("统计学习") == "Hans"
    assert script_of("統計學習") == "Hant"
    assert script_of("2027") == "Hans"
    assert condition_of("市****局") == "redacted"
    assert condition_of("市****局\ufffd") == "redacted;garbled"
    assert condition_of("市民政局") == "intact"


# — from rows to a release


def test_a_package_without_a_promise_is_not_released(home: Path, city: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*arguments: object, **options: object) -> None:
        raise AssertionError("nothing is built for an empty release")

    monkeypatch.setattr(warehouse, "build", never)
    for arguments in ((), (*ADD, *YEAR)):
        if arguments:
            assert run(*arguments)[0] == 0
        code, output, _ = run("release")
        assert code == 1
        assert "no promised value" in output
        assert not (home / "releases").exists()


@pytest.mark.slow
def test_a_new_city_goes_from_nothing_to_an_answer(home: Path, city: Path, text: Path) -> None:
    assert run("build")[0] == 0, "empty tables make empty marts"
    assert json.loads(run("query", "SELECT count(*) AS n FROM targets", "--format", "json")[1]) == [{"n": 0}]
    assert run(*ADD, *YEAR, "--source", text)[0] == 0
    fill_in(city)
    code, output, _ = run("validate", "--strict")
    assert code == 0, output
    code, output, _ = run("verify")
    assert code == 0, output
    assert "3 numerals = 1 cited + 2 excluded; unaccounted 0, double-claimed 0 — verified" in output
    assert run("docs", "--check")[:2] == (0, "")
    code, output, _ = run("release")
    assert code == 0, output
    database = home / "releases" / "quanzhou-minsheng-0.1.0" / "quanzhou-minsheng.duckdb"
    sql = "SELECT indicator_zh, CAST(value AS INT) AS value, lead_units_zh, printed FROM targets"
    code, output, _ = run("query", sql, "--database", database, "--format", "json")
    assert json.loads(output) == [FACTS]
    assert "quanzhou-minsheng 0.1.0 — programmes: 1, last release 0.1.0" in run("status")[1]


@pytest.mark.parametrize(("page", "lang"), [("README.md", "en"), ("README.zh-CN.md", "zh")])
def test_the_read_me_leads_a_new_city_as_it_says(home: Path, page: str, lang: str) -> None:
    (home / "quanzhou-2027.txt").write_bytes(TEXT.encode())
    sections = re.split(r"^## ", (ROOT / page).read_text(encoding="utf-8"), flags=re.MULTILINE)
    (section,) = (each for each in sections if "\n    minsheng init " in each)
    commands = re.findall(r"^    minsheng (.*)$", section, re.MULTILINE)
    assert [shlex.split(command)[0] for command in commands] == ["init", "add-programme", "status"]
    for command in commands:
        result = RUN.invoke(app, [*shlex.split(command), "--lang", lang])
        assert result.exit_code == 0, result.stderr
    shown = re.findall(r"^```\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    assert shown == [result.stdout]


# — status


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_status_is_one_screen(lang: str) -> None:
    result = RUN.invoke(app, ["status", str(ROOT / "datapackage"), "--lang", lang])
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert len(lines) <= 40
    assert max(len(line) for line in lines) <= 160
    shown = {"zh": "引证 231,排除 338,无着落 0 — 已核对", "en": "231 cited, 338 excluded, 0 unaccounted — verified"}
    assert shown[lang] in result.stdout


def state() -> Mapping[str, object]:
    content = json.loads(run("status", "--format", "json")[1])
    (programme,) = content["programmes"]
    return {**programme, **{name: content[name] for name in ("package", "released", "counts")}}


def test_status_follows_the_work(city: Path, text: Path) -> None:
    assert json.loads(run("status", "--format", "json")[1])["programmes"] == []
    run(*ADD, *YEAR)
    assert (state()["verification"], state()["numerals"], state()["warnings"]) == ("no_source", None, 1)
    for path in ("programmes.csv", "sources.csv"):
        (city / path).write_text((city / path).read_text(encoding="utf-8").partition("\n")[0] + "\n", encoding="utf-8")
    shutil.rmtree(city / "programmes" / PROGRAMME)

    run(*ADD, *YEAR, "--source", text)
    found = state()
    assert (found["verification"], found["errors"], found["targets"]) == ("not_verified", 3, 0)
    assert found["numerals"] == {"digits": 3, "cited": 0, "excluded": 0, "unaccounted": 3}
    fill_in(city)
    assert run("verify")[0] == 0
    found = state()
    assert (found["verification"], found["errors"], found["targets"]) == ("verified", 0, 1)
    assert found["numerals"] == {"digits": 3, "cited": 1, "excluded": 2, "unaccounted": 0}
    assert (found["package"], found["released"]) == ({"name": "quanzhou-minsheng", "version": "0.1.0"}, None)
    (city / "sources" / f"{PROGRAMME}.txt").unlink()
    text.unlink()
    assert state()["numerals"] == {"digits": 3, "cited": 1, "excluded": 2, "unaccounted": 0}, "the lock speaks"
    exclusions = city / "programmes" / PROGRAMME / "exclusions.csv"
    exclusions.write_text(exclusions.read_text(encoding="utf-8").replace("period", "other"), encoding="utf-8")
    assert (state()["verification"], state()["errors"]) == ("stale", 1)


def test_status_of_a_folder_without_package_toml(city: Path) -> None:
    (city / "package.toml").unlink()
    code, output, _ = run("status")
    assert code == 0
    assert "package.toml is missing or faulty" in output

"""The command line: exit codes, languages, and a clear word where the tool cannot run."""

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.cli import app

RUN = CliRunner()


def run(*arguments: str | Path) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of a command."""
    result = RUN.invoke(app, [str(a) for a in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


def test_sound_data_exit_with_0(data_folder: Path) -> None:
    code, output, _ = run("validate", data_folder, "--lang", "zh")
    assert code == 0
    assert "通过" in output


def test_findings_follow_the_contract(data_folder: Path) -> None:
    targets = data_folder / "programmes" / "shili-2030" / "targets.csv"
    lines = targets.read_text(encoding="utf-8").splitlines()
    record = lines[1].split(",")
    targets.write_text(
        "\n".join([lines[0], lines[1].replace(record[10], "persn"), *lines[2:]]) + "\n", encoding="utf-8"
    )
    code, output, _ = run("validate", data_folder, "--format", "json", "--lang", "en")
    report = json.loads(output)
    assert code == 1
    assert report["ok"] is False
    assert set(report["counts"]) == {"error", "warning", "not_checked"}
    finding = next(f for f in report["findings"] if f["code"] == "unit-unknown")
    assert finding["file"] == "programmes/shili-2030/targets.csv"
    assert (finding["line"], finding["row"], finding["column"], finding["field"]) == (2, 1, "K", "unit_code")
    assert finding["record"] == record[0]
    assert finding["value"] == "persn"
    assert finding["fix"] == {"value": "person", "safe": False}
    assert finding["doc"] == "docs/rules/unit-unknown.md"
    assert finding["message"]
    assert finding["expected"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_folder_without_data_is_misuse(tmp_path: Path, lang: str) -> None:
    code, output, error = run("validate", tmp_path, "--lang", lang)
    assert (code, output) == (2, "")
    assert str(tmp_path) in error
    code, _, error = run("validate", tmp_path / "nowhere", "--lang", lang)
    assert code == 2
    assert "nowhere" in error


def test_a_file_in_place_of_the_folder_is_misuse(tmp_path: Path) -> None:
    (tmp_path / "data.csv").write_text("a,b\n", encoding="utf-8")
    assert run("validate", tmp_path / "data.csv")[0] == 2


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (None, "source-error"),
        ("单位,名称\n".encode("gb18030"), "encoding-error"),
        (b"\xef\xbb\xbfunit_code,name_zh\n", "encoding-error"),
        (b"PK\x03\x04\x00\x00rest of a workbook", "source-error"),
        (b"", "blank-header"),
        (b'unit_code,"name\n', "dialect-error"),
    ],
    ids=["missing", "gbk", "bom", "binary", "empty", "broken header"],
)
def test_a_damaged_file_is_a_finding_never_a_traceback(data_folder: Path, content: bytes | None, code: str) -> None:
    units = data_folder / "reference" / "units.csv"
    units.unlink()
    if content is not None:
        units.write_bytes(content)
    exit_code, output, _ = run("validate", data_folder, "--format", "json")
    report = json.loads(output)
    assert exit_code == 1
    assert code in {f["code"] for f in report["findings"] if f["file"] == "reference/units.csv"}
    assert report["not_checked"], "what depends on the units must be said to be unchecked"


def test_explain_shows_a_rule_and_offers_near_ones() -> None:
    code, output, _ = run("explain", "quantity-mismatch", "--lang", "zh")
    assert code == 0
    assert "与印刷文字不符" in output
    code, _, error = run("explain", "quantity-mismach", "--lang", "en")
    assert code == 2
    assert "quantity-mismatch" in error


def test_a_query_without_a_warehouse_says_what_to_do(tmp_path: Path) -> None:
    code, _, error = run("query", "SELECT 1", "--database", tmp_path / "none.duckdb", "--lang", "en")
    assert code == 2
    assert "minsheng build" in error


def test_verify_prints_the_account_and_refuses_what_is_wrong(
    data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MINSHENG_SOURCES", str(Path(__file__).parent / "fixtures" / "texts"))
    lock = data_folder / "verification.json"
    lock.unlink()
    code, output, _ = run("verify", data_folder, "--lang", "en")
    assert code == 0
    assert "unaccounted 0, double-claimed 0 — verified" in output
    written = lock.read_bytes()
    exclusions = data_folder / "programmes" / "shili-2030" / "exclusions.csv"
    lines = exclusions.read_text(encoding="utf-8").splitlines(keepends=True)
    exclusions.write_text("".join(lines[:-1]), encoding="utf-8")
    code, output, _ = run("verify", data_folder, "--lang", "en")
    assert code == 1
    assert "[numeral-unaccounted]" in output
    assert lock.read_bytes() == written, "a lock is renewed only by a complete account"


def test_release_of_a_folder_without_package_toml_is_misuse(data_folder: Path, tmp_path: Path) -> None:
    (data_folder / "package.toml").unlink()
    code, _, error = run("release", data_folder, "--store", tmp_path / "store", "--out", tmp_path / "build")
    assert code == 2
    assert "package.toml" in error
    assert not (tmp_path / "store").exists()


def test_invalid_data_is_neither_built_nor_released(data_folder: Path, tmp_path: Path) -> None:
    shutil.rmtree(data_folder / "reference")
    assert run("build", data_folder, "--out", tmp_path / "build")[0] == 1
    assert run("release", data_folder, "--store", tmp_path / "store", "--out", tmp_path / "build")[0] == 1
    assert not (tmp_path / "build" / "warehouse.duckdb").exists()
    assert not (tmp_path / "store").exists()

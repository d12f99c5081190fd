"""`minsheng validate --output`: complete files, the right encoding, refusals in place of tracebacks."""

import json
import os
import threading
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from pipeline.cli import ReportFormat, app
from pipeline.reports.writing import write
from tests.editing import set_cell

TARGETS = "programmes/shili-2030/targets.csv"


@pytest.fixture
def faulty(data_folder: Path) -> Path:
    set_cell(data_folder, TARGETS, "target_id", "shili-2030-t01-01", "unit_code", "persn")
    return data_folder


def _validate(*arguments: str | Path) -> Result:
    result = CliRunner().invoke(app, ["validate", *map(str, arguments), "--lang", "zh"])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.mark.parametrize("form", list(ReportFormat))
def test_every_format_can_be_a_file(faulty: Path, tmp_path: Path, form: ReportFormat) -> None:
    target = tmp_path / "报告"
    target.write_text("an older report", encoding="utf-8")
    shown = _validate(faulty, "--format", form.value).stdout
    result = _validate(faulty, "--format", form.value, "--output", target)
    assert result.exit_code == 1
    assert result.stdout.startswith(f"{target}: 未通过")
    assert len(result.stdout.splitlines()) == 1
    assert target.read_text(encoding="utf-8-sig") == shown
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_table_for_excel_starts_with_a_byte_order_mark_and_a_pipe_does_not(faulty: Path, tmp_path: Path) -> None:
    target = tmp_path / "report.csv"
    shown = _validate(faulty, "--format", "csv", "-o", target)
    content = target.read_bytes()
    assert shown.exit_code == 1
    assert content.startswith(b"\xef\xbb\xbfcode,")
    assert b"\r" not in content
    assert _validate(faulty, "--format", "csv").stdout_bytes.startswith(b"code,")
    _validate(faulty, "--format", "html", "-o", target)
    assert target.read_bytes().startswith(b"<!DOCTYPE html>")


@pytest.mark.parametrize("target", ["nowhere/report.html", "."])
def test_a_report_that_cannot_be_written_is_misuse(faulty: Path, tmp_path: Path, target: str) -> None:
    result = _validate(faulty, "--output", tmp_path / target)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert "无法写入报告" in result.stderr
    assert str(tmp_path / target) in result.stderr


def test_a_link_keeps_leading_to_the_report(tmp_path: Path) -> None:
    (tmp_path / "there").write_text("old", encoding="utf-8")
    (tmp_path / "link").symlink_to(tmp_path / "there")
    write(tmp_path / "link", "new", "utf-8")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "there").read_text(encoding="utf-8") == "new\n"


def test_a_pipe_is_written_to_and_stays_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text(encoding="utf-8")))
    reader.start()
    write(pipe, "report", "utf-8")
    reader.join(10)
    assert read == ["report\n"]
    assert pipe.is_fifo()


def test_annotations_name_files_as_the_repository_does(faulty: Path) -> None:
    (faulty.parent / ".git").mkdir()
    shown = _validate(faulty, "--format", "github").stdout
    assert shown.startswith(f"::error file=shili/{TARGETS},line=2,col=11,")
    report = json.loads(_validate(faulty, "--format", "json").stdout)
    assert report["findings"][0]["file"] == TARGETS, "the contract: relative to the data folder"


def test_all_lists_what_repeats(faulty: Path) -> None:
    units = faulty / "reference" / "units.csv"
    extra = "".join(f"x{number},{number},x,,,,,,,\n" for number in range(30))
    units.write_text(units.read_text(encoding="utf-8") + extra, encoding="utf-8")
    shown, every = _validate(faulty).stdout, _validate(faulty, "--all").stdout
    assert "本文件中另有" in shown
    assert "本文件中另有" not in every
    assert len(every.splitlines()) > len(shown.splitlines())

"""Text hygiene: what is reported in which column, what is ours to tidy and what repeats the document."""

from pathlib import Path

import pytest

from pipeline.canonical import table_of
from pipeline.findings import Finding
from pipeline.sources import SourceTexts
from pipeline.validation import validate
from tests.editing import append_line, delete_file, rewrite_bytes, set_cell

TASKS = "programmes/shili-2030/tasks.csv"
TARGETS = "programmes/shili-2030/targets.csv"
CITATIONS = "programmes/shili-2030/citations.csv"
ASSIGNMENTS = "programmes/shili-2030/assignments.csv"
EXCLUSIONS = "programmes/shili-2030/exclusions.csv"
HYGIENE = {
    "cell-whitespace",
    "full-width-digit",
    "formula-injection",
    "control-character",
    "not-canonical-order",
    "not-canonical-form",
}


def hygiene(folder: Path, texts: SourceTexts) -> list[Finding]:
    return [finding for finding in validate(folder, texts).report.findings if finding.code in HYGIENE]


def title(folder: Path, text: str) -> None:
    set_cell(folder, TASKS, "task_id", "shili-2030-03", "title_zh", text)


@pytest.mark.parametrize(
    ("text", "codes", "fix"),
    [
        ("改善 ", ["cell-whitespace"], "改善"),
        ("\u3000改善", ["cell-whitespace"], "改善"),
        ("改善\xa0", ["cell-whitespace"], "改善"),
        ("改善\n", ["cell-whitespace"], "改善"),
        ("\ufeff改善", ["cell-whitespace"], "改善"),
        ("改善\u200d ", ["cell-whitespace"], "改善"),
        ("改\u200b善 ", ["cell-whitespace", "control-character"], "改善"),
        ("改\u202e善", ["control-character"], "改善"),
        ("改\r\n善", [], None),
        ("改\r善", ["control-character"], "改\n善"),
        ("\t=1+1", ["cell-whitespace", "formula-injection"], "=1+1"),
        ("@改善", ["formula-injection"], None),
        ("-改善", ["formula-injection"], None),
        ("改善  校园　服务", [], None),
        ("改善(２０３０年),第一行\n第二行", [], None),
        ("——改善", [], None),
    ],
    ids=ascii,
)
def test_prose(data_folder: Path, texts: SourceTexts, text: str, codes: list[str], fix: str | None) -> None:
    """Spaces inside are content; a line end of another system inside a cell is one line end, and fmt writes LF."""
    title(data_folder, text)
    found = hygiene(data_folder, texts)
    assert [finding.code for finding in found] == codes
    assert {finding.fix.value for finding in found if finding.fix} == ({fix} if fix is not None else set())
    assert all(finding.fix.safe for finding in found if finding.fix)


@pytest.mark.parametrize("character", ["\x01", "\x1e", "\x1f", "\x7f", "\x93", "\u2028"])
def test_where_a_character_may_be_lost_a_fix_is_not_safe(data_folder: Path, texts: SourceTexts, character: str) -> None:
    title(data_folder, f"改{character}善")
    (finding,) = hygiene(data_folder, texts)
    assert finding.code == "control-character"
    assert f"U+{ord(character):04X}" in finding.message("en")
    assert finding.fix is not None
    assert (finding.fix.value, finding.fix.safe) == ("改善", False)


@pytest.mark.parametrize(
    ("printed", "reported"),
    [
        (" 92% ", False),
        ("９２％", False),
        ("9\u200b2%", False),
        ("-5%以上", False),
        ("+3.5个", False),
        ("=92%", True),
        ("@92", True),
        ("\t92%", True),
        ("-增长", True),
        ("-5+cmd|' /C calc'!A0", True),
    ],
)
def test_what_repeats_the_document_is_not_tidied(
    data_folder: Path, texts: SourceTexts, printed: str, reported: bool
) -> None:
    """span-mismatch holds it against the source; only what a spreadsheet would run is reported, without a fix."""
    set_cell(data_folder, CITATIONS, "citation_id", "shili-2030-t03-01-c1", "printed", printed)
    found = hygiene(data_folder, texts)
    assert [(finding.code, finding.fix) for finding in found] == ([("formula-injection", None)] if reported else [])


def test_a_negative_number_is_no_formula(data_folder: Path, texts: SourceTexts) -> None:
    set_cell(data_folder, TARGETS, "target_id", "shili-2030-t01-04", "value", "-110")
    assert hygiene(data_folder, texts) == []


def test_identifiers_are_half_width(data_folder: Path, texts: SourceTexts) -> None:
    """Also where the schema gives no pattern: the jurisdiction of an indicator is a reference."""
    file = "programmes/shili-2030/indicators.csv"
    set_cell(data_folder, file, "indicator_id", "shili-2030-i01-01", "jurisdiction_code", "９９０１００")
    (finding,) = hygiene(data_folder, texts)
    assert finding.code == "full-width-digit"
    assert finding.fix is not None
    assert (finding.fix.value, finding.fix.safe) == ("990100", True)


def test_only_the_first_row_out_of_order_of_a_file_is_reported(data_folder: Path, texts: SourceTexts) -> None:
    file = data_folder / TASKS
    header, *rows = file.read_text(encoding="utf-8").splitlines(keepends=True)
    file.write_text("".join((header, *reversed(rows))), encoding="utf-8")
    (finding,) = hygiene(data_folder, texts)
    assert (finding.code, finding.place.row, finding.value) == ("not-canonical-order", 2, "shili-2030-03-m1")


def test_numbers_are_ordered_by_value(data_folder: Path, texts: SourceTexts) -> None:
    """1000 stands behind 320, not before 3."""
    append_line(data_folder, EXCLUSIONS, "shili-2030,1000,1001,1,item_number,")
    assert "not-canonical-order" not in {finding.code for finding in hygiene(data_folder, texts)}


def test_a_faulty_key_is_one_fault(data_folder: Path, texts: SourceTexts) -> None:
    """Where a row belongs is unknown while its key is wrong: not checked, and said."""
    set_cell(data_folder, EXCLUSIONS, "start", "320", "start", "3x")
    report = validate(data_folder, texts).report
    assert "not-canonical-order" not in {finding.code for finding in report.findings}
    assert "not-canonical-order" in {entry.code for entry in report.not_checked}


def test_a_missing_file_is_not_clean(data_folder: Path, texts: SourceTexts) -> None:
    delete_file(data_folder, ASSIGNMENTS)
    assert "cell-whitespace" in {entry.code for entry in validate(data_folder, texts).report.not_checked}


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda b: b.replace(b"\n", b"\r\n"), "LF"),
        (lambda b: b.replace(b"\n", b"\r"), "LF"),
        (lambda b: b.replace(b"\n", b"\r\n", 1), "LF"),
        (lambda b: b.removesuffix(b"\n"), "newline"),
        (lambda b: b.replace(b"shili-2030-03,", b'"shili-2030-03",'), "quotes"),
    ],
)
def test_the_form_of_a_file(data_folder: Path, texts: SourceTexts, change: object, word: str) -> None:
    rewrite_bytes(data_folder, TASKS, change)  # type: ignore[arg-type]
    (finding,) = hygiene(data_folder, texts)
    assert finding.code == "not-canonical-form"
    assert word in finding.message("en")


def test_needed_quotes_are_in_form(data_folder: Path, texts: SourceTexts) -> None:
    """Also where pieces of a quoted cell look like an unneeded one."""
    title(data_folder, 'a,"",b\r\n"c",d')
    assert "not-canonical-form" not in {finding.code for finding in hygiene(data_folder, texts)}


def test_files_are_told_by_their_path() -> None:
    found = table_of(TASKS)
    assert found is not None
    assert found.name == "tasks"
    assert table_of("tasks.csv") is None
    assert table_of("programmes/../tasks.csv") is None
    assert table_of("programmes/Shili/tasks.csv") is None

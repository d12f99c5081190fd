"""Reading curated files: encodings, records and their lines, headers, and what cannot be read at all."""

import shutil
import zipfile
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest

from pipeline import curated
from pipeline.curated import CuratedFile, DataFolderError, Reading
from pipeline.encoding import decode
from pipeline.findings import Finding
from pipeline.paths import values_in
from pipeline.regular import read_regular
from pipeline.tables import Table, curated_tables, spreadsheet_letter, table

PROGRAMME = "yangcheng-2024"
DOMAINS = "reference/domains.csv"
HEADER = ",".join(table("domains").names)
LAST = spreadsheet_letter(len(table("domains").names) - 1)


def path_of(each: Table) -> str:
    """The file of a table; of reports, one of many."""
    return each.path.format(programme_id=PROGRAMME, organization_id="yangcheng-finance", period="2024-Q2")


def row(code: str, name: str = "教育") -> str:
    """A line of domains.csv."""
    return f"{code},{name},Education,09,4,教育"


def domains(*rows: str, header: str = HEADER, newline: str = "\n") -> str:
    """The text of domains.csv."""
    return "".join(line + newline for line in (header, *rows))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data folder in which every curated file has its header and nothing else, but for one programme."""
    data = tmp_path / "data"
    for each in curated_tables():
        path = data / path_of(each)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(",".join(each.names) + "\n", encoding="utf-8")
    return data


def read_domains(folder: Path, content: bytes | str) -> tuple[Reading, CuratedFile | None, list[Finding]]:
    """Put `content` into domains.csv and read the folder: the reading, the file, the findings about it."""
    (folder / DOMAINS).write_bytes(content.encode() if isinstance(content, str) else content)
    reading = curated.read(folder)
    file = next((file for file in reading.files if file.file == DOMAINS), None)
    assert {finding.place.file for finding in reading.findings} <= {DOMAINS}
    return reading, file, list(reading.findings)


def names_of(file: CuratedFile | None) -> list[str | None]:
    assert file is not None
    return [record.cells[1] for record in file.records]


def lines_of(file: CuratedFile | None) -> list[tuple[int, int]]:
    """(row, physical line) of every record."""
    assert file is not None
    return [(record.row, record.line) for record in file.records]


def codes(findings: list[Finding]) -> list[str]:
    return [finding.code for finding in findings]


def test_files_with_a_header_only_are_whole(folder: Path) -> None:
    reading = curated.read(folder)
    assert not reading.findings
    assert not reading.incomplete
    assert {file.table.name for file in reading.files} == {each.name for each in curated_tables()}
    assert all(file.records == () and not file.missing_columns for file in reading.files)


# ------------------------------------------------------------------------------------------------ encodings

TEXT = domains(row("education", "教育、鎔㐂"))


@pytest.mark.parametrize(
    ("encode", "name"),
    [
        (lambda text: text.encode("utf-8"), None),
        (lambda text: text.encode("utf-8-sig"), "UTF-8"),
        (lambda text: text.encode("gb18030"), "GB18030"),
        (lambda text: b"\xff\xfe" + text.encode("utf-16-le"), "UTF-16"),
        (lambda text: b"\xfe\xff" + text.encode("utf-16-be"), "UTF-16"),
    ],
    ids=["plain", "bom", "gb18030", "utf-16-le", "utf-16-be"],
)
def test_the_encoding_ladder(folder: Path, encode: Callable[[str], bytes], name: str | None) -> None:
    """The content is read all the same; an encoding that is not ours is said and may be fixed without asking."""
    reading, file, findings = read_domains(folder, encode(TEXT))
    assert names_of(file) == ["教育、鎔㐂"]
    assert not reading.incomplete
    if name is None:
        assert not findings
        return
    (finding,) = findings
    assert finding.code == "encoding-error"
    assert finding.fix is not None
    assert finding.fix.safe
    assert name in finding.message("en")
    assert name in finding.message("zh")


def workbook() -> bytes:
    """The start of every .xlsx: a zip."""
    content = BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return content.getvalue()


@pytest.mark.parametrize(
    "content",
    [b"\xff\xff\xff", b"id,\x81\x20\n", TEXT.encode() + b"\x00", TEXT.encode("utf-16-le"), workbook()],
    ids=["invalid bytes", "invalid in both", "NUL", "UTF-16 without a mark", "xlsx"],
)
def test_what_is_no_text_is_refused(folder: Path, content: bytes) -> None:
    reading, file, findings = read_domains(folder, content)
    assert file is None
    assert codes(findings) == ["source-error"]
    assert reading.incomplete == {"domains"}


def test_a_mark_that_does_not_keep_its_promise_is_refused() -> None:
    """Nothing is guessed: a UTF-8 mark before other bytes is not read as GB18030, which would garble it."""
    assert decode(b"\xef\xbb\xbf" + "id,名称\n".encode("gb18030"))[0] is None
    assert decode(b"\xff\xfe" + "名".encode("utf-16-le") + b"\x00")[0] is None


@pytest.mark.parametrize("content", [b"\xef\xbb\xbfa\x00b", "a,b".encode("utf-32")], ids=["marked NUL", "utf-32"])
def test_a_mark_does_not_make_a_binary_file_text(content: bytes) -> None:
    assert decode(content)[0] is None


def test_an_empty_file_is_utf_8() -> None:
    text, found = decode(b"")
    assert (text, found.en) == ("", "")


# ------------------------------------------------------------------------------------------------ records and lines


def test_a_record_stands_in_the_line_where_it_starts(folder: Path) -> None:
    """A quoted cell may hold newlines: lines and rows part from there on."""
    _, file, findings = read_domains(folder, domains(row("a"), row("b", '"教\n育\n"'), row("c")))
    assert not findings
    assert lines_of(file) == [(1, 2), (2, 3), (3, 6)]
    assert names_of(file) == ["教育", "教\n育\n", "教育"]


def test_a_header_may_hold_a_newline(folder: Path) -> None:
    broken = HEADER.replace("name_zh", '"name\nzh"')
    _, file, findings = read_domains(folder, domains(row("a"), header=broken))
    assert lines_of(file) == [(1, 3)]
    assert codes(findings) == ["extra-label", "missing-label"]


def test_crlf_files_have_the_same_records(folder: Path) -> None:
    _, file, findings = read_domains(folder, domains(row("a", '"教\r\n育"'), row("b"), newline="\r\n"))
    assert not findings
    assert lines_of(file) == [(1, 2), (2, 4)]
    assert names_of(file) == ["教\r\n育", "教育"]


def test_a_last_line_needs_no_newline(folder: Path) -> None:
    _, file, findings = read_domains(folder, f"{HEADER}\n{row('a')}")
    assert not findings
    assert lines_of(file) == [(1, 2)]


def test_quoted_commas_and_doubled_quotes(folder: Path) -> None:
    _, file, findings = read_domains(folder, domains(row("a", '"教,“育”,""学"""')))
    assert not findings
    assert names_of(file) == ['教,“育”,"学"']


def test_empty_cells_are_none_and_others_are_kept_as_they_are(folder: Path) -> None:
    _, file, _ = read_domains(folder, domains("a,, Education ,,４,教育"))
    assert file is not None
    assert file.records[0].cells == ("a", None, " Education ", None, "４", "教育")


def test_blank_rows_are_said_and_counted(folder: Path) -> None:
    """A row keeps the number a spreadsheet shows for it."""
    _, file, findings = read_domains(folder, domains(row("a"), "", ",,,,,", row("b")))
    assert lines_of(file) == [(1, 2), (4, 5)]
    assert [(f.code, f.place.line, f.place.row) for f in findings] == [("blank-row", 3, 2), ("blank-row", 4, 3)]


def test_ragged_rows_keep_what_they_have(folder: Path) -> None:
    reading, file, findings = read_domains(folder, domains("a,教育", row("b") + ",多,余", row("c")))
    assert file is not None
    assert [(f.code, f.place.row, f.place.column, f.value) for f in findings] == [
        ("missing-cell", 1, None, None),
        ("extra-cell", 2, spreadsheet_letter(len(file.table.names)), "多"),
    ]
    assert names_of(file) == ["教育"] * 3
    assert file.absent == {(1, name) for name in file.table.names[2:]}
    assert not reading.incomplete


@pytest.mark.parametrize("broken", ['"教育', '"教"育'], ids=["never closed", "closed too early"])
def test_broken_quotes_end_the_reading_of_a_file(folder: Path, broken: str) -> None:
    """What stands before is kept, what stands behind cannot be known."""
    reading, file, findings = read_domains(folder, domains(row("a"), row("b", broken), row("c")))
    assert lines_of(file) == [(1, 2)]
    assert [(f.code, f.place.line) for f in findings] == [("dialect-error", 3)]
    assert reading.incomplete == {"domains"}


def test_broken_quotes_are_reported_in_the_line_where_their_record_starts(folder: Path) -> None:
    _, _, findings = read_domains(folder, domains(row("a", '"教\n\n育"'), row("b", '"教育')))
    assert [(f.code, f.place.line) for f in findings] == [("dialect-error", 5)]


def test_broken_quotes_in_the_header_are_broken_quotes(folder: Path) -> None:
    """The file does have a header row; saying that it has none would send a steward the wrong way."""
    reading, _, findings = read_domains(folder, domains(row("a"), header=f'"{HEADER}'))
    assert [(f.code, f.place.line) for f in findings] == [("dialect-error", 1)]
    assert reading.incomplete == {"domains"}


@pytest.mark.parametrize("content", ["", "\n", "\r\n", ",,,\n", " , \n"])
def test_an_empty_file_or_first_line_has_no_header(folder: Path, content: str) -> None:
    reading, file, findings = read_domains(folder, content)
    assert file is None
    assert codes(findings) == ["blank-header"]
    assert HEADER in findings[0].expected("en")
    assert reading.incomplete == {"domains"}


# ------------------------------------------------------------------------------------------------ headers


def test_a_duplicate_label_names_the_second_column(folder: Path) -> None:
    reading, file, findings = read_domains(folder, domains(row("a") + ",其他", header=f"{HEADER},name_zh"))
    assert [(f.code, f.place.column, f.value) for f in findings] == [("duplicate-label", "G", "name_zh")]
    assert names_of(file) == ["教育"]
    assert not reading.incomplete


def test_an_unknown_label_is_offered_the_nearest_name(folder: Path) -> None:
    reading, file, findings = read_domains(folder, domains(row("a"), header=HEADER.replace("name_zh", "name_cn")))
    extra, missing = findings
    assert (extra.code, extra.place.column, extra.place.cell) == ("extra-label", "B", f"{DOMAINS}!B1")
    assert extra.fix is not None
    assert (extra.fix.value, extra.fix.safe) == ("name_zh", False)
    assert (missing.code, missing.value, missing.place.column) == ("missing-label", "name_zh", None)
    assert file is not None
    assert file.missing_columns == {"name_zh"}
    assert reading.incomplete == {"domains"}


def test_an_unknown_label_like_no_other_is_offered_nothing(folder: Path) -> None:
    _, file, findings = read_domains(folder, domains(row("a") + ",x", header=f"{HEADER},备注"))
    assert [(f.code, f.place.column, f.fix) for f in findings] == [("extra-label", "G", None)]
    assert names_of(file) == ["教育"]


def test_a_missing_column_leaves_its_cells_empty(folder: Path) -> None:
    reading, file, findings = read_domains(folder, domains("education,Education", header="domain_code,name_en"))
    assert set(codes(findings)) == {"missing-label"}
    assert [f.value for f in findings] == ["name_zh", "cofog_code", "sdg_goal", "match"]
    assert file is not None
    assert file.letters == {"domain_code": "A", "name_en": "B"}
    assert file.records[0].cells == ("education", None, "Education", None, None, None)
    assert file.absent == frozenset()
    assert reading.incomplete == {"domains"}


def test_columns_in_another_order_are_read_by_name(folder: Path) -> None:
    """Letters are those of the file, so that a steward finds the cell."""
    header = "match,name_zh,name_en,cofog_code,sdg_goal,domain_code"
    reading, file, findings = read_domains(folder, domains("学,教育,E,09,4,a", header=header))
    assert [(f.code, f.place.column, f.value) for f in findings] == [("incorrect-label", "A", "match")]
    assert file is not None
    assert file.records[0].cells == ("a", "教育", "E", "09", "4", "学")
    assert file.letters["domain_code"] == LAST == "F"
    place = file.place(file.records[0], "domain_code")
    assert (place.cell, place.line, place.record) == (f"{DOMAINS}!F2", 2, "a")
    assert not reading.incomplete


@pytest.mark.parametrize(("index", "letter"), [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA"), (702, "AAA")])
def test_spreadsheet_letters(index: int, letter: str) -> None:
    assert spreadsheet_letter(index) == letter


# ------------------------------------------------------------------------------------------------ files and folders


def test_a_missing_file_is_one_finding(folder: Path) -> None:
    (folder / DOMAINS).unlink()
    (folder / "programmes" / PROGRAMME / "links.csv").unlink()
    reading = curated.read(folder)
    assert [(f.code, f.place.file) for f in reading.findings] == [
        ("source-error", DOMAINS),
        ("source-error", f"programmes/{PROGRAMME}/links.csv"),
    ]
    assert reading.incomplete == {"domains", "links"}


def test_without_the_register_programmes_are_read_or_named_unread(folder: Path) -> None:
    """Nothing that lies in the folder is passed over in silence."""
    (folder / "programmes.csv").unlink()
    reading = curated.read(folder)
    assert [(f.code, f.place.file) for f in reading.findings] == [("source-error", "programmes.csv")]
    read = {file.table.name for file in reading.files}
    assert {each.name for each in curated_tables()} <= read | reading.incomplete


def test_a_folder_in_place_of_a_file_is_a_finding(folder: Path) -> None:
    (folder / DOMAINS).unlink()
    (folder / DOMAINS).mkdir()
    reading = curated.read(folder)
    assert [(f.code, f.place.file) for f in reading.findings] == [("source-error", DOMAINS)]


def test_a_file_without_permission_is_a_finding(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read_bytes = read_regular

    def refuse(path: Path) -> bytes:
        if path == folder / DOMAINS:
            raise PermissionError(13, "Permission denied")
        return read_bytes(path)

    monkeypatch.setattr("pipeline.curated.read_regular", refuse)
    reading = curated.read(folder)
    assert [(f.code, f.place.file) for f in reading.findings] == [("source-error", DOMAINS)]
    assert "Permission denied" in reading.findings[0].message("en")


@pytest.mark.parametrize("name", ["nowhere", "data/programmes.csv", "empty"])
def test_where_there_is_nothing_to_work_on(folder: Path, name: str) -> None:
    (folder.parent / "empty").mkdir()
    with pytest.raises(DataFolderError) as caught:
        curated.read(folder.parent / name)
    assert name in caught.value.reason.zh
    assert name in caught.value.reason.en


def deny_listing(monkeypatch: pytest.MonkeyPatch, denied: Path) -> None:
    """Let a folder refuse to be listed, whoever runs the tests."""
    iterdir = Path.iterdir

    def refuse(path: Path) -> Iterator[Path]:
        if path == denied:
            raise PermissionError(13, "Permission denied")
        return iter(list(iterdir(path)))

    monkeypatch.setattr(Path, "iterdir", refuse)


def test_a_folder_without_permission_cannot_be_worked_on(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deny_listing(monkeypatch, folder)
    with pytest.raises(DataFolderError, match="Permission denied"):
        curated.read(folder)


def test_a_programmes_folder_without_permission_is_said(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a finding or as a refusal, but never as a traceback."""
    deny_listing(monkeypatch, folder / "programmes")
    try:
        findings = curated.read(folder).findings
    except DataFolderError as error:
        assert "Permission denied" in error.reason.en  # noqa: PT017 - either form will do
    else:
        assert "source-error" in {finding.code for finding in findings}


def test_a_registered_programme_needs_its_folder(folder: Path) -> None:
    header = ",".join(table("programmes").names)
    (folder / "programmes.csv").write_text(f"{header}\nhecheng-2024{',' * header.count(',')}\n", encoding="utf-8")
    reading = curated.read(folder)
    needed = [each for each in curated_tables() if each.per_programme and not each.optional]
    wanted = {each.path.format(programme_id="hecheng-2024") for each in needed}
    assert {finding.place.file for finding in reading.findings} == wanted
    assert set(codes(list(reading.findings))) == {"source-error"}


@pytest.mark.parametrize("name", ["../outside", "..", "/etc", "Yangcheng_2024", "阳城-2024", "a b", "a\n", "-a", ""])
def test_a_programme_whose_name_is_no_slug_is_never_opened(
    folder: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither where it is registered nor where it lies as a folder."""
    header = ",".join(table("programmes").names)
    (folder / "programmes.csv").write_text(f'{header}\n"{name}",x{"," * (header.count(",") - 1)}\n', encoding="utf-8")
    if name and "/" not in name and name != "..":
        (folder / "programmes" / name).mkdir()
        (folder / "programmes" / name / "tasks.csv").write_bytes(b"\xff\x00")
    opened: list[Path] = []
    read_bytes = read_regular

    def note(path: Path) -> bytes:
        opened.append(path)
        return read_bytes(path)

    monkeypatch.setattr("pipeline.curated.read_regular", note)
    curated.read(folder)
    allowed = {folder / path_of(each) for each in curated_tables()}
    assert set(opened) == allowed


# ------------------------------------------------------------------------------------------------ files of many units

REPORTS = f"programmes/{PROGRAMME}/reports"
REPORT = path_of(table("reports"))


def reports_read(folder: Path) -> tuple[set[str], set[tuple[str, str]], bool]:
    """Files of reports that were read, (code, file) of the findings, and whether reports count as whole."""
    reading = curated.read(folder)
    read = {file.file for file in reading.files if file.table.name == "reports"}
    return read, {(f.code, f.place.file) for f in reading.findings}, "reports" not in reading.incomplete


def add_report(folder: Path, path: str) -> None:
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes((folder / REPORT).read_bytes())


def test_reports_of_all_units_and_periods_are_read(folder: Path) -> None:
    more = {f"{REPORTS}/{unit}/{period}.csv" for unit in ("a", "b-2") for period in ("2024", "2024-S1", "2025-Q4")}
    for path in more:
        add_report(folder, path)
    assert reports_read(folder) == ({REPORT, *more}, set(), True)


def test_a_programme_without_reports_is_whole(folder: Path) -> None:
    shutil.rmtree(folder / REPORTS)
    assert reports_read(folder) == (set(), set(), True)


@pytest.mark.parametrize(
    "path",
    [
        "2024-Q2.csv",
        "a/2024Q2.csv",
        "a/2024-13.csv",
        "a/2024-q2.csv",
        "a/total.CSV",
        "A/2024.csv",
        "教育局/2024.csv",
        "a/old/2024.csv",
    ],
)
def test_a_report_in_no_place_of_reports_is_said(folder: Path, path: str) -> None:
    """What it holds would be lost without a word."""
    add_report(folder, f"{REPORTS}/{path}")
    assert reports_read(folder) == ({REPORT}, {("source-error", f"{REPORTS}/{path}")}, True)


@pytest.mark.parametrize("name", ["unit", "reports"])
def test_a_folder_of_reports_that_is_a_link_is_not_entered(folder: Path, name: str) -> None:
    outside = folder.parent / "outside"
    add_report(folder, f"{REPORTS}/unit/2024.csv")
    place = f"{REPORTS}/unit" if name == "unit" else REPORTS
    (folder / place).rename(outside)
    (folder / place).symlink_to(outside)
    read, found, whole = reports_read(folder)
    assert read == ({REPORT} if name == "unit" else set())
    assert found == {("source-error", place)}
    assert not whole


def test_a_report_that_is_a_link_out_of_the_folder_is_not_read(folder: Path) -> None:
    (folder / REPORT).rename(folder.parent / "outside.csv")
    (folder / REPORT).symlink_to(folder.parent / "outside.csv")
    assert reports_read(folder) == (set(), {("source-error", REPORT)}, False)


def test_a_file_in_place_of_the_folder_of_reports_is_said(folder: Path) -> None:
    shutil.rmtree(folder / REPORTS)
    (folder / REPORTS).write_text("", encoding="utf-8")
    assert reports_read(folder) == (set(), {("source-error", REPORTS)}, False)


@pytest.mark.parametrize(
    ("path", "values"),
    [
        (REPORT, {"programme_id": PROGRAMME, "organization_id": "yangcheng-finance", "period": "2024-Q2"}),
        ("programmes/a/reports/b/2024-S1.csv", {"programme_id": "a", "organization_id": "b", "period": "2024-S1"}),
        ("programmes/a/reports/b/2024-S3.csv", None),
        ("programmes/a/reports/b/c/2024.csv", None),
        ("programmes/a/reports/../2024.csv", None),
        ("x/programmes/a/reports/b/2024.csv", None),
    ],
)
def test_a_path_says_what_its_rows_are_of(path: str, values: dict[str, str] | None) -> None:
    assert values_in(table("reports"), path) == values

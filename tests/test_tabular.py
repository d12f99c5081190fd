"""Tables that are not ours: any package, any file with its schema, the same findings with line, cell and rule."""

import gzip
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from benchmarks import tables
from pipeline.cli import app
from pipeline.findings import Finding, Report
from pipeline.tabular import validate_file, validate_package

# Codes of descriptors, each with a damage in DESCRIPTORS below.
CODES = ("package-error", "resource-error", "schema-error")
Found = list[tuple[str, int | None, int | None, str | None, str | None]]
SCHEMA: dict[str, Any] = {
    "fields": [
        {"name": "id", "type": "integer", "constraints": {"required": True}},
        {"name": "name"},
        {"name": "share", "type": "number", "constraints": {"minimum": 0, "maximum": 100}},
    ],
    "primaryKey": "id",
}


def package(folder: Path, *resources: dict[str, Any], **properties: object) -> Path:
    path = folder / "datapackage.json"
    path.write_text(json.dumps({"resources": list(resources), **properties}), encoding="utf-8")
    return path


def resource(name: str = "table", path: str = "table.csv", **properties: Any) -> dict[str, Any]:
    return {"name": name, "path": path, "schema": SCHEMA, **properties}


def found(report: Report) -> Found:
    return [(f.code, f.place.line, f.place.row, f.place.column, f.value) for f in report.findings]


def check(folder: Path, content: bytes, **properties: Any) -> Report:
    """A table of SCHEMA with this content."""
    (folder / "table.csv").write_bytes(content)
    return validate_package(package(folder, resource(**properties)))


# ------------------------------------------------------------------------------------------------ places


@pytest.mark.parametrize("size", [0, 3])
def test_sound_tables_give_no_findings(tmp_path: Path, size: int) -> None:
    rows = "".join(f"{i},名{i},12.5\n" for i in range(size))
    report = check(tmp_path, f"id,name,share\n{rows}".encode())
    assert (report.findings, report.not_checked, report.records) == ((), (), size)


MIXED = '7,"甲\n乙",101\nx,,5\n7,丙\n8,丁,1,2\n9,,-1'
EXPECTED: Found = [
    ("missing-cell", 5, 3, None, None),
    ("extra-cell", 6, 4, "D", "2"),
    ("constraint-error", 2, 1, "C", "101"),
    ("type-error", 4, 2, "A", "x"),
    ("constraint-error", 7, 5, "C", "-1"),
    ("primary-key", 5, 3, "A", "7"),
]


@pytest.mark.parametrize(
    "write",
    [
        lambda text: f"id,name,share\n{text}".encode(),
        lambda text: f"id,name,share\n{text}\n".encode(),
        lambda text: f"id,name,share\n{text}\n".replace("\n", "\r\n").encode(),
        lambda text: f"id,name,share\n{text}\n".encode("utf-8-sig"),
        lambda text: f'"id","name","share"\n{text}\n'.encode(),
    ],
    ids=["no last line end", "LF", "CRLF", "byte order mark", "quoted header"],
)
def test_faults_are_placed_in_any_form_of_a_file(tmp_path: Path, write: Callable[[str], bytes]) -> None:
    assert sorted(found(check(tmp_path, write(MIXED))), key=str) == sorted(EXPECTED, key=str)


def test_a_blank_line_is_a_record_and_shifts_no_other(tmp_path: Path) -> None:
    report = check(tmp_path, b"id,name,share\n1,a,1\n\n,,\n2,b,101\n")
    assert found(report) == [
        ("blank-row", 3, 2, None, None),
        ("blank-row", 4, 3, None, None),
        ("constraint-error", 5, 4, "C", "101"),
    ]


def test_spaces_beside_quotes_are_part_of_the_cell(tmp_path: Path) -> None:
    """The database would trim them without a word."""
    assert found(check(tmp_path, b'id,name,share\n1,a, "5"\n')) == [("type-error", 2, 1, "C", ' "5"')]


def test_after_a_broken_quote_nothing_is_guessed(tmp_path: Path) -> None:
    report = check(tmp_path, b'id,name,share\n1,a,101\n2,"b"x,1\n3,c,1\n')
    assert [(f.code, f.place.line) for f in report.findings] == [("dialect-error", 3), ("constraint-error", 2)]


def test_another_encoding_is_read_and_said(tmp_path: Path) -> None:
    content = "id,name,share\n1,养老,101\n".encode("gb18030")
    assert [code for code, *_ in found(check(tmp_path, content))] == ["encoding-error", "constraint-error"]
    declared = check(tmp_path, content, encoding="gb18030")
    assert found(declared) == [("constraint-error", 2, 1, "C", "101")]


@pytest.mark.parametrize("content", [b"id,name,share\n1,\0,1\n", b"PK\x03\x04", b"\xff\xfe\x00"])
def test_what_is_no_text_is_said(tmp_path: Path, content: bytes) -> None:
    assert [code for code, *_ in found(check(tmp_path, content))] == ["source-error"]


def test_many_faulty_rows_are_all_told(tmp_path: Path) -> None:
    rows = "".join(f"{i},,101\n" for i in range(45_000))
    report = check(tmp_path, f"id,name,share\n{rows}".encode())
    assert [f.place.line for f in report.findings] == list(range(2, 45_002))


def test_a_hundred_faults_of_all_kinds_are_found_and_no_other(tmp_path: Path) -> None:
    truth = tables.write(tmp_path, 3_000, faulty=True)
    report = validate_package(tmp_path / "datapackage.json")
    assert len(truth) == 100
    assert sorted(map(_fault, report.findings), key=str) == sorted(truth, key=str)
    assert report.not_checked == ()


def _fault(finding: Finding) -> tables.Fault:
    place = finding.place
    assert place.row is not None
    assert place.line is not None
    ragged = finding.code in ("missing-cell", "extra-cell")
    return tables.Fault(place.row, place.line, None if ragged else place.field, finding.code)


# ------------------------------------------------------------------------------------------------ dialects, schemas


@pytest.mark.parametrize(
    ("dialect", "content"),
    [
        ({"delimiter": ";"}, b"id;name;share\n1;a;101\n"),
        ({"csv": {"delimiter": "\t"}}, b"id\tname\tshare\n1\ta\t101\n"),
        ({"quoteChar": "'"}, b"id,name,share\n1,'a,b',101\n"),
        ({"escapeChar": "\\", "doubleQuote": False}, b'id,name,share\n1,"a\\"b",101\n'),
        ({"skipInitialSpace": True}, b"id, name, share\n1, a, 101\n"),
        ({"commentChar": "#"}, b"id,name,share\n1,a,101\n#,,\n"),
        ({"nullSequence": "-"}, b"id,name,share\n1,-,101\n2,,-\n"),
        ({"caseSensitiveHeader": False}, b"ID,Name,share\n1,a,101\n"),
    ],
)
def test_dialects(tmp_path: Path, dialect: dict[str, object], content: bytes) -> None:
    assert found(check(tmp_path, content, dialect=dialect)) == [("constraint-error", 2, 1, "C", "101")]


def test_tables_without_a_header(tmp_path: Path) -> None:
    assert found(check(tmp_path, b"1,a,1\n2,b,101\n", dialect={"header": False})) == [
        ("constraint-error", 2, 2, "C", "101")
    ]


def test_files_in_parts_and_compressed(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"id,name,share\n1,a,1\n")
    (tmp_path / "b.csv").write_bytes(b"1,b,1\n")
    report = validate_package(package(tmp_path, {"name": "t", "path": ["a.csv", "b.csv"], "schema": SCHEMA}))
    assert [(f.code, f.place.file) for f in report.findings] == [("primary-key", "a.csv+b.csv")]
    (tmp_path / "table.csv.gz").write_bytes(gzip.compress(b"id,name,share\n1,a,101\n"))
    report = validate_package(package(tmp_path, resource(path="table.csv.gz")))
    assert found(report) == [("constraint-error", 2, 1, "C", "101")]


def test_schema_and_dialect_in_files_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "schema.json").write_text(json.dumps(SCHEMA), encoding="utf-8")
    (tmp_path / "dialect.json").write_text('{"delimiter": ";"}', encoding="utf-8")
    report = check(tmp_path, b"id;name;share\n1;a;101\n", schema="schema.json", dialect="dialect.json")
    assert found(report) == [("constraint-error", 2, 1, "C", "101")]


def test_references_between_resources_and_within_one(tmp_path: Path) -> None:
    tree = {
        "fields": [{"name": "id"}, {"name": "above"}, {"name": "table"}],
        "foreignKeys": [
            {"fields": "above", "reference": {"resource": "", "fields": "id"}},
            {"fields": ["table"], "reference": {"resource": "table", "fields": ["id"]}},
        ],
    }
    (tmp_path / "table.csv").write_bytes(b"id,name,share\n1,a,1\n")
    (tmp_path / "tree.csv").write_bytes(b"id,above,table\na,,1\nb,a,1\nc,x,2\n")
    report = validate_package(package(tmp_path, resource(), {"name": "tree", "path": "tree.csv", "schema": tree}))
    assert sorted(found(report)) == [("foreign-key", 4, 3, "B", "x"), ("foreign-key", 4, 3, "C", "2")]


def test_a_single_file_and_its_schema(tmp_path: Path) -> None:
    (tmp_path / "s.json").write_text(json.dumps(SCHEMA), encoding="utf-8")
    (tmp_path / "t.csv").write_bytes(b"id,name,share\n1,a,101\n")
    assert found(validate_file(tmp_path / "t.csv", tmp_path / "s.json")) == [("constraint-error", 2, 1, "C", "101")]
    result = CliRunner().invoke(app, ["validate", str(tmp_path / "t.csv"), "--schema", str(tmp_path / "s.json")])
    assert result.exit_code == 1
    result = CliRunner().invoke(app, ["validate", str(tmp_path / "t.csv")])
    assert result.exit_code == 2
    assert "--schema" in result.output


# ------------------------------------------------------------------------------------------------ descriptors

FIELD = {"name": "id"}


@pytest.mark.parametrize(
    ("code", "pointer", "descriptor"),
    [
        ("package-error", "/", []),
        ("package-error", "/resources", {"resources": []}),
        ("resource-error", "/resources/0", {"resources": ["x"]}),
        ("resource-error", "/resources/0/path", {"resources": [resource(path="../table.csv")]}),
        ("resource-error", "/resources/0/path", {"resources": [resource(path="/etc/hosts")]}),
        ("resource-error", "/resources/0/path", {"resources": [resource(path="link.csv")]}),
        ("resource-error", "/resources/1/name", {"resources": [resource(), resource()]}),
        ("resource-error", "/resources/0/dialect", {"resources": [resource(dialect={"delimiter": "ab"})]}),
        ("schema-error", "/resources/0/schema/fields", {"resources": [resource(schema={"fields": []})]}),
        (
            "schema-error",
            "/resources/0/schema/fields/0/type",
            {"resources": [resource(schema={"fields": [{**FIELD, "type": "text"}]})]},
        ),
        (
            "schema-error",
            "/resources/0/schema/fields/0/constraints/minimum",
            {"resources": [resource(schema={"fields": [{**FIELD, "constraints": {"minimum": 1}}]})]},
        ),
        (
            "schema-error",
            "/resources/0/schema/primaryKey",
            {"resources": [resource(schema={"fields": [FIELD], "primaryKey": ["x"]})]},
        ),
        (
            "schema-error",
            "/resources/0/schema/foreignKeys/0/reference/fields",
            {
                "resources": [
                    resource(
                        schema={
                            "fields": [FIELD],
                            "foreignKeys": [{"fields": ["id"], "reference": {"resource": "", "fields": ["x"]}}],
                        }
                    )
                ]
            },
        ),
    ],
)
def test_faults_of_descriptors(tmp_path: Path, code: str, pointer: str, descriptor: object) -> None:
    (tmp_path / "p").mkdir()
    (tmp_path / "p" / "table.csv").write_bytes(b"id,name,share\n1,a,1\n")
    (tmp_path / "out.csv").write_bytes(b"id,name,share\n1,a,1\n")
    (tmp_path / "p" / "link.csv").symlink_to(tmp_path / "out.csv")
    path = tmp_path / "p" / "datapackage.json"
    path.write_text(json.dumps(descriptor), encoding="utf-8")
    report = validate_package(path)
    assert [(f.code, f.facts["pointer"]) for f in report.findings] == [(code, pointer)]
    for finding in report.findings:
        assert finding.message("zh")
        assert finding.message("en")


@pytest.mark.parametrize(
    "properties",
    [
        {"path": "https://example.org/table.csv"},
        {"path": "table.xlsx"},
        {"path": "table.csv", "schema": None},
        {"path": None, "data": [[1]]},
        {"path": "table.csv", "hash": "x"},
    ],
)
def test_what_is_not_supported_is_said(tmp_path: Path, properties: dict[str, object]) -> None:
    (tmp_path / "table.csv").write_bytes(b"id,name,share\n1,a,1\n")
    given = {name: value for name, value in {**resource(), **properties}.items() if value is not None}
    report = validate_package(package(tmp_path, given))
    assert report.findings == ()
    assert report.not_checked
    assert report.exit_code(strict=True) == 1


@pytest.mark.parametrize("content", [b"{", b"\xff", b"[" * 100_000, b""])
def test_what_is_no_descriptor_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "datapackage.json").write_bytes(content)
    result = CliRunner().invoke(app, ["validate", str(tmp_path / "datapackage.json")])
    assert result.exit_code == 2
    assert "Traceback" not in result.output


def test_a_constraint_that_is_wrong_itself_is_not_checked(tmp_path: Path) -> None:
    fields: Sequence[dict[str, Any]] = [
        {"name": "a", "constraints": {"pattern": "("}},
        {"name": "b", "type": "integer", "constraints": {"minimum": "x"}},
    ]
    (tmp_path / "table.csv").write_bytes(b"a,b\n1,2\n")
    report = validate_package(package(tmp_path, resource(schema={"fields": fields})))
    assert report.findings == ()
    assert [entry.code for entry in report.not_checked] == ["constraint-error", "constraint-error"]

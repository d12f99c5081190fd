"""Tables and descriptors at the edge: odd paths, encodings, constraints, very large files; never a traceback."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.descriptors import describe_package
from pipeline.findings import Report
from pipeline.tabular import validate_package
from tests.naive_judge import judged, of_report

Fields = list[dict[str, Any]]
AB: Fields = [{"name": "a"}, {"name": "b"}]


def check(
    folder: Path, fields: Fields = AB, *, path: object = "t.csv", schema: Any = None, **properties: Any
) -> Report:
    described = {"fields": fields, "primaryKey": "a", **(schema or {})}
    resource = {"name": "t", "path": path, "schema": described, **properties}
    (folder / "datapackage.json").write_text(json.dumps({"resources": [resource]}), encoding="utf-8")
    return validate_package(folder / "datapackage.json")


def codes(report: Report) -> list[str]:
    return [finding.code for finding in report.findings]


@pytest.mark.parametrize(
    "name", ["a*b.csv", "[x].csv", "q'u\"o.csv", "有 空格.csv", "c0=7/t.csv", "~t.csv", "{a,b}.csv", "x?.csv"]
)
def test_paths_of_any_name(tmp_path: Path, name: str) -> None:
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("a,b\n1,x\n1,x\n", encoding="utf-8")
    assert codes(check(tmp_path, path=name)) == ["primary-key"]


def test_what_is_no_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "loop.csv").symlink_to("loop.csv")
    (tmp_path / "dir.csv").mkdir()
    (tmp_path / "t.csv").write_text("a,b\n1,x\n1,x\n", encoding="utf-8")
    (tmp_path / "link.csv").symlink_to("t.csv")
    wanted = {
        "loop.csv": "resource-error",
        "dir.csv": "source-error",
        "link.csv": "primary-key",
        "x" * 300: "source-error",
    }
    for path, code in wanted.items():
        assert codes(check(tmp_path, path=path, format="csv")) == [code]


@pytest.mark.parametrize(
    ("encoding", "code"),
    [("utf-16", "primary-key"), ("utf-16-le", "primary-key"), ("hex", "source-error"), ("rot13", "source-error"),
     ("x\0y", "resource-error")],
)  # fmt: skip
def test_declared_encodings(tmp_path: Path, encoding: str, code: str) -> None:
    content = "a,b\n1,甲\n1,乙\n"
    (tmp_path / "t.csv").write_bytes(content.encode(encoding if encoding.startswith("utf") else "utf-8"))
    assert codes(check(tmp_path, encoding=encoding)) == [code]


def test_compressed_files_in_parts_and_broken_ones(tmp_path: Path) -> None:
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(b"a,b\n1,2\n"))
    (tmp_path / "b.csv.gz").write_bytes(gzip.compress(b"1,3\n"))
    assert codes(check(tmp_path, path=["a.csv.gz", "b.csv.gz"])) == ["primary-key"]
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(b"a,b\n1,2\n" * 1000)[:40] + b"x" * 36)
    assert codes(check(tmp_path, path="a.csv.gz")) == ["source-error"]


@pytest.mark.parametrize("dialect", [{"commentRows": 5}, {"headerRows": "x"}, {"delimiter": ""}, {"escapeChar": ","}])
def test_dialects_that_are_none(tmp_path: Path, dialect: dict[str, Any]) -> None:
    (tmp_path / "t.csv").write_text("a,b\n1,x\n", encoding="utf-8")
    assert codes(check(tmp_path, dialect=dialect)) == ["resource-error"]


@pytest.mark.parametrize("reference", [{"resource": "x", "fields": "a"}, {"resource": "t", "fields": "x"}])
def test_references_to_what_is_not_there(tmp_path: Path, reference: dict[str, str]) -> None:
    (tmp_path / "t.csv").write_text("a,b\n1,x\n", encoding="utf-8")
    report = check(tmp_path, schema={"foreignKeys": [{"fields": "b", "reference": reference}]})
    assert codes(report) == ["schema-error"]
    assert report.not_checked


@pytest.mark.parametrize(
    ("field", "cell", "code"),
    [
        ({"constraints": {"enum": ["A1"], "pattern": "[a-z]+"}}, "A1", "constraint-error"),
        ({"constraints": {"pattern": r"[^]\d]"}}, "１", "constraint-error"),
        ({"type": "number", "decimalChar": ",", "groupChar": ".", "constraints": {"minimum": 1.5}}, '"2,5"', None),
        ({"type": "boolean", "trueValues": ["是"], "falseValues": ["否"], "constraints": {"enum": [True]}}, "是", None),
        ({"constraints": {"minLength": 10**30}}, "x", "constraint-error"),
        (
            {"type": "datetime", "constraints": {"minimum": "2024-01-01T00:00:00"}},
            "2025-01-01T00:00:00Z",
            "constraint-error",
        ),
    ],
)
def test_constraints_that_once_misled(tmp_path: Path, field: dict[str, Any], cell: str, code: str | None) -> None:
    (tmp_path / "t.csv").write_text(f"a,b\n1,{cell}\n", encoding="utf-8")
    report = check(tmp_path, [AB[0], {"name": "b", **field}])
    assert codes(report) == ([code] if code else [])
    assert report.not_checked == ()


@pytest.mark.parametrize("field", [{"type": "integer", "bareNumber": False}, {"type": "date", "format": "%Y %m"}])
def test_a_line_end_in_a_number_shifts_no_line(tmp_path: Path, field: dict[str, Any]) -> None:
    cell = "7\n" if field["type"] == "integer" else "2024\n01"
    (tmp_path / "t.csv").write_text(f'a,b\n1,"{cell}"\n2,x\n', encoding="utf-8")
    report = check(tmp_path, [AB[0], {"name": "b", **field}])
    assert [(f.code, f.place.line) for f in report.findings] == [("type-error", 4)]


def test_a_delimiter_and_a_line_end_do_not_make_up_for_each_other(tmp_path: Path) -> None:
    """The database drops the empty cell behind the tab, and takes the bare line feed for two bytes."""
    (tmp_path / "t.csv").write_bytes(b"a\r\n1\t\n")
    report = check(tmp_path, AB[:1], dialect={"delimiter": "\t"})
    assert [(f.code, f.place.line) for f in report.findings] == [("extra-cell", 2)]


def test_a_rejected_record_is_read_strictly(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(b'"a","b"\n-,"a,b"\n"a b" ,"\n",a b')
    assert codes(check(tmp_path)) == ["dialect-error"]


def test_half_a_surrogate_pair_is_refused(tmp_path: Path) -> None:
    from pipeline.descriptors import DescriptorError

    (tmp_path / "t.csv").write_text("a,b\n", encoding="utf-8")
    with pytest.raises(DescriptorError):
        check(tmp_path, [AB[0], {"name": "b", "constraints": {"enum": ["\ud800"]}}])


def test_a_cell_of_ten_megabytes(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,b\n1," + "甲" * 3_500_000 + "\n1,2\n", encoding="utf-8")
    assert codes(check(tmp_path)) == ["primary-key"]


def test_a_table_of_very_many_columns(tmp_path: Path) -> None:
    """Beyond the narrow tables the database is asked in another way, in one thread."""
    count = 300
    rows = [
        ["1"] * count,
        ["1"] * count,
        ["x"] * count,
        ['"7\n"'] * (count + 1),
        ["1"] * count,
        [""] * count,
        ["2", *"y" * (count - 1)],
    ]
    labels = ["a", *(f"f{number}" for number in range(1, count))]
    (tmp_path / "t.csv").write_text("\n".join(",".join(cells) for cells in [labels, *rows]), encoding="utf-8")
    fields: Fields = [{"name": name, "type": "integer", "constraints": {"maximum": 5}} for name in labels]
    report = check(tmp_path, fields)
    assert of_report(report) == judged(describe_package(tmp_path / "datapackage.json"))
    assert len(report.findings) == 3 * count + 3


@pytest.mark.slow
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_file_read_in_parallel_is_judged_as_it_stands(tmp_path: Path, end: str) -> None:
    """More rows and bytes than one processor of the database takes at a time, with line feeds in cells all over."""
    pad = "x" * 150
    cells = ['"zwei\nZeilen"', "-", f'"{pad}"', "", '"a""b"']
    rows = [f"{i if i % 997 else 'x'},{cells[i % 5]},{pad}{',' * (i % 9973 == 1)}" for i in range(260_000)]
    (tmp_path / "t.csv").write_text(end.join(["a,b,c", *rows, ""]), encoding="utf-8", newline="")
    fields: Fields = [{"name": "a", "type": "integer"}, {"name": "b", "constraints": {"minLength": 2}}, {"name": "c"}]
    report = check(tmp_path, fields)
    assert (tmp_path / "t.csv").stat().st_size > 32 << 20
    assert of_report(report) == judged(describe_package(tmp_path / "datapackage.json"))

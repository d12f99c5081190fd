"""Tables of anybody held against frictionless-py: every type, constraint, key and reference, row by row.

What differs on purpose stands in docs/tables.md, each line with a test in tests/test_tables_decisions.py; the tables
here keep away from it.
"""

import csv
import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from frictionless import Package
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.tabular import validate_package

V2 = "https://datapackage.org/profiles/2.0/datapackage.json"
Descriptor = dict[str, Any]
Fault = tuple[str, int, str | None, str]  # table, row, field (None: the row), code
ROW_CODES = ("blank-row", "missing-cell", "extra-cell", "primary-key")


@dataclass(frozen=True)
class Kind:
    """A form of field: its descriptor, sound cells, cells that are no values, values for constraints in JSON."""

    descriptor: Descriptor
    good: tuple[str, ...]
    bad: tuple[str, ...]
    bounds: tuple[Any, ...] = ()
    enum: tuple[Any, ...] = ()
    hashable: bool = True


STRINGS = ("甲", "乙", "a-1", "A 1", "多,字", '引"号', "两\n行", " 空格 ", "0", "é")
POINT = '{"type": "Point", "coordinates": [1, 2]}'
KINDS = (
    Kind({"type": "string"}, STRINGS, (), enum=STRINGS[:4]),
    Kind({}, STRINGS, (), enum=STRINGS[:4]),
    Kind({"type": "string", "format": "email"}, ("a@b.cn", "x.y@z.org"), ("x", "a@", "@b")),
    Kind({"type": "string", "format": "uri"}, ("https://a.cn/x", "ftp://b.org"), ("x", "http//a", "a b")),
    Kind({"type": "string", "format": "uuid"}, ("123e4567-e89b-12d3-a456-426614174000",), ("x", "123e4567")),
    Kind({"type": "string", "format": "binary"}, ("YWJj", "eA=="), ("x!", "YWJ")),
    Kind({"type": "integer"}, ("0", "1", "7", "-3", "+5", "007", "99999999999999999999"),
         ("x", "1.5", "1,000", "12人", "--1", "十"), (0, 1, 7, 10**20), (0, 1, 5)),
    Kind({"type": "integer", "bareNumber": False}, ("5人", "¥7", "-3 %", "12"), ("人", "1.5", "-"), (5, 7), (5, 12)),
    Kind({"type": "number"}, ("0", "1.5", "-0.25", "1e5", "+1.5", ".5", "5.", "100", "1.50", "INF", "-INF"),
         ("x", "1.5.2", "1,000", "1/2", "--1", ".", "98%"), (0, 1.5, 100), (1.5, 100)),
    Kind({"type": "number", "decimalChar": ","}, ("0", "1,5", "-0,25", "100"), ("x", "1.5", "1,5,2"), (0, 1.5), (1.5, 0)),
    Kind({"type": "number", "groupChar": ",", "decimalChar": "."}, ("1,000", "1,234.5", "7"), ("x", "1.2.3"), (7, 1234.5)),
    Kind({"type": "number", "groupChar": ".", "decimalChar": ","}, ("1000", "1234,5", "7"), ("x", "1,2,3"), (7, 1234.5)),
    Kind({"type": "number", "bareNumber": False}, ("95%", "¥9.5", "-3 kg"), ("kg", "1.2.3"), (9.5, 95)),
    Kind({"type": "boolean"}, ("true", "True", "TRUE", "1", "false", "False", "FALSE", "0"), ("yes", "是", "tRUE"),
         enum=(True,)),
    Kind({"type": "boolean", "trueValues": ["是"], "falseValues": ["否", "不"]}, ("是", "否", "不"), ("true", "1"),
         enum=(True,)),
    Kind({"type": "date"}, ("2024-01-01", "2024-02-29", "1999-12-31", "0001-01-01", "9999-12-31"),
         ("2023-02-29", "2024-13-01", "2024/01/05", "x", "2024-01-05T00:00:00"), ("1999-12-31", "2024-02-29"),
         ("2024-01-01",)),
    Kind({"type": "date", "format": "%d/%m/%Y"}, ("01/01/2024", "29/02/2024"), ("2024-01-01", "30/02/2024"),
         ("15/01/2024",), ("01/01/2024",)),
    Kind({"type": "date", "format": "any"}, ("2024-01-01", "1 Feb 2024"), ("x", "2024-99-99"), ("2024-01-15",)),
    Kind({"type": "datetime"}, ("2024-01-01T00:00:00Z", "2024-01-01T01:00:00+01:00", "2024-05-31T08:30:00Z"),
         ("2024-01-01", "x", "2024-13-01T00:00:00Z"), ("2024-02-01T00:00:00Z",), ("2024-01-01T00:00:00Z",)),
    Kind({"type": "datetime", "format": "%Y年%m月%d日 %H时"}, ("2024年01月01日 08时",), ("2024-01-01", "x"),
         ("2023年01月01日 08时", "2025年01月01日 08时")),
    Kind({"type": "time"}, ("08:30:00", "23:59:59"), ("25:00:00", "08:30", "x"), ("12:00:00",), ("08:30:00",)),
    Kind({"type": "time", "format": "%H:%M"}, ("08:30", "23:59"), ("08:30:00", "x"), ("12:00",)),
    Kind({"type": "year"}, ("2024", "1999", "0001"), ("x", "99", "20240"), (2000,), (2024,)),
    Kind({"type": "yearmonth"}, ("2024-05", "1999-12"), ("2024-13", "2024", "x"), ("2000-01",), ("2024-05",)),
    Kind({"type": "duration"}, ("P1Y", "P1Y2M", "PT1H", "P3W"), ("1Y", "x", "P"), (), ("P1Y",)),
    Kind({"type": "geopoint"}, ("117.0,32.6", "-1, 2"), ("200,32", "x", "1,2,3"), (), ("117.0,32.6",)),
    Kind({"type": "geopoint", "format": "array"}, ("[117.0, 32.6]",), ("117.0,32.6", "[1]")),
    Kind({"type": "geopoint", "format": "object"}, ('{"lon": 117.0, "lat": 32.6}',), ("[1, 2]", '{"lon": 1}')),
    Kind({"type": "geojson"}, (POINT,), ("x", "[1]", '{"type": "Nope"}'), hashable=False),
    Kind({"type": "object"}, ('{"a": 1}', "{}", '{"a": 1, "b": [2]}'), ("[1]", "x", "1"), (), ({"a": 1},), hashable=False),
    Kind({"type": "array"}, ("[1, 2]", "[]", "[[1]]"), ('{"a": 1}', "x", "1"), (), ([1, 2],), hashable=False),
    Kind({"type": "list"}, ("a,b", "a"), (), hashable=False),
    Kind({"type": "list", "itemType": "integer", "delimiter": ";"}, ("1;2", "3"), ("a;1", "1;;2"), hashable=False),
    Kind({"type": "any"}, STRINGS, (), enum=STRINGS[:3]),
)  # fmt: skip
SIZED = ("string", "object", "array", "list")


@dataclass(frozen=True)
class Case:
    """The resources of a package, its version, its dialect, the cells of each table without the header."""

    resources: tuple[Descriptor, ...]
    version: int
    dialect: Mapping[str, Any]
    rows: Mapping[str, Sequence[Sequence[str]]]


@st.composite
def fields(draw: st.DrawFn, name: str, version: int) -> tuple[Descriptor, Kind]:
    kind = draw(st.sampled_from(KINDS))
    constraints: Descriptor = {}
    type_ = kind.descriptor.get("type", "string")
    if draw(st.booleans()):
        constraints["required"] = draw(st.booleans())
    if kind.hashable and draw(st.integers(0, 3)) == 0:
        constraints["unique"] = True
    if kind.enum and draw(st.integers(0, 2)) == 0:
        constraints["enum"] = draw(st.lists(st.sampled_from(kind.enum), min_size=1, unique_by=str))
    for bound in ("minimum", "maximum", *(("exclusiveMinimum", "exclusiveMaximum") if version == 2 else ())):
        if kind.bounds and draw(st.integers(0, 2)) == 0:
            constraints[bound] = draw(st.sampled_from(kind.bounds))
    if type_ in SIZED and draw(st.integers(0, 2)) == 0:
        constraints[draw(st.sampled_from(["minLength", "maxLength"]))] = draw(st.integers(0, 3))
    if type_ == "string" and draw(st.integers(0, 2)) == 0:
        constraints["pattern"] = draw(st.sampled_from(["[a-z0-9-]+", "(甲|乙|a-1)", "[^0-9]*", ".{1,2}", r"\w+"]))
    own: Descriptor = {"missingValues": ["", "无"]} if version == 2 and draw(st.integers(0, 3)) == 0 else {}
    return {"name": name, **kind.descriptor, **own, "constraints": constraints}, kind


def cells_of(descriptor: Descriptor, kind: Kind, row: int) -> st.SearchStrategy[str]:
    """A cell: sound, missing or damaged; in a unique column no damage occurs twice."""
    bad = [f"{text}~{row}" for text in kind.bad] if descriptor["constraints"].get("unique") else list(kind.bad)
    missing = descriptor.get("missingValues", [""])
    good = st.sampled_from(kind.good)
    return st.one_of(good, good, good, st.sampled_from(missing), *([st.sampled_from(bad)] if bad else []))


DIALECTS: tuple[Descriptor, ...] = ({}, {}, {"delimiter": ";"}, {"delimiter": "\t"}, {"quoteChar": "'"}, {"delimiter": "|", "quoteChar": "'"},
            {"escapeChar": "\\", "doubleQuote": False})  # fmt: skip


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A table of places and one of facts, whose place is one of them and whose parent another fact."""
    version = draw(st.sampled_from([1, 2]))
    key_type, keys = draw(st.sampled_from([("string", ["a", "b", "甲", "c,d"]), ("integer", ["1", "2", "30", "02"]),
                                           ("date", ["2024-01-01", "2024-02-29"]), ("number", ["1.5", "1.50", "2"])]))  # fmt: skip
    key = st.sampled_from(keys)
    own = [draw(fields(f"f{number}", version)) for number in range(draw(st.integers(1, 4)))]
    required: Descriptor = {"required": True}
    described = [
        {"name": "id", "constraints": required},
        {"name": "part", "type": "integer", "constraints": required},
        {"name": "place", "type": key_type, "constraints": {}},
        {"name": "parent", "constraints": {}},
        *(descriptor for descriptor, _ in own),
    ]
    listed = version == 2 or draw(st.booleans())  # version 1 allows a single name in place of a list
    facts = {
        "fields": described,
        "primaryKey": draw(st.sampled_from([["id", "part"], ["id"] if listed else "id"])),
        "foreignKeys": [
            {"fields": ["place"] if listed else "place",
             "reference": {"resource": "places", "fields": ["place"] if listed else "place"}},
            {"fields": ["parent"], "reference": {"resource": "", "fields": ["id"]}},
        ],
    }  # fmt: skip
    places = {"fields": [{"name": "place", "type": key_type, "constraints": required}, {"name": "note"}],
              "primaryKey": ["place"]}  # fmt: skip
    rows: list[Sequence[str]] = []
    for row in range(draw(st.integers(0, 7))):
        cells = [draw(st.sampled_from(["a", "b", "甲"])), draw(st.sampled_from(["1", "2", "01"])),
                 draw(key | st.just("")), draw(st.sampled_from(["a", "b", "z", ""])),
                 *(draw(cells_of(descriptor, kind, row)) for descriptor, kind in own)]  # fmt: skip
        ragged = draw(st.sampled_from([0] * 12 + [1, 2, 3]))
        rows.append([cells, cells[:-1], [*cells, "x"], []][ragged])
    names = [[draw(key), draw(st.sampled_from(STRINGS))] for _ in range(draw(st.integers(0, 4)))]
    resources = tuple(
        {"name": name, "path": f"{name}.csv", "schema": schema}
        for name, schema in (("places", places), ("facts", facts))
    )
    return Case(resources, version, draw(st.sampled_from(DIALECTS)), {"places": names, "facts": rows})


def write(case: Case, folder: Path) -> Path:
    # said outright: frictionless guesses otherwise which row is the header, by the widths of those around it
    header = {"header": True}
    options = {"delimiter": ",", "quoteChar": '"', "doubleQuote": True, **case.dialect}
    for resource in case.resources:
        with (folder / resource["path"]).open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n", delimiter=options["delimiter"], quotechar=options["quoteChar"],
                                escapechar=options.get("escapeChar"), doublequote=options["doubleQuote"],
                                quoting=csv.QUOTE_ALL)  # fmt: skip
            labels = [field["name"] for field in resource["schema"]["fields"]]
            writer.writerows([labels, *case.rows[resource["name"]]])
    dialect = {**header, "csv": options} if case.version == 2 else {**header, **options}
    profile = {"$schema": V2} if case.version == 2 else {"profile": "tabular-data-package"}
    more = {"type": "table"} if case.version == 2 else {"profile": "tabular-data-resource"}
    resources = [
        {**resource, **more, "dialect": dialect, "format": "csv", "encoding": "utf-8"} for resource in case.resources
    ]
    path = folder / "datapackage.json"
    path.write_text(json.dumps({"name": "case", **profile, "resources": resources}), encoding="utf-8")
    return path


def ours(path: Path) -> set[Fault]:
    report = validate_package(path)
    assert report.not_checked == ()
    found: set[Fault] = set()
    for finding in report.findings:
        place = finding.place
        assert place.row is not None
        name = None if finding.code in ROW_CODES else place.field
        found.add((place.file.removesuffix(".csv"), place.row, name, finding.code))
    return found


def theirs(path: Path) -> set[Fault]:
    report = Package.from_descriptor(str(path)).validate()
    assert not report.errors, report.errors
    found: set[Fault] = set()
    for task in report.tasks:
        for error in task.errors:
            name = getattr(error, "field_name", None)
            if error.type == "foreign-key":
                name = error.field_names[-1]
            found.add((task.name, error.row_number - 1, None if error.type in ROW_CODES else name, error.type))
    return _told_once(found, {task.name: task.labels for task in report.tasks}, path)


def _told_once(found: set[Fault], labels: Mapping[str, Sequence[str]], path: Path) -> set[Fault]:
    """Without what follows from a blank row or a missing cell: the last field is then required, and a key is empty."""
    blank = {(table, row) for table, row, _, code in found if code == "blank-row"}
    short = {(table, row) for table, row, _, code in found if code == "missing-cell"}
    return {
        fault
        for fault in found
        if not (fault[:2] in blank and fault[3] != "blank-row")
        and not (fault[:2] in short and fault[2] == labels[fault[0]][-1] and fault[3] == "constraint-error")
    }


def hold(case: Case) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = write(case, Path(folder))
        assert ours(path) == theirs(path)


@given(cases())
@settings(max_examples=40, deadline=None, derandomize=True)
def test_both_find_the_same_faults(case: Case) -> None:
    hold(case)


@pytest.mark.slow
@given(cases())
@settings(max_examples=1_500, deadline=None)
def test_both_find_the_same_faults_deep(case: Case) -> None:
    hold(case)

"""The structural checks held against frictionless-py: same tables, same (table, row, field, kind) of every fault.

Where the two differ on purpose, the random tables keep away from the difference and a test of its own shows it:

| decision | frictionless | here | why |
|---|---|---|---|
| form of integers | also 1_000, +3, ' 12', １２ | -?[0-9]+ | engines must read one value |
| form of numbers | also NaN, INF, 1e5, .5, 5., +1.5 | -?[0-9]+(.[0-9]+)? | same; NaN and INF are no measures |
| form of dates | also 2023-1-5 | four, two and two digits | dates sort as text, engines agree |
| digits of numbers | any | 38 for integers, 29 before the point | the widest types of the warehouse |
| end of a pattern | $ stands before a last newline too | the whole cell | a hidden newline is a fault |
| empty key | a primary-key fault | a fault of required only | one fault, one finding |
| key with an empty part | compared, empty equals empty | not compared | as UNIQUE and REFERENCES do in SQL |
| reference with an empty part | looked up | not looked up | same |
| cell of the wrong type in a key | counts as empty | counts as text | a repeated typing error shows |
"""

import csv
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from frictionless import Package
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import cells
from pipeline.checks import structure
from pipeline.curated import CuratedFile, Reading, Record
from pipeline.dataset import parse_cell, typed
from pipeline.tables import Table, _table, spreadsheet_letter

KINDS = {"type-error", "constraint-error", "unique-error", "primary-key", "foreign-key"}
Fault = tuple[str, int, str | None, str]
Cells = Sequence[Sequence[str]]


def field(name: str, type_: str = "string", **constraints: object) -> dict[str, Any]:
    """A field descriptor with the properties ours need."""
    booleans = {"trueValues": ["true"], "falseValues": ["false"]} if type_ == "boolean" else {}
    return {
        "name": name, "type": type_, "title": name, "description": name, "ms:titleZh": name, "ms:descriptionZh": name,
        "constraints": constraints, **booleans,
    }  # fmt: skip


def schema(name: str, fields: list[dict[str, Any]], key: Sequence[str], references: Sequence[Any] = ()) -> Table:
    return _table(
        {
            "name": name, "title": name, "description": name, "ms:titleZh": name, "ms:descriptionZh": name,
            "ms:path": f"{name}.csv", "fields": fields, "primaryKey": list(key), "foreignKeys": list(references),
        }
    )  # fmt: skip


def reference(fields: Sequence[str], table: str, to: Sequence[str]) -> dict[str, Any]:
    return {"fields": list(fields), "reference": {"resource": table, "fields": list(to)}}


@dataclass(frozen=True)
class Case:
    """Tables and their cells as text, without the header."""

    tables: tuple[Table, ...]
    cells: Mapping[str, Cells]


def reading_of(case: Case) -> Reading:
    files = []
    for table in case.tables:
        letters = {name: spreadsheet_letter(at) for at, name in enumerate(table.names)}
        records = [
            Record(row, row + 1, tuple(cell or None for cell in cells))
            for row, cells in enumerate(case.cells[table.name], 1)
        ]
        files.append(CuratedFile(table, table.path, letters, tuple(records)))
    return Reading(tuple(files), (), frozenset())


def ours(case: Case) -> set[Fault]:
    """What pipeline.checks.structure finds. A primary key is a matter of the row."""
    found = set()
    for finding in structure.check(reading_of(case), case.tables).findings:
        place = finding.place
        assert place.row is not None
        name = None if finding.code == "primary-key" else place.field
        found.add((place.file.removesuffix(".csv"), place.row, name, finding.code))
    return found


def theirs(case: Case) -> set[Fault]:
    """What frictionless finds in the same tables as files. It counts the header as a row."""
    with tempfile.TemporaryDirectory() as folder:
        for table in case.tables:
            with (Path(folder) / table.path).open("w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)
                writer.writerows([table.names, *case.cells[table.name]])
        package = Package.from_descriptor(
            {
                "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
                "name": "case",
                "resources": [
                    {
                        "name": table.name, "type": "table", "path": table.path, "scheme": "file", "format": "csv",
                        "encoding": "utf-8", "dialect": {"csv": {"delimiter": ",", "doubleQuote": True}},
                        "schema": {k: table.descriptor[k] for k in ("fields", "primaryKey", "foreignKeys")},
                    }
                    for table in case.tables
                ],
            },
            basepath=folder,
        )  # fmt: skip
        report = package.validate()
    assert not report.errors
    found = set()
    for task in report.tasks:
        for error in task.errors:
            assert error.type in KINDS, error
            name = getattr(error, "field_name", None)
            if error.type == "foreign-key":
                name = error.field_names[-1]
            found.add((task.name, error.row_number - 1, name, error.type))
    return found


# ------------------------------------------------------------------------------------------------ random tables

WORDS = ("甲", "乙", "a-1", "b-2", "A 1", "多,字", '引"号', "两\n行", " 空格 ", "=1+1", "0")
SLUG = "^[a-z0-9]+(-[a-z0-9]+)*$"
GOOD = {
    "string": WORDS,
    "integer": ("0", "1", "7", "12", "-3", "2024", "99999999999999999999"),
    "number": ("0", "1", "2.7", "-0.25", "12.125", "100", "98765432109876543210.123456789"),
    "boolean": ("true", "false"),
    "date": ("2024-01-01", "2024-02-29", "1999-12-31", "2025-06-30", "0001-01-01", "9999-12-31"),
}
BAD = {
    "string": (),
    "integer": ("x", "1.5", "1,000", "12人", "--1", "-", "0x1", "true", "十"),
    "number": ("x", "1.5.2", "1,000", "1/2", "--1", ".", "-", "2.7万", "98%"),
    "boolean": ("True", "TRUE", "1", "0", "yes", "是"),
    "date": ("2023-02-29", "2024-13-01", "2024-00-10", "2024/01/05", "2024-01-05T00:00:00", "x", "2024年1月5日"),
}
BOUNDED = ("integer", "number", "date")


@st.composite
def fields(draw: st.DrawFn, name: str) -> dict[str, Any]:
    """A column of some type with some constraints that frictionless knows for the type."""
    type_ = draw(st.sampled_from([*sorted(GOOD), "string"]))
    constraints: dict[str, Any] = {"required": draw(st.booleans())}
    if type_ != "boolean":
        constraints["unique"] = draw(st.booleans())
    if type_ == "string":
        form = draw(st.sampled_from(["enum", "pattern", "free"]))
        if form == "enum":
            constraints["enum"] = draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=6, unique=True))
        elif form == "pattern":
            constraints["pattern"] = draw(st.sampled_from([SLUG, "^(甲|乙)$", "^[^0-9]*$", "^.{1,2}$"]))
    if type_ in BOUNDED:
        for bound in ("minimum", "maximum"):
            if draw(st.booleans()):
                value = draw(st.sampled_from(GOOD[type_][:4]))  # often a value of the column itself
                constraints[bound] = value if type_ == "date" else int(value) if type_ == "integer" else float(value)
    return field(name, type_, **constraints)


def cell(descriptor: Mapping[str, Any], row: int) -> st.SearchStrategy[str]:
    """A cell: good, empty or damaged. In a unique column no damage occurs twice (see the table of decisions)."""
    type_ = descriptor["type"]
    constraints = descriptor["constraints"]
    good = st.sampled_from((tuple(constraints.get("enum", ())) or GOOD[type_])[:4])
    if not BAD[type_]:
        return st.one_of(good, good, st.just(""), st.sampled_from(WORDS))
    damaged = st.sampled_from(BAD[type_])
    if constraints.get("unique"):
        damaged = damaged.map(lambda text: f"{text}~{row}")
    return st.one_of(good, good, good, st.just(""), damaged)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Two tables: `places`, and `facts` whose place should be one of them."""
    place_type = draw(st.sampled_from(["string", "integer", "date"]))
    composite = draw(st.booleans())
    keys = st.sampled_from(GOOD[place_type][:4])
    places = [[draw(keys), draw(cell(field("note"), 0))] for _ in range(draw(st.integers(0, 5)))]
    own = [draw(fields(f"f{number}")) for number in range(draw(st.integers(1, 4)))]
    primary = ["id", "part"] if composite else ["id"]
    described = [
        field("id", "string", required=True),
        field("part", "integer", required=True),
        field("place", place_type, required=draw(st.booleans())),
        *own,
    ]
    facts = [
        [
            draw(st.sampled_from(["a", "b", "甲", "c,d"])),
            draw(st.sampled_from(["1", "2", "30"])),
            draw(st.one_of(keys, keys, st.sampled_from(GOOD[place_type]), st.just(""))),
            *(draw(cell(each, row)) for each in own),
        ]
        for row in range(draw(st.integers(0, 8)))
    ]
    place_table = schema("places", [field("place", place_type, required=True), field("note")], ["place"])
    fact_table = schema("facts", described, primary, [reference(["place"], "places", ["place"])])
    return Case((place_table, fact_table), {"places": places, "facts": facts})


@given(cases())
@settings(max_examples=80, deadline=None, derandomize=True)
def test_both_find_the_same_faults(case: Case) -> None:
    assert ours(case) == theirs(case)


@st.composite
def pairs(draw: st.DrawFn) -> Case:
    """A reference of two parts, and one of a table to itself."""
    first, second = st.sampled_from(["a", "b", "甲"]), st.sampled_from(["1", "2"])
    places = [[draw(first), draw(second)] for _ in range(draw(st.integers(0, 4)))]
    parents = st.sampled_from(["n0", "n1", "n2", "n9", ""])
    facts = [[f"n{row}", draw(first), draw(second), draw(parents)] for row in range(draw(st.integers(0, 6)))]
    place_table = schema("places", [field("x", required=True), field("y", "integer", required=True)], ["x", "y"])
    fact_table = schema(
        "facts",
        [field("id", required=True), field("x", required=True), field("y", "integer", required=True), field("parent")],
        ["id"],
        [reference(["x", "y"], "places", ["x", "y"]), reference(["parent"], "facts", ["id"])],
    )
    return Case((place_table, fact_table), {"places": places, "facts": facts})


@given(pairs())
@settings(max_examples=40, deadline=None, derandomize=True)
def test_both_find_the_same_broken_references(case: Case) -> None:
    assert ours(case) == theirs(case)


# ------------------------------------------------------------------------------------------------ decisions


def one_column(type_: str, *cells: str, **constraints: object) -> Case:
    """A table of a running number and one column."""
    table = schema("facts", [field("id", required=True), field("f", type_, **constraints)], ["id"])
    return Case((table,), {"facts": [[f"n{row}", cell] for row, cell in enumerate(cells, 1)]})


@pytest.mark.parametrize(
    ("type_", "cell"),
    [
        ("integer", "1_000"), ("integer", "+3"), ("integer", " 12"), ("integer", "１２"),
        ("number", "NaN"), ("number", "INF"), ("number", "1e5"), ("number", ".5"), ("number", "5."),
        ("number", "+1.5"), ("number", "1_000"), ("number", " 12"), ("number", "１２"),
        ("date", "2023-1-5"),
        ("integer", "9" * 40), ("number", "9" * 40),
    ],
)  # fmt: skip
def test_forms_that_only_frictionless_accepts(type_: str, cell: str) -> None:
    case = one_column(type_, cell)
    assert ours(case) == {("facts", 1, "f", "type-error")}
    assert theirs(case) == set()


def test_a_pattern_holds_for_the_whole_cell() -> None:
    case = one_column("string", "ab\n", "ab", pattern="^[a-z]+$")
    assert ours(case) == {("facts", 1, "f", "constraint-error")}
    assert theirs(case) == set()


def test_an_empty_key_is_one_fault() -> None:
    table = schema("facts", [field("id", required=True), field("f")], ["id"])
    case = Case((table,), {"facts": [["", "a"], ["", "b"]]})
    empty: set[Fault] = {("facts", 1, "id", "constraint-error"), ("facts", 2, "id", "constraint-error")}
    assert ours(case) == empty
    assert theirs(case) == empty | {("facts", 1, None, "primary-key"), ("facts", 2, None, "primary-key")}


def test_a_key_with_an_empty_part_is_not_compared() -> None:
    table = schema("facts", [field("id"), field("part")], ["id", "part"])
    case = Case((table,), {"facts": [["a", ""], ["a", ""]]})
    assert ours(case) == set()
    assert theirs(case) == {("facts", 2, None, "primary-key")}


def test_a_reference_with_an_empty_part_is_not_looked_up() -> None:
    places = schema("places", [field("x"), field("y")], ["x"])
    facts = schema(
        "facts", [field("id"), field("x"), field("y")], ["id"], [reference(["x", "y"], "places", ["x", "y"])]
    )
    case = Case((places, facts), {"places": [["a", "b"]], "facts": [["n1", "a", ""], ["n2", "a", "c"]]})
    assert ours(case) == {("facts", 2, "y", "foreign-key")}
    assert theirs(case) == {("facts", 1, "y", "foreign-key"), ("facts", 2, "y", "foreign-key")}


def test_a_repeated_cell_of_the_wrong_type_is_a_repetition_too() -> None:
    case = one_column("integer", "x", "x", unique=True)
    wrong: set[Fault] = {("facts", 1, "f", "type-error"), ("facts", 2, "f", "type-error")}
    assert ours(case) == wrong | {("facts", 2, "f", "unique-error")}
    assert theirs(case) == wrong


def test_a_reference_of_the_wrong_type_leads_nowhere() -> None:
    places = schema("places", [field("place", "integer", required=True)], ["place"])
    facts = schema(
        "facts", [field("id"), field("place", "integer")], ["id"], [reference(["place"], "places", ["place"])]
    )
    case = Case((places, facts), {"places": [["1"]], "facts": [["n1", "x"]]})
    assert ours(case) == {("facts", 1, "place", "type-error"), ("facts", 1, "place", "foreign-key")}
    assert theirs(case) == {("facts", 1, "place", "type-error")}


# ------------------------------------------------------------------------------------------------ values, not spellings


@pytest.mark.parametrize(
    ("type_", "cells"), [("integer", ("1", "01")), ("integer", ("0", "-0")), ("number", ("1.5", "1.50"))]
)
def test_the_same_value_spelt_twice_is_no_unique_value(type_: str, cells: tuple[str, str]) -> None:
    case = one_column(type_, *cells, unique=True)
    assert ours(case) == theirs(case) == {("facts", 2, "f", "unique-error")}


def test_the_same_key_spelt_twice_is_no_primary_key() -> None:
    """Rows are found again by typed key: t-1/lead/1 and t-1/lead/01 would be one row."""
    table = schema("facts", [field("id"), field("position", "integer")], ["id", "position"])
    case = Case((table,), {"facts": [["a", "1"], ["a", "01"]]})
    assert ours(case) == theirs(case) == {("facts", 2, None, "primary-key")}


def test_a_reference_is_a_value_too() -> None:
    places = schema("places", [field("place", "integer")], ["place"])
    facts = schema(
        "facts", [field("id"), field("place", "integer")], ["id"], [reference(["place"], "places", ["place"])]
    )
    case = Case((places, facts), {"places": [["1"]], "facts": [["n1", "01"]]})
    assert ours(case) == theirs(case) == set()


def test_more_decimals_than_the_database_keeps_are_no_number() -> None:
    """DECIMAL(28, 9) would round 0.9999999999 to 1; the cell is refused, so that no bound is met by rounding."""
    case = one_column("number", "0.9999999999", "100.0000000001", minimum=1, maximum=100)
    assert theirs(case) == {("facts", 1, "f", "constraint-error"), ("facts", 2, "f", "constraint-error")}
    assert ours(case) == {("facts", 1, "f", "type-error"), ("facts", 2, "f", "type-error")}


@pytest.mark.parametrize("cell", ["0000-01-01", "0000-12-31"])
def test_there_is_no_year_nought(cell: str) -> None:
    case = one_column("date", cell)
    assert ours(case) == theirs(case) == {("facts", 1, "f", "type-error")}


@pytest.mark.parametrize(("type_", "form"), cells.FORMS.items())
def test_what_is_found_sound_has_a_typed_value(type_: str, form: str) -> None:
    """The reader behind the check may rely on its verdict."""

    @given(st.lists(st.from_regex(rf"\A(?:{form})\Z"), min_size=1, max_size=20))
    @settings(max_examples=30, deadline=None, derandomize=True)
    def hold(texts: list[str]) -> None:
        case = one_column(type_, *texts)
        found = structure.check(reading_of(case), case.tables)
        rows = typed(reading_of(case), case.tables, found.faulty).tables["facts"]
        column = case.tables[0].field("f")
        for row in rows:
            assert row["f"] == (None if "f" in row.faulty else parse_cell(column, row.text("f")))

    hold()

"""Where tables of others are judged otherwise than by frictionless-py: the decisions of docs/tables.md, one by one."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from frictionless import FrictionlessException, Package

from pipeline.tabular import validate_package
from tests import test_patterns
from tests.examples import ROOT

PAGES = ("docs/tables.md", "docs/tables.zh-CN.md")
Told = set[tuple[int | None, str | None, str]]  # row, field, code
Fields = list[dict[str, Any]]
A, B = {"name": "a"}, {"name": "b"}
INTEGER, NUMBER, DATE = ({"name": "a", "type": kind} for kind in ("integer", "number", "date"))


def both(folder: Path, content: str, fields: Fields, **schema: Any) -> tuple[Told, Told]:
    """What is found here and by frictionless-py; a primary key is a matter of the row."""
    (folder / "t.csv").write_text(content, encoding="utf-8", newline="")
    dialect = {"csv": {"delimiter": ",", "doubleQuote": True, "skipInitialSpace": False}}
    resource = {"name": "t", "type": "table", "path": "t.csv", "format": "csv", "encoding": "utf-8", "dialect": dialect,
                "schema": {"fields": fields, **schema}}  # fmt: skip
    profile = "https://datapackage.org/profiles/2.0/datapackage.json"
    path = folder / "datapackage.json"
    path.write_text(json.dumps({"$schema": profile, "name": "p", "resources": [resource]}), encoding="utf-8")
    found = validate_package(path).findings
    here: Told = {(f.place.row, None if f.code == "primary-key" else f.place.field, f.code) for f in found}
    there: Told = set()
    for task in Package.from_descriptor(str(path)).validate().tasks:
        for error in task.errors:
            name = error.field_names[-1] if error.type == "foreign-key" else getattr(error, "field_name", None)
            row = getattr(error, "row_number", None)
            there.add((row - 1 if row else None, name, error.type))
    return here, there


@pytest.mark.parametrize(
    ("field", "cell"),
    [(INTEGER, "1_000"), (INTEGER, " 12"), (INTEGER, "１２"), (NUMBER, "inf"), (NUMBER, "1_0.5"), (DATE, "2023-1-5")],
)
def test_forms_that_only_frictionless_accepts(tmp_path: Path, field: dict[str, Any], cell: str) -> None:
    assert both(tmp_path, f"a,b\n{cell},x\n", [field, B]) == ({(1, "a", "type-error")}, set())


def test_integers_may_have_group_characters(tmp_path: Path) -> None:
    assert both(tmp_path, 'a,b\n"1,000",x\n', [{**INTEGER, "groupChar": ","}, B]) == (set(), {(1, "a", "type-error")})


@pytest.mark.parametrize(("pattern", "cell"), [("[a-z]+", '"ab\n"'), ("a|b", "ax")])
def test_a_pattern_holds_for_the_whole_cell(tmp_path: Path, pattern: str, cell: str) -> None:
    field = {**A, "constraints": {"pattern": pattern}}
    assert both(tmp_path, f"a,b\n{cell},x\n", [field, B]) == ({(1, "a", "constraint-error")}, set())


def test_broken_quotes_are_not_guessed(tmp_path: Path) -> None:
    assert both(tmp_path, 'a,b\n"x"y,1\n', [A, B]) == ({(None, None, "dialect-error")}, set())


def test_the_first_row_is_the_header_whatever_its_width(tmp_path: Path) -> None:
    content = "a,b,c,d\n1,2\n3,4\n5,6\n"
    here, there = both(tmp_path, content, [{"name": name} for name in "abcd"])
    assert here == {(row, None, "missing-cell") for row in (1, 2, 3)}
    assert there  # it takes `1,2` for the header, and finds labels missing
    assert all(row is None for row, *_ in there)


def test_a_row_of_missing_marks_is_not_blank(tmp_path: Path) -> None:
    here, there = both(tmp_path, "a,b\n-,-\n", [A, B], missingValues=["", "-"])
    assert (here, there) == (set(), {(1, None, "blank-row")})


def test_an_empty_key_is_one_fault_of_the_cell(tmp_path: Path) -> None:
    here, there = both(tmp_path, "a,b\n,x\n", [A, B], primaryKey=["a"])
    assert (here, there) == ({(1, "a", "constraint-error")}, {(1, None, "primary-key")})


def test_keys_and_references_with_an_empty_part_are_left_alone(tmp_path: Path) -> None:
    assert both(tmp_path, "a,b\nx,\nx,\n", [A, B], primaryKey=["a", "b"]) == (set(), {(2, None, "primary-key")})
    fields: Fields = [A, B, {"name": "c"}, {"name": "d"}]
    key = {"fields": ["c", "d"], "reference": {"resource": "", "fields": ["a", "b"]}}
    assert both(tmp_path, "a,b,c,d\nx,y,x,\n", fields, foreignKeys=[key]) == (set(), {(1, "d", "foreign-key")})


def test_a_repeated_typing_error_is_a_repetition(tmp_path: Path) -> None:
    wrong: Told = {(1, "a", "type-error"), (2, "a", "type-error")}
    here, there = both(tmp_path, "a,b\nx,1\nx,2\n", [{**INTEGER, "constraints": {"unique": True}}, B])
    assert (here, there) == (wrong | {(2, "a", "unique-error")}, wrong)


def test_a_key_given_twice_is_told_once(tmp_path: Path) -> None:
    fields: Fields = [{**A, "constraints": {"unique": True}}, B]
    here, there = both(tmp_path, "a,b\nx,1\nx,2\n", fields, primaryKey=["a"])
    assert (here, there) == ({(2, None, "primary-key")}, {(2, None, "primary-key"), (2, "a", "unique-error")})


def test_unique_keys_and_json_schemas_are_judged(tmp_path: Path) -> None:
    assert both(tmp_path, "a,b\nx,1\nx,1\n", [A, B], uniqueKeys=[["a", "b"]])[0] == {(2, "b", "unique-error")}
    limit = {"jsonSchema": {"items": {"type": "integer"}}}
    array = {"name": "a", "type": "array", "constraints": limit}
    with pytest.raises(FrictionlessException, match="jsonSchema"):
        both(tmp_path, 'a,b\n[1],x\n"[""1""]",x\n', [array, B])
    found = validate_package(tmp_path / "datapackage.json").findings
    assert [(f.place.row, f.code) for f in found] == [(2, "constraint-error")]


def test_references_between_types_are_compared_as_text(tmp_path: Path) -> None:
    key = {"fields": ["b"], "reference": {"resource": "", "fields": ["a"]}}
    here, there = both(tmp_path, "a,b\n01,1\n", [INTEGER, B], foreignKeys=[key])
    assert (here, there) == (set(), {(1, "b", "foreign-key")})


def test_columns_are_found_by_their_names(tmp_path: Path) -> None:
    here, there = both(tmp_path, "b,a\nx,1\n", [INTEGER, B])
    assert {code for _, _, code in here} == {"incorrect-label"}
    assert (1, "a", "type-error") in there


def test_json_schemas_fetch_nothing(tmp_path: Path) -> None:
    limit = {"jsonSchema": {"$ref": "https://example.org/schema.json"}}
    (tmp_path / "t.csv").write_text("a\n[1]\n", encoding="utf-8")
    fields: Fields = [{"name": "a", "type": "array", "constraints": limit}]
    resource = {"name": "t", "path": "t.csv", "schema": {"fields": fields}}
    (tmp_path / "datapackage.json").write_text(json.dumps({"resources": [resource]}), encoding="utf-8")
    assert [entry.code for entry in validate_package(tmp_path / "datapackage.json").not_checked] == ["constraint-error"]


# What is decided, as the two pages name it, in their order; and the tests it stands by.
DECISIONS: dict[tuple[str, str], tuple[Callable[..., None], ...]] = {
    ("form of numbers and integers", "数值和整数的写法"): (test_forms_that_only_frictionless_accepts,),
    ("form of dates", "日期的写法"): (test_forms_that_only_frictionless_accepts,),
    ("group characters of integers", "整数的千分位分隔符"): (test_integers_may_have_group_characters,),
    ("end of a pattern", "正则表达式的结尾"): (test_a_pattern_holds_for_the_whole_cell,),
    ("alternatives in a pattern", "正则表达式中的多选"): (test_a_pattern_holds_for_the_whole_cell,),
    ("quotes", "引号"): (test_broken_quotes_are_not_guessed,),
    ("blank row", "空行"): (test_a_row_of_missing_marks_is_not_blank,),
    ("empty key", "主键为空"): (test_an_empty_key_is_one_fault_of_the_cell,),
    ("key with an empty part", "键有一部分为空"): (test_keys_and_references_with_an_empty_part_are_left_alone,),
    ("reference with an empty part", "引用有一部分为空"): (test_keys_and_references_with_an_empty_part_are_left_alone,),
    ("cell of the wrong type in a key", "键中的单元格类型不符"): (test_a_repeated_typing_error_is_a_repetition,),
    ("the same key given twice", "同一个键规定了两次"): (test_a_key_given_twice_is_told_once,),
    ("`jsonSchema` of arrays and objects", "数组和对象的 `jsonSchema`"): (
        test_unique_keys_and_json_schemas_are_judged,
        test_json_schemas_fetch_nothing,
    ),
    ("`uniqueKeys`", "`uniqueKeys`"): (test_unique_keys_and_json_schemas_are_judged,),
    ("reference between different types", "两端类型不同的引用"): (test_references_between_types_are_compared_as_text,),
    ("which row is the header", "哪一行是表头"): (test_the_first_row_is_the_header_whatever_its_width,),
    ("header", "表头"): (test_columns_are_found_by_their_names,),
    ("pattern that may be tried without end", "可能无休止地反复尝试的正则表达式"): (
        test_patterns.test_no_pattern_hangs,
        test_patterns.test_what_only_python_knows_and_tries_without_end_is_not_checked,
    ),
}
TESTS = {test for name, test in globals().items() if name.startswith("test_") and callable(test)}  # those above


def decisions(page: str) -> list[list[str]]:
    """The cells of each line of the table of a page, below its head."""
    lines = [line for line in (ROOT / page).read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines[2:]]


@pytest.mark.parametrize("page", PAGES)
def test_every_line_of_a_page_has_its_test(page: str) -> None:
    """A line in one language alone, or one without a test, is none of the decisions."""
    assert [what for what, *_ in decisions(page)] == [names[PAGES.index(page)] for names in DECISIONS]


def test_every_test_stands_on_the_pages() -> None:
    assert TESTS - {test for tests in DECISIONS.values() for test in tests} == set()


def codes(text: str) -> list[str]:
    return sorted(re.findall(r"`([^`]+)`", text))


def test_both_languages_name_the_same_codes() -> None:
    for english, chinese in zip(*map(decisions, PAGES), strict=True):
        assert [codes(cell) for cell in english] == [codes(cell) for cell in chinese], english[0]
    english, chinese = ((ROOT / page).read_text(encoding="utf-8") for page in PAGES)
    assert codes(english) == codes(chinese)

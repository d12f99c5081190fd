"""Tables of anybody held against two referees: frictionless-py, and the plainest judgement there is (naive_judge).

What differs from frictionless-py on purpose stands in docs/tables.md, each line with a test of its own in
tests/test_tables_decisions.py; the tables here keep away from it.
"""

import csv
import io
import json
import re
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import cells, sieve, tabular
from pipeline.descriptors import describe_package
from pipeline.file_bytes import UnplainError
from pipeline.tables import Field, table_of
from tests.naive_judge import Told, judged, of_report

QUICK = settings(max_examples=40, deadline=None, derandomize=True)
DEEP = settings(max_examples=2_000, deadline=None)
Descriptor = dict[str, Any]


def field_of(descriptor: Descriptor, missing: Sequence[str] = ("",)) -> Field:
    schema = {"fields": [{"name": "f", **descriptor}], "missingValues": list(missing)}
    return table_of(schema, "t", "t.csv", canonical=False).fields[0]


# ------------------------------------------------------------------------------------------------ the sieve

NUMBERS = ["0", "-0", "1", "01", "+1", "1.0", "1.50", "-0.0", "00.5", ".5", "5.", "1e2", "12345678901234", "-7",
           "999999999999999999", "1234567890123456789", "0.000000001", "NaN", "INF", "-INF", "１", " 1",
           "1_0", "1\n"]  # fmt: skip
DATES = ["2024-02-29", "2023-02-29", "0001-01-01", "0000-01-01", "9999-12-31", "2023-1-5", "10000-01-01", "infinity",
         "epoch", "2024-02-29 ", "2024-02-29 00:00:00", "٢٠٢٤-٠١-٠١", "2024-02-30", "44-03-15 (BC)"]  # fmt: skip
WORDS = [
    "",
    "a",
    "A",
    "ab",
    "甲",
    "é",
    "e\u0301",
    "👨‍👩‍👧",
    " a",
    "a\n",
    "\n",
    '"',
    "true",
    "True",
    "1",
    "是",
    "-",
    "\0",
]
TEXTS = st.sampled_from(NUMBERS + DATES + WORDS) | st.text(max_size=6)


@st.composite
def told_fields(draw: st.DrawFn) -> Descriptor:
    """A field of a type that SQL may tell, with constraints."""
    kind = draw(st.sampled_from(["string", "any", "integer", "number", "date", "boolean"]))
    constraints: Descriptor = {}
    if kind in ("integer", "number", "date"):
        known: dict[str, list[Any]] = {
            "integer": [-1, 0, 1, 10**17, "1"],
            "number": [0, 1.5, 1e-7, 10**17, "1.50", 1e30],
            "date": DATES[:3],
        }
        for name in ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"):
            if draw(st.integers(0, 3)) == 0:
                constraints[name] = draw(st.sampled_from(known[kind]))
    if kind == "string":
        if draw(st.booleans()):
            constraints["pattern"] = draw(st.sampled_from(["[a-z]+", ".*", "[^a]*", "(a|ab)(c|b)?", r"\w+", "a+?"]))
        for name in ("minLength", "maxLength"):
            if draw(st.integers(0, 3)) == 0:
                constraints[name] = draw(st.sampled_from([0, 1, 2, 10**30]))
    if draw(st.integers(0, 3)) == 0:
        known_values: dict[str, list[Any]] = {
            "string": WORDS,
            "any": WORDS,
            "integer": [1, "01"],
            "number": [1.5, "1.50", 1],
            "date": DATES[:1],
        }
        constraints["enum"] = draw(st.lists(st.sampled_from(known_values.get(kind, [True])), min_size=1, unique_by=str))
    own = {"trueValues": ["是"], "falseValues": ["否", "-"]} if kind == "boolean" and draw(st.booleans()) else {}
    return {"type": kind, "constraints": constraints, **own}


@given(told_fields(), st.lists(TEXTS, max_size=40), st.sampled_from([[""], [], ["", "-"], ['"', "a"]]))
@QUICK
def test_what_the_sieve_calls_sound_is_sound(descriptor: Descriptor, texts: list[str], missing: list[str]) -> None:
    f = field_of(descriptor, missing)
    try:
        judge = cells.judge_of(f)
    except ValueError:
        return  # a bound that is no value; nothing is judged then
    if not sieve.tellable(f):
        return
    texts += [str(value) for value in descriptor["constraints"].get("enum", ())] + NUMBERS[:4]
    text = sieve.text_of(f, "c")
    conditions = list(sieve.sound(f, "x"))
    tests = " AND ".join(condition.sql for condition in conditions) or "true"
    query = (
        f"SELECT x, coalesce({tests}, false), {sieve.key_text(f, 'x')} "
        f"FROM (SELECT {text.sql} AS x FROM (SELECT nullif(unnest(?::VARCHAR[]), '') AS c))"
    )
    told = [value for condition in conditions for value in condition.parameters]
    with duckdb.connect() as connection:
        rows = connection.execute(query, [*told, *text.parameters, texts]).fetchall()
    for cell, (read, sound, key) in zip(texts, rows, strict=True):
        assert read == (None if cell in missing else cell)
        if sound and read is not None:
            assert judge(read) == (), read
            if sieve.keyable(f):
                assert key == cells.canonical_text(f, read)


CHARACTERS = st.sampled_from([*'ab1١é\n\r" ][^-.$\\K甲,_{}+|(&\0', "\u00a0", "\x0b", "\u2028", "ſ"])
ESCAPES = st.sampled_from([r"\d", r"\s", r"\w", r"\n", r"\.", r"\D", r"\S", r"\W", r"\b", r"\"", r"\t", r"\-", r"\]",
                           r"\[", r"\^", r"\$", r"\\", r"\x22", r"\042", r"\u0022", r"\A", r"\Z", r"\/",
                           r"\pL"])  # fmt: skip
CLASSES = st.builds(
    "[{}{}]".format,
    st.sampled_from(["", "^", "]", "^]"]),
    st.lists(CHARACTERS | ESCAPES | st.sampled_from(["a-z", "!-#", " -~", "[:alpha:]", "&&"]), max_size=3).map("".join),
)
PATTERNS = st.recursive(
    CHARACTERS | ESCAPES | CLASSES | st.sampled_from([".", "^", "$", ""]),
    lambda part: st.one_of(
        st.tuples(part, part).map("".join),
        st.tuples(part, part).map("|".join),
        st.builds("{}{})".format, st.sampled_from(["(", "(?:", "(?i:", "(?s:", "(?P<n>", "(?="]), part),
        st.builds(
            "{}{}".format, part, st.sampled_from(["*", "+", "?", "*?", "+?", "??", "{2}", "{1,2}", "{,2}", "*+"])
        ),
    ),
    max_leaves=8,
)


def hold_patterns(pattern: str, texts: list[str]) -> None:
    try:
        python = re.compile(pattern)
    except re.error:
        return
    f = field_of({"constraints": {"pattern": pattern}})
    matched = [python.fullmatch(text) is not None for text in texts]
    for character in '"\n':
        assert sieve.may_hold(f, character) or not any(
            found and character in text for found, text in zip(matched, texts, strict=True)
        )
    if not sieve.tellable(f):
        return
    (condition,) = sieve.sound(f, "x")
    query = f"SELECT {condition.sql} FROM (SELECT unnest(?::VARCHAR[]) AS x)"
    with duckdb.connect() as connection:
        rows = connection.execute(query, [*condition.parameters, texts]).fetchall()
    for text, (sound,), found in zip(texts, rows, matched, strict=True):
        assert found == sound, text


SHORT = st.lists(CHARACTERS, max_size=4).map("".join)


@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning")
@given(PATTERNS, st.lists(SHORT, max_size=30))
@settings(max_examples=150, deadline=None, derandomize=True)
def test_re2_matches_what_python_matches(pattern: str, texts: list[str]) -> None:
    hold_patterns(pattern, [*texts, *'ab1١é\n\r" ][^-.$\\甲'])


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning")
@given(PATTERNS, st.lists(SHORT, max_size=30))
@settings(max_examples=10_000, deadline=None)
def test_re2_matches_what_python_matches_deep(pattern: str, texts: list[str]) -> None:
    hold_patterns(pattern, [*texts, *'ab1١é\n\r" ][^-.$\\甲'])


# ------------------------------------------------------------------------------------------------ the naive judgement

FIELDS: tuple[Descriptor, ...] = (
    {},
    {"constraints": {"required": True}},
    {"constraints": {"pattern": "[a-b ]*"}},
    {"constraints": {"pattern": ".*"}},
    {"constraints": {"pattern": "[^a]+"}},
    {"constraints": {"enum": ["a", "1", " ", "a\nb", '"', ""]}},
    {"constraints": {"enum": ["a", "1", *map(str, range(50))], "pattern": "[^7]*"}},
    {"constraints": {"unique": True}},
    {"constraints": {"maxLength": 1}},
    {"type": "integer"},
    {"type": "integer", "bareNumber": False},
    {"type": "number", "constraints": {"minimum": 1}},
    {"type": "boolean"},
    {"type": "any"},
    {"type": "time"},
    {"type": "date", "format": "%Y %m"},
)
NAMES = ("a", "b", "c")


@st.composite
def small_schemas(draw: st.DrawFn) -> Descriptor:
    names = NAMES[: draw(st.integers(1, 3))]
    schema: Descriptor = {"fields": [{"name": name, **draw(st.sampled_from(FIELDS))} for name in names]}
    keys = st.lists(st.sampled_from(names), min_size=1, unique=True)
    if draw(st.booleans()):
        schema["primaryKey"] = draw(keys | st.sampled_from(names))
    if draw(st.integers(0, 3)) == 0:
        schema["uniqueKeys"] = [draw(keys)]
    if draw(st.booleans()):
        schema["missingValues"] = draw(st.sampled_from([[], [""], ["", "-"], ["a"], ['"'], ["1", ""]]))
    if draw(st.integers(0, 3)) == 0:
        key = {"fields": names[0], "reference": {"resource": "", "fields": names[-1]}}
        schema["foreignKeys"] = [key]
    return schema


@st.composite
def contents(draw: st.DrawFn, columns: int, delimiter: str) -> bytes:
    """Bytes of a file: sometimes nearly a table, sometimes anything that the characters of a CSV make."""
    end = draw(st.sampled_from(["\n", "\r\n"]))
    labels = [*NAMES[:columns], *draw(st.sampled_from([[], [], [], ["e"]]))]
    if draw(st.integers(0, 4)) == 0:
        labels = [f'"{label}"' for label in labels]
    if draw(st.booleans()):
        pieces = ["a", "1", delimiter, '"', " ", end, "\n", "\r", '""', "b", "-", '"a\n"', f'"{delimiter}"', '"a""b"']
        body = "".join(draw(st.lists(st.sampled_from(pieces), max_size=25)))
    else:
        cell = st.sampled_from(["a", "b", "1", "", "7", " a", "-", "甲", 'a"b', '"x\ny"', '"\r\n"', '""""', '""', '"7"',
                                '"a"', "12:00:00", ' "a"', '"a" ', "2024 01", '"2024\n01"', '7"', '"7\n"'])  # fmt: skip
        width = len(labels) + draw(st.sampled_from([0] * 9 + [1]))
        rows = draw(
            st.lists(st.lists(cell, min_size=max(width - 1, 0), max_size=width).map(delimiter.join), max_size=8)
        )
        body = end.join(rows) + draw(st.sampled_from([end, end, "", end * 2]))
    return (draw(st.sampled_from(["", "", "", "\ufeff"])) + delimiter.join(labels) + end + body).encode()


@st.composite
def files(draw: st.DrawFn) -> tuple[Descriptor, str, bytes]:
    schema, delimiter = draw(small_schemas()), draw(st.sampled_from([",", ",", ";", "\t"]))
    return schema, delimiter, draw(contents(len(schema["fields"]), delimiter))


def found(descriptor: Path, *, trust: bool) -> Counter[Told] | None:
    """What is found where the files are taken for plain, or are rewritten; None where they proved not to be plain."""
    description = describe_package(descriptor)
    doubted = set() if trust else {path for described in description.tables for path in described.paths}
    with tempfile.TemporaryDirectory() as scratch:
        try:
            return of_report(tabular._attempt(description, Path(scratch), doubted))
        except UnplainError:
            return None


def hold_file(case: tuple[Descriptor, str, bytes]) -> None:
    schema, delimiter, content = case
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "t.csv").write_bytes(content)
        path = Path(folder) / "datapackage.json"
        resource = {"name": "t", "path": "t.csv", "dialect": {"delimiter": delimiter}, "schema": schema}
        path.write_text(json.dumps({"resources": [resource]}), encoding="utf-8")
        wanted = judged(describe_package(path))
        assert found(path, trust=False) == wanted
        assert found(path, trust=True) in (wanted, None)


@given(files(), st.sampled_from([64, 0]))
@QUICK
def test_bytes_are_judged_as_they_stand(case: tuple[Descriptor, str, bytes], many: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipeline.checks.sweep.MANY", many)  # 0: as tables of very many columns are read
        hold_file(case)


@pytest.mark.slow
@given(files())
@DEEP
def test_bytes_are_judged_as_they_stand_deep(case: tuple[Descriptor, str, bytes]) -> None:
    hold_file(case)


@st.composite
def families(draw: st.DrawFn) -> tuple[list[Descriptor], list[list[list[str]]]]:
    """Two or three tables that refer to each other, to themselves and round in circles; keys of any type."""
    count = draw(st.integers(2, 3))
    kinds = [draw(st.sampled_from(["string", "integer", "number", "date", "boolean", "datetime"])) for _ in range(2)]
    schemas, tables = [], []
    for _ in range(count):
        fields: list[Descriptor] = [{"name": name, "type": kind} for name, kind in zip(("k", "p"), kinds, strict=True)]
        for described in fields:
            if draw(st.booleans()):
                described["constraints"] = {"required": True}
        fields += [{"name": "r", "type": kinds[0]}, {"name": "s", "type": draw(st.sampled_from(kinds))}]
        schema: Descriptor = {"fields": fields, "primaryKey": draw(st.sampled_from(["k", ["k", "p"]]))}
        other = st.sampled_from(["", *(f"t{n}" for n in range(count))])
        schema["foreignKeys"] = [
            {"fields": own, "reference": {"resource": draw(other), "fields": there}}
            for own, there in draw(st.lists(st.sampled_from([("r", "k"), (["r"], ["r"]), (["r", "s"], ["k", "p"]),
                                                             (["k"], ["k"]), (["s", "r"], ["p", "k"])]), max_size=3))
        ]  # fmt: skip
        schemas.append(schema)
        rows = st.lists(st.sampled_from(KEYS), min_size=4, max_size=4)
        tables.append(draw(st.lists(rows, max_size=7)))
    return schemas, tables


KEYS = ["1", "1", "01", "1.0", "2", "", "true", "1", "x", "2024-01-01", "2024-01-01T00:00:00Z",
        "2024-01-01T01:00:00+01:00", "a,b", "-"]  # fmt: skip


def hold_family(case: tuple[list[Descriptor], list[list[list[str]]]]) -> None:
    schemas, tables = case
    with tempfile.TemporaryDirectory() as folder:
        resources = []
        for number, (schema, rows) in enumerate(zip(schemas, tables, strict=True)):
            content = io.StringIO(newline="")
            csv.writer(content, lineterminator="\n").writerows([["k", "p", "r", "s"], *rows])
            (Path(folder) / f"t{number}.csv").write_text(content.getvalue(), encoding="utf-8", newline="")
            resources.append({"name": f"t{number}", "path": f"t{number}.csv", "schema": schema})
        path = Path(folder) / "datapackage.json"
        path.write_text(json.dumps({"resources": resources}), encoding="utf-8")
        wanted = judged(describe_package(path))
        assert found(path, trust=False) == wanted
        assert found(path, trust=True) in (wanted, None)


@given(families(), st.booleans())
@settings(max_examples=20, deadline=None, derandomize=True)
def test_keys_and_references_are_judged_as_values(
    case: tuple[list[Descriptor], list[list[list[str]]]], deferred: bool
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        if deferred:  # as for tables of more than a hundred thousand keys
            patch.setattr("pipeline.checks.sieved.LOOKED_UP", -1)
        hold_family(case)

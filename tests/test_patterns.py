"""Patterns of a schema are judged as Python means them, and in bounded time; what would take longer is said."""

import csv
import json
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from pipeline import patterns
from pipeline.patterns import EndlessError, Pattern
from pipeline.re2 import bytes_of, in_re2

ROOT = Path(__file__).parent.parent
SECONDS = 60  # none takes more than a few; each once took longer than anybody waits
MEGABYTE = 1_000_000
SLUG = "[a-z0-9]+(-[a-z0-9]+)*"
# What a stranger may write, and a cell on which Python alone would not come to an end.
ENDLESS = {
    "(a+)+$": "a" * 5000 + "b",
    "^(a|a)*$": "a" * 5000 + "b",
    "(a|aa)+": "a" * 5000 + "b",
    r"(\w+\s?)*": "甲" * 5000 + "!",
    "(.*)(.*)(.*)(.*)x": "a" * MEGABYTE,
    r"\s*\s*\s*": " " * MEGABYTE + "x",
    r"^(?=(a+)+$).*": "a" * 5000 + "b",
    r"^(?!(a*)*b).*c": "a" * 5000,
    SLUG: "a-" * 500_000,
}


def judged(folder: Path, pattern: str, *cells: str) -> dict[str, Any]:
    """The report of the command, run as a process that is stopped when it takes too long."""
    (folder / "s.json").write_text(
        json.dumps({"fields": [{"name": "i"}, {"name": "a", "constraints": {"pattern": pattern}}]}), encoding="utf-8"
    )
    with (folder / "t.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([("i", "a"), *((str(i), cell) for i, cell in enumerate(cells))])
    ended = subprocess.run(
        [sys.executable, "-m", "pipeline", "validate", str(folder / "t.csv"), "--schema", str(folder / "s.json"),
         "--format", "json", "--lang", "en"],
        cwd=ROOT, capture_output=True, timeout=SECONDS, check=False,
    )  # fmt: skip
    assert ended.returncode in (0, 1), ended.stderr
    report: dict[str, Any] = json.loads(ended.stdout)
    return report


def rows(report: dict[str, Any]) -> list[int]:
    return [finding["row"] for finding in report["findings"]]


@pytest.mark.parametrize(("pattern", "cell"), ENDLESS.items())
def test_no_pattern_hangs(tmp_path: Path, pattern: str, cell: str) -> None:
    report = judged(tmp_path, pattern, cell, "a", cell)
    assert report["not_checked"] == []
    short = re.compile(pattern).fullmatch("a")
    assert rows(report) == ([1, 3] if short else [1, 2, 3])


@pytest.mark.parametrize(
    "pattern", [r"\b(a+)+", r"(a|a)*\b", r"(?<!b)(a*)*", r"((a*)\2?)*", r"((?>a*)a?)*", r"\b" + "a?" * 99]
)
def test_what_only_python_knows_and_tries_without_end_is_not_checked(tmp_path: Path, pattern: str) -> None:
    report = judged(tmp_path, pattern, "a" * 5000 + "b", "b")
    assert rows(report) == []
    (told,) = report["not_checked"]
    assert "without end" in json.dumps(told)
    with pytest.raises(EndlessError):
        Pattern(pattern)


def test_the_rest_of_such_a_field_is_checked(tmp_path: Path) -> None:
    constraints = {"pattern": r"\b(a+)+", "maxLength": 3, "unique": True}
    (tmp_path / "s.json").write_text(json.dumps({"fields": [{"name": "a", "constraints": constraints}]}))
    (tmp_path / "t.csv").write_text("a\nbb\naaaaaab\nbb\n")
    from pipeline.tabular import validate_file

    report = validate_file(tmp_path / "t.csv", tmp_path / "s.json")
    assert [(f.place.row, f.code) for f in report.findings] == [(2, "constraint-error"), (3, "unique-error")]
    (told,) = report.not_checked
    assert "without end" in told.reason.en
    assert "无休止" in told.reason.zh


@pytest.mark.parametrize("pattern", [r".*.*.*x\b", r"(['\"]).*.*\1", r"(?:(?!--).)*"])
def test_texts_too_long_for_python_are_not_checked_and_counted(tmp_path: Path, pattern: str) -> None:
    report = judged(tmp_path, pattern, "-" * MEGABYTE, "--", "-" * MEGABYTE + "-")
    assert rows(report) == [2]
    (told,) = report["not_checked"]
    assert "2 values would take too long" in json.dumps(told)


def test_very_many_texts_are_not_checked_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patterns, "STEPS", 3 * 7**2)
    pattern = Pattern(r"a*\b")
    assert [pattern(f"bbbbb{i}") for i in range(5)] == [False, False, False, True, True]
    assert pattern.passed_over == 2


@pytest.mark.parametrize(
    ("pattern", "texts"),
    [
        (r"\d+", ["1", "١", "²", ""]),
        (r"(?a)\d+", ["1", "١"]),
        (r"\w*", ["a_1", "甲", "é", "-", "e\u0301"]),
        (r"[^\W\d]\s", ["a ", "1 ", "甲\u3000", "a\x1c"]),
        ("(?i)straße", ["STRASSE", "STRAßE", "straẞe", "ſtraße"]),
        ("(?i:k)k", ["Kk", "\u212ak", "KK"]),
        ("^[a-z]$|^x{2,3}$", ["a", "xx", "xxxx", "a\n"]),
        ("a$\n?", ["a", "a\n"]),
        ("a.b", ["a\nb", "a\rb", "a\x85b", "aéb"]),
        ("(?s)a.b", ["a\nb"]),
        (r"^(?=.*\d)(?=.*[a-z])(?!.*--).{4,}$", ["ab12", "abcd", "a--1", "a1\n\n", "1234a"]),
        ("(?=a$)a\n?", ["a", "a\n"]),
        (r"(?!a\Z)[a\n]*", ["a", "a\n", ""]),
        ("(?x) a # letter\n b", ["ab", "a b"]),
        ("[\\x00-\\x1f]", ["\0", "\n", " "]),
        (SLUG, ["a-b", "a--b", "", "-"]),
        ("", ["", "a"]),
    ],
)
def test_re2_judges_what_python_means(pattern: str, texts: Sequence[str]) -> None:
    compiled = re.compile(pattern)
    judge = Pattern(pattern)
    expected = [compiled.fullmatch(text) is not None for text in texts]
    assert in_re2(pattern) or "\n?" in pattern
    assert [judge(text) for text in texts] == expected
    judge.learn(texts)
    assert [judge(text) for text in texts] == expected


@pytest.mark.parametrize("pattern", [r"(a)\1", r"(?<=a)b", r"\bfoo\b", "a*+", "(?m)^a$", ".{2000}", "(x)?(?(1)a|b)"])
def test_what_has_no_equal_is_left_to_python(pattern: str) -> None:
    assert in_re2(pattern) is None
    compiled, judge = re.compile(pattern), Pattern(pattern)
    for text in ("aa", "ab", "foo", "a", "a\n", "x" * 2000, "xa", "b"):
        assert judge(text) == (compiled.fullmatch(text) is not None)


@pytest.mark.parametrize("pattern", ["(", "a**", "(" * 5000, "[z-a]", r"\p{L}"])
def test_what_is_no_pattern_is_said(tmp_path: Path, pattern: str) -> None:
    report = judged(tmp_path, pattern, "a")
    (told,) = report["not_checked"]
    assert "constraints in the schema are wrong" in json.dumps(told)


@pytest.mark.parametrize(
    ("pattern", "told"),
    [
        ("^obs-[0-9]{8}$", 12),
        ("[甲乙]-(?:a|b)", 5),
        ("(ab|cd)(x$)", 3),
        ("", 0),
        ("(?i)kk", None),
        ("(?i:k)", None),
        ("[aé]", None),
        ("[^a]", None),
        (r"\d{4}", None),
        ("a.", None),
        ("a|bc", None),
        ("a{1,2}", None),
        ("(a?)", None),
    ],
)
def test_bytes_of_a_pattern_are_those_of_every_text(pattern: str, told: int | None) -> None:
    assert bytes_of(pattern) == told


# Texts on which a search of the project's own once took longer than anybody waits.
@pytest.mark.parametrize(
    "text", ["十" * MEGABYTE, "每日" * MEGABYTE, "1" * MEGABYTE, "(" * MEGABYTE, "1" + " " * MEGABYTE]
)
def test_no_search_of_our_own_hangs(text: str) -> None:
    code = (
        "import sys\n"
        "from pipeline.quantity import parse, parse_deadline, printed_year\n"
        "from pipeline.suggestions import suggest\n"
        "from pipeline.cells import value_of\n"
        "from pipeline.tables import Field, curated_tables\n"
        "from pipeline.language import Text\n"
        "text = sys.stdin.read()\n"
        "assert parse(text) is None\n"
        "parse_deadline(text), printed_year(text)\n"
        "for table in curated_tables():\n"
        "    for field in table.fields:\n"
        "        suggest(field, f'x{text[:50_000]}x')\n"
        "for kind in ('integer', 'number'):\n"
        "    field = Field('a', kind, Text('', ''), Text('', ''), bare_number=False, canonical=False)\n"
        "    for cell in (f'1{text}1', f'a{text}1{text}a1a'):\n"
        "        try:\n"
        "            value_of(field, cell)\n"
        "        except ValueError:\n"
        "            pass\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        input=text.encode(),
        capture_output=True,
        timeout=SECONDS * 2,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr.decode()[-500:]

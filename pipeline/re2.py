"""A pattern of Python written anew for RE2, the engine of the database, which never goes back to try again.

Python parses the pattern, so that its meaning is not guessed: it is written for RE2 character by character, and classes
such as \\w or letters of either case become lists of the characters that Python itself finds. Looking ahead from the
start of the text becomes a test of its own. Whatever else only Python knows (references back, looking behind, word
boundaries …) has no equal.
"""

import re
import sys
import warnings
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

# The parser has been in this place since Python 3.11.
from re import _parser  # type: ignore[attr-defined]  # isort: skip

if TYPE_CHECKING:
    import duckdb

POSITIONS = 300  # characters of a pattern, repeats counted out: RE2 may take so many steps for each byte
LAST = 0x10FFFF
_ANY = r"[\x{0}-\x{10ffff}]"
_TYPES = re.ASCII | re.LOCALE | re.UNICODE
UNBOUNDED = _parser.MAXREPEAT
REPEATS = (_parser.MAX_REPEAT, _parser.MIN_REPEAT, _parser.POSSESSIVE_REPEAT)


class _PythonOnlyError(Exception):
    """A pattern that has no equal in RE2."""


@dataclass(frozen=True)
class Test:
    """SQL that is true of `{text}` where a text meets a pattern, with the values of its parameters in order."""

    sql: str
    parameters: tuple[str, ...]

    def of(self, text: str) -> str:
        return self.sql.replace("{text}", text)


@cache
def in_re2(pattern: str) -> Test | None:
    """The same pattern for the database; None where it has no equal there, or is no pattern."""
    import duckdb

    try:
        _, tree = parsed(pattern)
        terms = list(_terms(tree))
        if sum(_positions(part) for part in tree.data) > POSITIONS:
            return None
        sql = " AND ".join(f"{'' if wanted else 'NOT '}regexp_full_match({{text}}, ?)" for _, wanted in terms)
        test = Test(sql, tuple(term for term, _ in terms))
        _database().execute(f"SELECT {test.of(repr(''))}", test.parameters)
    except (_PythonOnlyError, RecursionError, ValueError, duckdb.Error):
        return None
    return test


@cache
def _database() -> "duckdb.DuckDBPyConnection":
    import duckdb

    return duckdb.connect()


def matched(test: Test, texts: Sequence[str]) -> dict[str, bool]:
    """Which of the texts meet a pattern."""
    # a lone surrogate of a damaged file is no text
    written = [text.encode("utf-8", "replace").decode("utf-8") for text in texts]
    query = f"SELECT {test.of('t')} FROM (SELECT unnest(?::VARCHAR[]) AS t)"  # noqa: S608
    rows = _database().execute(query, [*test.parameters, written]).fetchall()
    return {text: held for text, (held,) in zip(texts, rows, strict=True)}


@lru_cache(1024)
def parsed(pattern: str) -> tuple[re.Pattern[str], Any]:
    """A pattern and its tree. Raises ValueError for what is no pattern."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about what may mean something else in a Python to come
        try:
            return re.compile(pattern), _parser.parse(pattern)
        except (re.error, RecursionError, OverflowError) as error:
            why = "nested too deep" if isinstance(error, RecursionError) else str(error)
            raise ValueError(f"{pattern}: {why}") from None


def inner_of(operation: Any, value: Any) -> Sequence[Any]:
    """The sequences within a part."""
    match operation:
        case _parser.BRANCH:
            return list(value[1])
        case _parser.SUBPATTERN:
            return [value[3]]
        case _parser.MAX_REPEAT | _parser.MIN_REPEAT | _parser.POSSESSIVE_REPEAT:
            return [value[2]]
        case _parser.ASSERT | _parser.ASSERT_NOT:
            return [value[1]]
        case _parser.ATOMIC_GROUP:
            return [value]
        case _parser.GROUPREF_EXISTS:
            return [each for each in value[1:] if each is not None]
        case _:
            return []


def _positions(part: tuple[Any, Any]) -> int:
    """The characters of a part, repeats counted out."""
    operation, value = part
    inner = sum(_positions(each) for sequence in inner_of(operation, value) for each in sequence)
    if operation in (_parser.MAX_REPEAT, _parser.MIN_REPEAT):
        least, most, _ = value
        return inner * int(max(1, least + 1 if most is UNBOUNDED else most))
    return inner or 1


def bytes_of(pattern: str) -> int | None:
    """How many bytes of UTF-8 every text has that meets the pattern; None where they differ or nobody knows."""
    _, tree = parsed(pattern)
    return None if tree.state.flags & re.IGNORECASE else _bytes(tree.data)


def _bytes(parts: Sequence[tuple[Any, Any]]) -> int | None:
    found = [_bytes_of_part(*part) for part in parts]
    return None if None in found else sum(each or 0 for each in found)


def _bytes_of_part(operation: Any, value: Any) -> int | None:
    match operation:
        case _parser.LITERAL:
            return _encoded(value)
        case _parser.IN if value[0][0] is not _parser.NEGATE:
            ends = [end for kind, given in value for end in (given if kind is _parser.RANGE else (given,))]
            of_categories = any(kind is _parser.CATEGORY for kind, _ in value)
            lengths = set() if of_categories else {_encoded(end) for end in ends}
            return lengths.pop() if len(lengths) == 1 else None
        case _parser.SUBPATTERN if not value[1] & re.IGNORECASE:
            return _bytes(value[3])
        case _parser.BRANCH:
            several = {_bytes(branch) for branch in value[1]}
            return several.pop() if len(several) == 1 else None
        case _parser.MAX_REPEAT | _parser.MIN_REPEAT if value[0] == value[1]:
            once = _bytes(value[2])
            return None if once is None else once * int(value[0])
        case _parser.AT:
            return 0
        case _:
            return None


def _encoded(code: int) -> int:
    return len(chr(code).encode("utf-8", "surrogatepass"))


def _terms(tree: Any) -> Iterator[tuple[str, bool]]:
    """Patterns for the whole text, with whether it must meet them; looking ahead from the start is one more."""
    parts = list(tree.data)
    flags = tree.state.flags
    while parts and (_is_start(parts[0], flags) or _looks_ahead(parts[0])):
        operation, value = parts.pop(0)
        if operation is not _parser.AT:
            # the end may stand before a last line feed
            ahead = _sequence(value[1], flags, end=r"\n?\z")
            yield rf"\A(?:{ahead}){_ANY}*\z", operation is _parser.ASSERT
    # with both ends written, RE2 compares the letters that all texts begin with at once
    yield rf"\A{_sequence(parts, flags, end='')}\z", True


def _is_start(part: tuple[Any, Any], flags: int) -> bool:
    at, start = part
    return at is _parser.AT and (start is _parser.AT_BEGINNING_STRING or _is_plain(start, flags))


def _is_plain(start: Any, flags: int) -> bool:
    return start is _parser.AT_BEGINNING and not flags & re.MULTILINE


def _looks_ahead(part: tuple[Any, Any]) -> bool:
    operation, value = part
    return operation in (_parser.ASSERT, _parser.ASSERT_NOT) and value[0] > 0


def _sequence(parts: Any, flags: int, end: str | None) -> str:
    """`end` is what stands for the end of the text; None where something may follow."""
    parts = list(parts)
    return "".join(_part(part[0], part[1], flags, end if i == len(parts) - 1 else None) for i, part in enumerate(parts))


def _part(operation: Any, value: Any, flags: int, end: str | None) -> str:
    match operation:
        case _parser.LITERAL | _parser.NOT_LITERAL | _parser.ANY | _parser.IN:
            return _character(operation, value, flags)
        case _parser.BRANCH:
            return f"(?:{'|'.join(_sequence(branch, flags, end) for branch in value[1])})"
        case _parser.SUBPATTERN:
            _, added, removed, inner = value
            kept = flags & ~_TYPES if added & _TYPES else flags
            return f"(?:{_sequence(inner, (kept | added) & ~removed, end)})"
        case _parser.MAX_REPEAT | _parser.MIN_REPEAT:
            least, most, inner = value
            repeated = _sequence(inner, flags, end if most == 1 else None)
            return f"(?:{repeated}){{{least},{'' if most is UNBOUNDED else most}}}"
        case _parser.AT if value is _parser.AT_BEGINNING_STRING or _is_plain(value, flags):
            return r"\A"
        case _parser.AT if value is _parser.AT_END_STRING:
            return r"\z"
        case _parser.AT if value is _parser.AT_END and end is not None and not flags & re.MULTILINE:
            return end
        case _:
            raise _PythonOnlyError


def _character(operation: Any, value: Any, flags: int) -> str:
    """A class of characters as Python takes it."""
    if operation is _parser.ANY:
        return _ANY if flags & re.DOTALL else r"[^\n]"
    items = value if operation is _parser.IN else [(_parser.LITERAL, value)]
    negated = operation is _parser.NOT_LITERAL or items[0][0] is _parser.NEGATE
    items = [item for item in items if item[0] is not _parser.NEGATE]
    if flags & (re.IGNORECASE | re.LOCALE) or any(kind is _parser.CATEGORY for kind, _ in items):
        ranges: Sequence[tuple[int, int]] = _members(_class(items, negated), flags & (re.IGNORECASE | re.ASCII))
        negated = False
    else:
        ranges = [given if kind is _parser.RANGE else (given, given) for kind, given in items]
    if len(ranges) == 1 and ranges[0][0] == ranges[0][1] and not negated:
        return _written(ranges[0][0])
    if not ranges:
        return rf"[^\x{{0}}-\x{{{LAST:x}}}]"
    return f"[{'^' if negated else ''}{''.join(f'{_written(a)}-{_written(b)}' for a, b in ranges)}]"


def _written(code: int) -> str:
    character = chr(code)
    return character if character.isascii() and character.isalnum() else f"\\x{{{code:x}}}"


_CATEGORIES = {
    _parser.CATEGORY_DIGIT: r"\d",
    _parser.CATEGORY_NOT_DIGIT: r"\D",
    _parser.CATEGORY_SPACE: r"\s",
    _parser.CATEGORY_NOT_SPACE: r"\S",
    _parser.CATEGORY_WORD: r"\w",
    _parser.CATEGORY_NOT_WORD: r"\W",
}


def _class(items: Sequence[tuple[Any, Any]], negated: bool) -> str:
    """A bracket expression, written anew for Python."""
    texts = [
        _CATEGORIES[value]
        if kind is _parser.CATEGORY
        else f"\\U{value:08x}"
        if kind is _parser.LITERAL
        else f"\\U{value[0]:08x}-\\U{value[1]:08x}"
        for kind, value in items
    ]
    return f"[{'^' if negated else ''}{''.join(texts)}]"


@lru_cache(256)
def _members(characters: str, flags: int) -> tuple[tuple[int, int], ...]:
    """The ranges of characters that Python finds in a bracket expression."""
    return tuple((found.start(), found.end() - 1) for found in re.finditer(f"{characters}+", _everything(), flags))


@cache
def _everything() -> str:
    return array("I", range(LAST + 1)).tobytes().decode(f"utf-32-{sys.byteorder[0]}e", "surrogatepass")

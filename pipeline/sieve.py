"""Which rows of a table certainly hold sound cells only: Table Schema constraints as SQL over the text of the cells.

The SQL may call a sound cell unsound (it then goes to pipeline/cells.py, which judges exactly), never the reverse:
each condition accepts the common lexical forms only, and only where DuckDB's reading of them is beyond doubt. No
condition is a join, because rows are found again by their order. All values of a schema are parameters; columns are
numbered, so that no text of a file or schema ever becomes SQL.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.cells import canonical_text, is_core
from pipeline.re2 import bytes_of, in_re2
from pipeline.tables import Field

# An escape, a bracket expression or a character of a regular expression.
_PART = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|.", re.DOTALL)
_LONGEST = 2**62


@dataclass(frozen=True)
class Condition:
    """SQL that is true where cells are sound, with the values of its parameters in order."""

    sql: str
    parameters: tuple[str, ...] = ()


def text_of(field: Field, column: str) -> Condition:
    """SQL for the text of a cell, NULL where it is missing. DuckDB reads an empty cell as NULL."""
    text = column if "" in field.missing_values else f"coalesce({column}, '')"
    others = tuple(value for value in field.missing_values if value)
    if not others:
        return Condition(text)
    return Condition(f"CASE WHEN {_one_of(column, others).sql} THEN NULL ELSE {text} END", others)


def tellable(field: Field) -> bool:
    """Whether SQL can call cells of this field sound; otherwise its distinct values are judged one by one."""
    if not is_core(field) or (field.type == "date" and field.format != "default"):
        return False
    if field.type in ("integer", "number") and (field.group_char or field.decimal_char != "." or not field.bare_number):
        return False
    if field.pattern is not None and field.type != "string":
        return False
    return field.pattern is None or in_re2(field.pattern) is not None


def sound(field: Field, column: str) -> Iterator[Condition]:
    """Conditions that a cell which is not missing must all meet; `column` is the SQL of its text.

    None is true for NULL.
    """
    match field.type:
        case "integer":
            yield Condition(f"regexp_full_match({column}, '-?[0-9]{{1,18}}')")
            yield from _bounds(field, f"TRY_CAST({column} AS BIGINT)", "BIGINT")
        case "number":
            # up to 15 digits a double tells all decimals apart and keeps their order
            decimals = "{1,9}" if field.canonical else "+"
            yield Condition(f"strlen({column}) <= 15 AND regexp_full_match({column}, '-?[0-9]+(\\.[0-9]{decimals})?')")
            yield from _bounds(field, f"TRY_CAST({column} AS DOUBLE)", "DOUBLE")
        case "boolean":
            yield _one_of(column, field.true_values + field.false_values)
        case "date":
            # only the ISO form comes back as it was; ISO dates sort as text
            iso = f"CAST(TRY_CAST({column} AS DATE) AS VARCHAR) = {column}"
            yield Condition(f"strlen({column}) = 10 AND {column} >= '0001' AND {iso}")
            yield from _bounds(field, column, "VARCHAR")
    if field.enum:
        yield _one_of(column, field.values)
    if field.pattern is not None and (not field.enum or not field.canonical):
        test = in_re2(field.pattern)
        yield Condition(test.of(column), test.parameters) if test else Condition("false")
    if field.min_length is not None:
        yield Condition(f"length({column}) >= CAST(? AS BIGINT)", (str(min(field.min_length, _LONGEST)),))
    if field.max_length is not None:
        yield Condition(f"length({column}) <= CAST(? AS BIGINT)", (str(min(field.max_length, _LONGEST)),))


def _one_of(column: str, values: tuple[str, ...]) -> Condition:
    # IN would become a join, which loses the order of the rows
    return Condition(f"list_contains([{', '.join('?' for _ in values)}], {column})", values)


def _bounds(field: Field, value: str, cast: str) -> Iterator[Condition]:
    minimum, maximum = _limit(field.minimum, field, cast), _limit(field.maximum, field, cast)
    if minimum and maximum:
        yield Condition(f"{value} BETWEEN {minimum.sql} AND {maximum.sql}", minimum.parameters + maximum.parameters)
    for sign, limit in (
        (">=", minimum if not maximum else None),
        ("<=", maximum if not minimum else None),
        (">", _limit(field.exclusive_minimum, field, cast)),
        ("<", _limit(field.exclusive_maximum, field, cast)),
    ):
        if limit:
            yield Condition(f"{value} {sign} {limit.sql}", limit.parameters)


def _limit(bound: str | None, field: Field, cast: str) -> Condition | None:
    if bound is None:
        return None
    limit = canonical_text(field, bound)
    # a bound that has no such value itself (1.5 for integers) leaves every cell to the exact judgement
    if len(limit.lstrip("-").replace(".", "")) > 15:
        return Condition(f"CAST(NULL AS {cast})")
    return Condition(f"TRY_CAST(? AS {cast})", (limit,))


def bytes_of_cell(field: Field) -> int | None:
    """How many bytes every cell has that met the conditions of `sound` and is not missing; None where they differ."""
    if not tellable(field):
        return None
    if field.type == "date":
        return 10
    listed = field.values or (field.true_values + field.false_values if field.type == "boolean" else ())
    if listed:
        lengths = {len(value.encode("utf-8", "surrogatepass")) for value in listed}
        return lengths.pop() if len(lengths) == 1 else None
    return bytes_of(field.pattern) if field.pattern is not None else None


def may_hold(field: Field, character: str) -> bool:
    """Whether a cell that met the conditions of `sound` may hold a line feed or a quote."""
    if field.type in ("integer", "number", "date"):
        return not tellable(field)
    if not is_core(field):
        return True
    if field.enum or field.type == "boolean":
        return any(character in value for value in field.values + field.true_values + field.false_values)
    if field.pattern is None or "(?" in field.pattern.replace("(?:", ""):
        return True
    return any(_matches(part, character) for part in _PART.findall(field.pattern))


def _matches(part: str, character: str) -> bool:
    """Whether a part of a pattern may match a character."""
    if len(part) == 1:
        return part == character or (part == "." and character != "\n")
    if part[0] == "\\" and part[1].isalnum() and part[1] not in "dswDSWntrfvbBAZ":
        return True  # a character by its number, of which only the beginning is at hand
    try:
        return re.fullmatch(part, character) is not None
    except re.error:
        return True


def keyable(field: Field) -> bool:
    """Whether SQL can tell the canonical text of a sound cell; otherwise every row is judged one by one."""
    return tellable(field) and field.type != "boolean"


def key_text(field: Field, column: str) -> str:
    """SQL for the canonical text of a sound cell, as `pipeline.cells.canonical_text` writes it; NULL stays NULL."""
    match field.type:
        case "integer":
            return f"CAST(TRY_CAST({column} AS BIGINT) AS VARCHAR)"
        case "number":
            without_zeros = f"CASE WHEN contains({column}, '.') THEN rtrim(rtrim({column}, '0'), '.') ELSE {column} END"
            unpadded = f"regexp_replace({without_zeros}, '^(-?)0+([0-9])', '\\1\\2')"
            return f"CASE WHEN {unpadded} = '-0' THEN '0' ELSE {unpadded} END"
        case _:
            return column

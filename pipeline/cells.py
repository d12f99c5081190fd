"""Whether the text of one cell is what its field wants: the exact judgement, a cell at a time.

Sources: Data Package v2, Table Schema (types, lexical forms, constraints). The types that data stewards use are judged
here; the forms they rarely meet (durations, geographic types, objects, dates in foreign formats …) by frictionless-py.
`pipeline/sieve.py` sorts out in bulk what is certainly sound, so that only the rest comes here.
"""

import json
import operator
import re
from collections.abc import Callable, Hashable, Iterator, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

from pipeline.patterns import Pattern
from pipeline.tables import Field

# What a curated cell may look like: engines disagree about what else is a number or a date (1_000, 2023/01/05, NaN).
FORMS = {
    "integer": r"-?[0-9]{1,18}",
    "number": r"-?[0-9]{1,19}(\.[0-9]{1,9})?",
    "boolean": r"true|false",
    "date": r"[0-9]{4}-[0-9]{2}-[0-9]{2}",
}
# Lexical forms of XML Schema, as Table Schema wants them; exponents and the special numbers included.
_INTEGER = re.compile(r"[+-]?[0-9]+")
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,4})?|NaN|-?INF")
_CANONICAL = {name: re.compile(form) for name, form in FORMS.items()}

Judge = Callable[[str | None], tuple[str, ...]]
Test = Callable[[Any, str], bool]
_ORDERS: Mapping[str, Callable[[Any, Any], bool]] = {
    "minimum": operator.ge,
    "maximum": operator.le,
    "exclusiveMinimum": operator.gt,
    "exclusiveMaximum": operator.lt,
}


def is_core(field: Field) -> bool:
    """Whether the field is judged here; otherwise by frictionless-py."""
    match field.type:
        case "string":
            return field.format == "default"
        case "integer" | "number" | "boolean" | "any":
            return True
        case "date":
            return field.format == "default" or "%" in field.format
        case _:
            return False


def judge_of(field: Field, pattern: Pattern | None = None) -> Judge:
    """The judge of a field: text (None: missing) → the constraints it breaks, `type` where it is no value at all.

    `pattern` is that of the field, where it is at hand. Raises ValueError where the constraints of the field are
    themselves wrong: a bound that is no value, a bad pattern; EndlessError for a pattern that cannot be judged.
    """
    tests = list(_tests(field, pattern))

    def judge(text: str | None) -> tuple[str, ...]:
        if text is None:
            return ("required",) if field.required else ()
        try:
            value = value_of(field, text)
        except ValueError:
            return ("type",)
        return tuple(name for name, holds in tests if not holds(value, text))

    return judge


def value_of(field: Field, text: str) -> Any:
    """What a sound cell stands for; equal values are equal. Raises ValueError where it is no value of its type."""
    match field.type:
        case "integer":
            return _integer(field, text)
        case "number":
            return _number(field, text)
        case "boolean":
            return _boolean(field, text)
        case "date" if is_core(field):
            return _date(field, text)
        case "any":
            return text
        case "string" if is_core(field):
            return text
        case _:
            return _frictionless_value(field, text)


def canonical_text(field: Field, text: str) -> str:
    """The one text of a value, by which keys are compared: 01, +1 and 1 are one integer. Text of no value is itself."""
    try:
        value = value_of(field, text)
        match value:
            case bool():
                return "true" if value else "false"
            case Decimal():
                return _decimal_text(value)
            case datetime() if value.tzinfo is not None:
                return str(value.astimezone(UTC))
            case dict() | list():
                return json.dumps(value, sort_keys=True, default=str)
            case _:
                return str(value)
    except (ValueError, OverflowError):  # also of times beyond the first or last year in UTC
        return text


def _decimal_text(value: Decimal) -> str:
    if not value.is_finite():
        return str(value)
    if value == 0:
        return "0"
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _tests(field: Field, given: Pattern | None) -> Iterator[tuple[str, Test]]:
    """The constraints of a field as tests of a value and its text. Raises ValueError."""
    if values := _given(field, "enum"):
        wanted = [_limit(field, value) for value in values]
        found = set(wanted) if all(isinstance(value, Hashable) for value in wanted) else wanted
        yield "enum", lambda value, _: value in found
    if field.pattern is not None and (not field.enum or not field.canonical):
        pattern = given or Pattern(field.pattern)
        yield "pattern", lambda _, text: pattern(text)
    for name, holds in _ORDERS.items():
        if (bound := _given(field, name)) is not None:
            yield name, _bounded(holds, _limit(field, bound))
    if (shortest := field.min_length) is not None:
        yield "minLength", lambda value, text: len(text if field.type == "string" else value) >= shortest
    if (longest := field.max_length) is not None:
        yield "maxLength", lambda value, text: len(text if field.type == "string" else value) <= longest
    if (schema := field.descriptor.get("constraints", {}).get("jsonSchema")) is not None:
        yield "jsonSchema", _json_schema(schema)


def _given(field: Field, constraint: str) -> Any:
    """A constraint as given: in the lexical form of a cell, or in JSON for types that frictionless-py reads."""
    if not is_core(field):
        return field.descriptor.get("constraints", {}).get(constraint)
    return {
        "enum": field.values,
        "minimum": field.minimum,
        "maximum": field.maximum,
        "exclusiveMinimum": field.exclusive_minimum,
        "exclusiveMaximum": field.exclusive_maximum,
    }[constraint]


def _limit(field: Field, given: Any) -> Any:
    return value_of(field, given) if is_core(field) else _frictionless_value(field, given)


def _bounded(holds: Callable[[Any, Any], bool], limit: Any) -> Test:
    if isinstance(limit, Decimal) and limit.is_nan():
        raise ValueError("NaN is in no order")

    def test(value: Any, _: str) -> bool:
        try:
            return holds(value, limit)
        except (TypeError, InvalidOperation):
            return False  # in no order with the bound: NaN, or a time with a zone and one without

    return test


def _integer(field: Field, text: str) -> int:
    if field.canonical:
        return int(_in_form(_CANONICAL["integer"], text))
    if field.group_char:
        text = text.replace(field.group_char, "")
    if not field.bare_number:
        text = _between(r"[-+0-9]", r"[0-9]", text)
    return int(_in_form(_INTEGER, text))


def _number(field: Field, text: str) -> Decimal:
    if field.canonical:
        return Decimal(_in_form(_CANONICAL["number"], text))
    if field.group_char:
        text = text.replace(field.group_char, "")
    if field.decimal_char != ".":
        text = text.replace(".", "\0").replace(field.decimal_char, ".")
    if not field.bare_number:
        text = _between(r"[-+.0-9NI]", r"[0-9.NF]", text)
    try:
        return Decimal(_in_form(_NUMBER, text))
    except InvalidOperation:
        raise ValueError(text) from None


def _between(first: str, last: str, text: str) -> str:
    """What stands from the first character of one kind to the last of another."""
    start, end = re.search(first, text), re.search(last, text[::-1])
    return text[start.start() : len(text) - end.start()] if start and end else ""


def _boolean(field: Field, text: str) -> bool:
    if text in field.true_values:
        return True
    if text in field.false_values:
        return False
    raise ValueError(text)


def _date(field: Field, text: str) -> date:
    if field.format == "default":
        return date.fromisoformat(_in_form(_CANONICAL["date"], text))
    return datetime.strptime(text, field.format).date()  # noqa: DTZ007 - a date has no zone


def _in_form(form: re.Pattern[str], text: str) -> str:
    if form.fullmatch(text) is None:
        raise ValueError(text)
    return text


def _json_schema(schema: Any) -> Test:
    """Whether the value of an object or array fits a JSON Schema. Raises ValueError for a wrong schema.

    References lead within the schema only: nothing is fetched.
    """
    from jsonschema.exceptions import SchemaError
    from jsonschema.validators import validator_for
    from referencing.exceptions import Unresolvable
    from referencing.jsonschema import DRAFT202012, EMPTY_REGISTRY

    kind = validator_for(schema)
    own = EMPTY_REGISTRY.with_resource("", DRAFT202012.create_resource(schema)).resolver()
    try:
        kind.check_schema(schema)
        for reference in _references(schema):
            own.lookup(reference)
    except SchemaError as error:
        raise ValueError(error.message) from None
    except RecursionError:
        raise ValueError("nested too deep") from None
    except Unresolvable as error:
        raise ValueError(f"$ref {error.ref}") from None
    validator = kind(schema, registry=EMPTY_REGISTRY)

    def test(value: Any, _: str) -> bool:
        try:
            return bool(validator.is_valid(value))
        except RecursionError:
            return False

    return test


def _references(schema: Any) -> Iterator[str]:
    """What a JSON Schema refers to."""
    for value in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        yield from _references(value)
    if isinstance(schema, dict) and isinstance(schema.get("$ref"), str):
        yield schema["$ref"]


def _frictionless_value(field: Field, given: Any) -> Any:
    """The value of a cell, or of a constraint. Raises ValueError."""
    descriptor = {name: value for name, value in field.descriptor.items() if name not in ("constraints", "example")}
    value, notes = _reader(json.dumps(descriptor, sort_keys=True))(given)
    if value is None or notes:
        raise ValueError(given)
    if isinstance(value, datetime | time):
        value.utcoffset()  # a ValueError where it is more than a day
    return value


@cache
def _reader(descriptor: str) -> "Reader":
    from frictionless import Field as FrictionlessField
    from frictionless import FrictionlessException

    try:
        field = FrictionlessField.from_descriptor({**json.loads(descriptor), "missingValues": []})
        return field.create_cell_reader()
    except FrictionlessException as error:
        raise ValueError(str(error)) from None


Reader = Callable[[Any], tuple[Any, dict[str, str] | None]]

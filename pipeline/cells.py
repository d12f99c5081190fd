"""Whether the text of one cell is what its field wants: the exact judgement, a cell at a time.

Sources: Data Package v2, Table Schema (types, lexical forms, constraints). The types that data stewards use are judged
here; the forms they rarely meet (durations, geographic types, objects, dates in foreign formats …) by frictionless-py.
`pipeline/sieve.py` sorts out in bulk what is certainly sound, so that only the rest comes here.
"""

import json
import re
from collections.abc import Callable, Hashable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

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


def judge_of(field: Field) -> Judge:
    """The judge of a field: text (None: missing) → the constraints it breaks, `type` where it is no value at all.

    Raises ValueError where the constraints of the field are themselves wrong: a bound that is no value, a bad pattern.
    """
    return _core_judge(field) if is_core(field) else _frictionless_judge(field)


def value_of(field: Field, text: str) -> Hashable:
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
        case "string" | "any":
            return text
        case _:
            value, notes = _frictionless_reader(field)(text)
            if notes and "type" in notes:
                raise ValueError(text)
            return value if isinstance(value, Hashable) else repr(value)


def canonical_text(field: Field, text: str) -> str:
    """The one text of a value, by which keys are compared: 01, +1 and 1 are one integer. Text of no value is itself."""
    try:
        value = value_of(field, text)
    except ValueError:
        return text
    match value:
        case bool():
            return "true" if value else "false"
        case Decimal():
            return _decimal_text(value)
        case _:
            return str(value)


def _decimal_text(value: Decimal) -> str:
    if not value.is_finite():
        return str(value)
    if value == 0:
        return "0"
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _core_judge(field: Field) -> Judge:
    tests: list[tuple[str, Callable[[Any, str], bool]]] = []
    if field.enum:
        wanted = {value_of(field, value) for value in field.values}
        tests.append(("enum", lambda value, _: value in wanted))
    if field.pattern is not None and (not field.enum or not field.canonical):
        pattern = _compiled(field.pattern)
        tests.append(("pattern", lambda _, text: pattern.fullmatch(text) is not None))
    for name, bound, holds in (
        ("minimum", field.minimum, lambda value, limit: value >= limit),
        ("maximum", field.maximum, lambda value, limit: value <= limit),
        ("exclusiveMinimum", field.exclusive_minimum, lambda value, limit: value > limit),
        ("exclusiveMaximum", field.exclusive_maximum, lambda value, limit: value < limit),
    ):
        if bound is not None:
            tests.append((name, _bounded(holds, value_of(field, bound))))
    if (shortest := field.min_length) is not None:
        tests.append(("minLength", lambda _, text: len(text) >= shortest))
    if (longest := field.max_length) is not None:
        tests.append(("maxLength", lambda _, text: len(text) <= longest))

    def judge(text: str | None) -> tuple[str, ...]:
        if text is None:
            return ("required",) if field.required else ()
        try:
            value = value_of(field, text)
        except ValueError:
            return ("type",)
        return tuple(name for name, holds in tests if not holds(value, text))

    return judge


def _compiled(pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        why = "nested too deep" if isinstance(error, RecursionError) else str(error)
        raise ValueError(f"{pattern}: {why}") from None


def _bounded(holds: Callable[[Any, Any], bool], limit: Any) -> Callable[[Any, str], bool]:
    def test(value: Any, _: str) -> bool:
        if isinstance(value, Decimal) and value.is_nan():
            return False  # NaN is in no order
        return holds(value, limit)

    return test


def _integer(field: Field, text: str) -> int:
    if field.canonical:
        return int(_in_form(_CANONICAL["integer"], text))
    if field.group_char:
        text = text.replace(field.group_char, "")
    if not field.bare_number:
        text = re.sub(r"^[^-+0-9]*|[^0-9]*$", "", text)
    return int(_in_form(_INTEGER, text))


def _number(field: Field, text: str) -> Decimal:
    if field.canonical:
        return Decimal(_in_form(_CANONICAL["number"], text))
    if field.group_char:
        text = text.replace(field.group_char, "")
    if field.decimal_char != ".":
        text = text.replace(".", "\0").replace(field.decimal_char, ".")
    if not field.bare_number:
        text = re.sub(r"^[^-+.0-9NI]*|[^0-9.NF]*$", "", text)
    try:
        return Decimal(_in_form(_NUMBER, text))
    except InvalidOperation:
        raise ValueError(text) from None


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


def _frictionless_judge(field: Field) -> Judge:
    read = _frictionless_reader(field)
    schema = field.descriptor.get("constraints", {}).get("jsonSchema")  # frictionless-py leaves it unjudged
    fits = _fitting(schema) if schema is not None else None

    def judge(text: str | None) -> tuple[str, ...]:
        if text is None:
            return ("required",) if field.required else ()
        broken = tuple(read(text)[1] or ())
        if fits is not None and "type" not in broken and not fits(text):
            broken += ("jsonSchema",)
        return broken

    return judge


def _fitting(schema: Any) -> Callable[[str], bool]:
    """Whether JSON satisfies a JSON Schema. References lead nowhere but into the schema itself: nothing is fetched.

    Raises ValueError where the schema is none. What a reference that leads nowhere or in circles leaves open does not
    count as satisfied.
    """
    from jsonschema.exceptions import SchemaError
    from jsonschema.validators import validator_for
    from referencing import Registry
    from referencing.exceptions import Unresolvable

    kind = validator_for(schema)
    try:
        kind.check_schema(schema)
    except (SchemaError, RecursionError) as error:
        why = error.message if isinstance(error, SchemaError) else "nested too deep"
        raise ValueError(f"jsonSchema: {why}") from None
    validator = kind(schema, registry=Registry())

    def fits(text: str) -> bool:
        try:
            return bool(validator.is_valid(json.loads(text)))
        except (Unresolvable, RecursionError):
            return False

    return fits


def _frictionless_reader(field: Field) -> "Reader":
    return _reader(json.dumps(field.descriptor, sort_keys=True))


@cache
def _reader(descriptor: str) -> "Reader":
    from frictionless import Field as FrictionlessField
    from frictionless import FrictionlessException

    described = json.loads(descriptor)
    own = ("unique", "required", "jsonSchema")
    constraints = {name: value for name, value in described.get("constraints", {}).items() if name not in own}
    try:
        field = FrictionlessField.from_descriptor({**described, "constraints": constraints, "missingValues": []})
        return field.create_cell_reader()
    except FrictionlessException as error:
        raise ValueError(str(error)) from None


Reader = Callable[[str], tuple[Any, dict[str, str] | None]]

"""Whether a Table Schema descriptor is well-formed, so far as the checks rely on it. Source: Data Package v1 and v2."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pipeline.language import Text

# Constraints that the standard defines for each type, besides `required` and `unique`.
_ORDERED = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "enum"}
_SIZED = {"minLength", "maxLength", "enum"}
CONSTRAINTS: Mapping[str, set[str]] = {
    "string": {"pattern", *_SIZED},
    "number": _ORDERED,
    "integer": _ORDERED,
    "boolean": {"enum"},
    "object": {"jsonSchema", *_SIZED},
    "array": {"jsonSchema", *_SIZED},
    "list": _SIZED,
    "datetime": _ORDERED,
    "date": _ORDERED,
    "time": _ORDERED,
    "year": _ORDERED,
    "yearmonth": _ORDERED,
    "duration": _ORDERED,
    "geopoint": {"enum"},
    "geojson": {"enum"},
    "any": {"enum"},
}
_STRUCTURED = {"object", "array", "list", "geopoint", "geojson", "duration"}
_EVERYWHERE = {"required", "unique"}
Fault = tuple[str, Text, object]
_OBJECT = Text("应为 JSON 对象", "a JSON object is expected")
_ARRAY = Text("应为数组", "an array is expected")
_NAMES = Text("应为字段名", "names of fields are expected")


def schema_faults(schema: object) -> Iterator[Fault]:
    """Faults of a descriptor: a pointer (RFC 6901), what is wrong, the value."""
    if not isinstance(schema, dict):
        yield "", _OBJECT, schema
        return
    fields = schema.get("fields")
    if not isinstance(fields, list) or not fields:
        yield "/fields", Text("应为非空数组", "a non-empty array is expected"), fields
        return
    names: set[str] = set()
    for number, field in enumerate(fields):
        for place, problem, value in _field_faults(field, names):
            yield f"/fields/{number}{place}", problem, value
    yield from _missing_values_faults(schema)
    yield from _key_faults(schema, names)


def _field_faults(field: object, names: set[str]) -> Iterator[Fault]:
    if not isinstance(field, dict):
        yield "", _OBJECT, field
        return
    name, kind, constraints = field.get("name"), field.get("type", "string"), field.get("constraints", {})
    if not isinstance(name, str) or not name:
        yield "/name", Text("缺少字段名", "the name is missing"), name
    elif name in names:
        yield "/name", Text("字段名重复", "the name stands twice"), name
    else:
        names.add(name)
    if not isinstance(kind, str) or kind not in CONSTRAINTS:
        yield "/type", Text(f"类型应为其中之一:{'、'.join(CONSTRAINTS)}", f"one of: {', '.join(CONSTRAINTS)}"), kind
        return
    for key in ("format", "decimalChar", "groupChar"):
        if not isinstance(field.get(key, ""), str):
            yield f"/{key}", Text("应为文本", "text is expected"), field[key]
    for key in ("trueValues", "falseValues"):
        if key in field and not _texts(field[key]):
            yield f"/{key}", Text("应为文本数组", "an array of texts is expected"), field[key]
    if not isinstance(constraints, dict):
        yield "/constraints", _OBJECT, constraints
        return
    yield from _missing_values_faults(field)
    for key, value in constraints.items():
        yield from _constraint_faults(key, value, kind)


def _constraint_faults(key: str, value: object, kind: str) -> Iterator[Fault]:
    if key not in CONSTRAINTS[kind] | _EVERYWHERE:
        problem = Text(f"类型 {kind} 没有此约束", f"the type {kind} has no such constraint")
        yield f"/constraints/{key}", problem, value
        return
    holds, wanted = _VALUES.get(key, (_is_value, Text("应为该类型的值", "a value of the type is expected")))
    if not holds(value):
        yield f"/constraints/{key}", wanted, value
    elif (
        isinstance(value, list)
        and kind not in _STRUCTURED
        and any(isinstance(each, list | dict | None) for each in value)
    ):
        yield f"/constraints/{key}", Text("应为该类型的值", "values of the type are expected"), value


def _is_length(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_value(value: object) -> bool:
    return isinstance(value, str | int | float) and not isinstance(value, bool)


_LENGTH = (_is_length, Text("应为非负整数", "an integer of at least 0 is expected"))
_FLAG = (lambda value: isinstance(value, bool), Text("应为 true 或 false", "true or false is expected"))
_VALUES: Mapping[str, tuple[Callable[[object], bool], Text]] = {
    "required": _FLAG,
    "unique": _FLAG,
    "minLength": _LENGTH,
    "maxLength": _LENGTH,
    "pattern": (lambda value: isinstance(value, str), Text("应为正则表达式", "a regular expression is expected")),
    "enum": (
        lambda value: isinstance(value, list) and bool(value),
        Text("应为非空数组", "a non-empty array is expected"),
    ),
    "jsonSchema": (lambda value: isinstance(value, dict), _OBJECT),
}


def _missing_values_faults(descriptor: Mapping[str, Any]) -> Iterator[Fault]:
    values = descriptor.get("missingValues", [])
    if not isinstance(values, list) or not _texts([v.get("value") if isinstance(v, dict) else v for v in values]):
        yield "/missingValues", Text("应为文本数组", "an array of texts is expected"), values


def _key_faults(schema: Mapping[str, Any], names: set[str]) -> Iterator[Fault]:
    if not _keys(schema.get("primaryKey", []), names):
        yield "/primaryKey", _NAMES, schema["primaryKey"]
    unique = schema.get("uniqueKeys", [])
    if not isinstance(unique, list) or not all(_keys(key, names) for key in unique):
        yield "/uniqueKeys", _NAMES, unique
    keys = schema.get("foreignKeys", [])
    if not isinstance(keys, list):
        yield "/foreignKeys", _ARRAY, keys
        return
    for number, key in enumerate(keys):
        place = f"/foreignKeys/{number}"
        reference = key.get("reference") if isinstance(key, dict) else None
        if not isinstance(key, dict) or not isinstance(reference, dict):
            yield place, Text("应有 fields 与 reference", "fields and reference are expected"), key
            continue
        fields, others = key.get("fields", []), reference.get("fields", [])
        resource = reference.get("resource", "")
        if not fields or not _keys(fields, names):
            yield f"{place}/fields", _NAMES, fields
        elif not others or not _keys(others, names if not resource else None) or _count(fields) != _count(others):
            yield f"{place}/reference/fields", _NAMES, others
        if not isinstance(resource, str):
            yield f"{place}/reference/resource", Text("应为资源名", "the name of a resource is expected"), resource


def _texts(values: object) -> bool:
    return isinstance(values, list) and all(isinstance(value, str) for value in values)


def _keys(value: object, names: set[str] | None) -> bool:
    """Whether this is a name or an array of names (of these fields, where they are known)."""
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list) or not _texts(values):
        return False
    return len(set(values)) == len(values) and (names is None or set(values) <= names)


def _count(fields: Any) -> int:
    return 1 if isinstance(fields, str) else len(fields)

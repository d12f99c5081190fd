"""Table Schemas as objects: the only reader of `schemas/tables` and `schemas/marts`.

Source of the format: Data Package v2.0, Table Schema. Custom properties are in the namespace `ms:` (`ms:titleZh`,
`ms:labelsZh`, `ms:path`, `ms:rule` …); their meaning is described in schemas/README.md.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib import resources
from pathlib import Path
from typing import Any, Literal

from pipeline.language import Text

LISTED = 100  # values of an enumeration that a message lists
FieldType = str  # a type of Table Schema; curated tables use those of SQL_TYPES only


# How a cell is kept in the database; structure checks refuse what these types would cut or round.
SQL_TYPES: Mapping[str, str] = {
    "string": "VARCHAR",
    "integer": "BIGINT",
    "number": "DECIMAL(28, 9)",
    "boolean": "BOOLEAN",
    "date": "DATE",
}


@dataclass(frozen=True)
class Field:
    """One column. `enum` holds (value, label) pairs in the order of the schema; bounds and enum values are in the
    lexical form of a cell.

    `canonical` narrows the lexical forms of numbers and dates to the one that every engine reads alike, as in the
    curated tables; without it they are those of Table Schema.
    """

    name: str
    type: FieldType
    title: Text
    description: Text
    required: bool = False
    unique: bool = False
    pattern: str | None = None
    minimum: str | None = None
    maximum: str | None = None
    exclusive_minimum: str | None = None
    exclusive_maximum: str | None = None
    min_length: int | None = None
    max_length: int | None = None
    enum: tuple[tuple[str, Text], ...] = ()
    example: str | None = None
    bad_example: str | None = None
    aliases: tuple[tuple[str, str], ...] = ()  # (other spelling, value of the list)
    as_printed: bool = False  # repeats characters of a document: never trimmed or rewritten
    canonical: bool = True
    format: str = "default"
    missing_values: tuple[str, ...] = ("",)
    true_values: tuple[str, ...] = ("true", "True", "TRUE", "1")
    false_values: tuple[str, ...] = ("false", "False", "FALSE", "0")
    decimal_char: str = "."
    group_char: str = ""
    bare_number: bool = True
    descriptor: Mapping[str, Any] = field(default_factory=dict, compare=False)

    @cached_property
    def options(self) -> Text:
        """The allowed values for a reader; of very many only the first."""
        shown = self.enum[:LISTED]
        rest = len(self.enum) - len(shown)
        more = Text(f" 等 {len(self.enum)} 个", f" and {rest} more") if rest else Text("", "")
        zh = "、".join(value if value == label.zh else f"{value}({label.zh})" for value, label in shown)
        en = ", ".join(value if value == label.en else f"{value} ({label.en})" for value, label in shown)
        return Text(f"其中之一:{zh}{more.zh}", f"one of: {en}{more.en}")

    @cached_property
    def values(self) -> tuple[str, ...]:
        return tuple(value for value, _ in self.enum)


@dataclass(frozen=True)
class ForeignKey:
    """Fields that must occur as `reference_fields` of `resource`; `rule` is the code reported where they do not."""

    fields: tuple[str, ...]
    resource: str
    reference_fields: tuple[str, ...]
    rule: str
    scope: Literal["folder", "package"]


@dataclass(frozen=True)
class Table:
    """What a table should be. `path` is its file in a data folder; {programme_id} in it marks one per programme, and
    a further {column} one for each value of that column (pipeline/paths.py).

    A data folder may do without the file of an `optional` table: it then has no rows.
    """

    name: str
    path: str
    title: Text
    description: Text
    fields: tuple[Field, ...]
    primary_key: tuple[str, ...]
    unique_keys: tuple[tuple[str, ...], ...]
    foreign_keys: tuple[ForeignKey, ...]
    descriptor: Mapping[str, Any]
    optional: bool = False

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(field.name for field in self.fields)

    @cached_property
    def positions(self) -> Mapping[str, int]:
        return {field.name: at for at, field in enumerate(self.fields)}

    @property
    def per_programme(self) -> bool:
        return "{programme_id}" in self.path

    def field(self, name: str) -> Field:
        return self.fields[self.positions[name]]


def spreadsheet_letter(index: int) -> str:
    """0 → A, 25 → Z, 26 → AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def schemas_dir() -> Path:
    """The folder of the schemas, in a checkout as in an installed wheel."""
    return Path(str(resources.files("schemas")))


@cache
def curated_tables() -> tuple[Table, ...]:
    """The tables stewards curate, so ordered that a table stands behind those it refers to."""
    loaded = {table.name: table for table in _load("tables")}
    ordered: list[Table] = []
    while len(ordered) < len(loaded):
        placed = {table.name for table in ordered}
        ready = [
            table
            for table in loaded.values()
            if table.name not in placed
            and all(key.resource in placed or key.resource == table.name for key in table.foreign_keys)
        ]
        if not ready:
            raise ValueError("foreign keys of schemas/tables form a circle")
        ordered += ready
    return tuple(ordered)


@cache
def mart_tables() -> tuple[Table, ...]:
    """The marts analysts query, by name. A field may name the curated column it repeats: `"ms:from": "table.field"`."""
    return tuple(_load("marts"))


def table(name: str) -> Table:
    return next(table for table in curated_tables() if table.name == name)


def _load(folder: str) -> list[Table]:
    paths = sorted((schemas_dir() / folder).glob("*.schema.json"))
    return [_table(json.loads(path.read_text(encoding="utf-8"))) for path in paths]


def _table(schema: dict[str, Any]) -> Table:
    fields = [_inherit(descriptor) for descriptor in schema["fields"]]
    return table_of({**schema, "fields": fields}, schema["name"], schema["ms:path"])


def table_of(schema: Mapping[str, Any], name: str, path: str, *, canonical: bool = True) -> Table:
    """A Table Schema descriptor, found well-formed before, as a table. Source: Data Package v1 and v2, Table Schema."""
    missing = _missing_values(schema, ("",))
    return Table(
        name=name,
        path=path,
        title=_text(schema, "title", name),
        description=_text(schema, "description", ""),
        fields=tuple(_field(descriptor, missing, canonical) for descriptor in schema["fields"]),
        primary_key=_names(schema.get("primaryKey", ())),
        unique_keys=tuple(_names(key) for key in schema.get("uniqueKeys", ())),
        foreign_keys=tuple(_foreign_key(name, key) for key in schema.get("foreignKeys", ())),
        descriptor=schema,
        optional=schema.get("ms:optional", False),
    )


def _text(descriptor: Mapping[str, Any], key: str, default: str) -> Text:
    """A title or description in both languages, where there are two."""
    text = str(descriptor.get(key, default))
    return Text(descriptor.get(f"ms:{key}Zh", text), text)


def _names(names: str | Sequence[str]) -> tuple[str, ...]:
    """Version 1 of the standard allows a single name in place of a list."""
    return (names,) if isinstance(names, str) else tuple(names)


def _missing_values(descriptor: Mapping[str, Any], default: tuple[str, ...]) -> tuple[str, ...]:
    """Version 2 of the standard allows {"value": …, "label": …}."""
    if "missingValues" not in descriptor:
        return default
    return tuple(value["value"] if isinstance(value, dict) else value for value in descriptor["missingValues"])


def _inherit(field: dict[str, Any]) -> dict[str, Any]:
    """Resolve `ms:from`: the description stays where the column was first described."""
    if "ms:from" not in field:
        return field
    table_name, _, field_name = field["ms:from"].partition(".")
    origin = next(f for f in table(table_name).descriptor["fields"] if f["name"] == field_name)
    inherited = {k: v for k, v in origin.items() if k not in ("constraints", "example", "ms:badExample")}
    enum = origin.get("constraints", {}).get("enum")
    own = dict(field)
    if enum:
        own["constraints"] = {**own.get("constraints", {}), "enum": enum}
    return {**inherited, **own}


def _field(descriptor: Mapping[str, Any], missing: tuple[str, ...], canonical: bool) -> Field:
    constraints = descriptor.get("constraints", {})
    labels = {category["value"]: category.get("label") for category in _categories(descriptor)}
    labels_zh = descriptor.get("ms:labelsZh", {})
    name = descriptor["name"]
    booleans = {
        own: tuple(descriptor[key])
        for own, key in (("true_values", "trueValues"), ("false_values", "falseValues"))
        if key in descriptor
    }
    return Field(
        name=name,
        type=descriptor.get("type", "string"),
        title=_text(descriptor, "title", name),
        description=_text(descriptor, "description", ""),
        required=constraints.get("required", False),
        unique=constraints.get("unique", False),
        pattern=constraints.get("pattern"),
        minimum=_lexical(constraints.get("minimum"), descriptor),
        maximum=_lexical(constraints.get("maximum"), descriptor),
        exclusive_minimum=_lexical(constraints.get("exclusiveMinimum"), descriptor),
        exclusive_maximum=_lexical(constraints.get("exclusiveMaximum"), descriptor),
        min_length=constraints.get("minLength"),
        max_length=constraints.get("maxLength"),
        enum=tuple(
            (_lexical(value, descriptor) or "", Text(labels_zh.get(value, text), text))
            for value in constraints.get("enum", ())
            if not isinstance(value, list | dict)  # of arrays and objects, which pipeline/cells.py judges by descriptor
            for text in (labels.get(value) or str(value),)
        ),
        example=descriptor.get("example"),
        bad_example=descriptor.get("ms:badExample"),
        canonical=canonical,
        format=descriptor.get("format", "default"),
        missing_values=_missing_values(descriptor, missing),
        decimal_char=descriptor.get("decimalChar", "."),
        group_char=descriptor.get("groupChar", ""),
        bare_number=descriptor.get("bareNumber", True),
        descriptor=descriptor,
        aliases=tuple((word, v) for v, words in descriptor.get("ms:aliases", {}).items() for word in words),
        as_printed=descriptor.get("ms:asPrinted", False),
        **booleans,
    )


def _categories(descriptor: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Categories are plain values or {"value": …, "label": …}."""
    categories = descriptor.get("categories", ())
    return [category if isinstance(category, dict) else {"value": category} for category in categories]


def _lexical(value: object, descriptor: Mapping[str, Any]) -> str | None:
    """A value of a descriptor as a cell would show it."""
    if isinstance(value, bool):
        shown = descriptor.get("trueValues" if value else "falseValues")
        return str(shown[0]) if shown else str(value).lower()
    if isinstance(value, float):
        return str(value).replace(".", descriptor.get("decimalChar", "."))
    return None if value is None else str(value)


def _foreign_key(own_name: str, key: Mapping[str, Any]) -> ForeignKey:
    """In version 1 an empty resource stands for the table itself, in version 2 a missing one does."""
    reference = key["reference"]
    return ForeignKey(
        fields=_names(key["fields"]),
        resource=reference.get("resource") or own_name,
        reference_fields=_names(reference["fields"]),
        rule=key.get("ms:rule", "foreign-key"),
        scope=key.get("ms:scope", "folder"),
    )

"""Table Schemas as objects: the only reader of `schemas/tables` and `schemas/marts`.

Source of the format: Data Package v2.0, Table Schema. Custom properties are in the namespace `ms:` (`ms:titleZh`,
`ms:labelsZh`, `ms:path`, `ms:rule` …); their meaning is described in schemas/README.md.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import resources
from pathlib import Path
from typing import Any, Literal

from pipeline.language import Text

FieldType = Literal["string", "integer", "number", "boolean", "date"]


# How a cell is kept in the database; structure checks refuse what these types would cut or round.
SQL_TYPES: Mapping[FieldType, str] = {
    "string": "VARCHAR",
    "integer": "BIGINT",
    "number": "DECIMAL(28, 9)",
    "boolean": "BOOLEAN",
    "date": "DATE",
}


@dataclass(frozen=True)
class Field:
    """One column. `enum` holds (value, label) pairs in the order of the schema."""

    name: str
    type: FieldType
    title: Text
    description: Text
    required: bool = False
    unique: bool = False
    pattern: str | None = None
    minimum: str | None = None
    maximum: str | None = None
    enum: tuple[tuple[str, Text], ...] = ()
    example: str | None = None
    bad_example: str | None = None
    aliases: tuple[tuple[str, str], ...] = ()  # (other spelling, value of the list)
    as_printed: bool = False  # repeats characters of a document: never trimmed or rewritten

    @property
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
    """What a table should be. `path` is its file in a data folder; {programme_id} in it marks one per programme."""

    name: str
    path: str
    title: Text
    description: Text
    fields: tuple[Field, ...]
    primary_key: tuple[str, ...]
    unique_keys: tuple[tuple[str, ...], ...]
    foreign_keys: tuple[ForeignKey, ...]
    descriptor: Mapping[str, Any]

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(field.name for field in self.fields)

    @property
    def per_programme(self) -> bool:
        return "{programme_id}" in self.path

    def field(self, name: str) -> Field:
        return next(field for field in self.fields if field.name == name)


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
    fields = [_inherit(field) for field in schema["fields"]]
    return Table(
        name=schema["name"],
        path=schema["ms:path"],
        title=Text(schema["ms:titleZh"], schema["title"]),
        description=Text(schema["ms:descriptionZh"], schema["description"]),
        fields=tuple(_field(field) for field in fields),
        primary_key=tuple(schema["primaryKey"]),
        unique_keys=tuple(tuple(key) for key in schema.get("uniqueKeys", ())),
        foreign_keys=tuple(_foreign_key(schema["name"], key) for key in schema.get("foreignKeys", ())),
        descriptor={**schema, "fields": fields},
    )


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


def _field(field: dict[str, Any]) -> Field:
    constraints = field.get("constraints", {})
    labels = {c["value"]: c["label"] for c in field.get("categories", ())}
    labels_zh = field.get("ms:labelsZh", {})
    return Field(
        name=field["name"],
        type=field["type"],
        title=Text(field["ms:titleZh"], field["title"]),
        description=Text(field["ms:descriptionZh"], field["description"]),
        required=constraints.get("required", False),
        unique=constraints.get("unique", False),
        pattern=constraints.get("pattern"),
        minimum=_bound(constraints.get("minimum")),
        maximum=_bound(constraints.get("maximum")),
        enum=tuple((v, Text(labels_zh.get(v, v), labels.get(v, v))) for v in constraints.get("enum", ())),
        example=field.get("example"),
        bad_example=field.get("ms:badExample"),
        aliases=tuple((word, v) for v, words in field.get("ms:aliases", {}).items() for word in words),
        as_printed=field.get("ms:asPrinted", False),
    )


def _bound(value: object) -> str | None:
    return None if value is None else str(value)


def _foreign_key(own_name: str, key: dict[str, Any]) -> ForeignKey:
    reference = key["reference"]
    return ForeignKey(
        fields=tuple(key["fields"]),
        resource=reference.get("resource", own_name),
        reference_fields=tuple(reference["fields"]),
        rule=key.get("ms:rule", "foreign-key"),
        scope=key.get("ms:scope", "folder"),
    )

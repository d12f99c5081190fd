"""CSVW metadata: datatypes, keys and titles of every table, for tools of the W3C's CSV on the Web (REC 2015).

Stands at data/csv-metadata.json, where the standard looks for the metadata of data/*.csv. Foreign keys of columns that
may be empty are left out: strict validators count an empty cell as a row that is not found. datapackage.json has all.
"""

import re
from typing import Any

from pipeline.language import Text
from pipeline.release.formats import linked
from pipeline.release.formats.edition import Edition
from pipeline.release.resources import Resource
from pipeline.tables import Field

PATH = "data/csv-metadata.json"
_BASES = {"string": "string", "integer": "integer", "number": "decimal", "boolean": "boolean", "date": "date"}


def content(edition: Edition) -> str:
    resources = [each.resource for each in edition.tables]
    document = {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "zh"}],
        "dc:title": linked.both_ways(edition.package.title),
        "dc:description": linked.both_ways(edition.package.description),
        "dc:publisher": {"schema:name": edition.publisher.name},
        "dc:license": [{"@id": path} for path in linked.licences(edition.package)],
        "dc:modified": {"@value": edition.entry.released_on, "@type": "xsd:date"},
        "schema:version": edition.entry.version,
        "dialect": {"encoding": "utf-8", "lineTerminators": ["\n"], "header": True},
        "tables": [_table(resource, resources) for resource in resources],
    }
    return linked.dumped(document)


def _table(resource: Resource, resources: list[Resource]) -> dict[str, Any]:
    table = resource.table
    described: dict[str, Any] = {
        "columns": [_column(field) for field in table.fields],
        "primaryKey": list(table.primary_key),
    }
    keys = [
        {
            "columnReference": list(key.fields),
            "reference": {"resource": _url(target), "columnReference": list(key.reference_fields)},
        }
        for key in table.foreign_keys
        for target in resources
        if key.scope == "folder"
        and all(table.field(name).required for name in key.fields)
        and target.schema == resource.schema
        and target.table.name == key.resource
    ]
    if keys:
        described["foreignKeys"] = keys
    return {
        "url": _url(resource),
        "dc:title": linked.both_ways(table.title),
        "dc:description": linked.both_ways(table.description),
        "tableSchema": described,
    }


def _url(resource: Resource) -> str:
    return resource.path.removeprefix("data/")


def _column(field: Field) -> dict[str, Any]:
    column: dict[str, Any] = {
        "name": field.name,
        "titles": {"und": field.name, **_titles(field.title, field.name)},  # the header row counts as a title
        "dc:description": linked.both_ways(field.description),
        "datatype": _datatype(field),
    }
    if field.required:
        column["required"] = True
    return column


def _titles(title: Text, name: str) -> dict[str, str]:
    return {language: text for language, text in (("zh", title.zh), ("en", title.en)) if text != name}


def _datatype(field: Field) -> dict[str, Any]:
    kind: dict[str, Any] = {"base": _BASES[field.type]}
    if field.type == "boolean":
        kind["format"] = "true|false"
    if field.type == "date":
        kind["format"] = "yyyy-MM-dd"
    if field.type == "string":
        form = "^(" + "|".join(_literally(value) for value in field.values) + ")$" if field.enum else field.pattern
        bounds = {"format": form, "minLength": field.min_length, "maxLength": field.max_length}
    else:
        bounds = {
            "minimum": field.minimum,
            "maximum": field.maximum,
            "minExclusive": field.exclusive_minimum,
            "maxExclusive": field.exclusive_maximum,
        }
    return {**kind, **{name: bound for name, bound in bounds.items() if bound is not None}}


def _literally(value: str) -> str:
    """A value as a regular expression of ECMAScript, as CSVW asks; re.escape escapes more than that allows."""
    return re.sub(r"([\^$.*+?()\[\]{}|\\/])", r"\\\1", value)

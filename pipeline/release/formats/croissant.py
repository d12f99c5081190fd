"""Croissant 1.1, for tools of machine learning: a schema.org Dataset with record sets that name files and columns.

Source: MLCommons, Croissant Format Specification 1.1 (2026-01-29). Only files with a checksum may be a FileObject, so
the DuckDB file and the zip are left out. No field has `references`: the reference implementation reads them as inner
joins and drops every row with an empty reference. Foreign keys are in datapackage.json and in the CSVW metadata.
"""

from typing import Any

from pipeline.language import Text
from pipeline.release.formats import linked, schema_org
from pipeline.release.formats.edition import Edition, File, Published

PATH = "croissant.json"
_TYPES = {
    "string": "sc:Text",
    "integer": "sc:Integer",
    "number": "sc:Float",
    "boolean": "sc:Boolean",
    "date": "sc:Date",
}
_JSON = {"@type": "@json"}
# Appendix 1 of the specification, with the address of schema.org that the reference implementation writes.
_CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
    "conformsTo": "dct:conformsTo",
    "data": {"@id": "cr:data", **_JSON},
    "examples": {"@id": "cr:examples", **_JSON},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    **{
        name: f"cr:{name}"
        for name in (
            "annotation", "arrayShape", "citeAs", "column", "containedIn", "equivalentProperty", "excludes", "extract",
            "field", "fileObject", "fileProperty", "fileSet", "format", "includes", "isArray", "isLiveDataset",
            "jsonPath", "key", "md5", "parentField", "path", "readLines", "recordSet", "references", "regex",
            "repeated", "replace", "samplingRate", "sdVersion", "separator", "source", "subField", "transform",
            "unArchive", "value",
        )
    },
}  # fmt: skip


def content(edition: Edition) -> str:
    files = [file for each in edition.tables for file in (each.csv, each.parquet)]
    document = {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        **schema_org.described(edition),
        "conformsTo": "http://mlcommons.org/croissant/1.1",
        "citeAs": edition.citation,
        "isLiveDataset": False,
        "distribution": [_file(file) for file in (*files, *edition.made)],
        "recordSet": [_records(each) for each in edition.tables],
    }
    return linked.dumped(document)


def _file(file: File) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": file.path,
        "name": file.path,
        "description": linked.in_one(file.title),
        "contentUrl": file.path,
        "contentSize": f"{file.size} B",
        "encodingFormat": file.media_type,
        "sha256": file.sha256,
    }


def _records(each: Published) -> dict[str, Any]:
    resource = each.resource
    return {
        "@type": "cr:RecordSet",
        "@id": resource.name,
        "name": resource.name,
        "description": linked.in_one(_sentence(resource.table.title, resource.table.description)),
        "key": [{"@id": f"{resource.name}/{name}"} for name in resource.table.primary_key],
        "field": [
            {
                "@type": "cr:Field",
                "@id": f"{resource.name}/{field.name}",
                "name": field.name,
                "description": linked.in_one(_sentence(field.title, field.description)),
                "dataType": _TYPES[field.type],
                "source": {"fileObject": {"@id": each.csv.path}, "extract": {"column": field.name}},
            }
            for field in resource.table.fields
        ],
    }


def _sentence(title: Text, description: Text) -> Text:
    return Text(f"{title.zh}:{description.zh}", f"{title.en}: {description.en}")

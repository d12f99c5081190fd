"""dbt properties from the Table Schemas: sources, staging and mart columns with contracts, comments and data tests.

Hand-written properties (unit tests, intermediate models) stand in files of their own beside the generated ones.
"""

import json
from typing import Any

from pipeline.language import Text
from pipeline.tables import Field, Table, curated_tables, mart_tables

HEADER = "# Generated from schemas/ by `minsheng docs`; change the schemas, not this file.\n"
CONTRACT_TYPES = {
    "string": "varchar",
    "integer": "bigint",
    "number": "decimal(38, 9)",
    "boolean": "boolean",
    "date": "date",
}


def files() -> dict[str, str]:
    base = "dbt_project/models"
    return {
        f"{base}/staging/_sources.yml": _yaml({"version": 2, "sources": [_sources()]}),
        f"{base}/staging/_staging.yml": _yaml({"version": 2, "models": [_staging(t) for t in curated_tables()]}),
        f"{base}/marts/_marts.yml": _yaml({"version": 2, "models": [_mart(t) for t in mart_tables()]}),
    }


def _yaml(content: dict[str, Any]) -> str:
    """JSON is YAML; one line a column keeps the diff readable."""
    return HEADER + json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def _described(table: Table) -> str:
    return table.description.both


def _column(field: Field) -> dict[str, Any]:
    return {"name": field.name, "description": field.description.both}


def _sources() -> dict[str, Any]:
    return {
        "name": "curated",
        "schema": "curated",
        "description": Text("读自 CSV 并按类型装载的整理表。", "Curated tables as read from CSV, typed.").both,
        "tables": [
            {
                "name": table.name,
                "description": _described(table),
                "columns": [_column(f) for f in table.fields],
            }
            for table in curated_tables()
        ],
    }


def _staging(table: Table) -> dict[str, Any]:
    return {
        "name": f"stg_{table.name}",
        "description": _described(table),
        "columns": [_column(f) for f in table.fields]
        + [
            {"name": "_file", "description": Text("整理行所在文件。", "File of the curated row.").both},
            {
                "name": "_line",
                "description": Text("整理行所在物理行。", "Physical line of the curated row.").both,
            },
        ],
    }


def _mart(table: Table) -> dict[str, Any]:
    columns = []
    for field in table.fields:
        column = {**_column(field), "data_type": CONTRACT_TYPES[field.type]}
        if field.required:
            column["constraints"] = [{"type": "not_null"}]
        columns.append(column)
    described = {
        "key": list(table.primary_key),
        "values": {field.name: list(field.values) for field in table.fields if field.enum},
        "references": {
            key.fields[0]: {"model": key.resource, "column": key.reference_fields[0]} for key in table.foreign_keys
        },
    }
    return {
        "name": table.name,
        "description": _described(table),
        "config": {"contract": {"enforced": True}},
        "columns": columns,
        "data_tests": [{"as_described": {"name": f"{table.name}_is_as_described", "arguments": described}}],
    }

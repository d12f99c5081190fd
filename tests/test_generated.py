"""What is generated from schemas and rules is up to date, and valid for tools that are not ours."""

import json
from pathlib import Path

import jsonschema
import pytest

from pipeline.generated import drift, makers, write
from pipeline.tables import Table, curated_tables, mart_tables

ROOT = Path(__file__).parent.parent


def test_no_generated_file_has_drifted() -> None:
    assert drift(ROOT, makers(ROOT / "datapackage")) == []


def test_drift_is_noticed_and_renewed(tmp_path: Path) -> None:
    wanted = {"a/page.md": "new\n"}
    assert drift(tmp_path, wanted) == ["a/page.md"]
    assert write(tmp_path, wanted) == ["a/page.md"]
    assert drift(tmp_path, wanted) == []
    (tmp_path / "a/page.md").write_bytes(b"new\r\n")
    assert drift(tmp_path, wanted) == ["a/page.md"]


def test_frictionless_accepts_the_curated_package_as_it_stands() -> None:
    from frictionless import Package

    report = Package.from_descriptor(str(ROOT / "datapackage" / "datapackage.json")).validate()
    assert report.valid, report.flatten(["rowNumber", "fieldName", "type", "note"])


def test_the_descriptor_keeps_to_the_conservative_part_of_the_standard() -> None:
    descriptor = json.loads((ROOT / "datapackage" / "datapackage.json").read_text(encoding="utf-8"))
    assert descriptor["$schema"] == "https://datapackage.org/profiles/2.0/datapackage.json"
    assert descriptor["languages"] == ["zh", "en"]
    assert all(source["title"] for source in descriptor["sources"])
    for resource in descriptor["resources"]:
        schema = resource["schema"]
        assert isinstance(schema["primaryKey"], list)
        assert "fieldsMatch" not in schema
        for field in schema["fields"]:
            values = field.get("constraints", {}).get("enum")
            assert ("categories" in field) == (values is not None)
            if values is not None:
                assert [category["value"] for category in field["categories"]] == values


@pytest.mark.parametrize("table", [*curated_tables(), *mart_tables()], ids=lambda table: f"{table.path}")
def test_every_column_is_described_in_both_languages(table: Table) -> None:
    for text in (
        table.title,
        table.description,
        *(f.title for f in table.fields),
        *(f.description for f in table.fields),
    ):
        assert text.zh
        assert text.en
    for field in table.fields:
        assert all(label.zh and label.en for _, label in field.enum)
        if field.pattern and field.example:
            jsonschema.validate(field.example, {"type": "string", "pattern": field.pattern})
        if field.pattern and field.bad_example:
            with pytest.raises(jsonschema.ValidationError):
                jsonschema.validate(field.bad_example, {"type": "string", "pattern": field.pattern})

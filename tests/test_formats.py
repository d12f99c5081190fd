"""The formats that describe a release, each as a function of a small edition whose cells are as nasty as cells can be.

What validators of others say of them: tests/test_format_validators.py.
"""

import csv
import io
import json
import re
import time
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml

from pipeline.language import Text
from pipeline.package import Package, PackageFileError, read_package
from pipeline.release.formats import catalogue, citation, croissant, csvw, datacite, dcat, schema_org, workbook
from pipeline.release.formats.edition import CSV, PARQUET, Edition, File, Place, Published, Source, Theme
from pipeline.release.formats.registry import FORMATS
from pipeline.release.resources import Resource, resources
from pipeline.release.store import Entry
from pipeline.tables import table, table_of

SCHEMA = {
    "name": "prices",
    "title": "Prices",
    "ms:titleZh": "价格",
    "description": "What a thing costs.",
    "ms:descriptionZh": "物品价格。",
    "fields": [
        {"name": "price_id", "type": "string", "constraints": {"required": True, "pattern": "^[a-z]+$"}},
        {"name": "concept_code", "type": "string", "constraints": {"required": True}},
        {"name": "parent_id", "type": "string"},
        {"name": "kind", "type": "string", "constraints": {"enum": ["a.b", "c|d"]}, "ms:labelsZh": {"a.b": "甲"}},
        {"name": "amount", "type": "number", "constraints": {"minimum": 0}},
        {"name": "year", "type": "integer", "constraints": {"minimum": 1949, "maximum": 2100}},
        {"name": "due_on", "type": "date"},
        {"name": "stated", "type": "boolean"},
    ],
    "primaryKey": ["price_id"],
    "foreignKeys": [
        {"fields": ["concept_code"], "reference": {"resource": "concepts", "fields": ["concept_code"]}},
        {"fields": ["parent_id"], "reference": {"fields": ["price_id"]}},
    ],
}
ROWS = (
    ("a", "shops", "", "a.b", "2.7", "2030", "2030-12-31", "true"),
    ("b", '=HYPERLINK("x")', "a", "c|d", "12345678901234567.5", "1999", "1899-12-31", "false"),
    ("c", "+1\t<&>\"'", "", "", "", "", "", ""),
)
CONCEPT = ("shops", "商店", "Shops", "个数", "items", "count", "higher", "sum", "markets")
MAIN = Resource(table_of(SCHEMA, "prices", "data/prices.csv"), "prices", "main", "data/prices.csv")
CONCEPTS = Resource(table("concepts"), "curated-concepts", "curated", "data/curated/concepts.csv")
HASH = "0" * 63 + "1"


def published(resource: Resource) -> Published:
    title = resource.table.title
    return Published(
        resource,
        File(resource.path, title, CSV, 10, HASH),
        File(resource.parquet_path, title, PARQUET, 20, HASH),
    )


def rows(resource: Resource) -> Iterator[Sequence[str]]:
    return iter(ROWS if resource == MAIN else (CONCEPT,))


@pytest.fixture
def edition() -> Edition:
    package = Package(
        name="small",
        version="1.2.3",
        title=Text("小数据", "Small data"),
        description=Text("说明“引号”。", 'A description: with "quotes" and #marks,\nof two lines.'),
        keywords=("民生实事", "yes"),
        licenses=({"name": "CC-BY-4.0", "path": "https://creativecommons.org/licenses/by/4.0/"},),
        contributors=(
            {"title": "某市数据局", "roles": ["publisher"], "ms:uscc": "11110000000000000X"},
            {"givenName": "Li", "familyName": "Wang", "roles": ["creator", "dataCurator"], "email": "li@example.org"},
        ),
    )
    entry = Entry("1.2.3", "2030-01-01", "small-1.2.3", "small-1.2.3.zip", "sha256:d", "sha256:i")
    return Edition(
        package=package,
        entry=entry,
        tables=(published(MAIN), published(CONCEPTS)),
        years=(2023, 2027),
        places=(Place("210200", Text("大连市", "Dalian")),),
        themes=(Theme("markets", Text("商贸", "Markets"), "04.7", "8", "broad"),),
        sources=(Source("某市民生实事", "", "", "ab" * 32, "open"),),
        rows=rows,
        made=(File("small.xlsx", Text("工作簿", "workbook"), workbook.MEDIA_TYPE, 30, HASH),),
    )


def parsed(content: str) -> Any:
    return json.loads(content)


def test_each_format_has_a_place_of_its_own_and_says_what_it_is_for() -> None:
    assert len({form.path for form in FORMATS}) == len(FORMATS)
    for form in FORMATS:
        assert form.title.zh
        assert form.title.en


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.path)
def test_the_same_edition_gives_the_same_bytes_at_any_time_and_place(
    form: Any, edition: Edition, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = form.content(edition)
    try:
        for zone in ("Pacific/Kiritimati", "America/New_York"):
            monkeypatch.setenv("TZ", zone)
            time.tzset()
            assert form.content(edition) == first
    finally:
        monkeypatch.undo()
        time.tzset()


def test_csvw_describes_every_column_of_every_table(edition: Edition) -> None:
    whole = replace(edition, tables=tuple(published(each) for each in resources()))
    tables = parsed(csvw.content(whole))["tables"]
    assert [each["url"] for each in tables] == [each.path.removeprefix("data/") for each in resources()]
    for each, resource in zip(tables, resources(), strict=True):
        assert tuple(column["name"] for column in each["tableSchema"]["columns"]) == resource.table.names
        assert tuple(each["tableSchema"]["primaryKey"]) == resource.table.primary_key
        for key in each["tableSchema"].get("foreignKeys", ()):
            assert key["reference"]["resource"] in {other["url"] for other in tables}
    assert sum(len(each["tableSchema"].get("foreignKeys", ())) for each in tables) > 15


def test_csvw_says_types_bounds_and_values(edition: Edition) -> None:
    (prices, _) = parsed(csvw.content(edition))["tables"]
    columns = {column["name"]: column for column in prices["tableSchema"]["columns"]}
    assert columns["price_id"]["titles"]["und"] == "price_id"
    assert columns["price_id"]["required"] is True
    assert columns["amount"]["datatype"] == {"base": "decimal", "minimum": "0"}
    assert columns["year"]["datatype"] == {"base": "integer", "minimum": "1949", "maximum": "2100"}
    values = columns["kind"]["datatype"]["format"]
    assert [bool(re.search(values, cell)) for cell in ("a.b", "c|d", "axb", "c", "xa.b")] == [True, True] + [False] * 3
    assert "foreignKeys" not in prices["tableSchema"], "the concept is curated, the parent may be empty"


def test_croissant_reads_every_column_from_a_file_with_a_checksum(edition: Edition) -> None:
    document = parsed(croissant.content(edition))
    files = {each["@id"]: each for each in document["distribution"]}
    assert set(files) == {
        "data/prices.csv", "data/prices.parquet", "data/curated/concepts.csv", "data/curated/concepts.parquet",
        "small.xlsx",
    }  # fmt: skip
    assert all(len(each["sha256"]) == 64 for each in files.values())
    for records, each in zip(document["recordSet"], edition.tables, strict=True):
        columns = [field["source"]["extract"]["column"] for field in records["field"]]
        assert tuple(columns) == each.resource.table.names
        assert {field["source"]["fileObject"]["@id"] for field in records["field"]} == {each.csv.path}
        ids = {field["@id"] for field in records["field"]}
        assert {key["@id"] for key in records["key"]} <= ids
    assert [field["dataType"] for field in document["recordSet"][0]["field"]] == [
        "sc:Text", "sc:Text", "sc:Text", "sc:Text", "sc:Float", "sc:Integer", "sc:Date", "sc:Boolean",
    ]  # fmt: skip


def test_dcat_lists_every_file_once_and_states_place_time_and_checksum(edition: Edition) -> None:
    graph = parsed(dcat.content(edition))["@graph"]
    nodes = {node["@id"]: node for node in graph}
    assert len(nodes) == len(graph)
    dataset = nodes["./"]
    linked = [each["@id"] for each in dataset["dcat:distribution"]]
    assert linked == [
        "data/prices.csv", "data/prices.parquet", "data/curated/concepts.csv", "data/curated/concepts.parquet",
        "small.xlsx", "small.duckdb", "../small-1.2.3.zip",
    ]  # fmt: skip
    unsure = [path for path in linked if "spdx:checksum" not in nodes[path]]
    assert unsure == ["small.duckdb", "../small-1.2.3.zip"]
    assert dataset["dct:spatial"][0]["adms:identifier"]["skos:notation"] == "210200"
    period = dataset["dct:temporal"]
    assert (period["dcat:startDate"]["@value"], period["dcat:endDate"]["@value"]) == ("2023-01-01", "2027-12-31")
    assert nodes["#domain-markets"]["skos:broadMatch"] == {"@id": "http://metadata.un.org/sdg/8"}
    assert {"@id": "#domain-markets"} in dataset["dcat:theme"]
    assert dataset["dcat:contactPoint"][0]["vcard:hasEmail"] == {"@id": "mailto:li@example.org"}


def test_schema_org_says_what_search_engines_ask_for(edition: Edition) -> None:
    document = parsed(schema_org.content(edition))
    assert 50 <= len(document["description"]) <= 5000
    assert document["temporalCoverage"] == "2023/2027"
    assert document["spatialCoverage"][0]["identifier"]["value"] == "210200"
    assert document["license"] == ["https://creativecommons.org/licenses/by/4.0/"]
    assert document["creator"] == [
        {"@type": "Person", "name": "Li Wang", "givenName": "Li", "familyName": "Wang", "email": "li@example.org"}
    ]
    assert document["variableMeasured"][0]["alternateName"] == "商店"
    assert len({each["contentUrl"] for each in document["distribution"]}) == 7


def test_datacite_tells_people_from_organisations(edition: Edition) -> None:
    document = parsed(datacite.content(edition))
    assert [each["nameType"] for each in document["creators"]] == ["Personal"]
    assert document["publisher"] == {"name": "某市数据局"}
    assert [each["contributorType"] for each in document["contributors"]] == ["DataCurator"]
    assert document["publicationYear"] == "2030"
    assert "url" not in document
    served = replace(edition, package=replace(edition.package, homepage="https://data.example.org/"))
    assert parsed(datacite.content(served))["url"] == "https://data.example.org/"


def test_citation_is_yaml_that_says_what_the_package_says(edition: Edition) -> None:
    document = yaml.safe_load(citation.content(edition))
    assert document["abstract"] == f"{edition.package.description.zh} {edition.package.description.en}"
    assert document["keywords"] == ["民生实事", "yes"]
    assert document["date-released"] == "2030-01-01"
    assert document["authors"] == [{"given-names": "Li", "family-names": "Wang", "email": "li@example.org"}]
    assert document["license"] == "CC-BY-4.0"
    other = replace(edition.package, licenses=({"name": "other-open", "path": "https://example.org/terms"},))
    document = yaml.safe_load(citation.content(replace(edition, package=other)))
    assert "license" not in document
    assert document["license-url"] == "https://example.org/terms"


def test_the_catalogue_entry_has_thirteen_fields_that_excel_can_read(edition: Edition) -> None:
    content = catalogue.content(edition)
    assert content.startswith("\ufeff")
    header, *entries = csv.reader(io.StringIO(content.removeprefix("\ufeff")))
    assert len(header) == 13
    assert len(entries) == 2
    entry = dict(zip(header, entries[0], strict=True))
    assert entry["信息资源代码"] == "small/prices"
    assert entry["信息资源提供方代码"] == "11110000000000000X"
    assert entry["信息项信息"].startswith("price_id(price_id,字符型)；")
    assert parsed(catalogue.json_content(edition)) == [dict(zip(header, each, strict=True)) for each in entries]


def test_related_resources_of_the_catalogue_are_entries_of_it(edition: Edition) -> None:
    whole = replace(edition, tables=tuple(published(each) for each in resources()))
    entries = catalogue.entries(whole)
    codes = {entry["信息资源代码"] for entry in entries}
    related = [code for entry in entries for code in entry["关联资源代码"].split("；") if code]
    assert related
    assert set(related) <= codes
    assert len(codes) == len(resources())


SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def cells(content: bytes, sheet: int) -> dict[str, tuple[str, str]]:
    """Kind and text of each cell of a sheet, by its place; `s` is text, `n` a number, `b` a truth value."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        strings = ElementTree.fromstring(archive.read("xl/sharedStrings.xml"))
        texts = ["".join(part.itertext()) for part in strings]
        tree = ElementTree.fromstring(archive.read(f"xl/worksheets/sheet{sheet}.xml"))
    found = {}
    for cell in tree.iter(f"{SHEET}c"):
        assert cell.find(f"{SHEET}f") is None, "no cell is a formula"
        kind, value = cell.get("t", "n"), cell.findtext(f"{SHEET}v") or ""
        found[cell.get("r", "")] = (kind, texts[int(value)] if kind == "s" else value)
    return found


def test_the_workbook_shows_cells_as_what_they_are(edition: Edition) -> None:
    sheet = cells(workbook.content(edition), 3)
    assert [sheet[f"{column}2"][1] for column in "ABCDEFGH"] == list(MAIN.table.names)
    assert sheet["E3"] == ("n", "2.7")
    assert sheet["G3"] == ("n", "47848"), "2030-12-31 as Excel counts days"
    assert (sheet["H3"], sheet["H4"]) == (("b", "1"), ("b", "0"))
    assert sheet["B4"] == ("s", '=HYPERLINK("x")')
    assert sheet["E4"] == ("s", "12345678901234567.5"), "Excel keeps fifteen digits"
    assert sheet["G4"] == ("s", "1899-12-31"), "Excel knows no day before 1900"
    assert sheet["B5"] == ("s", "+1\t<&>\"'")
    assert "C5" not in sheet


def test_the_workbook_explains_every_column_it_shows(edition: Edition) -> None:
    dictionary = cells(workbook.content(edition), 2)
    assert [dictionary[f"B{row}"][1] for row in range(2, 10)] == list(MAIN.table.names)
    assert dictionary["I5"][1] == "a.b = 甲 | a.b\nc|d = c|d | c|d"


def test_a_mart_too_large_for_a_workbook_is_left_out_whole_and_that_is_said(
    edition: Edition, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbook, "MOST_CELLS", len(ROWS) * len(MAIN.table.fields))
    assert cells(workbook.content(edition), 3)
    monkeypatch.setattr(workbook, "MOST_CELLS", len(ROWS) * len(MAIN.table.fields) - 1)
    content = workbook.content(edition)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert len([name for name in archive.namelist() if "worksheets/sheet" in name]) == 2
    said = {text for _, text in cells(content, 1).values()}
    assert any("data/prices.csv" in text and "too large" in text for text in said)


def test_text_longer_than_a_cell_may_be_is_cut_and_says_so(edition: Edition) -> None:
    long = replace(edition, rows=lambda _: iter([("a", "长" * 40_000, "", "", "", "", "", "")]))
    kind, text = cells(workbook.content(long), 3)["B3"]
    assert (kind, len(text)) == ("s", 32_767)
    assert text.endswith("full text in the CSV)")


@pytest.mark.parametrize("address", ["javascript:alert(1)", "https://a b", "ftp://example.org"])
def test_a_homepage_that_is_no_web_address_is_refused(address: str, data_folder: Any) -> None:
    path = data_folder / "package.toml"
    path.write_text(f'homepage = "{address}"\n' + path.read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(PackageFileError, match="homepage"):
        read_package(data_folder)

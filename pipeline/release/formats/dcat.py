"""DCAT-AP 3 as JSON-LD: a catalogue of one dataset with its distributions, for data portals to harvest.

Source: DCAT-AP 3.0.1 (SEMIC, 2025). Addresses are relative to this file, so they hold wherever the release stands.
Terms of EU vocabularies carry their class, which the shapes ask for and a harvester need not look up.
"""

from typing import Any

from pipeline.language import Text
from pipeline.release.formats import linked
from pipeline.release.formats.edition import CSV, PARQUET, ZIP, Agent, Edition, File, Source, Theme

PATH = "dcat-ap.jsonld"
_EU = "http://publications.europa.eu/resource/authority"
_IANA = "https://www.iana.org/assignments/media-types"
_WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# DuckDB is not on the list of file types
_FILE_TYPES = {CSV: "CSV", PARQUET: "PARQUET", ZIP: "ZIP", _WORKBOOK: "XLSX"}
_CONTEXT = {
    "adms": "http://www.w3.org/ns/adms#",
    "dcat": "http://www.w3.org/ns/dcat#",
    "dcatap": "http://data.europa.eu/r5r/",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "prov": "http://www.w3.org/ns/prov#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "spdx": "http://spdx.org/rdf/terms#",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


def content(edition: Edition) -> str:
    files = [file for each in edition.tables for file in (each.csv, each.parquet)]
    files += [*edition.made, edition.database, edition.archive]
    catalogue = {
        "@id": "#catalogue",
        "@type": "dcat:Catalog",
        **_described(edition),
        "dct:language": _languages(),
        "dct:license": _licences(edition),
        "dct:spatial": _places(edition),
        **({"foaf:homepage": _page(edition.package.homepage)} if edition.package.homepage else {}),
        "dcat:themeTaxonomy": [_vocabulary("data-theme"), {"@id": "#domains"}],
        "dcat:dataset": {"@id": "./"},
    }
    domains = {
        "@id": "#domains",
        "@type": "skos:ConceptScheme",
        "dct:title": linked.both_ways(Text("民生领域", "Policy domains")),
    }
    themes = [_theme(theme) for theme in edition.themes]
    distributions = [_distribution(file, edition) for file in files]
    graph = [catalogue, _dataset(edition, files), *distributions, domains, *themes]
    return linked.dumped({"@context": _CONTEXT, "@graph": graph})


def _described(edition: Edition) -> dict[str, Any]:
    package, day = edition.package, _day(edition.entry.released_on)
    return {
        "dct:title": linked.both_ways(package.title),
        "dct:description": linked.both_ways(package.description),
        "dct:publisher": _agent(edition.publisher),
        "dct:issued": day,
        "dct:modified": day,
    }


def _dataset(edition: Edition, files: list[File]) -> dict[str, Any]:
    package = edition.package
    first, last = edition.years
    dataset: dict[str, Any] = {
        "@id": "./",
        "@type": "dcat:Dataset",
        **_described(edition),
        "dct:identifier": f"{package.name}-{edition.entry.version}",
        "dct:creator": [_agent(each) for each in edition.creators],
        "dct:language": _languages(),
        "dct:accessRights": _term("access-right", "PUBLIC", "dct:RightsStatement"),
        "dct:accrualPeriodicity": _term("frequency", "IRREG", "dct:Frequency"),
        "dct:spatial": _places(edition),
        "dct:temporal": {
            "@type": "dct:PeriodOfTime",
            "dcat:startDate": _day(f"{first}-01-01"),
            "dcat:endDate": _day(f"{last}-12-31"),
        },
        "dct:provenance": {
            "@type": "dct:ProvenanceStatement",
            "rdfs:label": linked.both_ways(Text("由已公布的文件人工整理", "Curated by hand from published documents")),
        },
        "prov:wasDerivedFrom": [_source(source) for source in edition.sources],
        "dcat:version": edition.entry.version,
        "dcat:keyword": [{"@value": word, "@language": _language(word)} for word in package.keywords],
        "dcat:theme": [
            *({**_term("data-theme", code, "skos:Concept"), **_labels(name)} for code, name in _DATA_THEMES.items()),
            *({"@id": f"#domain-{theme.code}"} for theme in edition.themes),
        ],
        "dcat:distribution": [{"@id": file.path} for file in files],
    }
    if package.homepage:
        dataset["dcat:landingPage"] = _page(package.homepage)
    reachable = [{"@type": "vcard:Kind", **contact} for each in edition.agents if (contact := _contact(each))]
    if reachable:
        dataset["dcat:contactPoint"] = reachable
    return dataset


_STABLE = Text("长期可用", "stable")
_DATA_THEMES = {
    "SOCI": Text("人口与社会", "Population and society"),
    "GOVE": Text("政府与公共部门", "Government and public sector"),
}


def _distribution(file: File, edition: Edition) -> dict[str, Any]:
    found: dict[str, Any] = {
        "@id": file.path,
        "@type": "dcat:Distribution",
        "dct:title": linked.both_ways(file.title),
        "dct:description": linked.both_ways(Text(f"{file.title.zh}:{file.path}", f"{file.title.en}: {file.path}")),
        "dct:issued": _day(edition.entry.released_on),
        "dct:language": _languages(),
        "dct:license": _licences(edition),
        "dcat:accessURL": {"@id": file.path, "@type": "rdfs:Resource"},
        "dcat:downloadURL": {"@id": file.path, "@type": "rdfs:Resource"},
        "dcat:mediaType": {"@id": f"{_IANA}/{file.media_type}", "@type": "dct:MediaType"},
        "dcatap:availability": {**_term("planned-availability", "STABLE", "skos:Concept"), **_labels(_STABLE)},
    }
    if file.media_type in _FILE_TYPES:
        found["dct:format"] = _term("file-type", _FILE_TYPES[file.media_type], "dct:MediaTypeOrExtent")
    if file.media_type == ZIP:
        found["dcat:packageFormat"] = {"@id": f"{_IANA}/{ZIP}", "@type": "dct:MediaType"}
    if file.size is not None:
        found["dcat:byteSize"] = {"@value": str(file.size), "@type": "xsd:nonNegativeInteger"}
    if file.sha256 is not None:
        found["spdx:checksum"] = _checksum(file.sha256)
    return found


def _theme(theme: Theme) -> dict[str, Any]:
    relation = {"exact": "skos:exactMatch", "broad": "skos:broadMatch", "narrow": "skos:narrowMatch"}[theme.match]
    concept: dict[str, Any] = {
        "@id": f"#domain-{theme.code}",
        "@type": "skos:Concept",
        "skos:inScheme": {"@id": "#domains"},
        **_labels(theme.name),
    }
    if theme.cofog:
        concept["skos:note"] = f"COFOG 1999: {theme.cofog} ({theme.match})"
    if theme.goal:
        concept[relation] = {"@id": f"http://metadata.un.org/sdg/{theme.goal}"}
    return concept


def _source(source: Source) -> dict[str, Any]:
    entity: dict[str, Any] = {
        "@type": "prov:Entity",
        "dct:title": {"@value": source.title, "@language": "zh"},
        "spdx:checksum": _checksum(source.sha256),
    }
    if source.published_on:
        entity["dct:issued"] = _day(source.published_on)
    if source.publisher:
        entity["dct:publisher"] = {"@type": "foaf:Agent", "foaf:name": {"@value": source.publisher, "@language": "zh"}}
    return entity


def _agent(each: Agent) -> dict[str, Any]:
    agent: dict[str, Any] = {"@type": "foaf:Agent", "foaf:name": each.name}
    if each.address:
        agent["foaf:homepage"] = _page(each.address)
    return agent


def _contact(each: Agent) -> dict[str, Any]:
    contact: dict[str, Any] = {}
    if each.email:
        contact["vcard:hasEmail"] = {"@id": f"mailto:{each.email}"}
    if each.address:
        contact["vcard:hasURL"] = {"@id": each.address}
    return {"vcard:fn": each.name, **contact} if contact else {}


def _places(edition: Edition) -> list[dict[str, Any]]:
    return [
        {
            "@type": "dct:Location",
            "skos:prefLabel": linked.both_ways(place.name),
            "adms:identifier": {
                "@type": "adms:Identifier",
                "skos:notation": place.code,
                "adms:schemaAgency": "GB/T 2260",
            },
        }
        for place in edition.places
    ]


def _page(address: str) -> dict[str, str]:
    return {"@id": address, "@type": "foaf:Document"}


def _licences(edition: Edition) -> list[dict[str, str]]:
    return [{"@id": path, "@type": "dct:LicenseDocument"} for path in linked.licences(edition.package)]


def _languages() -> list[dict[str, Any]]:
    return [_term("language", code, "dct:LinguisticSystem") for code in ("ZHO", "ENG")]


def _vocabulary(name: str) -> dict[str, Any]:
    title = {"@value": name, "@language": "en"}
    return {"@id": f"{_EU}/{name}", "@type": "skos:ConceptScheme", "dct:title": title}


def _term(vocabulary: str, code: str, kind: str) -> dict[str, Any]:
    return {
        "@id": f"{_EU}/{vocabulary}/{code}",
        "@type": kind,
        "skos:inScheme": {"@id": f"{_EU}/{vocabulary}"},
    }


def _labels(name: Text) -> dict[str, Any]:
    return {"skos:prefLabel": linked.both_ways(name)}


def _checksum(sha256: str) -> dict[str, Any]:
    return {
        "@type": "spdx:Checksum",
        "spdx:algorithm": {"@id": "spdx:checksumAlgorithm_sha256", "@type": "spdx:ChecksumAlgorithm"},
        "spdx:checksumValue": {"@value": sha256, "@type": "xsd:hexBinary"},
    }


def _day(day: str) -> dict[str, str]:
    return {"@value": day, "@type": "xsd:date"}


def _language(word: str) -> str:
    return "en" if word.isascii() else "zh"

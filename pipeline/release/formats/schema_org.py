"""schema.org Dataset as JSON-LD, what search engines for data read.

Source: schema.org/Dataset; Google Search Central, "Dataset structured data" (name, a description of 50 to 5000
characters, licence, creator, coverage, distribution with contentUrl).
"""

from typing import Any

from pipeline.release.formats import linked
from pipeline.release.formats.edition import Agent, Edition, File

PATH = "schema-org.jsonld"
_DESCRIPTION = 5000


def content(edition: Edition) -> str:
    files = [file for each in edition.tables for file in (each.csv, each.parquet)]
    document = {
        "@context": {"@vocab": "https://schema.org/"},
        "@type": "Dataset",
        "@id": "./",
        **described(edition),
        "variableMeasured": _indicators(edition),
        "distribution": [_download(file) for file in (*files, *edition.made, edition.database, edition.archive)],
    }
    return linked.dumped(document)


def described(edition: Edition) -> dict[str, Any]:
    """The properties of a Dataset that say what it is: also those of a Croissant dataset."""
    package, entry = edition.package, edition.entry
    first, last = edition.years
    said: dict[str, Any] = {
        "name": package.title.en,
        "alternateName": package.title.zh,
        "description": f"{package.description.en} {package.description.zh}"[:_DESCRIPTION],
        "url": package.homepage or "./",
        "identifier": f"{package.name}-{entry.version}",
        "version": entry.version,
        "datePublished": entry.released_on,
        "dateModified": entry.released_on,
        "inLanguage": ["zh", "en"],
        "isAccessibleForFree": True,
        "keywords": list(package.keywords),
        "license": linked.licences(package),
        "creator": [agent(each) for each in edition.creators],
        "publisher": agent(edition.publisher),
        "creditText": edition.citation,
        "temporalCoverage": f"{first}/{last}",
        "spatialCoverage": [
            {
                "@type": "AdministrativeArea",
                "name": place.name.zh,
                "alternateName": place.name.en,
                "identifier": {"@type": "PropertyValue", "propertyID": "GB/T 2260", "value": place.code},
            }
            for place in edition.places
        ],
        "about": [
            {"@type": "DefinedTerm", "termCode": theme.code, "name": theme.name.en, "alternateName": theme.name.zh}
            for theme in edition.themes
        ],
        "isBasedOn": [
            {
                "@type": "CreativeWork",
                "name": source.title,
                "inLanguage": "zh",
                **({"publisher": {"@type": "Organization", "name": source.publisher}} if source.publisher else {}),
                **({"datePublished": source.published_on} if source.published_on else {}),
                "identifier": f"sha256:{source.sha256}",
            }
            for source in edition.sources
        ],
    }
    return said


def agent(each: Agent) -> dict[str, Any]:
    found = {"@type": "Person" if each.is_person else "Organization", "name": each.name}
    if each.is_person:
        found |= {"givenName": each.given_name, "familyName": each.family_name}
    if each.address:
        found["url"] = each.address
    if each.email:
        found["email"] = each.email
    return found


def _indicators(edition: Edition) -> list[dict[str, str]]:
    """The concepts that cities can be compared by: of single indicators there are too many for a page."""
    concepts = next(each.resource for each in edition.tables if each.resource.name == "curated-concepts")
    names = concepts.table.names
    rows = (dict(zip(names, row, strict=True)) for row in edition.rows(concepts))
    return [
        {
            "@type": "PropertyValue",
            "propertyID": row["concept_code"],
            "name": row["name_en"],
            "alternateName": row["name_zh"],
        }
        for row in rows
    ]


def _download(file: File) -> dict[str, Any]:
    found: dict[str, Any] = {
        "@type": "DataDownload",
        "name": file.path.rpartition("/")[2],
        "description": linked.in_one(file.title),
        "encodingFormat": file.media_type,
        "contentUrl": file.path,
    }
    if file.size is not None:
        found["contentSize"] = f"{file.size} B"
    if file.sha256 is not None:
        found["sha256"] = file.sha256
    return found

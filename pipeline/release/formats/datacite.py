"""DataCite metadata as JSON, ready for whoever registers a DOI for a release: everything but the DOI itself.

Source: DataCite Metadata Schema 4.6 (kernel-4), in the JSON form of the DataCite REST API. Nothing in it is newer
than 4.5, so readers of either take it.
"""

from collections.abc import Mapping
from typing import Any

from pipeline.release.formats import linked
from pipeline.release.formats.edition import Agent, Edition

PATH = "datacite.json"
# Contributor types of DataCite, by the role of a Data Package contributor; others are "Other".
_TYPES = {
    "contact": "ContactPerson",
    "contactPerson": "ContactPerson",
    "dataCollector": "DataCollector",
    "dataCurator": "DataCurator",
    "dataManager": "DataManager",
    "editor": "Editor",
    "projectLeader": "ProjectLeader",
    "researcher": "Researcher",
    "sponsor": "Sponsor",
    "supervisor": "Supervisor",
}
_NOT_CONTRIBUTORS = {"publisher", "creator", "author"}


def content(edition: Edition) -> str:
    package, entry = edition.package, edition.entry
    first, last = edition.years
    tables = [file for each in edition.tables for file in (each.csv, each.parquet)]
    document = {
        "schemaVersion": "http://datacite.org/schema/kernel-4",
        "types": {"resourceType": "Data package", "resourceTypeGeneral": "Dataset"},
        "titles": [
            {"title": package.title.zh, "lang": "zh"},
            {"title": package.title.en, "titleType": "TranslatedTitle", "lang": "en"},
        ],
        "creators": [_person(each) for each in edition.creators],
        "contributors": [
            {**_person(each), "contributorType": _TYPES.get(role, "Other")}
            for each in edition.agents
            for role in each.roles
            if role not in _NOT_CONTRIBUTORS
        ],
        "publisher": {"name": edition.publisher.name},
        "publicationYear": entry.released_on[:4],
        "dates": [
            {"date": entry.released_on, "dateType": "Issued"},
            {"date": f"{first}/{last}", "dateType": "Other", "dateInformation": "years the data cover"},
        ],
        "language": "zh",
        "version": entry.version,
        "alternateIdentifiers": [
            {"alternateIdentifier": f"{package.name}-{entry.version}", "alternateIdentifierType": "Name and version"},
            {"alternateIdentifier": entry.digest, "alternateIdentifierType": "Digest of the CSV tables"},
        ],
        "subjects": [
            *({"subject": word} for word in package.keywords),
            *({"subject": theme.name.zh, "lang": "zh"} for theme in edition.themes),
            *({"subject": theme.name.en, "lang": "en"} for theme in edition.themes),
        ],
        "geoLocations": [
            {"geoLocationPlace": f"{place.name.both} (GB/T 2260 {place.code})"} for place in edition.places
        ],
        "rightsList": [
            _rights(licence, path) for licence, path in zip(package.licenses, linked.licences(package), strict=True)
        ],
        "descriptions": [
            {"description": package.description.zh, "descriptionType": "Abstract", "lang": "zh"},
            {"description": package.description.en, "descriptionType": "Abstract", "lang": "en"},
        ],
        "formats": sorted({file.media_type for file in (*tables, *edition.made, edition.database)}),
        "sizes": [f"{len(edition.tables)} tables"],
    }
    if package.homepage:
        document["url"] = package.homepage
    return linked.dumped(document)


def _person(each: Agent) -> dict[str, Any]:
    found = {"name": each.name, "nameType": "Personal" if each.is_person else "Organizational"}
    if each.is_person:
        found |= {"givenName": each.given_name, "familyName": each.family_name}
    return found


def _rights(licence: Mapping[str, str], path: str) -> dict[str, str]:
    rights = {"rights": str(licence.get("title") or licence.get("name") or path), "rightsUri": path}
    if licence.get("name"):
        rights["rightsIdentifier"] = str(licence["name"])
    return rights

"""CITATION.cff 1.2.0: how to cite this version, for reference managers and code hosts."""

import json

from pipeline.release.formats import linked
from pipeline.release.formats.edition import Agent, Edition

PATH = "CITATION.cff"
# Licences of data that SPDX lists: CFF refuses any other name, so others are given by their address.
_SPDX = frozenset(
    ("CC0-1.0", "CC-BY-3.0", "CC-BY-4.0", "CC-BY-SA-3.0", "CC-BY-SA-4.0", "ODC-By-1.0", "ODbL-1.0", "PDDL-1.0")
)


def content(edition: Edition) -> str:
    package, entry = edition.package, edition.entry
    known = [str(each["name"]) for each in package.licenses if each.get("name") in _SPDX]
    licence = ("license", known[0]) if known else ("license-url", linked.licences(package)[0])
    lines = [
        "# Citation File Format 1.2.0, citation-file-format.github.io",
        *_pairs(
            ("cff-version", "1.2.0"),
            ("message", "引用时请注明版本。 Please cite the version you used."),
            ("type", "dataset"),
            ("title", package.title.both),
            ("version", entry.version),
            ("date-released", entry.released_on),
            ("abstract", f"{package.description.zh} {package.description.en}"),
            licence,
        ),
    ]
    if package.homepage:
        lines += _pairs(("url", package.homepage))
    if package.keywords:
        lines += ["keywords:", *(f"  - {_quoted(word)}" for word in dict.fromkeys(package.keywords))]
    lines.append("authors:")
    for each in edition.creators:
        first, *rest = _author(each)
        lines += [f"  - {first}", *(f"    {line}" for line in rest)]
    return "\n".join(lines) + "\n"


def _author(each: Agent) -> list[str]:
    name = {"given-names": each.given_name, "family-names": each.family_name} if each.is_person else {"name": each.name}
    stated = {**name, "email": each.email, "website": each.address}
    return _pairs(*((key, value) for key, value in stated.items() if value))


def _pairs(*pairs: tuple[str, str]) -> list[str]:
    return [f"{key}: {_quoted(value)}" for key, value in pairs]


def _quoted(text: str) -> str:
    """A double-quoted scalar of YAML 1.2, of which JSON strings are a part."""
    return json.dumps(text, ensure_ascii=False)

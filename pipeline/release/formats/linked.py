"""What the JSON formats share: texts in two languages, licences, agents, one way to write them down."""

import json
from collections.abc import Mapping
from typing import Any

from pipeline.language import Text
from pipeline.package import Package


def dumped(document: Mapping[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def both_ways(text: Text) -> list[dict[str, str]]:
    """A text as two literals of JSON-LD, each with its language."""
    return [{"@value": text.zh, "@language": "zh"}, {"@value": text.en, "@language": "en"}]


def in_one(text: Text) -> str:
    """A text in both languages, for a property that takes one string."""
    return text.both if text.zh != text.en else text.en


def licences(package: Package) -> list[str]:
    """The addresses of the licences; of one that states a name of SPDX only, that of its page there."""
    return [each.get("path") or f"https://spdx.org/licenses/{each['name']}.html" for each in package.licenses]

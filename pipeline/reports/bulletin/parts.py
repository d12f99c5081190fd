"""Small parts that the sections of a bulletin share: names, units, statuses, values."""

from collections.abc import Iterator
from xml.etree import ElementTree as ET

from pipeline.bulletin.making import Bulletin
from pipeline.bulletin.state import Target
from pipeline.language import Language, Text
from pipeline.reports import wording
from pipeline.reports.bulletin import words
from pipeline.reports.page import Child, element
from pipeline.reports.visible import visible


def chip(status: str, language: Language) -> ET.Element:
    """A status by sign, word and colour."""
    sign = element("b", {"aria-hidden": "true"}, words.SIGNS[status])
    return element("span", {"class": f"chip chip-{status}"}, sign, f" {wording.status(status)(language)}")


def named(text: Text, language: Language) -> ET.Element:
    """A name of a file, isolated; where an English one is lacking, marked as Chinese."""
    marks = {"lang": "zh-CN"} if language == "en" and text.en == text.zh and not text.en.isascii() else {}
    return element("bdi", marks, visible(text(language)))


def target_text(target: Target, made: Bulletin, language: Language) -> str:
    """The indicator of a target, and in brackets what tells it from other targets of that indicator."""
    return target.indicator(language) + "".join(_which(target, made, language))


def target_named(target: Target, made: Bulletin, language: Language) -> tuple[Child, ...]:
    blank, more = _which(target, made, language)
    which = element("span", {"class": "which"}, visible(more)) if more else None
    return named(target.indicator, language), blank, which


def _which(target: Target, made: Bulletin, language: Language) -> tuple[str, str]:
    more = words.apart(target, made.state)
    if not more.zh:
        return "", ""
    return ("", f"（{more.zh}）") if language == "zh" else (" ", f"({more.en})")


def in_charge(target: Target, language: Language) -> str:
    return visible(words.units(target.units, language))


def small(text: str) -> ET.Element:
    return element("small", {"class": "sub"}, text)


def actual(target: Target, language: Language) -> Iterator[Child]:
    yield wording.quantity(target.actual, target.unit)(language)
    if target.actual_to is not None:
        yield small(wording.to(target.actual_to)(language))


def why(target: Target, language: Language) -> str:
    if target.completion is not None and target.expected is not None:
        done, due = wording.done(target.completion), wording.due_by_now(target.expected)
        return Text(f"{done.zh}，{due.zh}", f"{done.en}, {due.en}")(language)
    return wording.reason(target.reason)(language)

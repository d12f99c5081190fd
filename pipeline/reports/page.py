"""The parts an HTML page is built from: elements, tables, text of a file, the head with its style and policy."""

import base64
import hashlib
from collections.abc import Iterable
from functools import cache
from importlib import resources
from xml.etree import ElementTree as ET

from pipeline.reports.visible import LONGEST, visible

_BLOCKS = frozenset(
    {"html", "head", "body", "header", "main", "footer", "nav", "section", "table", "tr", "li", "details"}
)

Child = ET.Element | str | None


def element(tag: str, attributes: dict[str, str], *children: Child) -> ET.Element:
    """An element of the page; None among the children is nothing."""
    made = ET.Element(tag, attributes)
    last: ET.Element | None = None
    for child in children:
        if isinstance(child, ET.Element):
            made.append(child)
            last = child
        elif child is not None and last is None:
            made.text = (made.text or "") + child
        elif child is not None and last is not None:
            last.tail = (last.tail or "").rstrip("\n") + child
    if tag in _BLOCKS:
        made.tail = "\n"
    return made


def code(text: str, longest: int = LONGEST) -> ET.Element:
    """Text of a file: isolated, so that its writing direction stays its own."""
    return element("code", {}, element("bdi", {}, visible(text, longest)))


def head(title: str, style: str | None = None, *more: ET.Element) -> ET.Element:
    """The head of a page; `style` is its style sheet, that of the reports unless given, with nothing of a file."""
    style = style_sheet() if style is None else style
    policy = f"default-src 'none'; style-src 'sha256-{_digest(style)}'; base-uri 'none'; form-action 'none'"
    return element(
        "head",
        {},
        element("meta", {"charset": "utf-8"}),
        element("meta", {"http-equiv": "Content-Security-Policy", "content": policy}),
        element("meta", {"name": "viewport", "content": "width=device-width, initial-scale=1"}),
        element("meta", {"name": "color-scheme", "content": "light dark"}),
        *more,
        element("title", {}, title),
        element("style", {}, style),
    )


@cache
def style_sheet() -> str:
    """The style sheet that the reports share."""
    return "\n" + resources.files("pipeline.reports").joinpath("page.css").read_text(encoding="utf-8")


def _digest(style: str) -> str:
    return base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()


def table(kind: str, labels: Iterable[str], rows: Iterable[ET.Element], caption: str) -> ET.Element:
    heads = (element("th", {"scope": "col"}, label) for label in labels)
    return element(
        "table",
        {"class": f"{kind} stacked", "aria-label": caption},
        element("thead", {}, element("tr", {}, *heads)),
        element("tbody", {}, *rows),
    )


def cell(label: str, *children: Child, kind: str = "") -> ET.Element:
    """A cell; the label stands above it where rows are shown as cards."""
    attributes = {"data-label": label, "class": kind}
    return element("td", {name: value for name, value in attributes.items() if value}, *children)

"""Renderers of findings, one module a format; each turns a Report into text and prints nothing.

A module has `render`; where that leaves out what repeats many times, it also has `render_all`. `ENCODING` names what
its files are written in, if not plain UTF-8.
"""

from collections.abc import Callable
from importlib import import_module

from pipeline.findings import Report
from pipeline.language import Language

Renderer = Callable[[Report, Language], str]


def renderer(name: str, *, every: bool = False) -> Renderer:
    """The `render` function of pipeline/reports/<name>.py; `every`: the one that leaves nothing out."""
    module = import_module(f"pipeline.reports.{name}")
    render: Renderer = module.render
    return getattr(module, "render_all", render) if every else render


def encoding(name: str) -> str:
    """What files of a format are written in."""
    written: str = getattr(import_module(f"pipeline.reports.{name}"), "ENCODING", "utf-8")
    return written

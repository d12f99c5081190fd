"""Renderers of findings, one module a format; each turns a Report into text and prints nothing."""

from collections.abc import Callable
from importlib import import_module

from pipeline.findings import Report
from pipeline.language import Language


def renderer(name: str) -> Callable[[Report, Language], str]:
    """The `render` function of pipeline/reports/<name>.py."""
    render: Callable[[Report, Language], str] = import_module(f"pipeline.reports.{name}").render
    return render

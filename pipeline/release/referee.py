"""The independent referee: frictionless-py validates the finished package before it is published."""

from pathlib import Path
from typing import Any


def import_frictionless() -> None:
    """Import what judging takes."""
    import frictionless  # noqa: F401


def judge(descriptor: Path) -> dict[str, Any]:
    """Validate a package as a stranger would; returns {valid, tasks, errors} without times, so that it reproduces."""
    from frictionless import Package

    report = Package.from_descriptor(str(descriptor)).validate()
    return {
        "tool": "frictionless",
        "valid": report.valid,
        "tables": [{"name": task.name, "valid": task.valid, "rows": task.stats.get("rows")} for task in report.tasks],
        "errors": [error.to_dict() for task in (report, *report.tasks) for error in task.errors],
    }

"""What is generated from the schemas and the rule catalogue, and how drift is noticed.

Each maker returns the files it owns as {path below the repository: content}; `write` renews them and `drift` names
those that differ.
"""

from collections.abc import Mapping
from pathlib import Path


def makers(root: Path) -> dict[str, str]:
    """Every generated file of a repository, by its path below the root."""
    from pipeline.generated import descriptor, dictionary, project, rule_pages

    return {
        **project.files(),
        **dictionary.files(),
        **rule_pages.files(),
        **descriptor.files(root / "datapackage"),
    }


def drift(root: Path, wanted: Mapping[str, str]) -> list[str]:
    """Paths whose content differs from what would be generated."""
    return [path for path, content in wanted.items() if _content(root / path) != content]


def write(root: Path, wanted: Mapping[str, str]) -> list[str]:
    """Renew what differs; returns the paths written."""
    changed = drift(root, wanted)
    for path in changed:
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(wanted[path], encoding="utf-8", newline="\n")
    return changed


def _content(path: Path) -> str | None:
    try:
        return path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError):
        return None

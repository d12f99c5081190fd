"""What is generated from the schemas, the rule catalogue and a data folder, and how drift is noticed.

Each maker returns the files it owns as {path below the repository: content}; `write` renews them and `drift` names
those that differ.
"""

from collections.abc import Mapping
from pathlib import Path

from pipeline.replacing import replace_file
from pipeline.tables import schemas_dir


def makers(folder: Path) -> dict[str, str]:
    """Every generated file of the repository a data folder lies in, by its path below the root.

    Where the schemas are not in that repository but in the installed package, the descriptor is all there is.
    """
    from pipeline.generated import descriptor, dictionary, project, rule_pages

    described = descriptor.files(folder)
    if schemas_dir().resolve() != folder.resolve().parent / "schemas":
        return described
    return {**project.files(), **dictionary.files(), **rule_pages.files(), **described}


def drift(root: Path, wanted: Mapping[str, str]) -> list[str]:
    """Paths whose content differs from what would be generated."""
    return [path for path, content in wanted.items() if _content(root / path) != content]


def write(root: Path, wanted: Mapping[str, str]) -> list[str]:
    """Renew what differs; returns the paths written."""
    changed = drift(root, wanted)
    for path in changed:
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        replace_file(target, wanted[path].encode("utf-8"))
    return changed


def _content(path: Path) -> str | None:
    try:
        return path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError):
        return None

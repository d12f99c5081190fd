"""What is generated from the schemas, the rule catalogue and a data folder, and how drift is noticed.

Each maker returns the files it owns as {path below the repository: content}; `write` renews them and `drift` names
those that differ.
"""

from collections.abc import Mapping
from pathlib import Path

from pipeline.language import RefusalError, Text
from pipeline.regular import read_regular
from pipeline.replacing import replace_file
from pipeline.tables import schemas_dir


class DocsError(RefusalError):
    """A generated file cannot be renewed; `reason` says why in both languages."""


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
    """Renew what differs; returns the paths written. Raises DocsError where a link or no file stands in its place."""
    changed = drift(root, wanted)
    for path in changed:
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.is_symlink() or (target.exists() and not target.is_file()):
            raise DocsError(Text(f"{target} 不是普通文件,未改动", f"{target} is no regular file; left alone"))
        replace_file(target, wanted[path].encode("utf-8"))
    return changed


def _content(path: Path) -> str | None:
    try:
        return read_regular(path).decode("utf-8")
    except (OSError, UnicodeDecodeError):
        return None

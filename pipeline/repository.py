"""Where a folder stands in its git repository: the paths that code hosts show beside a change."""

from pathlib import Path


def path_in_repository(folder: Path) -> str:
    """The folder relative to the root of its git repository, with slashes; empty for the root itself.

    Outside a repository: relative to the working folder, or as given where it does not lie below that.
    """
    place = folder.resolve()
    root = next((above for above in (place, *place.parents) if _is_root(above)), Path.cwd())
    if not place.is_relative_to(root):
        return folder.as_posix()
    relative = place.relative_to(root).as_posix()
    return "" if relative == "." else relative


def _is_root(folder: Path) -> bool:
    try:
        return (folder / ".git").exists()
    except OSError:  # a folder above ours that may not be read
        return False

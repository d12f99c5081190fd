"""What a release is made from: the data folder, the schemas, the dbt project and the code that runs them."""

import hashlib
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from pipeline import package, transformation
from pipeline.curated import DataFolderError
from pipeline.language import Text
from pipeline.release.store import hashed
from pipeline.tables import schemas_dir

DATA = "data"
_NO_INPUT = frozenset({"__pycache__", "target", "logs", "sources"})
_ASKING_SECONDS = 20


@dataclass(frozen=True)
class Inputs:
    """Files of each root by their path in it, with their SHA-256 in hexadecimal."""

    roots: Mapping[str, Mapping[str, str]]

    @property
    def digest(self) -> str:
        """One digest of all: where it is the same, so is the release."""
        lines = [f"duckdb {metadata.version('duckdb')}\n"]
        lines += [f"{sha}  {root}/{path}\n" for root, files in self.roots.items() for path, sha in files.items()]
        return "sha256:" + hashlib.sha256("".join(lines).encode()).hexdigest()

    def directory_hash(self, root: str) -> str:
        """Hash1 of a folder, in hexadecimal. Source: in-toto attestation framework, DigestSet, dirHash."""
        lines = [f"{sha}  {path}\n" for path, sha in sorted(self.roots[root].items())]
        return hashlib.sha256("".join(lines).encode()).hexdigest()


def read_inputs(folder: Path) -> Inputs:
    """The inputs of a release of a data folder. Raises DataFolderError where one cannot be read."""
    roots = {
        DATA: folder,
        "schemas": schemas_dir(),
        "dbt_project": transformation.dbt_project_folder(),
        "pipeline": Path(package.__file__).parent,
    }
    try:
        return Inputs({name: _files(root) for name, root in roots.items()})
    except OSError as error:
        place, why = error.filename, error.strerror
        raise DataFolderError(Text(f"无法读取 {place}:{why}", f"cannot read {place}: {why}")) from None


def _files(root: Path) -> dict[str, str]:
    paths = ((path, path.relative_to(root)) for path in sorted(root.rglob("*")))
    return {
        relative.as_posix(): hashed(path)
        for path, relative in paths
        if path.is_file() and not _NO_INPUT & set(relative.parts)
    }


@dataclass(frozen=True)
class Commit:
    """The commit of the data folder; `modified` where files of the folder differ from it."""

    sha: str
    modified: bool


def commit(folder: Path) -> Commit | None:
    """What git says of a folder; None outside a repository, before its first commit and where there is no git."""
    sha = _git(folder, "rev-parse", "--verify", "HEAD")
    status = _git(folder, "status", "--porcelain", "--", ".")
    return None if sha is None or status is None else Commit(sha, bool(status))


def _git(folder: Path, *arguments: str) -> str | None:
    # a repository's own settings must not make git run a program of theirs
    closed = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=")
    try:
        asked = subprocess.run(  # noqa: S603 - no shell, and no argument comes from a file
            ["git", "--no-optional-locks", *closed, *arguments],  # noqa: S607 - the git of the user's PATH is meant
            cwd=folder,
            capture_output=True,
            timeout=_ASKING_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return asked.stdout.decode(errors="replace").strip() if asked.returncode == 0 else None

"""How a release came about, for machines: an in-toto statement with a SLSA provenance predicate.

Sources: in-toto Attestation Framework, Statement v1; SLSA v1.0, Build: Provenance. The subjects are the files of the
release, the resolved dependencies its inputs. There is no time in it: the same inputs give the same statement.
"""

import platform
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from pipeline.release.inputs import DATA, Commit, Inputs
from pipeline.release.store import Entry, hashed, reproducible_files

PATH = "quality/attestation.intoto.json"
TOOLS: Sequence[str] = (
    "dbt-core",
    "dbt-duckdb",
    "duckdb",
    "frictionless",
    "great-expectations",
    "pandera",
    "polars",
    "xlsxwriter",
)


def statement(
    name: str, entry: Entry, beside: Path, inputs: Inputs, commit: Commit | None, texts: Mapping[str, str]
) -> dict[str, Any]:
    """The statement on the files that stand in `beside`. `texts` are the source documents' SHA-256 by source_id."""
    return {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [_file(path.relative_to(beside).as_posix(), hashed(path)) for path in reproducible_files(beside)],
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {
            "buildDefinition": {
                "buildType": "urn:x-minsheng:release:1",
                "externalParameters": {"package": name, "version": entry.version, "released_on": entry.released_on},
                "internalParameters": {"inputs": entry.inputs},
                "resolvedDependencies": [
                    *_commits(commit),
                    *(_file(f"{DATA}/{path}", sha) for path, sha in inputs.roots[DATA].items()),
                    *(
                        {"name": root, "digest": {"dirHash": inputs.directory_hash(root)}}
                        for root in inputs.roots
                        if root != DATA
                    ),
                    *(
                        {**_file(source, sha), "annotations": {"role": "source document"}}
                        for source, sha in sorted(texts.items())
                    ),
                ],
            },
            "runDetails": {
                "builder": {
                    "id": "urn:x-minsheng:cli",
                    "version": {
                        "minsheng": metadata.version("minsheng"),
                        "python": platform.python_version(),
                        **{tool: metadata.version(tool) for tool in TOOLS},
                    },
                },
            },
        },
    }


def _file(name: str, sha256: str) -> dict[str, Any]:
    return {"name": name, "digest": {"sha256": sha256}}


def _commits(commit: Commit | None) -> list[dict[str, Any]]:
    if commit is None:
        return []
    return [
        {
            "name": "repository",
            "digest": {"gitCommit": commit.sha},
            "annotations": {"modified": commit.modified},
        }
    ]

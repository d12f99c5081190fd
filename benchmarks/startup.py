"""What a steward waits for: `minsheng validate`, and the warm main job, against the bare imports they cannot avoid.

    python -m benchmarks.startup

Every command runs as a process of its own; the runs of the compared commands alternate, so that a slow moment of the
machine falls on all of them; medians are compared. The main job runs in a folder of its own, with everything
installed and dbt's parse cache warm: once where the data changed (a full build and release), once where nothing did.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BARE = (sys.executable, "-c", "import duckdb, polars, pandera.polars")
MINSHENG = (sys.executable, "-m", "pipeline")
RUNS = 7


def seconds(command: Sequence[str], folder: Path, **environment: str) -> float:
    """Wall time of a command that must succeed."""
    before = time.perf_counter()
    subprocess.run(
        command, cwd=folder, check=True, capture_output=True, env={**os.environ, "PYTHONPATH": str(ROOT), **environment}
    )
    return time.perf_counter() - before


def validation() -> None:
    validate = (*MINSHENG, "validate", str(ROOT / "datapackage"))
    seconds(BARE, ROOT)
    seconds(validate, ROOT)
    pairs = [(seconds(BARE, ROOT), seconds(validate, ROOT)) for _ in range(RUNS)]
    bare, ours = (statistics.median(column) for column in zip(*pairs, strict=True))
    print(f"bare imports      {bare:6.2f} s")
    print(f"minsheng validate {ours:6.2f} s   {ours / bare:4.2f} × bare imports")


def main_job() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        shutil.copytree(ROOT / "datapackage", folder / "datapackage")
        release = (*MINSHENG, "release")
        seconds(release, folder)  # fills dbt's parse cache
        changed = []
        for _ in range(3):
            shutil.rmtree(folder / "releases")
            changed.append(seconds(release, folder))
        unchanged = [seconds(release, folder) for _ in range(3)]
        print(f"main job, data changed    {statistics.median(changed):6.2f} s")
        print(f"main job, nothing changed {statistics.median(unchanged):6.2f} s")


if __name__ == "__main__":
    validation()
    main_job()

"""Releasing: the time it takes for the five programmes, and the memory it takes for a million observations.

    python -m benchmarks.release [--million]

Time: whole processes, all formats, the gate and the referee included, into an empty store with dbt's parse kept from
the run before; beside it, what merely importing the same packages takes one after the other. Memory: the greatest sum
over all processes of the proportional set size (Linux), for a first release and for a second one that the gate compares
with it; releasing a hundred fictional programmes takes some minutes.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks import cities

ROOT = Path(__file__).resolve().parent.parent
RUNS = 3
IMPORTS = "import duckdb, polars, pandera.polars, dbt.cli.main, great_expectations, frictionless, xlsxwriter"
PROGRAMMES, MONTHS = 100, 34
EVERY = 0.25  # seconds between two looks at the memory


def _run(*arguments: str) -> tuple[float, float]:
    """Seconds and MiB of a command and all it starts."""
    before = time.perf_counter()
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    process = subprocess.Popen(
        [sys.executable, *arguments], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    most = 0.0
    while process.poll() is None:
        most = max(most, sum(_memory(each) for each in _tree(process.pid)))
        time.sleep(EVERY)
    if process.returncode:
        raise SystemExit(process.stderr.read().decode() if process.stderr else "failed")
    return time.perf_counter() - before, most


def _tree(process: int) -> list[int]:
    try:
        tasks = list(Path(f"/proc/{process}/task").iterdir())
        children = [int(child) for task in tasks for child in (task / "children").read_text().split()]
    except OSError:  # it has ended meanwhile
        children = []
    return [process, *(each for child in children for each in _tree(child))]


def _memory(process: int) -> float:
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def _release(data: Path, store: Path, build: Path) -> tuple[float, float]:
    return _run("-m", "pipeline", "release", str(data), "--store", str(store), "--out", str(build))


def five_programmes(place: Path) -> None:
    data = ROOT / "datapackage"
    _release(data, place / "cold", place / "build")
    times = [_release(data, place / f"warm-{run}", place / "build")[0] for run in range(RUNS)]
    bare = statistics.median(_run("-c", IMPORTS)[0] for _ in range(RUNS))
    warm = statistics.median(times)
    print(f"five programmes, warm      {warm:6.1f} s  {warm / bare:5.2f} × the bare imports ({bare:.1f} s)")


def million(place: Path) -> None:
    data, store = place / "data", place / "store"
    rows = cities.write(data, PROGRAMMES, MONTHS)
    _run("-m", "pipeline", "verify", str(data))
    package = data / "package.toml"
    for version in ("0.1.0", "0.1.1"):
        package.write_text(package.read_text(encoding="utf-8").replace('"0.1.0"', f'"{version}"'), encoding="utf-8")
        seconds, most = _release(data, store, place / "build")
        print(f"{rows:,} observations, {version}  {seconds:6.1f} s  peak {most:6.0f} MiB over all processes")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        five_programmes(Path(folder))
        if "--million" in sys.argv[1:]:
            million(Path(folder) / "million")


if __name__ == "__main__":
    main()

"""The structural checks at a million rows and more, against what cannot be avoided and against others.

    python -m benchmarks.structure [--others] [--ten-million]

In one process, imports left out on both sides: a bare typed DuckDB load of the file into a table, our checks on the
clean file and on the one with a hundred faults; the three alternate, medians are compared. Every fault must be found
with its row, line, field and rule, and no other. Then whole processes and their peak memory: ours and, with `--others`,
frictionless-py and Great Expectations (pandas, COMPLETE) on the same rules of the clean file, once each.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks import tables

ROOT = Path(__file__).resolve().parent.parent
ROWS = 1_000_000
RUNS = 7
# A small process starts the one to watch: a child of a big process would count the memory of its parent.
WATCH = """
import resource, subprocess, sys, time
before = time.perf_counter()
subprocess.run([sys.executable, "-c", sys.argv[1]], check=True, stdout=subprocess.DEVNULL)
print(time.perf_counter() - before, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
OURS = "import sys; from pipeline.cli import main; sys.argv[1:] = ['validate', {path!r}]; main()"
FRICTIONLESS = """
from frictionless import Package
assert Package({path!r}).validate(limit_errors=1_000_000).valid
"""
GREAT_EXPECTATIONS = """
import os
os.environ["GX_ANALYTICS_ENABLED"] = "false"
import great_expectations as gx, pandas as pd
from great_expectations.data_context.types.base import ProgressBarsConfig
from great_expectations import expectations as gxe
from benchmarks.tables import SCHEMAS, INDICATORS, ORGANIZATIONS
data = pd.read_csv({table!r}, dtype=str, keep_default_na=False, na_values=[""])
data["value_"] = pd.to_numeric(data["value"], errors="coerce")
data["period_"] = pd.to_datetime(data["period"], format="%Y-%m-%d", errors="coerce")
context = gx.get_context(mode="ephemeral")
context.variables.progress_bars = ProgressBarsConfig(globally=False)
asset = context.data_sources.add_pandas("p").add_dataframe_asset("a")
batch = asset.add_batch_definition_whole_dataframe("w").get_batch(batch_parameters={{"dataframe": data}})
suite = gx.ExpectationSuite(name="s")
add = suite.add_expectation
references = {{"indicator_id": [f"ind-{{i:05d}}" for i in range(INDICATORS)],
              "organization_id": [f"org-{{i:03d}}" for i in range(ORGANIZATIONS)]}}
for field in SCHEMAS["observations"]["fields"]:
    name, constraints = field["name"], field["constraints"]
    if constraints.get("required"):
        add(gxe.ExpectColumnValuesToNotBeNull(column=name))
    if "pattern" in constraints:
        add(gxe.ExpectColumnValuesToMatchRegex(column=name, regex=constraints["pattern"]))
    if "enum" in constraints:
        add(gxe.ExpectColumnValuesToBeInSet(column=name, value_set=constraints["enum"]))
    if name in references:
        add(gxe.ExpectColumnValuesToBeInSet(column=name, value_set=references[name]))
    if constraints.get("unique") or name == "observation_id":
        add(gxe.ExpectColumnValuesToBeUnique(column=name))
add(gxe.ExpectColumnValuesToBeBetween(column="value_", min_value=0, max_value=1_000_000))
add(gxe.ExpectColumnValuesToNotBeNull(column="value_"))
add(gxe.ExpectColumnValuesToBeBetween(
    column="period_", min_value=pd.Timestamp("2015-01-01"), max_value=pd.Timestamp("2029-12-31")))
add(gxe.ExpectColumnValuesToNotBeNull(column="period_"))
add(gxe.ExpectColumnValueLengthsToBeBetween(column="note", max_value=100))
form = {{"result_format": "COMPLETE", "unexpected_index_column_names": ["observation_id"]}}
assert batch.validate(suite, result_format=form).success
"""


def bare_load(folder: Path) -> None:
    """A typed DuckDB load of the table, as one would write it by hand."""
    import duckdb

    types = {"date": "DATE", "number": "DECIMAL(18, 4)"}
    fields = tables.SCHEMAS["observations"]["fields"]
    columns = ", ".join(f"'{field['name']}': '{types.get(field['type'], 'VARCHAR')}'" for field in fields)
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE observations AS SELECT * FROM read_csv(?, auto_detect = false, header = true, delim = ',', "
            f"quote = '\"', escape = '\"', columns = {{{columns}}})",
            [str(folder / "observations.csv")],
        )


def check(folder: Path, truth: list[tables.Fault]) -> None:
    """Our checks; they must find the truth and nothing else."""
    from pipeline.tabular import validate_package

    report = validate_package(folder / "datapackage.json")
    ragged = ("missing-cell", "extra-cell")
    found = [(f.place.row, f.place.line, None if f.code in ragged else f.place.field, f.code) for f in report.findings]
    wanted = [(fault.row, fault.line, fault.field, fault.code) for fault in truth]
    if sorted(found, key=str) != sorted(wanted, key=str) or report.not_checked:
        raise SystemExit(f"{len(found)} faults found, {len(wanted)} are there")


def seconds(action: Callable[[], None]) -> float:
    before = time.perf_counter()
    action()
    return time.perf_counter() - before


def in_process(clean: Path, faulty: Path, truth: list[tables.Fault]) -> None:
    check(clean, [])
    bare_load(clean)
    runs = [
        (seconds(lambda: bare_load(clean)), seconds(lambda: check(clean, [])), seconds(lambda: check(faulty, truth)))
        for _ in range(RUNS)
    ]
    bare, sound, damaged = (statistics.median(column) for column in zip(*runs, strict=True))
    print(f"bare typed load   {bare:6.2f} s")
    print(f"checks, clean     {sound:6.2f} s   {sound / bare:5.2f} × bare load")
    print(
        f"checks, faulty    {damaged:6.2f} s   {damaged / bare:5.2f} × bare load   {len(truth)} of {len(truth)} found"
    )


def process(code: str) -> tuple[float, int]:
    """Wall seconds and peak memory in MiB of a Python process."""
    answer = subprocess.run(
        [sys.executable, "-c", WATCH, code], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True
    ).stdout.split()
    return float(answer[-2]), int(answer[-1]) >> 10


def processes(clean: Path, *, others: bool) -> None:
    path = str(clean / "datapackage.json")
    ours = [process(OURS.format(path=path)) for _ in range(3)]
    own = statistics.median(taken for taken, _ in ours)
    print(f"minsheng          {own:6.2f} s                      {max(peak for _, peak in ours)} MiB")
    if not others:
        return
    for name, code in (
        ("frictionless-py", FRICTIONLESS.format(path=path)),
        ("Great Expectations", GREAT_EXPECTATIONS.format(table=str(clean / "observations.csv"))),
    ):
        taken, peak = process(code)
        print(f"{name:<18}{taken:6.2f} s   {taken / own:5.1f} × minsheng   {peak} MiB")


def ten_million(folder: Path, clean: Path) -> None:
    tables.write(folder, 10 * ROWS)
    once, _ = process(OURS.format(path=str(clean / "datapackage.json")))
    taken, peak = process(OURS.format(path=str(folder / "datapackage.json")))
    print(f"{10 * ROWS:,} rows   {taken:6.2f} s   {taken / once:5.1f} × {ROWS:,} rows   {peak} MiB")


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        clean, faulty = folder / "clean", folder / "faulty"
        tables.write(clean, ROWS)
        truth = tables.write(faulty, ROWS, faulty=True)
        size = (clean / "observations.csv").stat().st_size >> 20
        print(f"{ROWS:,} rows, {len(tables.NAMES)} columns, {size} MiB")
        in_process(clean, faulty, truth)
        processes(clean, others="--others" in sys.argv)
        if "--ten-million" in sys.argv:
            ten_million(folder / "ten", clean)


if __name__ == "__main__":
    main()

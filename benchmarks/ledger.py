"""A ledger of a million reports: how long it takes to read, check, load and judge, and the memory that takes.

    python -m benchmarks.ledger [PROGRAMMES]

A hundred fictional programmes of three years, three hundred indicators each with a target, and a report a month for
each: files of three units, with corrections, late reports and revised targets. Measured is what `minsheng build` does,
without the unit tests of the SQL as in a release, by stages: seconds, processor seconds, and the greatest
proportional set size of the whole tree; dbt begins in its own process while meaning is judged. In
the same run a bare typed DuckDB load of the same files is timed. Reports up to the end of 2032 are judged as of
1 April 2033 (SOURCE_DATE_EPOCH).
"""

import hashlib
import json
import os
import random
import sys
import tempfile
import time
from calendar import monthrange
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import cities, release

PROGRAMMES, MONTHS = 100, 36
FIRST_YEAR, LAST_YEAR = 2030, 2032
JUDGED_ON = datetime(2033, 4, 1, tzinfo=UTC)
# Tasks of the fixture and the unit that leads each: every third indicator is reported by one of them.
UNITS = (("01", "shili-human-resources"), ("02", "shili-civil-affairs"), ("03", "shili-education"))
# How an indicator is reported, and the basis of its target, by number: mostly additions of the period.
KINDS = (
    ("period", "during"),
    ("period", "each_year"),
    ("cumulative", "during"),
    ("period", "during"),
    ("since_start", "during"),
    ("level", "by_end"),
    ("period", "by_end"),
)
CORRECTED, LATE, REVISED = 0.02, 0.03, 0.02  # share of the reports, of the reports, of the targets
COLUMNS = {
    "reports": "indicator_id,period,organization_id,revision,value,unit_code,accumulation,status,evidence,"
    "reported_by,reported_on,note_zh",
    "target_revisions": "target_id,revision,effective_on,status,comparator,value,upper_value,unit_code,end_year,"
    "decided_by,document_zh,decided_on,note_zh",
}


def write(folder: Path, programmes: int, months: int = MONTHS) -> int:
    """Write the data folder, its texts included; returns the number of reports."""
    cities.write(folder, programmes, months=0)
    header, *registered = cities._read(folder / "programmes.csv")
    for row in registered:
        row[header.index("end_year")] = str(LAST_YEAR)
    cities._write(folder / "programmes.csv", header, registered)
    rows = 0
    header, *sources = cities._read(folder / "sources.csv")
    for row in sources:
        name = row[header.index("source_id")]
        text = _promise(folder, name)
        rows += _report(folder / "programmes" / name, name, months)
        row[header.index("sha256")] = hashlib.sha256(text.encode()).hexdigest()
        row[header.index("characters")] = str(len(text))
    cities._write(folder / "sources.csv", header, sources)
    return rows


def _value(number: int) -> int:
    return 10_000 + 37 * number


def _promise(folder: Path, name: str) -> str:
    """A target for each indicator, the sentence that promises it, and the citation; returns the text."""
    place = folder / "programmes" / name
    source = folder / "sources" / f"{name}.txt"
    text = source.read_text(encoding="utf-8")
    targets: list[dict[str, str]] = []
    citations: list[dict[str, str]] = []
    for number in range(cities.INDICATORS):
        printed = f"不少于{_value(number)}人"
        text += f"虚构指标{cities._letters(number)}"
        target = f"{name}-t50-{number:03d}"
        cited = {"start": str(len(text)), "end": str(len(text) + len(printed)), "printed": printed}
        citations.append({"citation_id": f"{target}-c1", "target_id": target, "source_id": name, **cited})
        text += f"{printed}\n"
        values = {"comparator": "ge", "value": str(_value(number)), "unit_code": "person", "quantified": "numeral"}
        years = {"start_year": str(FIRST_YEAR), "end_year": str(LAST_YEAR), "year_stated": "false"}
        basis = KINDS[number % len(KINDS)][1]
        indicator = f"{name}-i50-{number:03d}"
        targets.append(
            {"target_id": target, "indicator_id": indicator, "kind": "target", "basis": basis, **years, **values}
        )
    source.write_text(text, encoding="utf-8")
    _add(place / "targets.csv", targets)
    _add(place / "citations.csv", citations)
    header, *indicators = cities._read(place / "indicators.csv")
    for row in indicators:
        code = row[header.index("indicator_id")]
        if "-i50-" in code:
            number = int(code.rsplit("-", 1)[1])
            row[header.index("task_id")] = f"{name}-{UNITS[number % len(UNITS)][0]}"
            if KINDS[number % len(KINDS)][0] == "level":
                row[header.index("aggregation")] = "none"
    cities._write(place / "indicators.csv", header, indicators)
    return text


def _report(place: Path, name: str, months: int) -> int:
    """The files of the three units, and the revisions; returns the number of reports."""
    random_ = random.Random(name)
    files: defaultdict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
    for number in range(cities.INDICATORS):
        accumulation = KINDS[number % len(KINDS)][0]
        unit = UNITS[number % len(UNITS)][1]
        standing = 0
        for month in range(months):
            year, of_year = FIRST_YEAR + month // 12, month % 12 + 1
            last = date(year, of_year, monthrange(year, of_year)[1])
            added = random_.randrange(_value(number) // 60, _value(number) // 24)
            standing = added if accumulation == "cumulative" and of_year == 1 else standing + added
            value = added if accumulation == "period" else standing
            late = random_.random() < LATE
            report = {
                "indicator_id": f"{name}-i50-{number:03d}",
                "period": f"{year}-{of_year:02d}",
                "organization_id": unit,
                "revision": "1",
                "value": str(value),
                "unit_code": "person",
                "accumulation": accumulation,
                "status": "A",
                "evidence": f"月报{year}年{of_year}月(虚构)",
                "reported_by": "统计科",
                "reported_on": (last + timedelta(days=40 if late else 5)).isoformat(),
            }
            made = [report]
            if random_.random() < CORRECTED:
                day = (last + timedelta(days=50)).isoformat()
                made.append({**report, "revision": "2", "value": str(value + 1), "reported_on": day, "note_zh": "更正"})
            files[unit, report["period"]] += made
    for (unit, period), rows in files.items():
        _add(place / "reports" / unit / f"{period}.csv", rows)
    _add(place / "target_revisions.csv", list(_revisions(name, random_)))
    return sum(len(rows) for rows in files.values())


def _revisions(name: str, random_: random.Random) -> Iterator[dict[str, str]]:
    for number in range(cities.INDICATORS):
        if random_.random() < REVISED:
            yield {
                "target_id": f"{name}-t50-{number:03d}",
                "revision": "1",
                "effective_on": "2031-06-01",
                "status": "in_force",
                "comparator": "ge",
                "value": str(_value(number) + 500),
                "unit_code": "person",
                "end_year": str(LAST_YEAR),
                "decided_by": UNITS[0][1],
                "document_zh": "示政办(虚构)",
                "decided_on": "2031-05-20",
            }


def _add(path: Path, rows: Sequence[dict[str, str]]) -> None:
    """Add rows to a file, or make it; sorted as `minsheng fmt` would."""
    if path.is_file():
        header, *before = cities._read(path)
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        header, before = COLUMNS["reports" if path.parent.parent.name == "reports" else path.stem].split(","), []
    cities._write(path, header, sorted([*before, *([row.get(label, "") for label in header] for row in rows)]))


# ---------------------------------------------------------------------------------------------------- measuring


def _bare(folder: Path) -> None:
    """A typed DuckDB load of the reports, as one would write it by hand."""
    import duckdb

    types = {"revision": "BIGINT", "value": "DECIMAL(28, 9)", "reported_on": "DATE"}
    columns = ", ".join(f"'{name}': '{types.get(name, 'VARCHAR')}'" for name in COLUMNS["reports"].split(","))
    with duckdb.connect(config={"threads": 2}) as connection:
        connection.execute(
            "CREATE TABLE reports AS SELECT * FROM read_csv(?, auto_detect = false, header = true, delim = ',', "
            f"quote = '\"', escape = '\"', filename = true, columns = {{{columns}}})",
            [str(folder / "programmes" / "*" / "reports" / "*" / "*.csv")],
        )


class Stages:
    """Wall and processor seconds of functions that are called by name from a module."""

    def __init__(self) -> None:
        self.taken: dict[str, tuple[float, float]] = {}

    def around(self, module: Any, name: str, stage: str) -> None:
        function = getattr(module, name)

        def timed(*arguments: Any, **named: Any) -> Any:
            return self.time(stage, lambda: function(*arguments, **named))

        setattr(module, name, timed)

    def time(self, stage: str, action: Callable[[], Any]) -> Any:
        wall, processor = time.perf_counter(), _processor()
        result = action()
        self.taken[stage] = (time.perf_counter() - wall, _processor() - processor)
        return result


def _processor() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _measured(folder: Path, out: Path) -> None:
    """What `minsheng build` does: dbt begins in a process of its own while meaning is judged in this one."""
    stages = Stages()
    stages.time("bare typed load", lambda: _bare(folder))
    from pipeline import validation, warehouse
    from pipeline.checks import structure
    from pipeline.worker import Worker

    for module, name, stage in (
        (validation, "read", "read"),
        (structure, "check", "check structure"),
        (validation, "typed", "give types"),
        (validation, "run_all", "check meaning"),
        (warehouse, "load", "load"),
    ):
        stages.around(module, name, stage)
    with (
        Worker(partial(warehouse.prepare_dbt, out)) as worker,
        warehouse.EarlyBuild(out, worker, unit_tests=False) as early,
    ):
        checked = stages.time("validate and load", lambda: validation.validate(folder, meanwhile=early.begin))
        if not checked.report.ok or checked.report.not_checked:
            raise SystemExit(f"the folder has faults: {checked.report.findings[:5]} {checked.report.not_checked[:5]}")
        built = stages.time("wait for dbt", lambda: early.finish(checked.data))
        if not built.ok:
            raise SystemExit(f"not built: {built.failures[:5]}")
    children = os.times()
    begun = stages.taken["check meaning"][0] + stages.taken["wait for dbt"][0]
    stages.taken["dbt (beside it)"] = begun, children.children_user + children.children_system
    (out / "stages.json").write_text(json.dumps(stages.taken), encoding="utf-8")


def main() -> None:
    os.environ["SOURCE_DATE_EPOCH"] = str(int(JUDGED_ON.timestamp()))
    if sys.argv[1:2] == ["--measured"]:
        _measured(Path(sys.argv[2]), Path(sys.argv[3]))
        return
    programmes = int(sys.argv[1]) if len(sys.argv) > 1 else PROGRAMMES
    with tempfile.TemporaryDirectory() as name:
        data, out = Path(name) / "data", Path(name) / "build"
        rows = write(data, programmes)
        release._run("-m", "pipeline", "verify", str(data))
        files = sum(1 for _ in data.glob("programmes/*/reports/*/*.csv"))
        out.mkdir()
        seconds, most = release._run("-m", "benchmarks.ledger", "--measured", str(data), str(out))
        taken = json.loads((out / "stages.json").read_text(encoding="utf-8"))
        seconds -= taken["bare typed load"][0]
        print(f"{rows:,} reports in {files:,} files of {programmes} programmes")
        print(f"{'':<20}{'seconds':>10}{'processor':>12}{'× bare load':>14}")
        for stage, (wall, processor) in taken.items():
            print(f"{stage:<20}{wall:10.1f}{processor:12.1f}{wall / taken['bare typed load'][0]:14.2f}")
        print(f"{'the whole process':<20}{seconds:10.1f}{'':<12}{seconds / taken['bare typed load'][0]:14.2f}")
        print(f"peak over all processes {most:6.0f} MiB")


if __name__ == "__main__":
    main()

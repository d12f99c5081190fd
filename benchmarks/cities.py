"""A data folder of many fictional programmes with monthly observations: the fixture of the tests, many times over.

Every programme is the fictional one of tests/fixtures under a name of its own, with its own text, `INDICATORS` more
indicators and a figure a month for each, as lead units would report them.
"""

import csv
import hashlib
import random
import shutil
import string
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

FIXTURES = Path(__file__).resolve().parent.parent / "tests" / "fixtures"
PROGRAMME = "shili-2030"
INDICATORS = 300
FIRST_YEAR = 2023


def write(folder: Path, programmes: int, months: int) -> int:
    """Write the data folder and, beside the programmes, their texts; returns the number of observations made."""
    shutil.copytree(FIXTURES / "shili", folder)
    (folder / "verification.json").unlink()
    text = (FIXTURES / "texts" / f"{PROGRAMME}.txt").read_text(encoding="utf-8")
    original = shutil.move(folder / "programmes" / PROGRAMME, folder / "original")
    names = [f"shili{_letters(number)}-2030" for number in range(programmes)]
    for name in names:
        _programme(Path(original), folder / "programmes" / name, name, months)
        (folder / "sources").mkdir(exist_ok=True)
        (folder / "sources" / f"{name}.txt").write_text(f"{text}\n{name.split('-')[0]}\n", encoding="utf-8")
    shutil.rmtree(original)
    for table in ("programmes", "sources"):
        header, *rows = _read(folder / f"{table}.csv")
        made = [[cell.replace(PROGRAMME, name) for cell in row] for name in names for row in rows]
        if table == "sources":
            for row, name in zip(made, names, strict=True):
                content = (folder / "sources" / f"{name}.txt").read_bytes()
                row[header.index("sha256")] = hashlib.sha256(content).hexdigest()
                row[header.index("characters")] = str(len(content.decode()))
        _write(folder / f"{table}.csv", header, sorted(made))
    return programmes * INDICATORS * months


def _programme(original: Path, folder: Path, name: str, months: int) -> None:
    folder.mkdir(parents=True)
    for path in original.glob("*.csv"):
        header, *rows = _read(path)
        made = [[cell.replace(PROGRAMME, name) for cell in row] for row in rows]
        if path.stem == "indicators":
            made += _indicators(header, name)
        elif path.stem == "observations":
            made += _observations(header, name, months)
        _write(folder / path.name, header, sorted(made) if path.stem in ("indicators", "observations") else made)


def _indicators(header: Sequence[str], name: str) -> Iterator[list[str]]:
    for number in range(INDICATORS):
        cells = {
            "indicator_id": f"{name}-i50-{number:03d}",
            "task_id": f"{name}-01",
            "name_zh": f"虚构指标{_letters(number)}",
            "name_en": f"Fictional indicator {_letters(number)}",
            "measure_type": "count",
            "unit_code": "person",
            "direction": "higher",
            "aggregation": "sum",
            "jurisdiction_code": "990100",
        }
        yield [cells.get(label, "") for label in header]


def _observations(header: Sequence[str], name: str, months: int) -> Iterator[list[str]]:
    random_ = random.Random(name)
    for number in range(INDICATORS):
        for month in range(months):
            first = date(FIRST_YEAR + month // 12, month % 12 + 1, 1)
            last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
            cells = {
                "observation_id": f"{name}-o50-{number:03d}-{month:03d}",
                "indicator_id": f"{name}-i50-{number:03d}",
                "kind": "result",
                "period_start": first.isoformat(),
                "period_end": last.isoformat(),
                "comparator": "eq",
                "value": str(random_.randrange(1_000, 90_000)),
                "unit_code": "person",
                "status": "A",
                "reported_by": "shili-education",
                "reported_on": (last + timedelta(days=5)).isoformat(),
                "evidence": "月报(虚构)",
            }
            yield [cells.get(label, "") for label in header]


def _letters(number: int) -> str:
    """Three letters for a number: a name without a digit that a numeral account would ask about."""
    letters = string.ascii_lowercase
    return letters[number // 676 % 26] + letters[number // 26 % 26] + letters[number % 26]


def _read(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def _write(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)

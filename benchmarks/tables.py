"""A table of any number of rows with a key, a unique column, two references, enums, patterns, ranges and newlines in
quotes, clean or with a hundred faults whose places are known; and the package that describes it."""

import csv
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

INDICATORS, ORGANIZATIONS = 5_000, 500
UNITS = tuple(f"unit-{i:02d}" for i in range(30))
STATUSES = ("A", "E", "F", "P", "M")


def _field(name: str, type_: str = "string", **constraints: object) -> dict[str, Any]:
    return {"name": name, "type": type_, "constraints": constraints}


def _reference(field: str, table: str) -> dict[str, Any]:
    return {"fields": [field], "reference": {"resource": table, "fields": [field]}}


SCHEMAS: dict[str, dict[str, Any]] = {
    "indicators": {
        "fields": [_field("indicator_id", required=True, pattern="^ind-[0-9]{5}$"), _field("name")],
        "primaryKey": ["indicator_id"],
    },
    "organizations": {
        "fields": [_field("organization_id", required=True, pattern="^org-[0-9]{3}$"), _field("name")],
        "primaryKey": ["organization_id"],
    },
    "observations": {
        "fields": [
            _field("observation_id", required=True, pattern="^obs-[0-9]{8}$"),
            _field("indicator_id", required=True, pattern="^ind-[0-9]{5}$"),
            _field("organization_id", required=True, pattern="^org-[0-9]{3}$"),
            _field("period", "date", required=True, minimum="2015-01-01", maximum="2029-12-31"),
            _field("value", "number", required=True, minimum=0, maximum=1_000_000),
            _field("unit", required=True, enum=list(UNITS)),
            _field("status", required=True, enum=list(STATUSES)),
            _field("evidence_url", required=True, unique=True, pattern="^https://[a-z0-9./-]+$"),
            _field("note", maxLength=100),
        ],
        "primaryKey": ["observation_id"],
        "foreignKeys": [_reference("indicator_id", "indicators"), _reference("organization_id", "organizations")],
    },
}
NAMES = tuple(field["name"] for field in SCHEMAS["observations"]["fields"])


@dataclass(frozen=True, order=True)
class Fault:
    """What must be found: the data row and the physical line from 1, the field (None: the row), the rule."""

    row: int
    line: int
    field: str | None
    code: str


# Kinds of damage: field, rule, and what to put there; {n} is the row, {other} the same cell of an earlier row.
_DAMAGES = (
    ("observation_id", "primary-key", "{other}"),
    ("observation_id", "constraint-error", ""),
    ("observation_id", "constraint-error", "OBS {n}"),
    ("indicator_id", "foreign-key", "ind-99{n:03.0f}"),
    ("organization_id", "foreign-key", "org-5{n:02.0f}"),
    ("organization_id", "constraint-error", ""),
    ("period", "type-error", "2023-02-30"),
    ("period", "type-error", "2023/01/05"),
    ("period", "constraint-error", "1999-12-31"),
    ("value", "type-error", "12万"),
    ("value", "constraint-error", "-0.01"),
    ("value", "constraint-error", "1000000.01"),
    ("unit", "constraint-error", "unit-30"),
    ("status", "constraint-error", "Z"),
    ("evidence_url", "constraint-error", "https://example.org/空{n}"),
    ("evidence_url", "unique-error", "{other}"),
    ("note", "constraint-error", "超长" * 60),
)


def write(folder: Path, rows: int, *, faulty: bool = False) -> list[Fault]:
    """Write the package into a folder; returns the faults in the order of the rows."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, count, form in (("indicators", INDICATORS, "ind-{:05d}"), ("organizations", ORGANIZATIONS, "org-{:03d}")):
        lines = [f"{form.format(i)},{name[:3]} {i}\n" for i in range(count)]
        header = SCHEMAS[name]["fields"][0]["name"] + ",name\n"
        (folder / f"{name}.csv").write_text(header + "".join(lines), encoding="utf-8")
    resources = [
        {"name": name, "type": "table", "path": f"{name}.csv", "format": "csv", "encoding": "utf-8", "schema": schema}
        for name, schema in SCHEMAS.items()
    ]
    profile = "https://datapackage.org/profiles/2.0/datapackage.json"
    descriptor = {"$schema": profile, "name": "benchmark", "resources": resources}
    (folder / "datapackage.json").write_text(json.dumps(descriptor), encoding="utf-8")
    faults: list[Fault] = []
    with (folder / "observations.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(NAMES)
        damaged = dict(_placed(rows)) if faulty else {}
        line, previous = 2, [""] * len(NAMES)
        for row, cells in enumerate(_rows(rows), 1):
            if row in damaged:
                cells = _damage(cells, previous, row, line, damaged[row], faults)  # noqa: PLW2901
            else:
                previous = cells
            writer.writerow(cells)
            line += 1 + sum(cell.count("\n") for cell in cells)
    return faults


def _rows(count: int) -> Iterator[list[str]]:
    rng = random.Random(7)
    for i in range(count):
        kind = rng.random()
        note = (
            ""
            if kind < 0.05
            else f"第{i}号月报,按台账填报"
            if kind < 0.6
            else f'核对“无误”,见"附件{i % 97}"'
            if kind < 0.9995
            else f"第一行{i}\n第二行,续"
        )
        day = f"{2015 + rng.randrange(10)}-{1 + rng.randrange(12):02d}-{1 + rng.randrange(28):02d}"
        yield [
            f"obs-{i:08d}",
            f"ind-{rng.randrange(INDICATORS):05d}",
            f"org-{rng.randrange(ORGANIZATIONS):03d}",
            day,
            f"{rng.randrange(0, 10**8) / 100:.2f}",
            rng.choice(UNITS),
            rng.choice(STATUSES),
            f"https://example.org/evidence/{rng.getrandbits(64):016x}/{i}.html",
            note,
        ]


def _placed(rows: int) -> Iterator[tuple[int, int]]:
    """A hundred rows to damage, spread over the table, with the number of the damage."""
    places = random.Random(11).sample(range(2, rows + 1), 100)
    return zip(sorted(places), range(100), strict=True)


def _damage(
    cells: Sequence[str], previous: Sequence[str], row: int, line: int, number: int, faults: list[Fault]
) -> list[str]:
    if number == 40:
        faults.append(Fault(row, line, None, "missing-cell"))
        return list(cells[:-1])
    if number == 60:
        faults.append(Fault(row, line, None, "extra-cell"))
        return [*cells, "extra"]
    field, code, template = _DAMAGES[number % len(_DAMAGES)]
    at = NAMES.index(field)
    damaged = list(cells)
    damaged[at] = template.format(n=number, other=previous[at])
    faults.append(Fault(row, line, field, code))
    return damaged

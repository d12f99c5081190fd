"""Cells, keys and references, judged by SQL that is compiled from the Table Schemas.

One pass over the text of a table sieves out the rows that are certainly sound and keeps of each row what keys and
references need (`pipeline/sieve.py`); the few rows left are judged exactly, cell by cell (`pipeline/cells.py`). So a
million sound rows cost little more than reading them, and a fault is still told to the cell.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import duckdb

from pipeline.checks.faults import Faults
from pipeline.checks.keys import judge_keys, judge_reference
from pipeline.checks.sieved import Sieved
from pipeline.curated import Reading
from pipeline.findings import Finding, NotChecked
from pipeline.relations import Loaded, Located, Relation
from pipeline.suggestions import Meant, meant_in
from pipeline.tables import Table


@dataclass(frozen=True)
class StructureFaults:
    """Findings, what could not be judged, and the cells nobody should rely on, by (file, row)."""

    findings: tuple[Finding, ...]
    not_checked: tuple[NotChecked, ...]
    faulty: Mapping[tuple[str, int], set[str]]
    rows: int = 0


def check(reading: Reading, tables: Sequence[Table]) -> StructureFaults:
    """Judge every cell, key and reference of the curated files read."""
    records: dict[str, list[Located]] = {table.name: [] for table in tables}
    for file in reading.files:
        if file.table.name in records:
            records[file.table.name] += [(file, record) for record in file.records]
    with duckdb.connect() as connection:
        relations = [Loaded(table, records[table.name]) for table in tables]
        found = judge(connection, relations, reading.incomplete, meant_in(reading))
    faulty = {cells: set(names) for cells, names in found.faulty.items()}
    for file in reading.files:
        for row, name in file.absent:  # what a truncated row lacks has been told; nobody may rely on it
            faulty.setdefault((file.file, row), set()).add(name)
    return replace(found, faulty=faulty)


def judge(
    connection: duckdb.DuckDBPyConnection,
    relations: Sequence[Relation],
    incomplete: frozenset[str] = frozenset(),
    meant: Meant = lambda *_: None,
) -> StructureFaults:
    """Judge every cell, key and reference of tables; `incomplete` names tables that could not be read whole.

    `meant` is asked what a broken reference means.
    """
    faults = Faults()
    sieved: dict[str, Sieved] = {}
    referred: dict[str, dict[str, None]] = {}
    for relation in relations:
        for key in relation.table.foreign_keys:
            referred.setdefault(key.resource, {}).update(dict.fromkeys(key.reference_fields))
    for number, relation in enumerate(_parents_first(relations)):
        names = tuple(referred.get(relation.table.name, ()))
        here = Sieved(connection, number, relation, names, sieved, incomplete, faults)
        sieved[relation.table.name] = here
        here.run()
    for here in sieved.values():
        judge_keys(here)
        for key in here.plan.table.foreign_keys:
            judge_reference(here, key, sieved, meant)
    rows = sum(here.count() - here.doubtful.blank for here in sieved.values())
    return StructureFaults(tuple(faults.findings), tuple(faults.not_checked), faults.faulty, rows)


def _parents_first(relations: Sequence[Relation]) -> list[Relation]:
    """In an order in which tables referred to come first, as far as there is one."""
    waiting, placed = list(relations), []
    while waiting:
        names = {relation.table.name for relation in waiting}
        free = [r for r in waiting if not names & {k.resource for k in r.table.foreign_keys} - {r.table.name}]
        for relation in free or waiting[:1]:
            waiting.remove(relation)
            placed.append(relation)
    return placed

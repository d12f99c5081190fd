"""Rows that are not certainly sound, judged cell by cell."""

import json
from collections import Counter
from collections.abc import Sequence

import duckdb

from pipeline import cells
from pipeline.checks.cell_faults import cell_fault
from pipeline.checks.faults import Faults
from pipeline.checks.plan import Plan
from pipeline.curated import CuratedFile, Record
from pipeline.findings import Finding
from pipeline.relations import Located
from pipeline.tables import Field

SUGGESTED = 200  # wrong values of a field for which a similar one is searched


class Doubtful:
    """Judges records one by one, and makes the table s{number} of their canonical texts y{i} by row n.

    `count` is the number of records judged, `blank` that of blank ones.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, number: int, plan: Plan, faults: Faults) -> None:
        self.connection, self.number, self.plan, self.faults = connection, number, plan, faults
        self.count = self.blank = 0
        self.told: Counter[str] = Counter()

    def judge(self, rows: Sequence[int], located: Sequence[Located]) -> None:
        """Judge records cell by cell, and put what keys and references need of them in order."""
        if not self.count:
            names = ", ".join(f"y{i} VARCHAR" for i in range(len(self.plan.table.fields)))
            self.connection.execute(f"CREATE TABLE s{self.number} (n BIGINT, {names})")
        self.count += len(rows)
        for name, pattern in self.plan.patterns.items():
            found = (self.text(self.plan.table.field(name), record) for _, record in located)
            pattern.learn(text for text in found if text is not None)
        texts = []
        for n, (file, record) in zip(rows, located, strict=True):
            if record.blank:
                self.blank += 1
                self.faults.findings.append(Finding("blank-row", file.place(record)))
                # cells of unknown columns may be all it has: nothing of the table can be relied on
                self.faults.faulty.setdefault((file.file, record.row), set()).update(self.plan.table.names)
            else:
                self._judge_cells(file, record)
            texts.append([str(n), *self.canonical(file, record)])
        columns = ", ".join(f"t[{i + 2}]" for i in range(len(self.plan.table.fields)))
        self.connection.execute(
            f"INSERT INTO s{self.number} SELECT t[1]::BIGINT, {columns} "  # noqa: S608
            "FROM (SELECT unnest(from_json(?, '[[\"VARCHAR\"]]')) AS t)",
            [_json(texts)],
        )
        kept = [f"k{self.plan.at(name)} = y{self.plan.at(name)}" for name in self.plan.kept]
        hashes = [f"u{i} = {self.plan.hash_of(key, self._text)}" for i, key in enumerate(self.plan.unique_keys)]
        if assignments := ", ".join(kept + hashes):
            self.connection.execute(
                f"UPDATE r{self.number} SET {assignments} FROM s{self.number} AS s "  # noqa: S608
                f"WHERE r{self.number}.rowid = s.n AND s.n BETWEEN ? AND ?",
                [rows[0], rows[-1]],
            )

    def _judge_cells(self, file: CuratedFile, record: Record) -> None:
        absent = file.missing_columns
        referring = {name for key in self.plan.references for name in key.fields}
        for f in self.plan.fields:
            judge = self.plan.judges.get(f.name)
            if judge is None or f.name in absent or (record.row, f.name) in file.absent:
                continue
            text = self.text(f, record)
            cell = record.cells[self.plan.at(f.name)]
            for kind in judge(text):
                self.told[f.name] += 1
                near, refers = self.told[f.name] <= SUGGESTED, f.name in referring
                finding = cell_fault(kind, f, file.place(record, f.name), cell, refers=refers, near=near)
                self.faults.add(file, record, f.name, finding)

    def canonical(self, file: CuratedFile, record: Record) -> list[str | None]:
        """The canonical text of each cell that is compared with others; None for the rest and where no cell is."""
        if record.blank:
            return [None] * len(self.plan.table.fields)
        return [
            cells.canonical_text(f, text)
            if f.name in self.plan.compared
            and (record.row, f.name) not in file.absent
            and (text := self.text(f, record)) is not None
            else None
            for f in self.plan.table.fields
        ]

    def text(self, f: Field, record: Record) -> str | None:
        """The text of a cell; None where it is missing."""
        text = record.cells[self.plan.at(f.name)] or ""
        return None if text in f.missing_values else text

    def _text(self, name: str) -> str:
        return f"s.y{self.plan.at(name)}"


def _json(texts: Sequence[Sequence[str | None]]) -> str:
    # a lone surrogate of a damaged file is no JSON
    return json.dumps(texts, ensure_ascii=False).encode("utf-8", "replace").decode("utf-8")

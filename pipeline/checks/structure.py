"""Cells, keys and references, judged by SQL that is compiled from the Table Schemas.

One pass over the text of a table sieves out the rows that are certainly sound and keeps of each row what keys and
references need (`pipeline/sieve.py`); the few rows left are judged exactly, cell by cell (`pipeline/cells.py`). So a
million sound rows cost little more than reading them, and a fault is still told to the cell.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import duckdb

from pipeline import cells, sieve
from pipeline.checks.cell_faults import cell_fault
from pipeline.curated import CuratedFile, Reading, Record
from pipeline.findings import Finding, Fix, NotChecked
from pipeline.language import Text
from pipeline.nearest import hint_of, nearest_values
from pipeline.relations import Loaded, Located, Relation
from pipeline.tables import Field, ForeignKey, Table

BATCH = 20_000  # rows judged at a time
NEAREST_AMONG = 20_000  # more existing values than this are not searched for a similar one


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
        return judge(connection, relations, reading.incomplete)


def judge(
    connection: duckdb.DuckDBPyConnection, relations: Sequence[Relation], incomplete: frozenset[str] = frozenset()
) -> StructureFaults:
    """Judge every cell, key and reference of tables; `incomplete` names tables that could not be read whole."""
    faults = _Faults()
    sieved: dict[str, _Sieved] = {}
    referred: dict[str, dict[str, None]] = {}
    for relation in relations:
        for key in relation.table.foreign_keys:
            referred.setdefault(key.resource, {}).update(dict.fromkeys(key.reference_fields))
    for number, relation in enumerate(_parents_first(relations)):
        names = tuple(referred.get(relation.table.name, ()))
        here = _Sieved(connection, number, relation, names, sieved, incomplete, faults)
        sieved[relation.table.name] = here
        here.run()
    for here in sieved.values():
        here.judge_keys()
        for key in here.table.foreign_keys:
            here.judge_reference(key, sieved)
    rows = sum(here.count() for here in sieved.values())
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


@dataclass
class _Faults:
    findings: list[Finding] = field(default_factory=list)
    not_checked: list[NotChecked] = field(default_factory=list)
    faulty: dict[tuple[str, int], set[str]] = field(default_factory=dict)

    def add(self, file: CuratedFile, record: Record, name: str, finding: Finding) -> None:
        if name in file.missing_columns or (record.row, name) in file.absent:
            return  # the column or cell is not there; that has been said once
        self.findings.append(finding)
        self.faulty.setdefault((file.file, record.row), set()).add(name)

    def pass_over(self, code: str, reason: Text) -> None:
        self.not_checked.append(NotChecked(code, reason))


class _Sieved:
    """A relation on its way through the checks.

    In the database it leaves r{number}: a row for each of its rows (same rowid), with `clean`, `newlines`, the hash
    u{i} of each unique key and the canonical text k{i} of each field that others refer to or that refers back; and
    s{number}: the canonical texts y{i} of the rows judged one by one. Irregular records follow the rows.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        number: int,
        relation: Relation,
        referred: Sequence[str],
        before: Mapping[str, "_Sieved"],
        incomplete: frozenset[str],
        faults: _Faults,
    ) -> None:
        self.connection, self.number, self.relation = connection, number, relation
        self.incomplete, self.faults = incomplete, faults
        self.table = relation.table
        self.before = dict(before)
        self.doubtful = 0
        self.fields = [f for f in self.table.fields if f.name not in relation.missing]
        self.judges = dict(self._judges())
        self.unique_keys = [key for _, key in _unique_keys(self.table) if set(key) <= set(self.judges)]
        self.tellable = {f.name for f in self.fields if sieve.tellable(f) and self._runs(f)}
        own = [key for key in self.table.foreign_keys if set(key.fields) <= set(self.judges)]
        later = [name for key in own if key.resource not in self.before for name in key.fields]
        self.references = own
        self.kept = list(dict.fromkeys([*(name for name in referred if name in self.judges), *later]))
        self.compared = {*self.kept, *(n for k in self.unique_keys for n in k), *(n for k in own for n in k.fields)}
        # keys of types that SQL cannot compare leave every row to the exact judgement
        self.sieves = all(sieve.keyable(self.table.field(name)) for name in self.compared)

    # ---------------------------------------------------------------------------------------------- one pass

    def run(self) -> None:
        """Sieve the rows and judge those that are not certainly sound."""
        query, parameters = self._query()
        source, values = self.relation.source(self.connection)
        texts, text_values = self._texts(source)
        self.connection.execute(
            f"CREATE TABLE r{self.number} AS WITH {texts}, {query}",
            [*text_values, *values, *parameters],
        )
        self.relation.settle(self.connection, f"r{self.number}")
        doubtful = self.connection.execute(f"SELECT rowid FROM r{self.number} WHERE NOT clean")  # noqa: S608
        rows = [n for (n,) in doubtful.fetchall()]
        for start in range(0, len(rows), BATCH):
            part = rows[start : start + BATCH]
            self._judge_records(part, self.relation.fetch(part))
        self._judge_irregular()

    def _texts(self, source: str) -> tuple[str, list[str]]:
        """A common table expression `texts`: x{i}, the text of each cell or NULL; raw columns stay visible."""
        columns = ["*"]
        values: list[str] = []
        for f in self.fields:
            text = sieve.text_of(f, self._column(f.name))
            columns.append(f"{text.sql} AS x{self._at(f.name)}")
            values += text.parameters
        return f"texts AS (SELECT {', '.join(columns)} FROM {source})", values  # noqa: S608

    def _query(self) -> tuple[str, list[str]]:
        """`judged` and the final selection over `texts`, with the values of their parameters."""
        clean, values = self._clean()
        kept = [f"{self._key_text(name)} AS k{self._at(name)}" for name in self.kept]
        hashes = [f"{self._hash(key, self._key_text)} AS u{i}" for i, key in enumerate(self.unique_keys)]
        judged = f"judged AS (SELECT *, coalesce({clean}, false) AS clean FROM texts)"  # noqa: S608
        measures = self._measures() if self.relation.measured else []
        return f"{judged} SELECT {', '.join(['clean', *measures, *kept, *hashes])} FROM judged", values  # noqa: S608

    def _measures(self) -> list[str]:
        """Line feeds of a row, and its bytes without delimiters and with a quote less for each quote in a cell."""
        filled = [self._column(f.name) for f in self.fields if f.required]
        other = [self._column(f.name) for f in self.fields if not f.required] + list(self.relation.extra)
        maybe_missing = [f"coalesce(strlen({column}), 0)" for column in other]
        in_clean = " + ".join([*(f"strlen({column})" for column in filled), *maybe_missing])
        in_any = " + ".join([*(f"coalesce(strlen({column}), 0)" for column in filled), *maybe_missing])
        lengths = f"CASE WHEN clean THEN {in_clean} ELSE {in_any} END"
        newlines, quotes = self._occurrences("\n"), self._occurrences('"')
        return [f"{newlines} AS newlines", f"({lengths}) - {quotes} AS bytes"]

    def _occurrences(self, character: str) -> str:
        """SQL for how often a character occurs in a row; in clean rows only some columns can hold it at all."""
        without = {key.fields[0] for key, parent in self._led() if not parent.holds(key.reference_fields[0], character)}
        holding = {f.name for f in self.fields if sieve.may_hold(f, character)} - without
        free = [self._column(f.name) for f in self.fields if f.name in holding]
        rest = [self._column(f.name) for f in self.fields if f.name not in holding]
        in_free = _counted(character, [*free, *self.relation.extra])
        return f"({in_free} + CASE WHEN clean THEN 0 ELSE {_counted(character, rest)} END)"

    def _clean(self) -> tuple[str, list[str]]:
        """SQL that is true for rows which are certainly sound."""
        if not self.sieves:
            return "false", []
        tests: list[str] = []
        values: list[str] = []
        met_by_reference = self._met_by_reference()
        for f in self.fields:
            x = f"x{self._at(f.name)}"
            if f.name in met_by_reference:
                conditions = []
            elif f.name in self.tellable:
                conditions = list(sieve.sound(f, x))
            elif f.name in self.judges:
                judged = f"SELECT cell FROM {self._judged_values(f)}"  # noqa: S608
                conditions = [sieve.Condition(f"{x} IN ({judged})")]
            else:
                conditions = []
            sql = " AND ".join(condition.sql for condition in conditions)
            if f.required:
                tests.append(f"{x} IS NOT NULL" + (f" AND {sql}" if sql else ""))
            elif sql:
                tests.append(f"({x} IS NULL OR ({sql}))")
            values += [value for condition in conditions for value in condition.parameters]
        if not any(f.required for f in self.fields):
            tests.append(f"coalesce({', '.join(f'x{self._at(f.name)}' for f in self.fields)}) IS NOT NULL")
        tests += [self._refers(key, parent) for key, parent in self._led()]
        return " AND ".join(tests), values

    def _led(self) -> Iterator[tuple[ForeignKey, "_Sieved"]]:
        """References to tables that are sieved already."""
        for key in self.references:
            parent = self.before.get(key.resource)
            if parent is not None and parent.has(key.reference_fields) and key.resource not in self.incomplete:
                yield key, parent

    def _refers(self, key: ForeignKey, parent: "_Sieved") -> str:
        """SQL that is true where a reference leads to a clean row, or a part of it is missing."""
        own = [self._key_text(name) for name in key.fields]
        some_missing = " OR ".join(f"{text} IS NULL" for text in own)
        keys = ", ".join(f"k{parent._at(name)}" for name in key.reference_fields)
        one = own[0] if len(own) == 1 else f"({', '.join(own)})"
        return f"({some_missing} OR {one} IN (SELECT {keys} FROM r{parent.number} WHERE clean))"  # noqa: S608

    def _met_by_reference(self) -> set[str]:
        """Text fields whose conditions are those of the field they refer to: clean rows there have met them."""
        met = set()
        for key, parent in self._led():
            (name, *others), (there, *_) = key.fields, key.reference_fields
            own, referred = self.table.field(name), parent.table.field(there)
            if others or not own.type == referred.type == "string" or referred.name not in parent.tellable:
                continue
            if set(sieve.sound(own, "x")) <= set(sieve.sound(referred, "x")):
                met.add(name)
        return met

    def _judged_values(self, f: Field) -> str:
        """A table of the sound values among those of a field that SQL cannot tell; one pass for each such field."""
        name = f"v{self.number}_{self._at(f.name)}"
        source, values = self.relation.source(self.connection)
        text = sieve.text_of(f, self._column(f.name))
        distinct = self.connection.execute(
            f"SELECT DISTINCT {text.sql} FROM {source}",  # noqa: S608
            [*text.parameters, *values],
        ).fetchall()
        judge = self.judges[f.name]
        sound = [cell for (cell,) in distinct if cell is not None and not judge(cell)]
        self.connection.execute(
            f"CREATE TABLE {name} AS SELECT unnest(from_json(?, '[\"VARCHAR\"]')) AS cell", [json.dumps(sound)]
        )
        return name

    # ---------------------------------------------------------------------------------------------- row by row

    def _judge_records(self, rows: Sequence[int], located: Sequence[Located]) -> None:
        """Judge records cell by cell, and put what keys and references need of them in order."""
        if not self.doubtful:
            names = ", ".join(f"y{i} VARCHAR" for i in range(len(self.table.fields)))
            self.connection.execute(f"CREATE TABLE s{self.number} (n BIGINT, {names})")
        self.doubtful += len(rows)
        texts = []
        for n, (file, record) in zip(rows, located, strict=True):
            if not any(record.cells):
                self.faults.findings.append(Finding("blank-row", file.place(record)))
            else:
                self._judge_cells(file, record)
            texts.append([str(n), *self._canonical(record)])
        columns = ", ".join(f"t[{i + 2}]" for i in range(len(self.table.fields)))
        self.connection.execute(
            f"INSERT INTO s{self.number} SELECT t[1]::BIGINT, {columns} "  # noqa: S608
            "FROM (SELECT unnest(from_json(?, '[[\"VARCHAR\"]]')) AS t)",
            [_json(texts)],
        )
        kept = [f"k{self._at(name)} = y{self._at(name)}" for name in self.kept]
        hashes = [f"u{i} = {self._hash(key, self._judged_text)}" for i, key in enumerate(self.unique_keys)]
        if assignments := ", ".join(kept + hashes):
            self.connection.execute(
                f"UPDATE r{self.number} SET {assignments} FROM s{self.number} AS s "  # noqa: S608
                f"WHERE r{self.number}.rowid = s.n AND s.n BETWEEN ? AND ?",
                [rows[0], rows[-1]],
            )

    def _judge_irregular(self) -> None:
        """Irregular records are judged like others; they stand behind the rows."""
        if not self.relation.irregular:
            return
        count = self.count()
        rows = [count + i for i in range(len(self.relation.irregular))]
        self.connection.execute(
            f"INSERT INTO r{self.number} (clean) SELECT false FROM range(?)",  # noqa: S608
            [len(rows)],
        )
        self._judge_records(rows, self.relation.irregular)

    def _judge_cells(self, file: CuratedFile, record: Record) -> None:
        absent = file.missing_columns
        for f in self.fields:
            judge = self.judges.get(f.name)
            if judge is None or f.name in absent or (record.row, f.name) in file.absent:
                continue
            text = self._text(f, record)
            for kind in judge(text):
                finding = cell_fault(kind, f, file.place(record, f.name), record.cells[self._at(f.name)])
                self.faults.add(file, record, f.name, finding)

    def _canonical(self, record: Record) -> list[str | None]:
        """The canonical text of each cell that is compared with others; None for the rest."""
        return [
            cells.canonical_text(f, text)
            if f.name in self.compared and (text := self._text(f, record)) is not None
            else None
            for f in self.table.fields
        ]

    def _text(self, f: Field, record: Record) -> str | None:
        """The text of a cell; None where it is missing."""
        text = record.cells[self._at(f.name)] or ""
        return None if text in f.missing_values else text

    # ---------------------------------------------------------------------------------------------- keys

    def judge_keys(self) -> None:
        """Every key once; a key all of whose parts are missing is no key, unless `required` has said so."""
        codes = {key: code for code, key in reversed(list(_unique_keys(self.table)))}
        for i, key in enumerate(self.unique_keys):
            counted = self.connection.execute(f"SELECT count(u{i}), count(DISTINCT u{i}) FROM r{self.number}")  # noqa: S608
            present, distinct = counted.fetchall()[0]
            if present != distinct:
                self._repeated(codes[key], i, key)
        key = self.table.primary_key
        if (
            self.doubtful
            and key
            and set(key) <= set(self.judges)
            and not any(self.table.field(name).required for name in key)
        ):
            self._empty_keys(key)

    def _repeated(self, code: str, i: int, key: tuple[str, ...]) -> None:
        query = (
            f"SELECT rowid FROM r{self.number} WHERE u{i} IN "  # noqa: S608
            f"(SELECT u{i} FROM r{self.number} WHERE u{i} IS NOT NULL GROUP BY u{i} HAVING count(*) > 1) ORDER BY rowid"
        )
        first: dict[tuple[str | None, ...], Located] = {}
        at = [self._at(name) for name in key]
        for file, record in self._in_order([n for (n,) in self.connection.execute(query).fetchall()]):
            texts = self._canonical(record)
            value = tuple(texts[position] for position in at)
            first_file, first_record = first.setdefault(value, (file, record))
            if first_record is record:
                continue
            shown = "/".join(record.cells[position] or "" for position in at)
            if code == "primary-key":
                facts = {"first": f"{first_file.file}!{first_record.row + 1}", "key": "/".join(key)}
            else:
                facts = {"first": str(first_record.row + 1)}
            self.faults.add(file, record, key[-1], Finding(code, file.place(record, key[-1]), shown, facts))

    def _empty_keys(self, key: tuple[str, ...]) -> None:
        empty = " AND ".join(f"y{self._at(name)} IS NULL" for name in key)
        rows = self.connection.execute(f"SELECT n FROM s{self.number} WHERE {empty} ORDER BY n").fetchall()  # noqa: S608
        for file, record in self._in_order([n for (n,) in rows]):
            if any(record.cells):
                title = Text(f"主键 {'/'.join(key)} 为空", f"the key {'/'.join(key)} is empty")
                facts: dict[str, str | Text] = {"problem": title, "wanted": Text("主键必填", "a key")}
                finding = Finding("constraint-error", file.place(record, key[-1]), "", facts)
                self.faults.add(file, record, key[-1], finding)

    def _in_order(self, rows: Sequence[int]) -> list[Located]:
        """Records in the order of their files, irregular ones in their places."""
        count = len(self.relation.irregular)
        if not count:
            return self.relation.fetch(rows)
        regular = self.count() - count
        located = self.relation.fetch([n for n in rows if n < regular])
        located += [self.relation.irregular[n - regular] for n in rows if n >= regular]
        return sorted(located, key=lambda pair: pair[1].row)

    # ---------------------------------------------------------------------------------------------- references

    def judge_reference(self, key: ForeignKey, sieved: Mapping[str, "_Sieved"]) -> None:
        """Every reference leads to a record; one with a missing part leads nowhere and is left alone."""
        there = sieved.get(key.resource)
        fields = "/".join(key.fields)
        if there is None or key.resource in self.incomplete or not there.has(key.reference_fields):
            reason = Text(
                f"{self.table.name} 的 {fields}:{key.resource} 未能完整读取",
                f"{fields} of {self.table.name}: {key.resource} could not be read whole",
            )
            self.faults.pass_over(key.rule, reason)
            return
        if key not in self.references:
            return  # a column of the reference is missing or has no sound constraints; that has been said
        deferred = key.resource not in self.before
        if not deferred and not self.doubtful:
            return
        own = [f"{'k' if deferred else 'y'}{self._at(name)}" for name in key.fields]
        rows, n = (f"r{self.number}", "rowid") if deferred else (f"s{self.number}", "n")
        present = " AND ".join(f"a.{text} IS NOT NULL" for text in own)
        pairs = zip(own, key.reference_fields, strict=True)
        match = " AND ".join(f"a.{text} = b.k{there._at(name)}" for text, name in pairs)
        broken = self.connection.execute(
            f"SELECT a.{n} FROM {rows} a WHERE {present} "  # noqa: S608
            f"AND NOT EXISTS (SELECT 1 FROM r{there.number} b WHERE {match}) ORDER BY a.{n}"
        ).fetchall()
        if broken:
            self._broken_references(key, there, self._in_order([n for (n,) in broken]))

    def _broken_references(self, key: ForeignKey, there: "_Sieved", located: Sequence[Located]) -> None:
        existing = there.values(key.reference_fields[-1])
        target = f"{there.table.path.rpartition('/')[2]} ({key.reference_fields[-1]})"
        nearest: dict[str, list[str]] = {}
        name = key.fields[-1]
        for file, record in located:
            value = record.cells[self._at(name)] or ""
            if value not in nearest:
                nearest[value] = nearest_values(value, existing)
            fix = Fix(nearest[value][0]) if nearest[value] else None
            facts: dict[str, str | Text] = {"target": target, "nearest": hint_of(nearest[value])}
            self.faults.add(file, record, name, Finding(key.rule, file.place(record, name), value, facts, fix))

    def count(self) -> int:
        """The number of records, irregular ones included."""
        counted = self.connection.execute(f"SELECT count(*) FROM r{self.number}").fetchall()  # noqa: S608
        return int(counted[0][0])

    def has(self, names: Sequence[str]) -> bool:
        return set(names) <= set(self.judges)

    def holds(self, name: str, character: str) -> bool:
        """Whether a value of a field that others refer to holds a character."""
        query = f"SELECT bool_or(contains(k{self._at(name)}, ?)) FROM r{self.number}"  # noqa: S608
        return bool(self.connection.execute(query, [character]).fetchall()[0][0])

    def values(self, name: str) -> list[str]:
        """The values of a field that others refer to; none where there are too many to search."""
        k = f"k{self._at(name)}"
        rows = self.connection.execute(
            f"SELECT {k} FROM r{self.number} WHERE {k} IS NOT NULL GROUP BY {k} ORDER BY min(rowid) LIMIT ?",  # noqa: S608
            [NEAREST_AMONG + 1],
        ).fetchall()
        return [value for (value,) in rows] if len(rows) <= NEAREST_AMONG else []

    # ---------------------------------------------------------------------------------------------- names

    def _at(self, name: str) -> int:
        return self.table.names.index(name)

    def _column(self, name: str) -> str:
        return f"c{self._at(name)}"

    def _key_text(self, name: str) -> str:
        return sieve.key_text(self.table.field(name), f"x{self._at(name)}")

    def _judged_text(self, name: str) -> str:
        return f"s.y{self._at(name)}"

    def _hash(self, key: Sequence[str], text: "KeyText") -> str:
        """SQL for the hash of a key, NULL where a part is missing."""
        parts = [text(name) for name in key]
        complete = " AND ".join(f"{part} IS NOT NULL" for part in parts)
        return f"CASE WHEN {complete} THEN hash({', '.join(parts)}) END"

    def _judges(self) -> Iterator[tuple[str, cells.Judge]]:
        for f in self.fields:
            try:
                yield f.name, cells.judge_of(f)
            except ValueError as error:
                reason = Text(
                    f"{self.table.name} 的 {f.name}:表结构中的约束有误({error})",
                    f"{f.name} of {self.table.name}: its constraints in the schema are wrong ({error})",
                )
                self.faults.pass_over("constraint-error", reason)

    def _runs(self, f: Field) -> bool:
        """Whether DuckDB takes the pattern of a field."""
        if f.pattern is None:
            return True
        try:
            self.connection.execute("SELECT regexp_full_match('', ?)", [f.pattern])
        except duckdb.Error:
            return False
        return True


KeyText = Callable[[str], str]


def _unique_keys(table: Table) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Keys whose values occur once, with the code reported where they do not."""
    if table.primary_key:
        yield "primary-key", table.primary_key
    for key in table.unique_keys:
        yield "unique-error", key
    for f in table.fields:
        if f.unique:
            yield "unique-error", (f.name,)


def _counted(character: str, columns: Sequence[str]) -> str:
    """SQL for the number of occurrences in columns; most cells hold none, which is quickly seen."""
    code = f"chr({ord(character)})"
    counts = [
        f"CASE WHEN contains({c}, {code}) THEN strlen({c}) - strlen(replace({c}, {code}, '')) ELSE 0 END"
        for c in columns
    ]
    return f"({' + '.join(counts) or '0'})"


def _json(texts: Sequence[Sequence[str | None]]) -> str:
    # a lone surrogate of a damaged file is no JSON
    return json.dumps(texts, ensure_ascii=False).encode("utf-8", "replace").decode("utf-8")

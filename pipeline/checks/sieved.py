"""A table on its way through the structural checks: sieved in one pass, the doubtful rows judged one by one."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import duckdb

from pipeline import cells, sieve
from pipeline.checks.cell_faults import cell_fault
from pipeline.curated import CuratedFile, Record
from pipeline.findings import Finding, NotChecked
from pipeline.language import Text
from pipeline.patterns import EndlessError, Pattern
from pipeline.relations import Located, Relation
from pipeline.tables import Field, ForeignKey, Table

BATCH = 20_000  # rows judged at a time
LOOKED_UP = 100_000  # more keys than this are not looked up while reading, but joined afterwards
SUGGESTED = 200  # wrong values of a field for which a similar one is searched
MANY = 64  # columns from which memory counts more than speed
SHOWN = 80  # characters of a pattern in a message
LISTED = 32  # more values than this are looked up in an enumeration type


@dataclass
class Faults:
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


class Sieved:
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
        before: Mapping[str, "Sieved"],
        incomplete: frozenset[str],
        faults: Faults,
    ) -> None:
        self.connection, self.number, self.relation = connection, number, relation
        self.incomplete, self.faults = incomplete, faults
        self.patterns: dict[str, Pattern] = {}
        self.table = self._judgeable(relation.table)
        self.before = dict(before)
        self.rows = self.doubtful = self.blank = 0
        self.told: Counter[str] = Counter()
        self.fields = [f for f in self.table.fields if f.name not in relation.missing]
        self.judges = dict(self._judges())
        self.unique_keys = [key for key in unique_keys_of(self.table) if set(key) <= set(self.judges)]
        self.tellable = {f.name for f in self.fields if sieve.tellable(f)}
        self.types: set[str] = set()
        self.references = [key for key in self.table.foreign_keys if self.has(key.fields)]
        self.deferred = [key for key in self.references if not self._looks_up(key)]
        later = [name for key in self.deferred for name in key.fields]
        self.kept = list(dict.fromkeys([*(name for name in referred if name in self.judges), *later]))
        self.compared = {
            *self.kept,
            *(n for k in self.unique_keys for n in k),
            *(n for k in self.references for n in k.fields),
        }
        # keys of types that SQL cannot compare leave every row to the exact judgement
        self.sieves = all(sieve.keyable(self.table.field(name)) for name in self.compared)

    def _judgeable(self, table: Table) -> Table:
        """The table without patterns that could take for ever."""
        fields = list(table.fields)
        for i, f in enumerate(fields):
            if f.pattern is None or f.name in self.relation.missing:
                continue
            try:
                self.patterns[f.name] = Pattern(f.pattern)
            except EndlessError:
                fields[i] = replace(f, pattern=None)
                self.faults.pass_over("constraint-error", _endless(table, f))
            except ValueError:
                continue  # is told with the other constraints
        return replace(table, fields=tuple(fields))

    def _looks_up(self, key: ForeignKey) -> bool:
        parent = self.before.get(key.resource)
        return parent is not None and key.resource not in self.incomplete and parent.is_looked_up(key.reference_fields)

    # ---------------------------------------------------------------------------------------------- one pass

    def run(self) -> None:
        """Sieve the rows and judge those that are not certainly sound."""
        query, parameters = self._query()
        source, values = self.relation.source(self.connection)
        texts, text_values = self._texts(source)
        self._read(f"CREATE TABLE r{self.number} AS WITH {texts}, {query}", [*text_values, *values, *parameters])
        counted = self.connection.execute(f"SELECT count(*), count(*) FILTER (clean) FROM r{self.number}").fetchall()  # noqa: S608
        self.rows, clean = counted[0]
        self.relation.settle(self.connection, f"r{self.number}")
        if clean < self.rows:
            self._judge_doubtful()
        self._judge_irregular()
        for name, pattern in self.patterns.items():
            if pattern.passed_over:
                self.faults.pass_over("constraint-error", _too_long(self.table, name, pattern.passed_over))

    def _judge_doubtful(self) -> None:
        doubtful = self.connection.execute(f"SELECT rowid FROM r{self.number} WHERE NOT clean ORDER BY rowid")  # noqa: S608
        rows = [n for (n,) in doubtful.fetchall()]
        for start in range(0, len(rows), BATCH):
            part = rows[start : start + BATCH]
            self._judge_records(part, self.relation.fetch(part))

    def _read(self, query: str, values: Sequence[str]) -> list[tuple[Any, ...]]:
        """Run a query over the file. Raises UnplainError where the database gives up on it."""
        try:
            return self.connection.execute(query, values).fetchall()
        except duckdb.OutOfMemoryException:
            raise
        except duckdb.Error:
            self.relation.doubt()
            raise

    def _texts(self, source: str) -> tuple[str, list[str]]:
        """A common table expression `texts`: x{i}, the text of each cell or NULL; raw columns stay visible."""
        columns = ["*"]
        values: list[str] = []
        for f in self.fields:
            text = sieve.text_of(f, self._column(f.name))
            columns.append(f"{text.sql} AS x{self.at(f.name)}")
            values += text.parameters
        return f"texts AS (SELECT {', '.join(columns)} FROM {source})", values  # noqa: S608

    def _query(self) -> tuple[str, list[str]]:
        """`judged` and the final selection over `texts`, with the values of their parameters."""
        clean, values = self._clean()
        kept = [f"{self.key_text(name)} AS k{self.at(name)}" for name in self.kept]
        hashes = [f"{self._first_hash(key)} AS u{i}" for i, key in enumerate(self.unique_keys)]
        judged = f"judged AS (SELECT *, coalesce({clean}, false) AS clean FROM texts)"  # noqa: S608
        measures = self._measures() if self.relation.measured else []
        return f"{judged} SELECT {', '.join(['clean', *measures, *kept, *hashes])} FROM judged", values  # noqa: S608

    def _measures(self) -> list[str]:
        """Line feeds of a row, and its bytes without delimiters and with a quote less for each quote in a cell."""
        columns = [*(self._column(f.name) for f in self.fields), *self.relation.extra]
        if len(columns) > MANY:
            # each part of an expression takes memory for itself, so here as few as can be
            text = f"concat({', '.join(columns)})"
            newlines, held = (f"strlen(replace({text}, chr({code}), ''))" for code in (10, 34))
            return [f"strlen({text}) - {newlines} AS newlines", f"{held} AS bytes"]
        filled = [self._column(f.name) for f in self.fields if f.required]
        other = [self._column(f.name) for f in self.fields if not f.required] + list(self.relation.extra)
        maybe_missing = [f"coalesce(strlen({column}), 0)" for column in other]
        in_clean = _sum([*(f"strlen({column})" for column in filled), *maybe_missing])
        in_any = _sum([*(f"coalesce(strlen({column}), 0)" for column in filled), *maybe_missing])
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
            x = f"x{self.at(f.name)}"
            if f.name in met_by_reference:
                continue
            if len(f.values) > LISTED and f.name in self.judges:
                sound = [value for value in f.values if not self.judges[f.name](value)]
                conditions = [sieve.Condition(f"TRY_CAST({x} AS {self._listed(f, sound)}) IS NOT NULL")]
            elif f.name in self.tellable:
                conditions = list(sieve.sound(f, x))
            elif f.name in self.judges:
                conditions = [sieve.Condition(f"TRY_CAST({x} AS {self._judged_values(f)}) IS NOT NULL")]
            else:
                conditions = []
            sql = " AND ".join(condition.sql for condition in conditions)
            if f.required:
                tests.append(sql or f"{x} IS NOT NULL")  # no condition holds for NULL
            elif sql:
                tests.append(f"({x} IS NULL OR ({sql}))")
            values += [value for condition in conditions for value in condition.parameters]
        if not any(f.required and "" in f.missing_values for f in self.fields):
            # a row that may be blank; DuckDB reads empty cells as NULL
            tests.append(f"coalesce({', '.join(['NULL', *(self._column(f.name) for f in self.fields)])}) IS NOT NULL")
        key = self.table.primary_key
        if key and self.has(key) and not any(self.table.field(name).required for name in key):
            tests.append(f"coalesce({', '.join(f'x{self.at(name)}' for name in key)}) IS NOT NULL")
        tests += [self._refers(key, parent) for key, parent in self._led()]
        return " AND ".join(tests), values

    def _led(self) -> Iterator[tuple[ForeignKey, "Sieved"]]:
        """References that are looked up while reading: of one field, to a table that is sieved already and not huge."""
        for key in self.references:
            if key not in self.deferred:
                yield key, self.before[key.resource]

    def _refers(self, key: ForeignKey, parent: "Sieved") -> str:
        """SQL that is true where a reference leads to a clean row, or is missing."""
        text = self.key_text(key.fields[0])
        leads = f"TRY_CAST({text} AS {parent.key_type(key.reference_fields[0])}) IS NOT NULL"
        return leads if self.table.field(key.fields[0]).required else f"({text} IS NULL OR {leads})"

    def is_looked_up(self, names: Sequence[str]) -> bool:
        """Whether references to these fields can be looked up while another table is read."""
        return len(names) == 1 and self.has(names) and self.count() <= LOOKED_UP

    def key_type(self, name: str) -> str:
        """An enumeration type of the values of a field in clean rows: a look-up that keeps rows in order."""
        return self._enumeration(
            f"e{self.number}_{self.at(name)}",
            f"SELECT DISTINCT k{self.at(name)} FROM r{self.number} WHERE clean AND k{self.at(name)} IS NOT NULL",  # noqa: S608
        )

    def _enumeration(self, name: str, query: str, values: Sequence[str] | None = None) -> str:
        if name not in self.types:
            self.connection.execute(f"CREATE TYPE {name} AS ENUM ({query})", values or [])
            self.types.add(name)
        return name

    def _met_by_reference(self) -> set[str]:
        """Text fields whose conditions are those of the field they refer to: clean rows there have met them."""
        met = set()
        for key, parent in self._led():
            (name,), (there,) = key.fields, key.reference_fields
            own, referred = self.table.field(name), parent.table.field(there)
            if not own.type == referred.type == "string" or referred.name not in parent.tellable:
                continue
            if set(sieve.sound(own, "x")) <= set(sieve.sound(referred, "x")):
                met.add(name)
        return met

    def _judged_values(self, f: Field) -> str:
        """A type of the sound values among those of a field that SQL cannot tell; one pass for each such field."""
        source, values = self.relation.source(self.connection)
        text = sieve.text_of(f, self._column(f.name))
        distinct = self._read(f"SELECT DISTINCT {text.sql} FROM {source}", [*text.parameters, *values])  # noqa: S608
        judge = self.judges[f.name]
        sound = [cell for (cell,) in distinct if cell is not None and not judge(cell)]
        return self._listed(f, sound)

    def _listed(self, f: Field, values: Sequence[str]) -> str:
        listed = "SELECT DISTINCT unnest(from_json(?, '[\"VARCHAR\"]'))"
        return self._enumeration(f"v{self.number}_{self.at(f.name)}", listed, [json.dumps(values)])

    # ---------------------------------------------------------------------------------------------- row by row

    def _judge_records(self, rows: Sequence[int], located: Sequence[Located]) -> None:
        """Judge records cell by cell, and put what keys and references need of them in order."""
        if not self.doubtful:
            names = ", ".join(f"y{i} VARCHAR" for i in range(len(self.table.fields)))
            self.connection.execute(f"CREATE TABLE s{self.number} (n BIGINT, {names})")
        self.doubtful += len(rows)
        for name, pattern in self.patterns.items():
            found = (self.text(self.table.field(name), record) for _, record in located)
            pattern.learn(text for text in found if text is not None)
        texts = []
        for n, (file, record) in zip(rows, located, strict=True):
            if record.blank:
                self.blank += 1
                self.faults.findings.append(Finding("blank-row", file.place(record)))
                # cells of unknown columns may be all it has: nothing of the table can be relied on
                self.faults.faulty.setdefault((file.file, record.row), set()).update(self.table.names)
            else:
                self._judge_cells(file, record)
            texts.append([str(n), *self.canonical(file, record)])
        columns = ", ".join(f"t[{i + 2}]" for i in range(len(self.table.fields)))
        self.connection.execute(
            f"INSERT INTO s{self.number} SELECT t[1]::BIGINT, {columns} "  # noqa: S608
            "FROM (SELECT unnest(from_json(?, '[[\"VARCHAR\"]]')) AS t)",
            [_json(texts)],
        )
        kept = [f"k{self.at(name)} = y{self.at(name)}" for name in self.kept]
        hashes = [f"u{i} = {self._hash(key, self.judged_text)}" for i, key in enumerate(self.unique_keys)]
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
        rows = [self.rows + i for i in range(len(self.relation.irregular))]
        self.connection.execute(
            f"INSERT INTO r{self.number} (clean) SELECT false FROM range(?)",  # noqa: S608
            [len(rows)],
        )
        self._judge_records(rows, self.relation.irregular)

    def _judge_cells(self, file: CuratedFile, record: Record) -> None:
        absent = file.missing_columns
        referring = {name for key in self.references for name in key.fields}
        for f in self.fields:
            judge = self.judges.get(f.name)
            if judge is None or f.name in absent or (record.row, f.name) in file.absent:
                continue
            text = self.text(f, record)
            cell = record.cells[self.at(f.name)]
            for kind in judge(text):
                self.told[f.name] += 1
                near, refers = self.told[f.name] <= SUGGESTED, f.name in referring
                finding = cell_fault(kind, f, file.place(record, f.name), cell, refers=refers, near=near)
                self.faults.add(file, record, f.name, finding)

    def canonical(self, file: CuratedFile, record: Record) -> list[str | None]:
        """The canonical text of each cell that is compared with others; None for the rest and where no cell is."""
        if record.blank:
            return [None] * len(self.table.fields)
        return [
            cells.canonical_text(f, text)
            if f.name in self.compared
            and (record.row, f.name) not in file.absent
            and (text := self.text(f, record)) is not None
            else None
            for f in self.table.fields
        ]

    def text(self, f: Field, record: Record) -> str | None:
        """The text of a cell; None where it is missing."""
        text = record.cells[self.at(f.name)] or ""
        return None if text in f.missing_values else text

    # ---------------------------------------------------------------------------------------------- what it holds

    def in_order(self, rows: Sequence[int]) -> list[Located]:
        """Records in the order of their files, irregular ones in their places."""
        if not self.relation.irregular:
            return self.relation.fetch(rows)
        located = self.relation.fetch([n for n in rows if n < self.rows])
        located += [self.relation.irregular[n - self.rows] for n in rows if n >= self.rows]
        return sorted(located, key=lambda pair: pair[1].row)

    def count(self) -> int:
        """The number of records, irregular ones included."""
        return self.rows + len(self.relation.irregular)

    def has(self, names: Sequence[str]) -> bool:
        return set(names) <= set(self.judges)

    def holds(self, name: str, character: str) -> bool:
        """Whether a value of a field that others refer to holds a character."""
        query = f"SELECT bool_or(contains(k{self.at(name)}, ?)) FROM r{self.number}"  # noqa: S608
        return bool(self.connection.execute(query, [character]).fetchall()[0][0])

    # ---------------------------------------------------------------------------------------------- names

    def at(self, name: str) -> int:
        return self.table.positions[name]

    def _column(self, name: str) -> str:
        return f"c{self.at(name)}"

    def key_text(self, name: str) -> str:
        return sieve.key_text(self.table.field(name), f"x{self.at(name)}")

    def judged_text(self, name: str) -> str:
        return f"s.y{self.at(name)}"

    def _first_hash(self, key: Sequence[str]) -> str:
        """The same while reading; rows that lack a required part are judged one by one, and their hash with them."""
        if all(self.table.field(name).required for name in key):
            return f"hash({', '.join(self.key_text(name) for name in key)})"
        return self._hash(key, self.key_text)

    def _hash(self, key: Sequence[str], text: "KeyText") -> str:
        """SQL for the hash of a key, NULL where a part is missing."""
        parts = [text(name) for name in key]
        complete = " AND ".join(f"{part} IS NOT NULL" for part in parts)
        return f"CASE WHEN {complete} THEN hash({', '.join(parts)}) END"

    def _judges(self) -> Iterator[tuple[str, cells.Judge]]:
        for f in self.fields:
            try:
                yield f.name, cells.judge_of(f, self.patterns.get(f.name))
            except ValueError as error:
                reason = Text(
                    f"{self.table.name} 的 {f.name}:表结构中的约束有误({error})",
                    f"{f.name} of {self.table.name}: its constraints in the schema are wrong ({error})",
                )
                self.faults.pass_over("constraint-error", reason)


def _endless(table: Table, f: Field) -> Text:
    pattern = _shown(f)
    return Text(
        f"{table.name} 的 {f.name}:正则表达式 {pattern} 遇到某些文本会无休止地反复尝试"
        "(重复之中又有重复或多选),未按它检查",
        f"{f.name} of {table.name}: the pattern {pattern} would try some texts without end "
        "(repeats or alternatives within a repeat); cells are not checked against it",
    )


def _shown(f: Field) -> str:
    pattern = f.pattern or ""
    return pattern if len(pattern) <= SHOWN else f"{pattern[:SHOWN]}…"


def _too_long(table: Table, name: str, count: int) -> Text:
    pattern = _shown(table.field(name))
    return Text(
        f"{table.name} 的 {name}:有 {count} 个值按正则表达式 {pattern} 检查耗时过长(文本过长或过多),未按它检查",
        f"{name} of {table.name}: {count} values would take too long with the pattern {pattern} "
        "(texts too long or too many); they are not checked against it",
    )


KeyText = Callable[[str], str]


def unique_keys_of(table: Table) -> dict[tuple[str, ...], str]:
    """Keys whose values occur once, with the code reported where they do not; one that is given twice is told once."""
    unique = (*table.unique_keys, *((f.name,) for f in table.fields if f.unique))
    keys = dict.fromkeys(unique, "unique-error")
    if table.primary_key:
        keys[table.primary_key] = "primary-key"
    return keys


def _counted(character: str, columns: Sequence[str]) -> str:
    """SQL for the number of occurrences in columns; most cells hold none, which is quickly seen."""
    code = f"chr({ord(character)})"
    counts = [
        f"CASE WHEN contains({c}, {code}) THEN strlen({c}) - strlen(replace({c}, {code}, '')) ELSE 0 END"
        for c in columns
    ]
    return _sum(counts)


def _sum(terms: Sequence[str]) -> str:
    """SQL for a sum, halved again and again: a database takes no expression that is thousands deep."""
    if len(terms) <= 2:
        return f"({' + '.join(terms) or '0'})"
    half = len(terms) // 2
    return f"({_sum(terms[:half])} + {_sum(terms[half:])})"


def _json(texts: Sequence[Sequence[str | None]]) -> str:
    # a lone surrogate of a damaged file is no JSON
    return json.dumps(texts, ensure_ascii=False).encode("utf-8", "replace").decode("utf-8")

"""One pass over the text of a table: the query that calls rows sound and keeps what keys and references need."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

import duckdb

from pipeline import sieve
from pipeline.checks.plan import Plan
from pipeline.relations import Relation
from pipeline.tables import Field, ForeignKey

MANY = 64  # columns from which memory counts more than speed
LISTED = 8  # more values than this are looked up in an enumeration type


class Referred(Protocol):
    """A table that was swept before, and is referred to."""

    @property
    def plan(self) -> Plan: ...

    def holds(self, name: str, character: str) -> bool: ...

    def key_type(self, name: str) -> str: ...


class Sweep:
    """The pass over a relation: makes the table r{number}, a row for each of its rows in their order.

    Its columns: `clean` (certainly sound), `newlines` and `bytes` where the relation wants them, u{i}, k{i}.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        number: int,
        plan: Plan,
        relation: Relation,
        before: Mapping[str, Referred],
    ) -> None:
        self.connection, self.number, self.plan, self.relation, self.before = connection, number, plan, relation, before

    def run(self) -> None:
        query, parameters = self._query()
        source, values = self.relation.source(self.connection)
        texts, text_values = self._texts(source)
        self._read(f"CREATE TABLE r{self.number} AS WITH {texts}, {query}", [*text_values, *values, *parameters])

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
        for f in self.plan.fields:
            text = sieve.text_of(f, self.plan.column(f.name))
            columns.append(f"{text.sql} AS x{self.plan.at(f.name)}")
            values += text.parameters
        return f"texts AS (SELECT {', '.join(columns)} FROM {source})", values  # noqa: S608

    def _query(self) -> tuple[str, list[str]]:
        """`judged` and the final selection over `texts`, with the values of their parameters."""
        clean, values = self._clean()
        kept = [f"{self.plan.key_text(name)} AS k{self.plan.at(name)}" for name in self.plan.kept]
        hashes = [f"{self.plan.first_hash(key)} AS u{i}" for i, key in enumerate(self.plan.unique_keys)]
        judged = f"judged AS (SELECT *, coalesce({clean}, false) AS clean FROM texts)"  # noqa: S608
        measures = self._measures() if self.relation.measured else []
        return f"{judged} SELECT {', '.join(['clean', *measures, *kept, *hashes])} FROM judged", values  # noqa: S608

    def _measures(self) -> list[str]:
        """Line feeds of a row, and its bytes without delimiters and with a quote less for each quote in a cell."""
        columns = [*(self.plan.column(f.name) for f in self.plan.fields), *self.relation.extra]
        if len(columns) > MANY:
            # each part of an expression takes memory for itself, so here as few as can be
            text = f"concat({', '.join(columns)})"
            newlines, held = (f"strlen(replace({text}, chr({code}), ''))" for code in (10, 34))
            return [f"strlen({text}) - {newlines} AS newlines", f"{held} AS bytes"]
        filled = [f for f in self.plan.fields if f.required]
        other = [self.plan.column(f.name) for f in self.plan.fields if not f.required] + list(self.relation.extra)
        maybe_missing = [f"coalesce(strlen({column}), 0)" for column in other]
        in_clean = _sum([*(self._bytes_in_clean(f) for f in filled), *maybe_missing])
        in_any = _sum([*(f"coalesce(strlen({self.plan.column(f.name)}), 0)" for f in filled), *maybe_missing])
        lengths = f"CASE WHEN clean THEN {in_clean} ELSE {in_any} END"
        newlines, quotes = self._occurrences("\n"), self._occurrences('"')
        return [f"{newlines} AS newlines", f"({lengths}) - {quotes} AS bytes"]

    def _bytes_in_clean(self, f: Field) -> str:
        """SQL for the bytes of a cell that is never missing in clean rows; of codes they are known beforehand."""
        told = sieve.bytes_of_cell(f) if f.name in self.plan.tellable and f.name in self.plan.judges else None
        return str(told) if told else f"strlen({self.plan.column(f.name)})"

    def _occurrences(self, character: str) -> str:
        """SQL for how often a character occurs in a row; in clean rows only some columns can hold it at all."""
        without = {key.fields[0] for key, parent in self._led() if not parent.holds(key.reference_fields[0], character)}
        holding = {f.name for f in self.plan.fields if sieve.may_hold(f, character)} - without
        free = [self.plan.column(f.name) for f in self.plan.fields if f.name in holding]
        rest = [self.plan.column(f.name) for f in self.plan.fields if f.name not in holding]
        in_free = _counted(character, [*free, *self.relation.extra])
        return f"({in_free} + CASE WHEN clean THEN 0 ELSE {_counted(character, rest)} END)"

    def _clean(self) -> tuple[str, list[str]]:
        """SQL that is true for rows which are certainly sound."""
        if not self.plan.sieves:
            return "false", []
        tests: list[str] = []
        values: list[str] = []
        met_by_reference = self._met_by_reference()
        for f in self.plan.fields:
            x = f"x{self.plan.at(f.name)}"
            if f.name in met_by_reference:
                continue
            if len(f.values) > LISTED and f.name in self.plan.judges:
                sound = [value for value in f.values if not self.plan.judges[f.name](value)]
                conditions = [sieve.Condition(f"TRY_CAST({x} AS {self._listed(f, sound)}) IS NOT NULL")]
            elif f.name in self.plan.tellable:
                conditions = list(sieve.sound(f, x))
            elif f.name in self.plan.judges:
                conditions = [sieve.Condition(f"TRY_CAST({x} AS {self._judged_values(f)}) IS NOT NULL")]
            else:
                conditions = []
            sql = " AND ".join(condition.sql for condition in conditions)
            if f.required:
                tests.append(sql or f"{x} IS NOT NULL")  # no condition holds for NULL
            elif sql:
                tests.append(f"({x} IS NULL OR ({sql}))")
            values += [value for condition in conditions for value in condition.parameters]
        if not any(f.required and "" in f.missing_values for f in self.plan.fields):
            # a row that may be blank; DuckDB reads empty cells as NULL
            tests.append(
                f"coalesce({', '.join(['NULL', *(self.plan.column(f.name) for f in self.plan.fields)])}) IS NOT NULL"
            )
        key = self.plan.table.primary_key
        if key and self.plan.has(key) and not any(self.plan.table.field(name).required for name in key):
            tests.append(f"coalesce({', '.join(f'x{self.plan.at(name)}' for name in key)}) IS NOT NULL")
        tests += [self._refers(key, parent) for key, parent in self._led()]
        return " AND ".join(tests), values

    def _led(self) -> Iterator[tuple[ForeignKey, Referred]]:
        """References that are looked up while reading: of one field, to a table that is sieved already and not huge."""
        for key in self.plan.references:
            if key not in self.plan.deferred:
                yield key, self.before[key.resource]

    def _refers(self, key: ForeignKey, parent: Referred) -> str:
        """SQL that is true where a reference leads to a clean row, or is missing."""
        text = self.plan.key_text(key.fields[0])
        leads = f"TRY_CAST({text} AS {parent.key_type(key.reference_fields[0])}) IS NOT NULL"
        return leads if self.plan.table.field(key.fields[0]).required else f"({text} IS NULL OR {leads})"

    def _met_by_reference(self) -> set[str]:
        """Text fields whose conditions are those of the field they refer to: clean rows there have met them."""
        met = set()
        for key, parent in self._led():
            (name,), (there,) = key.fields, key.reference_fields
            own, referred = self.plan.table.field(name), parent.plan.table.field(there)
            if not own.type == referred.type == "string" or referred.name not in parent.plan.tellable:
                continue
            if set(sieve.sound(own, "x")) <= set(sieve.sound(referred, "x")):
                met.add(name)
        return met

    def _judged_values(self, f: Field) -> str:
        """A type of the sound values among those of a field that SQL cannot tell; one pass for each such field."""
        source, values = self.relation.source(self.connection)
        text = sieve.text_of(f, self.plan.column(f.name))
        distinct = self._read(f"SELECT DISTINCT {text.sql} FROM {source}", [*text.parameters, *values])  # noqa: S608
        judge = self.plan.judges[f.name]
        sound = [cell for (cell,) in distinct if cell is not None and not judge(cell)]
        return self._listed(f, sound)

    def _listed(self, f: Field, values: Sequence[str]) -> str:
        listed = "SELECT DISTINCT unnest(from_json(?, '[\"VARCHAR\"]'))"
        name = f"v{self.number}_{self.plan.at(f.name)}"
        self.connection.execute(f"CREATE TYPE {name} AS ENUM ({listed})", [json.dumps(values)])
        return name


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

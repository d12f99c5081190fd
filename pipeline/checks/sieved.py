"""A table on its way through the structural checks: sieved in one pass, the doubtful rows judged one by one."""

from collections.abc import Mapping, Sequence

import duckdb

from pipeline.checks.doubtful import Doubtful
from pipeline.checks.faults import Faults
from pipeline.checks.plan import Plan
from pipeline.checks.sweep import Sweep
from pipeline.relations import Located, Relation
from pipeline.tables import ForeignKey

BATCH = 20_000  # rows judged at a time
LOOKED_UP = 100_000  # more keys than this are not looked up while reading, but joined afterwards


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
        self.before = dict(before)
        self.plan = Plan(relation, referred, self._looks_up, faults)
        self.doubtful = Doubtful(connection, number, self.plan, faults)
        self.rows = 0
        self._key_types: set[str] = set()

    def run(self) -> None:
        """Sieve the rows and judge those that are not certainly sound."""
        Sweep(self.connection, self.number, self.plan, self.relation, self.before).run()
        counted = self.connection.execute(f"SELECT count(*), count(*) FILTER (clean) FROM r{self.number}").fetchall()  # noqa: S608
        self.rows, clean = counted[0]
        self.relation.settle(self.connection, f"r{self.number}")
        if clean < self.rows:
            self._judge_doubtful()
        self._judge_irregular()
        self.plan.say_what_took_too_long()

    def _judge_doubtful(self) -> None:
        doubtful = self.connection.execute(f"SELECT rowid FROM r{self.number} WHERE NOT clean ORDER BY rowid")  # noqa: S608
        rows = [n for (n,) in doubtful.fetchall()]
        for start in range(0, len(rows), BATCH):
            part = rows[start : start + BATCH]
            self.doubtful.judge(part, self.relation.fetch(part))

    def _judge_irregular(self) -> None:
        """Irregular records are judged like others; they stand behind the rows."""
        if not self.relation.irregular:
            return
        rows = [self.rows + i for i in range(len(self.relation.irregular))]
        self.connection.execute(
            f"INSERT INTO r{self.number} (clean) SELECT false FROM range(?)",  # noqa: S608
            [len(rows)],
        )
        self.doubtful.judge(rows, self.relation.irregular)

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

    def holds(self, name: str, character: str) -> bool:
        """Whether a value of a field that others refer to holds a character."""
        query = f"SELECT bool_or(contains(k{self.plan.at(name)}, ?)) FROM r{self.number}"  # noqa: S608
        return bool(self.connection.execute(query, [character]).fetchall()[0][0])

    # ---------------------------------------------------------------------------------------------- looked up by others

    def _looks_up(self, key: ForeignKey) -> bool:
        parent = self.before.get(key.resource)
        return parent is not None and key.resource not in self.incomplete and parent.is_looked_up(key.reference_fields)

    def is_looked_up(self, names: Sequence[str]) -> bool:
        """Whether references to these fields can be looked up while another table is read."""
        return len(names) == 1 and self.plan.has(names) and self.count() <= LOOKED_UP

    def key_type(self, name: str) -> str:
        """An enumeration type of the values of a field in clean rows: a look-up that keeps rows in order."""
        at = self.plan.at(name)
        key_type = f"e{self.number}_{at}"
        if key_type not in self._key_types:
            values = f"SELECT DISTINCT k{at} FROM r{self.number} WHERE clean AND k{at} IS NOT NULL"  # noqa: S608
            self.connection.execute(f"CREATE TYPE {key_type} AS ENUM ({values})")
            self._key_types.add(key_type)
        return key_type

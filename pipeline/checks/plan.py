"""What of a table is judged and by whom, what its rows must keep for keys and references, and the names of all this.

In the database a table has the columns c{i} (text as read), x{i} (the same, NULL where missing), k{i} and y{i} (the
canonical text of rows and of rows judged one by one) and u{i} (the hash of a key); i counts fields, or keys.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from pipeline import cells, sieve
from pipeline.checks.faults import Faults
from pipeline.language import Text
from pipeline.patterns import EndlessError, Pattern
from pipeline.relations import Relation
from pipeline.tables import Field, ForeignKey, Table

SHOWN = 80  # characters of a pattern in a message
KeyText = Callable[[str], str]


class Plan:
    """How a relation is judged. `table` is without patterns that cannot be judged; `fields` are those with a column.

    `judges` lacks fields whose constraints are wrong, `tellable` holds those that SQL can call sound. `deferred` are
    references that are joined afterwards. The text of `kept` fields is kept: others refer to them, or they refer in
    such a way; `compared` are all that some key or reference needs. Where not `sieves`, SQL can call no row sound.
    """

    def __init__(
        self, relation: Relation, referred: Sequence[str], looks_up: Callable[[ForeignKey], bool], faults: Faults
    ) -> None:
        self.missing, self._faults = relation.missing, faults
        self.patterns: dict[str, Pattern] = {}
        self.table = self._judgeable(relation.table)
        self.fields = [f for f in self.table.fields if f.name not in self.missing]
        self.judges = dict(self._judges())
        self.unique_keys = [key for key in unique_keys_of(self.table) if self.has(key)]
        self.tellable = {f.name for f in self.fields if sieve.tellable(f)}
        self.references = [key for key in self.table.foreign_keys if self.has(key.fields)]
        self.deferred = [key for key in self.references if not looks_up(key)]
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
            if f.pattern is None or f.name in self.missing:
                continue
            try:
                self.patterns[f.name] = Pattern(f.pattern)
            except EndlessError:
                fields[i] = replace(f, pattern=None)
                self._faults.pass_over("constraint-error", _endless(table, f))
            except ValueError:
                continue  # is told with the other constraints
        return replace(table, fields=tuple(fields))

    def _judges(self) -> Iterator[tuple[str, cells.Judge]]:
        for f in self.fields:
            try:
                yield f.name, cells.judge_of(f, self.patterns.get(f.name))
            except ValueError as error:
                reason = Text(
                    f"{self.table.name} 的 {f.name}:表结构中的约束有误({error})",
                    f"{f.name} of {self.table.name}: its constraints in the schema are wrong ({error})",
                )
                self._faults.pass_over("constraint-error", reason)

    def say_what_took_too_long(self) -> None:
        for name, pattern in self.patterns.items():
            if pattern.passed_over:
                self._faults.pass_over("constraint-error", _too_long(self.table, name, pattern.passed_over))

    def has(self, names: Sequence[str]) -> bool:
        return set(names) <= set(self.judges)

    # ---------------------------------------------------------------------------------------------- names

    def at(self, name: str) -> int:
        return self.table.positions[name]

    def column(self, name: str) -> str:
        return f"c{self.at(name)}"

    def key_text(self, name: str) -> str:
        return sieve.key_text(self.table.field(name), f"x{self.at(name)}")

    def first_hash(self, key: Sequence[str]) -> str:
        """The same while reading; rows that lack a required part are judged one by one, and their hash with them."""
        if all(self.table.field(name).required for name in key):
            return f"hash({', '.join(self.key_text(name) for name in key)})"
        return self.hash_of(key, self.key_text)

    def hash_of(self, key: Sequence[str], text: KeyText) -> str:
        """SQL for the hash of a key, NULL where a part is missing."""
        parts = [text(name) for name in key]
        complete = " AND ".join(f"{part} IS NOT NULL" for part in parts)
        return f"CASE WHEN {complete} THEN hash({', '.join(parts)}) END"


def unique_keys_of(table: Table) -> dict[tuple[str, ...], str]:
    """Keys whose values occur once, with the code reported where they do not; one that is given twice is told once."""
    unique = (*table.unique_keys, *((f.name,) for f in table.fields if f.unique))
    keys = dict.fromkeys(unique, "unique-error")
    if table.primary_key:
        keys[table.primary_key] = "primary-key"
    return keys


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

"""Keys that occur once and references that lead somewhere, judged on sieved tables."""

from collections.abc import Mapping, Sequence

from pipeline.checks.doubtful import SUGGESTED
from pipeline.checks.plan import unique_keys_of
from pipeline.checks.sieved import Sieved
from pipeline.findings import Finding, Fix
from pipeline.language import Text
from pipeline.nearest import hint_of, nearest_values
from pipeline.relations import Located
from pipeline.suggestions import Meant
from pipeline.tables import ForeignKey

NEAREST_AMONG = 20_000  # more existing values than this are not searched for a similar one


def judge_keys(here: Sieved) -> None:
    """Every key once; a key all of whose parts are missing is no key, unless `required` has said so."""
    codes = unique_keys_of(here.plan.table)
    if here.plan.unique_keys:
        counts = ", ".join(f"count(u{i}) - count(DISTINCT u{i})" for i, _ in enumerate(here.plan.unique_keys))
        repeated = here.connection.execute(f"SELECT {counts} FROM r{here.number}").fetchall()[0]  # noqa: S608
        for i, key in enumerate(here.plan.unique_keys):
            if repeated[i]:
                _repeated(here, codes[key], i, key)
    key = here.plan.table.primary_key
    if (
        here.doubtful.count
        and key
        and set(key) <= set(here.plan.judges)
        and not any(here.plan.table.field(name).required for name in key)
    ):
        _empty_keys(here, key)


def _repeated(here: Sieved, code: str, i: int, key: tuple[str, ...]) -> None:
    query = (
        f"SELECT rowid FROM r{here.number} WHERE u{i} IN "  # noqa: S608
        f"(SELECT u{i} FROM r{here.number} WHERE u{i} IS NOT NULL GROUP BY u{i} HAVING count(*) > 1) ORDER BY rowid"
    )
    first: dict[tuple[str | None, ...], Located] = {}
    at = [here.plan.at(name) for name in key]
    for file, record in here.in_order([n for (n,) in here.connection.execute(query).fetchall()]):
        texts = here.doubtful.canonical(file, record)
        value = tuple(texts[position] for position in at)
        first_file, first_record = first.setdefault(value, (file, record))
        if first_record is record:
            continue
        shown = "/".join(record.cells[position] or "" for position in at)
        facts: dict[str, str | Text]
        if code == "primary-key":
            facts = {"first": f"{first_file.file}!{first_record.row + 1}", "key": "/".join(key)}
        else:
            row = first_record.row + 1
            cell = f"{first_file.file}!{row}"
            facts = {"first": Text(f"第 {row} 行", f"row {row}") if first_file is file else Text(cell, cell)}
        here.faults.add(file, record, key[-1], Finding(code, file.place(record, key[-1]), shown, facts))


def _empty_keys(here: Sieved, key: tuple[str, ...]) -> None:
    empty = " AND ".join(f"y{here.plan.at(name)} IS NULL" for name in key)
    rows = here.connection.execute(f"SELECT n FROM s{here.number} WHERE {empty} ORDER BY n").fetchall()  # noqa: S608
    for file, record in here.in_order([n for (n,) in rows]):
        if not record.blank:
            title = Text(f"主键 {'/'.join(key)} 为空", f"the key {'/'.join(key)} is empty")
            facts: dict[str, str | Text] = {"problem": title, "wanted": Text("主键必填", "a key")}
            value = record.cells[here.plan.at(key[-1])]
            finding = Finding("constraint-error", file.place(record, key[-1]), value, facts)
            here.faults.add(file, record, key[-1], finding)


def judge_reference(here: Sieved, key: ForeignKey, sieved: Mapping[str, Sieved], meant: Meant) -> None:
    """Every reference leads to a record; one with a missing part leads nowhere and is left alone."""
    there = sieved.get(key.resource)
    fields = "/".join(key.fields)
    if there is None or key.resource in here.incomplete or not there.plan.has(key.reference_fields):
        reason = Text(
            f"{here.plan.table.name} 的 {fields}:{key.resource} 未能完整读取",
            f"{fields} of {here.plan.table.name}: {key.resource} could not be read whole",
        )
        here.faults.pass_over(key.rule, reason)
        return
    if key not in here.plan.references:
        return  # a column of the reference is missing or has no sound constraints; that has been said
    deferred = key in here.plan.deferred
    if not deferred and not here.doubtful.count:
        return
    own = [f"{'k' if deferred else 'y'}{here.plan.at(name)}" for name in key.fields]
    rows, n = (f"r{here.number}", "rowid") if deferred else (f"s{here.number}", "n")
    present = " AND ".join(f"a.{text} IS NOT NULL" for text in own)
    pairs = zip(own, key.reference_fields, strict=True)
    match = " AND ".join(f"a.{text} = b.k{there.plan.at(name)}" for text, name in pairs)
    broken = here.connection.execute(
        f"SELECT a.{n} FROM {rows} a WHERE {present} "  # noqa: S608
        f"AND NOT EXISTS (SELECT 1 FROM r{there.number} b WHERE {match}) ORDER BY a.{n}"
    ).fetchall()
    if broken:
        _broken_references(here, key, there, here.in_order([n for (n,) in broken]), meant)


def _broken_references(here: Sieved, key: ForeignKey, there: Sieved, located: Sequence[Located], meant: Meant) -> None:
    existing = _values(there, key.reference_fields[-1])
    known = frozenset(existing)
    target = f"{there.plan.table.path.rpartition('/')[2]} ({key.reference_fields[-1]})"
    nearest: dict[str, list[str]] = {}
    name = key.fields[-1]
    for file, record in located:
        value = record.cells[here.plan.at(name)] or ""
        if value not in nearest:
            nearest[value] = nearest_values(value, existing) if len(nearest) < SUGGESTED else []
        fix = meant(file, record, key, known) or (Fix(nearest[value][0]) if nearest[value] else None)
        facts: dict[str, str | Text] = {"target": target, "nearest": hint_of(nearest[value])}
        here.faults.add(file, record, name, Finding(key.rule, file.place(record, name), value, facts, fix))


def _values(here: Sieved, name: str) -> list[str]:
    """The values of a field that others refer to; none where there are too many to search."""
    k = f"k{here.plan.at(name)}"
    rows = here.connection.execute(
        f"SELECT {k} FROM r{here.number} WHERE {k} IS NOT NULL GROUP BY {k} ORDER BY min(rowid) LIMIT ?",  # noqa: S608
        [NEAREST_AMONG + 1],
    ).fetchall()
    return [value for (value,) in rows] if len(rows) <= NEAREST_AMONG else []

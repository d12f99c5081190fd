"""Cells, keys and references, judged by SQL that is compiled from the Table Schemas.

DuckDB does the comparing: the text of every cell is loaded as it was read, each constraint becomes one query that
returns the records which break it. The lexical form of numbers and dates is pinned by a pattern before any cast,
because engines disagree about what else they accept (1_000, 2023/01/05, NaN). Values of the schema are bound as
parameters and columns are numbered, so that no text of a file ever becomes SQL.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb

from pipeline.curated import CuratedFile, Reading, Record
from pipeline.findings import Finding, Fix, NotChecked
from pipeline.language import Text
from pipeline.nearest import hint_of, nearest_values
from pipeline.tables import SQL_TYPES, Field, ForeignKey, Table

FORMS = {
    "integer": r"-?[0-9]{1,18}",
    "number": r"-?[0-9]{1,19}(\.[0-9]{1,9})?",
    "boolean": r"true|false",
    "date": r"[0-9]{4}-[0-9]{2}-[0-9]{2}",
}
_TYPE_NAMES = {
    "integer": Text("整数", "an integer"),
    "number": Text("数字", "a number"),
    "boolean": Text("真假值", "a boolean"),
    "date": Text("日期", "a date"),
}
_FORM_EXAMPLES = {"integer": "2024", "number": "2.7", "boolean": "true / false", "date": "2024-05-31"}


@dataclass(frozen=True)
class StructureFaults:
    """Findings, what could not be judged, and the cells nobody should rely on, by (file, row)."""

    findings: tuple[Finding, ...]
    not_checked: tuple[NotChecked, ...]
    faulty: Mapping[tuple[str, int], set[str]]


@dataclass
class _Loaded:
    """A table in the database: t{number}, with the records its rows stand for."""

    table: Table
    number: int
    records: list[tuple[CuratedFile, Record]]

    @property
    def name(self) -> str:
        return f"t{self.number}"

    def column(self, field: str) -> str:
        return f"c{self.table.names.index(field)}"


def check(reading: Reading, tables: Sequence[Table]) -> StructureFaults:
    """Judge every cell, key and reference of the files read."""
    faults = _Faults()
    for file in reading.files:
        for row, field in file.absent:
            faults.faulty.setdefault((file.file, row), set()).add(field)
    with duckdb.connect() as connection:
        loaded = {table.name: _load(connection, number, table, reading.files) for number, table in enumerate(tables)}
        for here in loaded.values():
            _cells(connection, here, faults)
        for here in loaded.values():
            _keys(connection, here, faults)
            for key in here.table.foreign_keys:
                _references(connection, here, loaded, key, reading.incomplete, faults)
    return StructureFaults(tuple(faults.findings), tuple(faults.not_checked), faults.faulty)


class _Faults:
    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.not_checked: list[NotChecked] = []
        self.faulty: dict[tuple[str, int], set[str]] = {}

    def add(
        self,
        here: _Loaded,
        n: int,
        code: str,
        field: str,
        fix: Fix | None = None,
        value: str | None = None,
        **facts: str | Text,
    ) -> None:
        file, record = here.records[n]
        if field in file.missing_columns or (record.row, field) in file.absent:
            return  # the column or cell is not there; that has been said once
        shown = value if value is not None else record.cells[here.table.names.index(field)]
        self.findings.append(Finding(code, file.place(record, field), shown, facts, fix))
        self.faulty.setdefault((file.file, record.row), set()).add(field)


def _load(connection: duckdb.DuckDBPyConnection, number: int, table: Table, files: Sequence[CuratedFile]) -> _Loaded:
    records = [(file, record) for file in files if file.table.name == table.name for record in file.records]
    rows = [[str(n), *record.cells] for n, (_, record) in enumerate(records)]
    columns = ", ".join(f"cell[{i + 2}] AS c{i}" for i in range(len(table.fields)))
    connection.execute(
        f"CREATE TABLE t{number} AS SELECT cell[1]::INTEGER AS n, {columns} "  # noqa: S608 - numbers only
        "FROM (SELECT unnest(from_json(?, '[[\"VARCHAR\"]]')) AS cell)",
        [json.dumps(rows, ensure_ascii=False).encode("utf-8", "replace").decode("utf-8")],
    )
    return _Loaded(table, number, records)


def sound(column: str, field: Field) -> str:
    """SQL that is true where the cell has the form and a value of its type."""
    if field.type == "string":
        return "true"
    year_zero = f"AND {column} >= '0001' " if field.type == "date" else ""  # DuckDB knows a year 0, calendars do not
    return (
        f"(regexp_full_match({column}, '{FORMS[field.type]}') {year_zero}"
        f"AND TRY_CAST({column} AS {SQL_TYPES[field.type]}) IS NOT NULL)"
    )


def comparable(column: str, field: Field) -> str:
    """SQL for the value by which keys are compared: 01 and 1 are one integer, and text is itself."""
    if field.type == "string":
        return column
    value = f"CAST(TRY_CAST({column} AS {SQL_TYPES[field.type]}) AS VARCHAR)"
    return f"CASE WHEN {sound(column, field)} THEN {value} ELSE {column} END"


def _cells(connection: duckdb.DuckDBPyConnection, here: _Loaded, faults: _Faults) -> None:
    conditions: list[tuple[str, Field, str, list[str]]] = []
    for field in here.table.fields:
        c = here.column(field.name)
        if field.required:
            conditions.append(("required", field, f"{c} IS NULL", []))
        if field.type != "string":
            conditions.append(("type", field, f"{c} IS NOT NULL AND NOT {sound(c, field)}", []))
        if field.enum:
            marks = ", ".join("?" for _ in field.enum)
            conditions.append(("enum", field, f"{c} NOT IN ({marks})", list(field.values)))
        elif field.pattern:
            conditions.append(("pattern", field, f"NOT regexp_full_match({c}, ?)", [field.pattern]))
        for name, sign, bound in (("minimum", "<", field.minimum), ("maximum", ">", field.maximum)):
            if bound is not None:
                cast = SQL_TYPES[field.type]
                condition = f"{sound(c, field)} AND TRY_CAST({c} AS {cast}) {sign} CAST(? AS {cast})"
                conditions.append((name, field, condition, [bound]))
    if not conditions or not here.records:
        return
    query = " UNION ALL ".join(
        f"SELECT {i} AS rule, n FROM {here.name} WHERE {condition}"  # noqa: S608 - compiled above
        for i, (_, _, condition, _) in enumerate(conditions)
    )
    parameters = [value for _, _, _, values in conditions for value in values]
    for i, n in connection.execute(query + " ORDER BY n, rule", parameters).fetchall():
        kind, field, _, _ = conditions[i]
        _cell_fault(here, n, kind, field, faults)


def _cell_fault(here: _Loaded, n: int, kind: str, field: Field, faults: _Faults) -> None:
    value = here.records[n][1].cells[here.table.names.index(field.name)] or ""
    if kind == "type":
        form = _FORM_EXAMPLES[field.type]
        faults.add(here, n, "type-error", field.name, type=_TYPE_NAMES[field.type], form=form)
        return
    fix = None
    title = field.title
    if kind == "required":
        problem = Text(f"“{title.zh}”未填", f"“{title.en}” is empty")
        example = f"(例如 {field.example})" if field.example else ""
        example_en = f" (such as {field.example})" if field.example else ""
        wanted = Text(f"必填:{field.description.zh}{example}", f"a value: {field.description.en}{example_en}")
    elif kind == "enum":
        nearest = nearest_values(value, field.values)
        fix = Fix(nearest[0]) if nearest else None
        problem = Text(f"“{value}”不是允许的值", f"“{value}” is not an allowed value")
        options = "、".join(f"{v}({label.zh})" for v, label in field.enum)
        options_en = ", ".join(f"{v} ({label.en})" for v, label in field.enum)
        wanted = Text(f"其中之一:{options}", f"one of: {options_en}")
    elif kind == "pattern":
        problem = Text(f"“{value}”不合格式", f"“{value}” does not have the right form")
        example = f",例如 {field.example}" if field.example else ""
        example_en = f", such as {field.example}" if field.example else ""
        wanted = Text(f"格式 {field.pattern}{example}", f"the form {field.pattern}{example_en}")
    else:
        bound = field.minimum if kind == "minimum" else field.maximum
        problem = Text(f"{value} 超出范围", f"{value} is out of bounds")
        wanted = Text(
            f"{'不小于' if kind == 'minimum' else '不大于'} {bound}",
            f"{'at least' if kind == 'minimum' else 'at most'} {bound}",
        )
    faults.add(here, n, "constraint-error", field.name, fix, problem=problem, wanted=wanted)


def _keys(connection: duckdb.DuckDBPyConnection, here: _Loaded, faults: _Faults) -> None:
    keys = [("primary-key", here.table.primary_key)]
    keys += [("unique-error", key) for key in here.table.unique_keys]
    keys += [("unique-error", (f.name,)) for f in here.table.fields if f.unique]
    for code, key in keys:
        columns = [comparable(here.column(name), here.table.field(name)) for name in key]
        complete = " AND ".join(f"{c} IS NOT NULL" for c in columns)
        query = (
            f"SELECT n, first FROM (SELECT n, min(n) OVER (PARTITION BY {', '.join(columns)}) AS first "  # noqa: S608
            f"FROM {here.name} WHERE {complete}) WHERE n <> first ORDER BY n"
        )
        for n, first in connection.execute(query).fetchall():
            _, record = here.records[n]
            first_file, first_record = here.records[first]
            values = [record.cells[here.table.names.index(name)] or "" for name in key]
            if code == "primary-key":
                where = f"{first_file.file}!{first_record.row + 1}"
                facts = {"first": where, "key": "/".join(key)}
            else:
                facts = {"first": str(first_record.row + 1)}
            faults.add(here, n, code, key[-1], None, "/".join(values), **facts)


def _references(
    connection: duckdb.DuckDBPyConnection,
    here: _Loaded,
    loaded: Mapping[str, _Loaded],
    key: ForeignKey,
    incomplete: frozenset[str],
    faults: _Faults,
) -> None:
    there = loaded[key.resource]
    if key.resource in incomplete:
        faults.not_checked.append(
            NotChecked(
                key.rule,
                Text(
                    f"{here.table.name} 的 {'/'.join(key.fields)}:{key.resource} 未能完整读取",
                    f"{'/'.join(key.fields)} of {here.table.name}: {key.resource} could not be read whole",
                ),
            )
        )
        return
    pairs = list(zip(key.fields, key.reference_fields, strict=True))
    complete = " AND ".join(f"a.{here.column(a)} IS NOT NULL" for a, _ in pairs)
    match = " AND ".join(
        f"{comparable(f'a.{here.column(a)}', here.table.field(a))} = "
        f"{comparable(f'b.{there.column(b)}', there.table.field(b))}"
        for a, b in pairs
    )
    query = (
        f"SELECT a.n FROM {here.name} a WHERE {complete} "  # noqa: S608 - numbered columns only
        f"AND NOT EXISTS (SELECT 1 FROM {there.name} b WHERE {match}) ORDER BY a.n"
    )
    broken = [n for (n,) in connection.execute(query).fetchall()]
    if not broken:
        return
    position = there.table.names.index(key.reference_fields[-1])
    existing = [record.cells[position] or "" for _, record in there.records]
    for n in broken:
        field = key.fields[-1]
        value = here.records[n][1].cells[here.table.names.index(field)] or ""
        nearest = nearest_values(value, existing)
        hint = hint_of(nearest)
        target = f"{there.table.path.rpartition('/')[2]} ({key.reference_fields[-1]})"
        fix = Fix(nearest[0]) if nearest else None
        faults.add(here, n, key.rule, field, fix, target=target, nearest=hint)

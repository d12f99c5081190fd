"""Conditions between the cells of a row: the pandera models of schemas/models.py on typed frames."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from pipeline.checks.registry import Context, check
from pipeline.dataset import Row, columns_of
from pipeline.findings import Finding
from pipeline.tables import Field, curated_tables
from pipeline.view import faulty_cell

if TYPE_CHECKING:
    import polars as pl
    from pandera.polars import DataFrameSchema

RULES = ("value-missing", "upper-value", "year-order", "period-order", "citation-owner", "span-length")
_AT_ONCE = 100_000  # rows of a frame: a million at once would take twice the memory of all else


@check(*RULES)
def row_conditions(context: Context) -> Iterator[Finding]:
    """Judge the conditions of schemas/models.py, each by the cells it needs."""
    import pandera.polars as pa

    from schemas.models import CONDITIONS, model

    for table in curated_tables():
        conditions = {condition.rule: condition for condition in CONDITIONS.get(table.name, ())}
        rows = context.data.tables[table.name]
        if not conditions or not rows:
            continue
        for condition in conditions.values():
            for row in rows:
                if row.faulty and (faults := row.faulty.intersection(condition.needs)):
                    context.view.pass_over(faulty_cell(row, faults), condition.rule)
        needed = {name for condition in conditions.values() for name in condition.needs}
        fields = [field for field in table.fields if field.name in needed]
        schema = model(table.name, {field.name: field.type for field in fields})
        for start in range(0, len(rows), _AT_ONCE):
            some = rows[start : start + _AT_ONCE]
            if table.name in context.data.sound and _all_sound(schema, fields, some):
                continue
            try:
                schema.validate(_frame(fields, some), lazy=True)
            except pa.errors.SchemaErrors as error:
                failures = error.failure_cases.select("check", "index").unique().sort("index", "check")
                for rule, index in failures.iter_rows():
                    needs = conditions[rule].needs
                    if not some[index].faulty.intersection(needs):
                        yield _finding(some[index], rule, needs)


def _all_sound(schema: "DataFrameSchema", fields: Sequence[Field], rows: Sequence[Row]) -> bool:
    """Whether no row of sound cells breaks a condition; what is written the same in all of them is judged once."""
    import pandera.polars as pa

    said = zip(*columns_of(rows, *(field.name for field in fields)), strict=True)
    once = dict(zip(said, rows, strict=True))
    try:
        schema.validate(_frame(fields, list(once.values())), lazy=True)
    except pa.errors.SchemaErrors:
        return False
    return True


def _frame(fields: Sequence[Field], rows: Sequence[Row]) -> "pl.DataFrame":
    """The columns that conditions need: to give types to all the others would take most of the time."""
    import polars as pl

    from schemas.models import DTYPES

    columns = [
        pl.Series(field.name, [row[field.name] for row in rows], dtype=DTYPES[field.type], strict=True)
        for field in fields
    ]
    return pl.DataFrame(columns)


def _finding(row: Row, rule: str, needs: tuple[str, ...]) -> Finding:
    return Finding(rule, row.place(needs[-1]), row.text(needs[-1]), _facts(row, rule, needs))


def _facts(row: Row, rule: str, needs: tuple[str, ...]) -> dict[str, str]:
    """What the message of a row rule needs to say."""
    match rule:
        case "upper-value":
            return {"comparator": row.text("comparator") or "", "upper": row.text("upper_value") or ""}
        case "year-order" | "period-order":
            return {"start": str(row[needs[0]]), "end": str(row[needs[1]])}
        case "citation-owner":
            return {"found": str(sum(row[name] is not None for name in needs))}
        case "span-length":
            return {"span": str(row["end"] - row["start"]), "length": str(len(row["printed"]))}
        case _:
            return {}

"""Conditions between the cells of a row: the pandera models of schemas/models.py on typed frames."""

from collections.abc import Callable, Iterator, Sequence

from pipeline.checks.registry import Context, check
from pipeline.dataset import Row
from pipeline.findings import Finding
from pipeline.tables import Table, curated_tables

RULES = ("value-missing", "upper-value", "year-order", "period-order", "citation-owner", "span-length")


@check(*RULES)
def row_conditions(context: Context) -> Iterator[Finding]:
    import pandera.polars as pa
    from schemas.models import CONDITIONS, model

    for table in curated_tables():
        conditions = {condition.rule: condition for condition in CONDITIONS.get(table.name, ())}
        if not conditions or not context.data.tables[table.name]:
            continue
        needs = {name for condition in conditions.values() for name in condition.needs}
        rows = list(context.view.rows(table.name, *needs))
        schema = model(table.name, {field.name: field.type for field in table.fields})
        try:
            schema.validate(_frame(table, rows), lazy=True)
        except pa.errors.SchemaErrors as error:
            failures = error.failure_cases.select("check", "index").unique().sort("index", "check")
            for rule, index in failures.iter_rows():
                yield _finding(rows[index], rule, conditions[rule].needs)


def _frame(table: Table, rows: Sequence[Row]) -> "pl.DataFrame":
    import polars as pl
    from schemas.models import DTYPES

    schema = {field.name: DTYPES[field.type] for field in table.fields}
    return pl.DataFrame([[row[name] for name in schema] for row in rows], schema=schema, orient="row")


def _finding(row: Row, rule: str, needs: tuple[str, ...]) -> Finding:
    facts: dict[str, Callable[[], dict[str, str]]] = {
        "upper-value": lambda: {
            "comparator": row.text("comparator") or "",
            "upper": row.text("upper_value") or "",
        },
        "year-order": lambda: {"start": str(row[needs[0]]), "end": str(row[needs[1]])},
        "period-order": lambda: {"start": str(row[needs[0]]), "end": str(row[needs[1]])},
        "citation-owner": lambda: {"found": str(sum(row[name] is not None for name in needs))},
        "span-length": lambda: {"span": str(row["end"] - row["start"]), "length": str(len(row["printed"]))},
    }
    return row.finding(rule, needs[-1], **facts.get(rule, dict)())

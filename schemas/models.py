"""pandera models for what one column cannot say: conditions between the cells of a row.

Each condition is a rule of the catalogue with a polars expression that is true where the row is right. Models are
applied to typed frames only (never to raw text, never with coercion: both hide faults), whose dtypes come from the
Table Schema. Nulls: an expression must decide them itself; a null result counts as a fault.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pandera.polars as pa
import polars as pl

DTYPES: Mapping[str, type[pl.DataType] | pl.DataType] = {
    "string": pl.String,
    "integer": pl.Int64,
    "number": pl.Decimal(38, 9),
    "boolean": pl.Boolean,
    "date": pl.Date,
}


@dataclass(frozen=True)
class Condition:
    """`holds` must be true in every row; `needs` are the columns it reads, the last one is where a fault is shown."""

    rule: str
    needs: tuple[str, ...]
    holds: pl.Expr


def _filled(*columns: str) -> pl.Expr:
    return pl.sum_horizontal(pl.col(column).is_not_null().cast(pl.Int64) for column in columns)


def _in_order(first: str, last: str) -> pl.Expr:
    return (pl.col(first) <= pl.col(last)).fill_null(True)


# SDMX CL_OBS_STATUS: not collected, cannot exist, missing, suppressed.
WITHOUT_VALUE = ("L", "M", "O", "Q")
_VALIDITY = (Condition("period-order", ("valid_from", "valid_to"), _in_order("valid_from", "valid_to")),)
_BETWEEN = Condition(
    "upper-value",
    ("comparator", "value", "upper_value"),
    pl.when((pl.col("comparator") == "between").fill_null(False))
    .then((pl.col("upper_value") > pl.col("value")).fill_null(False))
    .otherwise(pl.col("upper_value").is_null()),
)
_SPAN = Condition(
    "span-length",
    ("printed", "start", "end"),
    pl.col("end") - pl.col("start") == pl.col("printed").str.len_chars().cast(pl.Int64),
)

CONDITIONS: Mapping[str, tuple[Condition, ...]] = {
    "jurisdictions": _VALIDITY,
    "organizations": _VALIDITY,
    "programmes": (Condition("year-order", ("start_year", "end_year"), _in_order("start_year", "end_year")),),
    "targets": (
        Condition("year-order", ("start_year", "end_year"), _in_order("start_year", "end_year")),
        Condition(
            "value-missing",
            ("quantified", "comparator", "value"),
            (pl.col("value").is_null() == pl.col("comparator").is_null())
            & ((pl.col("quantified") == "worded") | pl.col("value").is_not_null()),
        ),
        _BETWEEN,
    ),
    "observations": (
        Condition("period-order", ("period_start", "period_end"), _in_order("period_start", "period_end")),
        _BETWEEN,
    ),
    "reports": (
        Condition(
            "value-missing",
            ("status", "value"),
            pl.col("value").is_null() == pl.col("status").is_in(WITHOUT_VALUE),
        ),
    ),
    "target_revisions": (
        Condition(
            "value-missing",
            ("status", "comparator", "value"),
            (pl.col("value").is_null() == pl.col("comparator").is_null())
            & ((pl.col("status") != "withdrawn") | pl.col("value").is_null()),
        ),
        _BETWEEN,
    ),
    "citations": (
        Condition(
            "citation-owner",
            ("target_id", "observation_id", "milestone_id"),
            _filled("target_id", "observation_id", "milestone_id") == 1,
        ),
        _SPAN,
    ),
    "exclusions": (_SPAN,),
}


def model(table: str, types: Mapping[str, str]) -> pa.DataFrameSchema:
    """The pandera schema of a table: `types` maps its columns to Table Schema types, the conditions become checks."""

    def check(condition: Condition) -> pa.Check:
        holds = condition.holds.fill_null(False)
        return pa.Check(lambda data: data.lazyframe.select(holds), name=condition.rule)

    return pa.DataFrameSchema(
        {name: pa.Column(DTYPES[kind], nullable=True) for name, kind in types.items()},
        checks=[check(condition) for condition in CONDITIONS.get(table, ())],
        strict=True,
    )

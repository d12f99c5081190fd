"""Indicators that contradict themselves: what cannot be measured so, promised the wrong way round, or stands twice."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from pipeline.checks.registry import Context, check
from pipeline.dataset import Row
from pipeline.findings import Finding, Fix
from pipeline.language import Text
from pipeline.ledger import REVISIONS
from pipeline.view import View

_ANY: frozenset[str] = frozenset()
# Dimensions of a change that is told in relation to what was there before.
RELATIVE = frozenset({"percent", "percentage-points", "permille", "multiple", "ratio"})


@dataclass(frozen=True)
class Impossible:
    """A combination that cannot be: one of `types` with what is named beside it; an empty set stands for anything.

    `bases` are those of targets of kind `target`, whose value is to be reached; a standard may apply during a period.
    `fix` is what the conflicting cell is mostly meant to be.
    """

    types: frozenset[str]
    why: Text
    aggregations: frozenset[str] = _ANY
    dimensions: frozenset[str] = _ANY
    bases: frozenset[str] = _ANY
    fix: str | None = None


IMPOSSIBLE = (
    Impossible(
        frozenset({"share", "coverage", "rate", "ratio", "price"}),
        Text("它是两个量之比,各区县的数值不能相加", "it is a quotient, and quotients of districts do not add up"),
        aggregations=frozenset({"sum"}),
        fix="none",
    ),
    Impossible(
        frozenset({"grade"}),
        Text("等级只有高低之分,不能相加或平均", "grades have an order only, they are neither added nor averaged"),
        aggregations=frozenset({"sum", "mean"}),
        fix="none",
    ),
    Impossible(
        frozenset({"change"}),
        Text("相对于上期的变化不能跨区县相加", "a change relative to what was before does not add up over districts"),
        aggregations=frozenset({"sum"}),
        dimensions=RELATIVE,
        fix="none",
    ),
    Impossible(
        frozenset({"share", "coverage"}),
        Text("百分点只能度量变化(change)", "percentage points measure a change"),
        dimensions=frozenset({"percentage-points"}),
    ),
    Impossible(
        frozenset({"price", "grade"}),
        Text("它是达到或保持的水平,不是期内累计完成的量", "it is a level to reach or keep, not a quantity to deliver"),
        bases=frozenset({"during"}),
        fix="by_end",
    ),
)

# A target that may be missed only by doing better.
AGAINST = {"higher": ("le", "lt"), "lower": ("ge", "gt")}


@check("basis-conflict")
def measures_are_possible(context: Context) -> Iterator[Finding]:
    """Measure type, aggregation, unit and basis go together.

    Sources of the table: a quantity that is additive over separate parts is extensive, the quotient of two such is not
    (IUPAC Green Book, section 1.4); an ordinal scale admits neither sum nor mean (S. S. Stevens, On the Theory of
    Scales of Measurement, Science 103, 1946); a percentage point is the difference of two percentages. What some
    document may well mean is left alone: a mean of counts, hours added up, a share of what was done during the period,
    a stock kept at nought during it.
    """
    view = context.view
    for entry in IMPOSSIBLE:
        if entry.bases:
            yield from _impossible_bases(context, entry)
            continue
        for table, dimension in (("concepts", "dimension"), ("indicators", "unit_code")):
            for row in view.rows(table, "measure_type", *(["aggregation"] if entry.aggregations else [])):
                if row["measure_type"] not in entry.types:
                    continue
                if entry.aggregations and row["aggregation"] not in entry.aggregations:
                    continue
                if entry.dimensions and _dimension(context, row, dimension) not in entry.dimensions:
                    continue
                yield _conflict(row, "aggregation" if entry.aggregations else dimension, row["measure_type"], entry)


def _dimension(context: Context, row: Row, column: str) -> str | None:
    """The dimension of a concept, or that of an indicator's unit; None where it cannot be relied on."""
    found = context.view.find(row.source.table.name, row.key, column)
    if found is None or column == "dimension":
        return found["dimension"] if found else None
    unit = context.view.unit(found)
    return unit.dimension if unit else None


def _impossible_bases(context: Context, entry: Impossible) -> Iterator[Finding]:
    for row in context.view.rows("targets", "kind", "basis", "indicator_id"):
        if row["kind"] == "target" and row["basis"] in entry.bases:
            indicator = context.view.find("indicators", row["indicator_id"], "measure_type")
            if indicator and indicator["measure_type"] in entry.types:
                yield _conflict(row, "basis", indicator["measure_type"], entry)


def _conflict(row: Row, column: str, measure: str, entry: Impossible) -> Finding:
    fix = Fix(entry.fix) if entry.fix else None
    return row.finding("basis-conflict", column, fix, measure=measure, why=entry.why)


@check("direction-contradicts-comparator")
def promises_point_the_right_way(context: Context) -> Iterator[Finding]:
    """A floor is promised where higher is better, a ceiling where lower is: at first, and by whatever revises it."""
    for row, target in _promises(context.view):
        if target["kind"] != "target" or row["comparator"] is None:
            continue
        indicator = context.view.find("indicators", target["indicator_id"], "direction")
        if (
            indicator
            and row["comparator"] in AGAINST.get(indicator["direction"], ())
            and not context.view.excused(target, "misprint", "contradiction", "ambiguity")
        ):
            facts = {"indicator": indicator.key, "direction": indicator["direction"]}
            yield row.finding("direction-contradicts-comparator", "comparator", **facts)


def _promises(view: View) -> Iterator[tuple[Row, Row]]:
    """Rows with a comparator, each with the target it is of."""
    for target in view.rows("targets", "kind", "comparator", "indicator_id"):
        yield target, target
    for revision in view.rows(REVISIONS, "comparator", "target_id"):
        if target_row := view.find("targets", revision["target_id"], "kind", "indicator_id"):
            yield revision, target_row


@check("duplicate-indicator")
def indicators_stand_once(context: Context) -> Iterator[Finding]:
    """No two indicators of a task have the same name, population, place and dimension.

    万人 and 人 are the same unit in two scales, hence the dimension; spaces and full-width forms make no other name.
    """
    first: dict[tuple[str, ...], Row] = {}
    needs = ("task_id", "name_zh", "population_zh", "unit_code", "jurisdiction_code")
    for row in context.view.rows("indicators", *needs):
        if unit := context.view.unit(row):
            words = [_same_writing(row[name]) for name in ("name_zh", "population_zh")]
            key = (row["task_id"], *words, unit.dimension, row["jurisdiction_code"])
            other = first.setdefault(key, row)
            if other is not row:
                yield row.finding("duplicate-indicator", "name_zh", other=other.key)


def _same_writing(text: str | None) -> str:
    """Without spaces and differences of width."""
    return "".join(unicodedata.normalize("NFKC", text or "").split())

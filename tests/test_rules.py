"""Every rule of the catalogue, by one damaging edit of sound data: what is reported, and where."""

import ast
import hashlib
import inspect
import re
import string
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from types import ModuleType

import pytest

from pipeline import curated, descriptors, headers, rewriting, waivers
from pipeline.checks import cell_faults, doubtful, hygiene, keys, plan
from pipeline.checks.registry import CHECKS
from pipeline.expectations import expectations
from pipeline.findings import Finding, Fix, Place, Report
from pipeline.language import Language, Text
from pipeline.rules import Rule, Severity, catalogue
from pipeline.sources import NO_TEXTS, SourceTexts, read_texts
from pipeline.tables import curated_tables, schemas_dir, spreadsheet_letter, table
from pipeline.validation import validate
from tests import test_gate, test_tabular
from tests.conftest import FIXTURES
from tests.editing import (
    Edit,
    add_column,
    append_line,
    append_row,
    delete_file,
    delete_row,
    drop_column,
    insert_line,
    reprint,
    rewrite_bytes,
    set_cell,
    set_label,
    swap_columns,
)

APPENDED = "not-canonical-order"
LANGUAGES: tuple[Language, ...] = ("zh", "en")

CONCEPTS = "reference/concepts.csv"
DOMAINS = "reference/domains.csv"
JURISDICTIONS = "reference/jurisdictions.csv"
ORGANIZATIONS = "reference/organizations.csv"
ORGANIZATION_NAMES = "reference/organization_names.csv"
UNIT_SYMBOLS = "reference/unit_symbols.csv"
UNITS = "reference/units.csv"
PROGRAMMES = "programmes.csv"
SOURCES = "sources.csv"
WAIVERS = "waivers.csv"
RENAMES = "renames.csv"
ASSIGNMENTS = "programmes/shili-2030/assignments.csv"
CAVEATS = "programmes/shili-2030/caveats.csv"
CITATIONS = "programmes/shili-2030/citations.csv"
EXCLUSIONS = "programmes/shili-2030/exclusions.csv"
INDICATORS = "programmes/shili-2030/indicators.csv"
LINKS = "programmes/shili-2030/links.csv"
MILESTONES = "programmes/shili-2030/milestones.csv"
OBSERVATIONS = "programmes/shili-2030/observations.csv"
TARGETS = "programmes/shili-2030/targets.csv"
TASKS = "programmes/shili-2030/tasks.csv"


@dataclass(frozen=True)
class Case:
    """An edit and the one finding of `code` it must cause, with its exact place, value and fix.

    `follow_ups` are other codes that the same edit cannot but cause; none is allowed beside them.
    """

    code: str
    what: str
    edits: tuple[Edit, ...]
    place: Place
    value: str | None
    fix: Fix | None = None
    follow_ups: frozenset[str] = frozenset()
    with_text: bool = True

    def __str__(self) -> str:
        return f"{self.code}: {self.what}"


def cell(file: str, row: int, column: str, field: str, record: str) -> Place:
    """A cell of a data row; without newlines in cells row n stands in line n + 1."""
    return Place(file, row + 1, row, column, field, record)


def label(file: str, column: str | None = None, field: str | None = None) -> Place:
    """A cell of the header."""
    return Place(file, 1, None, column, field)


def printing(old: str, new: str) -> Edit:
    """An edit after which the document prints `new` for `old`."""
    return lambda folder: reprint(folder, FIXTURES / "texts", old, new)


def percentage_points(folder: Path) -> None:
    """Register the percentage point, which the fixture does without."""
    append_line(
        folder, UNITS, "percentage-point,百分点,percentage point,percentage-points,percentage-point,1,1,,,false"
    )
    append_line(folder, UNIT_SYMBOLS, "个百分点,percentage-point")


def add_headers(folder: Path, programme: str) -> None:
    """The tables of a programme without a row."""
    (folder / "programmes" / programme).mkdir()
    for each in curated_tables():
        if each.per_programme and not each.optional:
            path = folder / each.path.format(programme_id=programme)
            path.write_text(",".join(each.names) + "\n", encoding="utf-8")


FILE_CASES = (
    Case(
        "source-error",
        "a file is missing",
        (lambda d: delete_file(d, EXCLUSIONS),),
        Place(EXCLUSIONS),
        None,
    ),
    Case(
        "source-error",
        "an Excel workbook was saved under the name of a CSV",
        (lambda d: rewrite_bytes(d, EXCLUSIONS, lambda _: b"PK\x03\x04\x14\x00\x06\x00"),),
        Place(EXCLUSIONS),
        None,
    ),
    Case(
        "encoding-error",
        "Excel saved the file as GBK",
        (lambda d: rewrite_bytes(d, LINKS, lambda content: content.decode().encode("gb18030")),),
        Place(LINKS),
        None,
        Fix("UTF-8", safe=True),
    ),
    Case(
        "encoding-error",
        "Excel put a byte order mark in front",
        (lambda d: rewrite_bytes(d, TARGETS, lambda content: b"\xef\xbb\xbf" + content),),
        Place(TARGETS),
        None,
        Fix("UTF-8", safe=True),
    ),
    Case(
        "dialect-error",
        "a quote is never closed",
        (lambda d: append_line(d, CAVEATS, 'shili-2030-v03-03,"targets'),),
        Place(CAVEATS, 5),
        None,
    ),
    Case(
        "blank-header",
        "a file is empty",
        (lambda d: rewrite_bytes(d, EXCLUSIONS, lambda _: b""),),
        Place(EXCLUSIONS, 1),
        None,
    ),
)

HEADER_CASES = (
    Case(
        "duplicate-label",
        "a column occurs twice",
        (lambda d: add_column(d, LINKS, "kind", "part_of"),),
        label(LINKS, "E"),
        "kind",
    ),
    Case(
        "missing-label",
        "a column was deleted",
        (lambda d: drop_column(d, LINKS, "note_zh"),),
        label(LINKS, None, "note_zh"),
        "note_zh",
    ),
    Case(
        "extra-label",
        "a column of one's own was added",
        (lambda d: add_column(d, LINKS, "负责人", "张三"),),
        label(LINKS, "E"),
        "负责人",
    ),
    Case(
        "extra-label",
        "a column is misspelt",
        (lambda d: set_label(d, LINKS, "note_zh", "note_hz"),),
        label(LINKS, "D"),
        "note_hz",
        Fix("note_zh"),
        frozenset({"missing-label"}),  # the column that was meant is not there
    ),
    Case(
        "incorrect-label",
        "two columns changed places",
        (lambda d: swap_columns(d, LINKS, "kind", "note_zh"),),
        label(LINKS, "C"),
        "note_zh",
    ),
)

ROW_CASES = (
    Case(
        "blank-row",
        "an empty line was left behind",
        (lambda d: append_line(d, LINKS, ""),),
        Place(LINKS, 6, 5),
        None,
    ),
    Case(
        "missing-cell",
        "a row is cut off",
        (lambda d: append_line(d, LINKS, "shili-2030-t02-03,shili-2030-t02-05,subset_of"),),
        Place(LINKS, 6, 5),
        None,
    ),
    Case(
        "extra-cell",
        "a comma in a cell is not quoted",
        (lambda d: append_line(d, LINKS, "shili-2030-t02-03,shili-2030-t02-05,subset_of,其中,改造"),),
        Place(LINKS, 6, 5, "E"),
        "改造",
    ),
)

CELL_CASES = (
    Case(
        "type-error",
        "the unit was typed into the value",
        (lambda d: set_cell(d, TARGETS, "target_id", "shili-2030-t02-04", "value", "5:5"),),
        cell(TARGETS, 9, "I", "value", "shili-2030-t02-04"),
        "5:5",
    ),
    Case(
        "type-error",
        "a digit is full-width",
        (lambda d: set_cell(d, TARGETS, "target_id", "shili-2030-t01-01", "value", "２.7"),),
        cell(TARGETS, 1, "I", "value", "shili-2030-t01-01"),
        "２.7",
        Fix("2.7", safe=True),
        frozenset({"full-width-digit"}),  # says what is wrong with it
    ),
    Case(
        "type-error",
        "a number has more digits than a column can hold",
        (lambda d: set_cell(d, CITATIONS, "citation_id", "shili-2030-t03-05-c1", "start", "9" * 20),),
        cell(CITATIONS, 17, "F", "start", "shili-2030-t03-05-c1"),
        "9" * 20,
    ),
    Case(
        "type-error",
        "a date is written with slashes",
        (lambda d: set_cell(d, MILESTONES, "milestone_id", "shili-2030-d03-01", "due_on", "2030/6/30"),),
        cell(MILESTONES, 1, "D", "due_on", "shili-2030-d03-01"),
        "2030/6/30",
        Fix("2030-06-30", safe=True),
    ),
    Case(
        "constraint-error",
        "a value is not one of the list",
        (lambda d: set_cell(d, TASKS, "task_id", "shili-2030-03-m1", "kind", "measures"),),
        cell(TASKS, 5, "D", "kind", "shili-2030-03-m1"),
        "measures",
        Fix("measure"),
    ),
    Case(
        "constraint-error",
        "the label of a value stands in its place",
        (lambda d: set_cell(d, TASKS, "task_id", "shili-2030-03-m1", "kind", "推进措施"),),
        cell(TASKS, 5, "D", "kind", "shili-2030-03-m1"),
        "推进措施",
        Fix("measure", safe=True),
    ),
    Case(
        "constraint-error",
        "a required cell is empty",
        (lambda d: set_cell(d, INDICATORS, "indicator_id", "shili-2030-i02-02", "name_en", ""),),
        cell(INDICATORS, 7, "D", "name_en", "shili-2030-i02-02"),
        None,
    ),
    Case(
        "constraint-error",
        "a credit code is too short",
        (lambda d: set_cell(d, ORGANIZATIONS, "organization_id", "shili-labour", "uscc", "91-X"),),
        cell(ORGANIZATIONS, 4, "I", "uscc", "shili-labour"),
        "91-X",
    ),
    Case(
        "constraint-error",
        "a number is out of bounds",
        (lambda d: set_cell(d, DOMAINS, "domain_code", "education", "sdg_goal", "18"),),
        cell(DOMAINS, 1, "E", "sdg_goal", "education"),
        "18",
    ),
)

KEY_CASES = (
    Case(
        "unique-error",
        "two tasks have the same place in the document",
        (lambda d: set_cell(d, TASKS, "task_id", "shili-2030-03-m2", "locator", "3/(1)"),),
        cell(TASKS, 6, "E", "locator", "shili-2030-03-m2"),
        "shili-2030/3/(1)",
    ),
    Case(
        "primary-key",
        "a row was pasted twice",
        (lambda d: append_line(d, DOMAINS, "education,教育,Education,09,4,exact"),),
        cell(DOMAINS, 4, "A", "domain_code", "education"),
        "education",
    ),
    Case(
        "foreign-key",
        "a concept is misspelt",
        (lambda d: set_cell(d, INDICATORS, "indicator_id", "shili-2030-i01-01", "concept_code", "urban-new-job"),),
        cell(INDICATORS, 1, "E", "concept_code", "shili-2030-i01-01"),
        "urban-new-job",
        Fix("urban-new-jobs"),
    ),
    Case(
        "foreign-key",
        "a caveat is about no record",
        (lambda d: set_cell(d, CAVEATS, "caveat_id", "shili-2030-v03-01", "record_id", "shili-2030-o30-01"),),
        cell(CAVEATS, 2, "C", "record_id", "shili-2030-v03-01"),
        "shili-2030-o30-01",
        Fix("shili-2030-o03-01"),
    ),
)

CONDITION_CASES = (
    Case(
        "value-missing",
        "a promise in digits has no value",
        (lambda d: set_cell(d, TARGETS, "target_id", "shili-2030-t01-05", "quantified", "numeral"),),
        cell(TARGETS, 5, "I", "value", "shili-2030-t01-05"),
        None,
    ),
    Case(
        "upper-value",
        "an upper value without `between`",
        (lambda d: set_cell(d, TARGETS, "target_id", "shili-2030-t01-05", "upper_value", "5"),),
        cell(TARGETS, 5, "J", "upper_value", "shili-2030-t01-05"),
        "5",
    ),
    Case(
        "upper-value",
        "a range is upside down",
        (lambda d: set_cell(d, TARGETS, "target_id", "shili-2030-t01-03", "upper_value", "2"),),
        cell(TARGETS, 3, "J", "upper_value", "shili-2030-t01-03"),
        "2",
        follow_ups=frozenset({"quantity-mismatch"}),  # 3-5场 is printed
    ),
    Case(
        "year-order",
        "a target ends before it starts",
        (lambda d: set_cell(d, TARGETS, "target_id", "shili-2030-t03-05", "start_year", "2033"),),
        cell(TARGETS, 15, "F", "end_year", "shili-2030-t03-05"),
        "2032",
    ),
    Case(
        "period-order",
        "a unit was abolished before it was founded",
        (lambda d: set_cell(d, ORGANIZATIONS, "organization_id", "shili-labour", "valid_from", "2026-01-01"),),
        cell(ORGANIZATIONS, 4, "G", "valid_to", "shili-labour"),
        "2025-03-31",
    ),
    Case(
        "period-order",
        "an observation ends before it starts",
        (lambda d: set_cell(d, OBSERVATIONS, "observation_id", "shili-2030-o03-01", "period_start", "2030-01-01"),),
        cell(OBSERVATIONS, 1, "E", "period_end", "shili-2030-o03-01"),
        "2029-12-31",
    ),
    Case(
        "citation-owner",
        "a citation names two owners",
        (
            lambda d: set_cell(
                d, CITATIONS, "citation_id", "shili-2030-t03-01-c1", "observation_id", "shili-2030-o03-01"
            ),
        ),
        cell(CITATIONS, 13, "D", "milestone_id", "shili-2030-t03-01-c1"),
        None,
    ),
    Case(
        "span-length",
        "a span is one character too long",
        (lambda d: set_cell(d, CITATIONS, "citation_id", "shili-2030-t03-01-c1", "end", "267"),),
        cell(CITATIONS, 13, "G", "end", "shili-2030-t03-01-c1"),
        "267",
        # a longer span holds other characters, here the first one of the next token
        follow_ups=frozenset({"span-mismatch"}),
    ),
)

UNIT_CASES = (
    Case(
        "unit-unknown",
        "the unit of an indicator is not registered",
        (lambda d: set_cell(d, INDICATORS, "indicator_id", "shili-2030-i01-02", "unit_code", "persons"),),
        cell(INDICATORS, 2, "G", "unit_code", "shili-2030-i01-02"),
        "persons",
        Fix("person"),
    ),
    Case(
        "unit-unknown",
        "a printed unit is not registered",
        (lambda d: delete_row(d, UNIT_SYMBOLS, "symbol", "场"),),
        cell(CITATIONS, 5, "H", "printed", "shili-2030-t01-03-c1"),
        "3-5场",
    ),
    Case(
        "unit-dimension-mismatch",
        "a target in another dimension than its indicator",
        (lambda d: set_cell(d, TARGETS, "target_id", "shili-2030-t01-05", "unit_code", "event"),),
        cell(TARGETS, 5, "K", "unit_code", "shili-2030-t01-05"),
        "event",
        Fix("case"),
    ),
    Case(
        "unit-dimension-mismatch",
        "an indicator in another dimension than its concept",
        (lambda d: set_cell(d, CONCEPTS, "concept_code", "urban-new-jobs", "dimension", "items"),),
        cell(INDICATORS, 1, "G", "unit_code", "shili-2030-i01-01"),
        "wan-person",
        Fix("item"),
    ),
    Case(
        "unit-dimension-mismatch",
        "a unit in another dimension than its base",
        (lambda d: set_cell(d, UNITS, "unit_code", "case", "base_unit_code", "event"),),
        cell(UNITS, 1, "A", "unit_code", "case"),
        "case",
        Fix("event"),
    ),
    Case(
        "quantity-mismatch",
        "不少于 was recorded as exactly",
        (lambda d: set_cell(d, TARGETS, "target_id", "shili-2030-t01-02", "comparator", "eq"),),
        cell(CITATIONS, 4, "H", "printed", "shili-2030-t01-02-c1"),
        "不少于8000人",
    ),
    Case(
        "quantity-mismatch",
        "万人 was recorded as 人",
        (lambda d: set_cell(d, TARGETS, "target_id", "shili-2030-t01-02", "unit_code", "wan-person"),),
        cell(CITATIONS, 4, "H", "printed", "shili-2030-t01-02-c1"),
        "不少于8000人",
    ),
    Case(
        "quantity-mismatch",
        "a value was mistyped",
        (lambda d: set_cell(d, OBSERVATIONS, "observation_id", "shili-2030-o03-01", "value", "95.0"),),
        cell(CITATIONS, 2, "H", "printed", "shili-2030-o03-01-c1"),
        "90.5%",
    ),
    Case(
        "quantity-mismatch",
        "a day was mistyped",
        (lambda d: set_cell(d, MILESTONES, "milestone_id", "shili-2030-d03-01", "due_on", "2030-06-03"),),
        cell(CITATIONS, 1, "H", "printed", "shili-2030-d03-01-c1"),
        "6月30日前",
    ),
    Case(
        "count-not-integral",
        "half a person",
        (lambda d: set_cell(d, TARGETS, "target_id", "shili-2030-t01-01", "value", "2.70005"),),
        cell(TARGETS, 1, "I", "value", "shili-2030-t01-01"),
        "2.70005",
        follow_ups=frozenset({"quantity-mismatch"}),  # 2.7万人左右 is printed
    ),
    Case(
        "share-out-of-range",
        "a growth of 110% was taken for a share",
        (lambda d: set_cell(d, INDICATORS, "indicator_id", "shili-2030-i01-04", "measure_type", "share"),),
        cell(TARGETS, 4, "I", "value", "shili-2030-t01-04"),
        "110",
    ),
    Case(
        "unit-scale-suspect",
        "25000人 was recorded as 25000万人 beside 2.7万人",
        (
            lambda d: append_line(
                d,
                OBSERVATIONS,
                "shili-2030-o01-01,shili-2030-i01-01,baseline,,2029-12-31,eq,25000,,wan-person,A,,2030-01-10,,",
            ),
        ),
        cell(OBSERVATIONS, 2, "G", "value", "shili-2030-o01-01"),
        "25000",
        follow_ups=frozenset({"target-uncited"}),
    ),
    Case(
        "percent-vs-point",
        "% was recorded as percentage points",
        (
            percentage_points,
            lambda d: set_cell(d, TARGETS, "target_id", "shili-2030-t03-01", "unit_code", "percentage-point"),
        ),
        cell(TARGETS, 11, "K", "unit_code", "shili-2030-t03-01"),
        "percentage-point",
        Fix("percent"),
        follow_ups=frozenset({"unit-dimension-mismatch"}),  # the indicator is in per cent
    ),
    Case(
        "percent-vs-point",
        "个百分点 was recorded as per cent",
        (percentage_points, printing("110%", "110个百分点")),
        cell(TARGETS, 4, "K", "unit_code", "shili-2030-t01-04"),
        "percent",
        Fix("percentage-point"),
    ),
)

YEAR_CASES = (
    Case(
        "year-outside-programme",
        "a year was mistyped",
        (lambda d: set_cell(d, TARGETS, "target_id", "shili-2030-t01-01", "end_year", "2031"),),
        cell(TARGETS, 1, "F", "end_year", "shili-2030-t01-01"),
        "2031",
    ),
    Case(
        "year-outside-programme",
        "a later year that the document states has no caveat",
        (lambda d: delete_row(d, CAVEATS, "caveat_id", "shili-2030-v03-02"),),
        cell(TARGETS, 15, "F", "end_year", "shili-2030-t03-05"),
        "2032",
    ),
    Case(
        "milestone-outside-programme",
        "the year of a deadline was mistyped",
        (lambda d: set_cell(d, MILESTONES, "milestone_id", "shili-2030-d03-01", "due_on", "2031-06-30"),),
        cell(MILESTONES, 1, "D", "due_on", "shili-2030-d03-01"),
        "2031-06-30",
    ),
    Case(
        "year-mismatch",
        "a deadline is printed with another year",
        (printing("6月30日前", "2031年6月30日前"),),
        cell(MILESTONES, 1, "D", "due_on", "shili-2030-d03-01"),
        "2030-06-30",
        Fix("2031-06-30"),
    ),
    Case(
        "year-mismatch",
        "a promise is printed with another year",
        (printing("92%", "2029年底前92%"),),
        cell(TARGETS, 11, "F", "end_year", "shili-2030-t03-01"),
        "2030",
        Fix("2029"),
    ),
    Case(
        "year-mismatch",
        "a starting value is printed with another year",
        (printing("90.5%", "截至2028年底90.5%"),),
        cell(OBSERVATIONS, 1, "E", "period_end", "shili-2030-o03-01"),
        "2029-12-31",
    ),
    Case(
        "year-mismatch",
        "a year that is said to be stated is printed nowhere",
        (
            lambda d: set_cell(d, PROGRAMMES, "programme_id", "shili-2030", "end_year", "2031"),
            lambda d: set_cell(d, TARGETS, "target_id", "shili-2030-t01-01", "end_year", "2031"),
            lambda d: set_cell(d, TARGETS, "target_id", "shili-2030-t01-01", "year_stated", "true"),
        ),
        cell(TARGETS, 1, "F", "end_year", "shili-2030-t01-01"),
        "2031",
    ),
    Case(
        "observation-in-future",
        "a starting value is younger than the document that prints it",
        (lambda d: set_cell(d, OBSERVATIONS, "observation_id", "shili-2030-o03-01", "period_end", "2030-03-31"),),
        cell(OBSERVATIONS, 1, "E", "period_end", "shili-2030-o03-01"),
        "2030-03-31",
    ),
    Case(
        "observation-in-future",
        "a value was reported before its period was over",
        (lambda d: set_cell(d, OBSERVATIONS, "observation_id", "shili-2030-o03-01", "reported_on", "2029-12-30"),),
        cell(OBSERVATIONS, 1, "E", "period_end", "shili-2030-o03-01"),
        "2029-12-31",
    ),
    Case(
        "basis-conflict",
        "shares of districts are added up",
        (lambda d: set_cell(d, INDICATORS, "indicator_id", "shili-2030-i03-02", "aggregation", "sum"),),
        cell(INDICATORS, 11, "I", "aggregation", "shili-2030-i03-02"),
        "sum",
        Fix("none"),
    ),
    Case(
        "basis-conflict",
        "shares of cities are added up",
        (lambda d: set_cell(d, CONCEPTS, "concept_code", "inclusive-preschool-share", "aggregation", "sum"),),
        cell(CONCEPTS, 2, "H", "aggregation", "inclusive-preschool-share"),
        "sum",
        Fix("none"),
    ),
    Case(
        "basis-conflict",
        "rates of growth are added up",
        (lambda d: set_cell(d, INDICATORS, "indicator_id", "shili-2030-i01-04", "aggregation", "sum"),),
        cell(INDICATORS, 4, "I", "aggregation", "shili-2030-i01-04"),
        "sum",
        Fix("none"),
    ),
    Case(
        "basis-conflict",
        "grades are averaged",
        (
            lambda d: set_cell(d, INDICATORS, "indicator_id", "shili-2030-i01-05", "measure_type", "grade"),
            lambda d: set_cell(d, INDICATORS, "indicator_id", "shili-2030-i01-05", "aggregation", "mean"),
        ),
        cell(INDICATORS, 5, "I", "aggregation", "shili-2030-i01-05"),
        "mean",
        Fix("none"),
    ),
    Case(
        "basis-conflict",
        "a price is delivered during the year",
        (
            lambda d: set_cell(d, INDICATORS, "indicator_id", "shili-2030-i02-02", "measure_type", "price"),
            lambda d: set_cell(d, INDICATORS, "indicator_id", "shili-2030-i02-02", "aggregation", "none"),
        ),
        cell(TARGETS, 7, "D", "basis", "shili-2030-t02-02"),
        "during",
        Fix("by_end"),
    ),
    Case(
        "basis-conflict",
        "a share is measured in percentage points",
        (
            percentage_points,
            lambda d: set_cell(d, INDICATORS, "indicator_id", "shili-2030-i03-05", "unit_code", "percentage-point"),
        ),
        cell(INDICATORS, 14, "G", "unit_code", "shili-2030-i03-05"),
        "percentage-point",
        follow_ups=frozenset({"unit-dimension-mismatch"}),  # the target is in per cent
    ),
)

LEAD_UNIT_CASES = (
    Case(
        "lead-missing",
        "nobody leads a task",
        (lambda d: delete_row(d, ASSIGNMENTS, "printed_name", "市教育局"),),
        cell(TASKS, 4, "A", "task_id", "shili-2030-03"),
        "shili-2030-03",
    ),
    Case(
        "organization-unregistered",
        "the identifier of a unit is misspelt",
        (lambda d: set_cell(d, ASSIGNMENTS, "printed_name", "市教育局", "organization_id", "shili-educaton"),),
        cell(ASSIGNMENTS, 3, "E", "organization_id", "shili-2030-03/lead/1"),
        "shili-educaton",
        Fix("shili-education"),
    ),
    Case(
        "organization-unregistered",
        "the printed name of a unit is not registered",
        (lambda d: delete_row(d, ORGANIZATION_NAMES, "printed_name", "市教育局"),),
        cell(ASSIGNMENTS, 3, "D", "printed_name", "shili-2030-03/lead/1"),
        "市教育局",
    ),
    Case(
        "organization-name-mismatch",
        "the name of one unit and the identifier of another",
        (lambda d: set_cell(d, ASSIGNMENTS, "printed_name", "市教育局", "organization_id", "shili-human-resources"),),
        cell(ASSIGNMENTS, 3, "E", "organization_id", "shili-2030-03/lead/1"),
        "shili-human-resources",
        Fix("shili-education"),
    ),
    Case(
        "organization-not-in-force",
        "a unit was abolished before the programme",
        (lambda d: set_cell(d, ORGANIZATIONS, "organization_id", "shili-education", "valid_to", "2029-12-31"),),
        cell(ASSIGNMENTS, 3, "E", "organization_id", "shili-2030-03/lead/1"),
        "shili-education",
    ),
    Case(
        "organization-not-in-force",
        "a unit is founded after the programme",
        (lambda d: set_cell(d, ORGANIZATIONS, "organization_id", "shili-education", "valid_from", "2031-01-01"),),
        cell(ASSIGNMENTS, 3, "E", "organization_id", "shili-2030-03/lead/1"),
        "shili-education",
    ),
    Case(
        "organization-not-in-force",
        "a duty was given to the predecessor",
        (
            lambda d: set_cell(d, ASSIGNMENTS, "printed_name", "****保障局", "organization_id", "shili-labour"),
            lambda d: set_cell(d, ORGANIZATION_NAMES, "printed_name", "****保障局", "organization_id", "shili-labour"),
        ),
        cell(ASSIGNMENTS, 1, "E", "organization_id", "shili-2030-01/lead/1"),
        "shili-labour",
    ),
    Case(
        "organization-out-of-jurisdiction",
        "a unit belongs to the neighbouring city",
        (
            lambda d: append_line(d, JURISDICTIONS, "990200,邻市,Lin (fictional),prefecture,990000,,"),
            lambda d: set_cell(d, ORGANIZATIONS, "organization_id", "shili-education", "jurisdiction_code", "990200"),
        ),
        cell(ASSIGNMENTS, 3, "E", "organization_id", "shili-2030-03/lead/1"),
        "shili-education",
    ),
    Case(
        "printed-name-not-in-source",
        "a name was not copied from the source",
        (
            lambda d: set_cell(d, ASSIGNMENTS, "printed_name", "市教育局", "printed_name", "市教育和体育局"),
            lambda d: set_cell(d, ORGANIZATION_NAMES, "printed_name", "市教育局", "printed_name", "市教育和体育局"),
        ),
        cell(ASSIGNMENTS, 3, "D", "printed_name", "shili-2030-03/lead/1"),
        "市教育和体育局",
    ),
    Case(
        "redaction-unexplained",
        "a masked name is said to be an abbreviation",
        (lambda d: set_cell(d, ORGANIZATION_NAMES, "printed_name", "****保障局", "resolution", "abbreviation"),),
        cell(ORGANIZATION_NAMES, 1, "D", "resolution", "990100/****保障局"),
        "****保障局",
        Fix("redacted"),
    ),
    Case(
        "redaction-unexplained",
        "nothing says whom a masked name means",
        (lambda d: set_cell(d, ORGANIZATION_NAMES, "printed_name", "****保障局", "evidence", ""),),
        cell(ORGANIZATION_NAMES, 1, "E", "evidence", "990100/****保障局"),
        "****保障局",
    ),
    Case(
        "lead-duplicate",
        "a unit stands in the list twice",
        (lambda d: append_line(d, ASSIGNMENTS, "shili-2030-03,responsible,2,市民政局,shili-civil-affairs"),),
        cell(ASSIGNMENTS, 5, "E", "organization_id", "shili-2030-03/responsible/2"),
        "shili-civil-affairs",
    ),
    Case(
        "lead-duplicate",
        "a unit leads and shares the work",
        (lambda d: append_line(d, ASSIGNMENTS, "shili-2030-02,responsible,1,市民政局,shili-civil-affairs"),),
        cell(ASSIGNMENTS, 5, "E", "organization_id", "shili-2030-02/responsible/1"),
        "shili-civil-affairs",
    ),
)

OTHER_TEXT = hashlib.sha256(b"another text").hexdigest()

PROVENANCE_CASES = (
    Case(
        "source-hash-mismatch",
        "the length of the text was mistyped",
        (lambda d: set_cell(d, SOURCES, "source_id", "shili-2030", "characters", "365"),),
        cell(SOURCES, 1, "I", "characters", "shili-2030"),
        "365",
        Fix("356", safe=True),
    ),
    Case(
        "source-hash-mismatch",
        "the text at hand is not the registered one",
        (lambda d: set_cell(d, SOURCES, "source_id", "shili-2030", "sha256", OTHER_TEXT),),
        cell(SOURCES, 1, "H", "sha256", "shili-2030"),
        OTHER_TEXT,
        follow_ups=frozenset({"verification-stale"}),  # the registered text was never verified either
    ),
    Case(
        "span-mismatch",
        "a span is one character off",
        (
            lambda d: set_cell(d, CITATIONS, "citation_id", "shili-2030-t03-05-c1", "start", "332"),
            lambda d: set_cell(d, CITATIONS, "citation_id", "shili-2030-t03-05-c1", "end", "335"),
        ),
        cell(CITATIONS, 17, "F", "start", "shili-2030-t03-05-c1"),
        "全覆盖",
        Fix("331"),
    ),
    Case(
        "span-mismatch",
        "printed was mistyped",
        (lambda d: set_cell(d, EXCLUSIONS, "start", "182", "printed", "65周岁"),),
        cell(EXCLUSIONS, 5, "B", "start", "shili-2030/182"),
        "65周岁",
    ),
    Case(
        "span-overlap",
        "characters are both cited and excluded",
        (
            lambda d: append_row(
                d,
                EXCLUSIONS,
                {"source_id": "shili-2030", "start": "162", "end": "165", "printed": "30个", "reason": "other"},
            ),
        ),
        cell(EXCLUSIONS, 11, "B", "start", "shili-2030/162"),
        "162",
    ),
    Case(
        "span-overlap",
        "a target cites the same characters twice",
        (lambda d: append_line(d, CITATIONS, "shili-2030-t03-05-c2,shili-2030-t03-05,,,shili-2030,331,334,全覆盖"),),
        cell(CITATIONS, 18, "F", "start", "shili-2030-t03-05-c2"),
        "331",
    ),
    Case(
        "numeral-unaccounted",
        "the exclusion of an age bracket is missing",
        (lambda d: delete_row(d, EXCLUSIONS, "start", "182"),),
        Place(SOURCES, 2, 1, None, None, "shili-2030/182"),
        "60",
    ),
    Case(
        "list-value-unclaimed",
        "the third value of a list has no target",
        (
            lambda d: delete_row(d, CITATIONS, "citation_id", "shili-2030-t03-04-c1"),
            lambda d: delete_row(d, TARGETS, "target_id", "shili-2030-t03-04"),
        ),
        cell(CITATIONS, 14, "H", "printed", "shili-2030-t03-02-c1"),
        "60",
    ),
    Case(
        "target-uncited",
        "a target has no citation",
        (lambda d: delete_row(d, CITATIONS, "citation_id", "shili-2030-t03-05-c1"),),
        cell(TARGETS, 15, "A", "target_id", "shili-2030-t03-05"),
        "shili-2030-t03-05",
    ),
    Case(
        "target-uncited",
        "an observation has neither citation nor evidence",
        (
            lambda d: insert_line(
                d,
                OBSERVATIONS,
                "shili-2030-o01-01,shili-2030-i01-01,result,,2029-12-31,eq,2.5,,wan-person,A,,2030-01-10,,",
            ),
        ),
        cell(OBSERVATIONS, 1, "A", "observation_id", "shili-2030-o01-01"),
        "shili-2030-o01-01",
    ),
    Case(
        "target-uncited",
        "a milestone has no citation",
        (lambda d: append_line(d, MILESTONES, "shili-2030-d03-02,shili-2030-03-m2,公布巡查结果,2030-12-31,year"),),
        cell(MILESTONES, 2, "A", "milestone_id", "shili-2030-d03-02"),
        "shili-2030-d03-02",
    ),
    Case(
        "verification-stale",
        "a row was changed where the text is not at hand",
        (lambda d: set_cell(d, EXCLUSIONS, "start", "182", "reason", "other"),),
        cell(EXCLUSIONS, 5, "D", "printed", "shili-2030/182"),
        "60周岁",
        with_text=False,
    ),
    Case(
        "verification-stale",
        "a row was deleted where the text is not at hand",
        (lambda d: delete_row(d, EXCLUSIONS, "start", "182"),),
        cell(SOURCES, 1, "A", "source_id", "shili-2030"),
        "shili-2030",
        with_text=False,
    ),
    Case(
        "verification-stale",
        "a name was added where the text is not at hand",
        (
            lambda d: append_line(d, ORGANIZATION_NAMES, "990100,市民政部门,shili-civil-affairs,abbreviation,"),
            lambda d: append_line(d, ASSIGNMENTS, "shili-2030-02-m1,responsible,1,市民政部门,shili-civil-affairs"),
        ),
        cell(ASSIGNMENTS, 5, "D", "printed_name", "shili-2030-02-m1/responsible/1"),
        "市民政部门",
        with_text=False,
    ),
    Case(
        "verification-stale",
        "the text is not at hand and was never verified",
        (lambda d: delete_file(d, "verification.json"),),
        cell(SOURCES, 1, "A", "source_id", "shili-2030"),
        "shili-2030",
        with_text=False,
    ),
)

COHERENCE_CASES = (
    Case(
        "parts-do-not-add-up",
        "one of the parts is not linked",
        (lambda d: delete_row(d, LINKS, "from_target_id", "shili-2030-t02-03"),),
        cell(TARGETS, 6, "I", "value", "shili-2030-t02-01"),
        "30",
    ),
    Case(
        "restated-value-differs",
        "a part is said to restate the whole",
        (lambda d: set_cell(d, LINKS, "from_target_id", "shili-2030-t01-02", "kind", "restates"),),
        cell(TARGETS, 2, "I", "value", "shili-2030-t01-02"),
        "8000",
    ),
    Case(
        "fiction-among-real",
        "a real programme was put beside the fictional one",
        (
            lambda d: append_line(d, JURISDICTIONS, "340000,安徽省,Anhui,province,,,"),
            lambda d: append_row(
                d,
                PROGRAMMES,
                {
                    "programme_id": "anhui-2031",
                    "jurisdiction_code": "340000",
                    "title_zh": "2031年民生实事清单",
                    "title_en": "Livelihood tasks for 2031",
                    "kind": "annual_list",
                    "start_year": "2031",
                    "end_year": "2031",
                },
            ),
            lambda d: add_headers(d, "anhui-2031"),
        ),
        cell(PROGRAMMES, 1, "B", "jurisdiction_code", "shili-2030"),
        "990100",
        None,
        frozenset({"programme-empty"}),  # it is registered only
    ),
    Case(
        "programme-empty",
        "a programme was registered and not filled in",
        (
            lambda d: append_row(
                d,
                PROGRAMMES,
                {
                    "programme_id": "shili-2031",
                    "jurisdiction_code": "990100",
                    "title_zh": "示例市2031年民生实事清单(虚构)",
                    "title_en": "Shili: livelihood tasks for 2031 (fiction)",
                    "kind": "annual_list",
                    "start_year": "2031",
                    "end_year": "2031",
                },
            ),
            lambda d: add_headers(d, "shili-2031"),
        ),
        cell(PROGRAMMES, 2, "A", "programme_id", "shili-2031"),
        "shili-2031",
    ),
    Case(
        "parent-cycle",
        "a task is its own grandparent",
        (lambda d: set_cell(d, TASKS, "task_id", "shili-2030-02", "parent_task_id", "shili-2030-02-m1"),),
        cell(TASKS, 2, "C", "parent_task_id", "shili-2030-02"),
        "shili-2030-02-m1",
    ),
    Case(
        "parent-cycle",
        "a unit is its own predecessor",
        (lambda d: set_cell(d, ORGANIZATIONS, "organization_id", "shili-labour", "predecessor_id", "shili-labour"),),
        cell(ORGANIZATIONS, 4, "H", "predecessor_id", "shili-labour"),
        "shili-labour",
    ),
    Case(
        "conflicting-targets",
        "30 and at least 30 for the same thing, without a link",
        (lambda d: delete_row(d, LINKS, "from_target_id", "shili-2030-t02-05"),),
        cell(TARGETS, 10, "I", "value", "shili-2030-t02-05"),
        "30",
    ),
    Case(
        "step-exceeds-target",
        "a step is higher than what it leads to",
        (lambda d: append_line(d, LINKS, "shili-2030-t02-03,shili-2030-t02-02,step_towards,"),),
        cell(TARGETS, 8, "I", "value", "shili-2030-t02-03"),
        "18",
    ),
    Case(
        "step-exceeds-target",
        "a step comes after what it leads to",
        (lambda d: append_line(d, LINKS, "shili-2030-t03-05,shili-2030-t01-04,step_towards,"),),
        cell(TARGETS, 15, "F", "end_year", "shili-2030-t03-05"),
        "2032",
    ),
    Case(
        "direction-contradicts-comparator",
        "at least 8000, where fewer would be better",
        (lambda d: set_cell(d, INDICATORS, "indicator_id", "shili-2030-i01-02", "direction", "lower"),),
        cell(TARGETS, 2, "H", "comparator", "shili-2030-t01-02"),
        "ge",
    ),
    Case(
        "direction-contradicts-comparator",
        "at most 8000, where more would be better",
        (
            printing("不少于8000人", "不超过8000人"),
            lambda d: set_cell(d, TARGETS, "target_id", "shili-2030-t01-02", "comparator", "le"),
        ),
        cell(TARGETS, 2, "H", "comparator", "shili-2030-t01-02"),
        "le",
    ),
    Case(
        "duplicate-indicator",
        "an indicator stands twice, once with a space",
        (lambda d: set_cell(d, INDICATORS, "indicator_id", "shili-2030-i02-03", "name_zh", "新建 社区食堂数"),),
        cell(INDICATORS, 8, "C", "name_zh", "shili-2030-i02-03"),
        "新建 社区食堂数",
    ),
)

LEAD_WAIVER = "lead-missing,shili-2030-03,牵头单位以后续通知为准,市统计局综合科,2999-12-31"


def waiver(line: str) -> Edit:
    """A waivers.csv with this row."""

    def write(folder: Path) -> None:
        (folder / WAIVERS).write_text(f"code,record,reason,owner,review_by\n{line}\n", encoding="utf-8")

    return write


WAIVER_CASES = (
    Case(
        "waiver-unknown-rule",
        "the code of the rule is misspelt",
        (waiver(LEAD_WAIVER.replace("missing", "mising")),),
        cell(WAIVERS, 1, "A", "code", "lead-mising/shili-2030-03"),
        "lead-mising",
        Fix("lead-missing"),
    ),
    Case(
        "waiver-not-allowed",
        "a duplicate key is waived",
        (waiver(LEAD_WAIVER.replace("lead-missing", "primary-key")),),
        cell(WAIVERS, 1, "A", "code", "primary-key/shili-2030-03"),
        "primary-key",
    ),
    Case(
        "waiver-unexplained",
        "nobody answers for it",
        (
            lambda d: delete_row(d, ASSIGNMENTS, "printed_name", "市教育局"),
            waiver(LEAD_WAIVER.replace("市统计局综合科", "待定")),
        ),
        cell(WAIVERS, 1, "D", "owner", "lead-missing/shili-2030-03"),
        "待定",
    ),
    Case(
        "waiver-expired",
        "nobody reviewed it",
        (
            lambda d: delete_row(d, ASSIGNMENTS, "printed_name", "市教育局"),
            waiver(LEAD_WAIVER.replace("2999", "1999")),
        ),
        cell(WAIVERS, 1, "E", "review_by", "lead-missing/shili-2030-03"),
        "1999-12-31",
        follow_ups=frozenset({"lead-missing"}),  # the waived finding is back
    ),
    Case(
        "waiver-unused",
        "the task has a lead by now",
        (waiver(LEAD_WAIVER),),
        cell(WAIVERS, 1, "B", "record", "lead-missing/shili-2030-03"),
        "shili-2030-03",
    ),
)


def renames(*lines: str) -> Edit:
    """A renames.csv with these rows."""

    def write(folder: Path) -> None:
        content = "\n".join(["table,old_key,new_key,renamed_on,note", *lines]) + "\n"
        (folder / RENAMES).write_text(content, encoding="utf-8")

    return write


RENAME_CASES = (
    Case(
        "rename-loop",
        "renamed there and back",
        (renames("tasks,shili-2030-08,shili-2030-09,2030-03-01,", "tasks,shili-2030-09,shili-2030-08,2030-03-01,"),),
        cell(RENAMES, 1, "C", "new_key", "tasks/shili-2030-08"),
        "shili-2030-09",
    ),
    Case(
        "rename-merge",
        "two tasks became one",
        (renames("tasks,shili-2030-08,shili-2030-03,2030-03-01,", "tasks,shili-2030-09,shili-2030-03,2030-03-01,"),),
        cell(RENAMES, 2, "C", "new_key", "tasks/shili-2030-09"),
        "shili-2030-03",
    ),
    Case(
        "rename-old-key-in-use",
        "the task was not renamed",
        (renames("tasks,shili-2030-01,shili-2030-03,2030-03-01,"),),
        cell(RENAMES, 1, "B", "old_key", "tasks/shili-2030-01"),
        "shili-2030-01",
    ),
    Case(
        "rename-new-key-missing",
        "the new identifier is misspelt",
        (renames("tasks,shili-2030-09,shili-2030-m2,2030-03-01,"),),
        cell(RENAMES, 1, "C", "new_key", "tasks/shili-2030-09"),
        "shili-2030-m2",
        Fix("shili-2030-02"),
    ),
)

# One file of reports with its first row, and a revision of a target.
REPORT = "programmes/shili-2030/reports/shili-civil-affairs/2030-Q2.csv"
CANTEENS = "shili-2030-i02-01,2030-Q2,shili-civil-affairs"
FIRST = f"{CANTEENS},1,6,item,cumulative,A,民政月报,养老科,2030-07-05,"
REVISIONS = "programmes/shili-2030/target_revisions.csv"
REVISION = "shili-2030-t02-02,1,2030-06-01,in_force,eq,14,,item,2030,shili-civil-affairs,示政办〔2030〕6号,2030-05-20,"


def rows_of(name: str, file: str, *lines: str) -> Edit:
    """A file of an optional table with these rows."""

    def write(folder: Path) -> None:
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join([",".join(table(name).names), *lines]) + "\n", encoding="utf-8")

    return write


def reports(*lines: str, file: str = REPORT) -> Edit:
    return rows_of("reports", file, *lines)


def revisions(*lines: str) -> Edit:
    return rows_of("target_revisions", REVISIONS, *lines)


REPORT_CASES = (
    Case(
        "report-path-mismatch",
        "a row of another quarter was pasted in",
        (reports(FIRST, FIRST.replace("Q2", "Q1")),),
        cell(REPORT, 2, "B", "period", "shili-2030-i02-01/2030-Q1/shili-civil-affairs/1"),
        "2030-Q1",
        Fix("2030-Q2"),
    ),
    Case(
        "report-path-mismatch",
        "the report lies in the folder of another unit",
        (reports(FIRST, file=REPORT.replace("civil-affairs", "education")),),
        cell(
            REPORT.replace("civil-affairs", "education"),
            1,
            "C",
            "organization_id",
            "shili-2030-i02-01/2030-Q2/shili-civil-affairs/1",
        ),
        "shili-civil-affairs",
        Fix("shili-education"),
    ),
    Case(
        "report-in-future",
        "the quarter was not over",
        (reports(FIRST.replace("2030-07-05", "2030-06-29")),),
        cell(REPORT, 1, "B", "period", "shili-2030-i02-01/2030-Q2/shili-civil-affairs/1"),
        "2030-Q2",
    ),
    Case(
        "reported-after-today",
        "a slip of the year",
        (reports(FIRST.replace("2030-07-05", "2042-07-05")),),
        cell(REPORT, 1, "K", "reported_on", "shili-2030-i02-01/2030-Q2/shili-civil-affairs/1"),
        "2042-07-05",
    ),
    Case(
        "report-outside-programme",
        "the year is that of the plan before",
        (reports(FIRST.replace("2030-Q2", "2029-Q2"), file=REPORT.replace("2030-Q2", "2029-Q2")),),
        cell(
            REPORT.replace("2030-Q2", "2029-Q2"),
            1,
            "B",
            "period",
            "shili-2030-i02-01/2029-Q2/shili-civil-affairs/1",
        ),
        "2029-Q2",
    ),
    Case(
        "report-unit-mismatch",
        "a share was reported in place of a number",
        (reports(FIRST.replace(",6,item,", ",6,percent,")),),
        cell(REPORT, 1, "F", "unit_code", "shili-2030-i02-01/2030-Q2/shili-civil-affairs/1"),
        "percent",
        Fix("item"),
    ),
    Case(
        "cumulative-falls",
        "the second quarter alone was reported",
        (
            reports(FIRST.replace("Q2", "Q1").replace(",6,", ",8,"), file=REPORT.replace("Q2", "Q1")),
            reports(FIRST),
        ),
        cell(REPORT, 1, "E", "value", "shili-2030-i02-01/2030-Q2/shili-civil-affairs/1"),
        "6",
    ),
    Case(
        "report-superseded-wrongly",
        "a revision was deleted",
        (reports(FIRST, FIRST.replace(",1,6,", ",3,7,")),),
        cell(REPORT, 2, "D", "revision", "shili-2030-i02-01/2030-Q2/shili-civil-affairs/3"),
        "3",
    ),
    Case(
        "report-superseded-wrongly",
        "a correction is older than what it corrects",
        (reports(FIRST, FIRST.replace(",1,6,", ",2,7,").replace("07-05", "07-02")),),
        cell(REPORT, 2, "K", "reported_on", "shili-2030-i02-01/2030-Q2/shili-civil-affairs/2"),
        "2030-07-02",
    ),
    Case(
        "reporter-not-assigned",
        "the unit has nothing to do with the task",
        (reports(FIRST.replace("civil-affairs", "education"), file=REPORT.replace("civil-affairs", "education")),),
        cell(
            REPORT.replace("civil-affairs", "education"),
            1,
            "C",
            "organization_id",
            "shili-2030-i02-01/2030-Q2/shili-education/1",
        ),
        "shili-education",
    ),
    Case(
        "report-evidence-missing",
        "nobody says where the number is from",
        (reports(FIRST.replace("民政月报", "")),),
        cell(REPORT, 1, "I", "evidence", "shili-2030-i02-01/2030-Q2/shili-civil-affairs/1"),
        None,
    ),
    Case(
        "reports-conflict",
        "two units count differently",
        (
            reports(FIRST.replace("i02-01", "i03-01").replace(",6,item,cumulative", ",91,percent,level")),
            reports(
                FIRST.replace("i02-01", "i03-01")
                .replace(",6,item,cumulative", ",92,percent,level")
                .replace("civil-affairs", "education"),
                file=REPORT.replace("civil-affairs", "education"),
            ),
        ),
        cell(
            REPORT.replace("civil-affairs", "education"),
            1,
            "E",
            "value",
            "shili-2030-i03-01/2030-Q2/shili-education/1",
        ),
        "92",
    ),
    Case(
        "value-missing",
        "a value that is said to be missing is there",
        (reports(FIRST.replace(",A,", ",O,")),),
        cell(REPORT, 1, "E", "value", "shili-2030-i02-01/2030-Q2/shili-civil-affairs/1"),
        "6",
    ),
    Case(
        "value-missing",
        "a withdrawn target has a value",
        (revisions(REVISION.replace("in_force", "withdrawn")),),
        cell(REVISIONS, 1, "F", "value", "shili-2030-t02-02/1"),
        "14",
    ),
    Case(
        "share-out-of-range",
        "a share of more than the whole is reported",
        (
            reports(
                FIRST.replace("i02-01", "i03-01").replace(",6,item,cumulative", ",920,percent,level"),
            ),
        ),
        cell(REPORT, 1, "E", "value", "shili-2030-i03-01/2030-Q2/shili-civil-affairs/1"),
        "920",
    ),
    Case(
        "unit-scale-suspect",
        "persons were reported in 万",
        (
            reports(
                "shili-2030-i01-01,2030-Q2,shili-human-resources,1,13000,wan-person,cumulative,A,月报,就业科,2030-07-05,",
                file=REPORT.replace("civil-affairs", "human-resources"),
            ),
        ),
        cell(
            REPORT.replace("civil-affairs", "human-resources"),
            1,
            "E",
            "value",
            "shili-2030-i01-01/2030-Q2/shili-human-resources/1",
        ),
        "13000",
    ),
    Case(
        "count-not-integral",
        "half a canteen is reported",
        (reports(FIRST.replace(",6,", ",6.5,")),),
        cell(REPORT, 1, "E", "value", "shili-2030-i02-01/2030-Q2/shili-civil-affairs/1"),
        "6.5",
    ),
    Case(
        "constraint-error",
        "a quarter is written as people write it",
        (reports(FIRST.replace("2030-Q2", "2030年二季度")),),
        cell(REPORT, 1, "B", "period", "shili-2030-i02-01/2030年二季度/shili-civil-affairs/1"),
        "2030年二季度",
    ),
    Case(
        "primary-key",
        "a report was made twice",
        (reports(FIRST, FIRST.replace(",6,", ",7,")),),
        cell(REPORT, 2, "D", "revision", "shili-2030-i02-01/2030-Q2/shili-civil-affairs/1"),
        "shili-2030-i02-01/2030-Q2/shili-civil-affairs/1",
    ),
    Case(
        "unit-dimension-mismatch",
        "a target is revised into per cent",
        (revisions(REVISION.replace("item", "percent")),),
        cell(REVISIONS, 1, "H", "unit_code", "shili-2030-t02-02/1"),
        "percent",
        Fix("item"),
    ),
    Case(
        "direction-contradicts-comparator",
        "a revision turns a number to reach into a ceiling",
        (revisions(REVISION.replace(",eq,", ",le,")),),
        cell(REVISIONS, 1, "E", "comparator", "shili-2030-t02-02/1"),
        "le",
    ),
    Case(
        "revision-order",
        "a revision was left out",
        (revisions(REVISION.replace(",1,", ",2,", 1)),),
        cell(REVISIONS, 1, "B", "revision", "shili-2030-t02-02/2"),
        "2",
    ),
    Case(
        "revision-order",
        "the second change is in force before the first",
        (revisions(REVISION, REVISION.replace(",1,2030-06-01", ",2,2030-05-25").replace(",14,", ",15,")),),
        cell(REVISIONS, 2, "C", "effective_on", "shili-2030-t02-02/2"),
        "2030-05-25",
    ),
    Case(
        "revision-order",
        "the target had ended before",
        (revisions(REVISION.replace("2030-06-01", "2031-02-01").replace("item,2030", "item,2031")),),
        cell(REVISIONS, 1, "C", "effective_on", "shili-2030-t02-02/1"),
        "2031-02-01",
    ),
    Case(
        "revision-order",
        "nothing changes",
        (revisions(REVISION.replace(",14,", ",12,")),),
        cell(REVISIONS, 1, "B", "revision", "shili-2030-t02-02/1"),
        "1",
    ),
    Case(
        "revision-order",
        "a target that had a value is emptied, and not withdrawn",
        (revisions(REVISION.replace(",eq,14,", ",,,")),),
        cell(REVISIONS, 1, "F", "value", "shili-2030-t02-02/1"),
        None,
    ),
)

HYGIENE_CASES = (
    Case(
        "cell-whitespace",
        "a name ends with a full-width and a zero-width space",
        (lambda d: set_cell(d, TASKS, "task_id", "shili-2030-03", "title_zh", "改善校园服务\u3000\u200b"),),
        cell(TASKS, 4, "G", "title_zh", "shili-2030-03"),
        "改善校园服务\u3000\u200b",
        Fix("改善校园服务", safe=True),
    ),
    Case(
        "full-width-digit",
        "a value was typed in full width",
        (lambda d: set_cell(d, TARGETS, "target_id", "shili-2030-t01-01", "value", "２．7"),),
        cell(TARGETS, 1, "I", "value", "shili-2030-t01-01"),
        "２．7",
        Fix("2.7", safe=True),
        frozenset({"type-error"}),  # in this form it is no number
    ),
    Case(
        "formula-injection",
        "a note starts like a formula",
        (lambda d: set_cell(d, LINKS, "from_target_id", "shili-2030-t02-02", "note_zh", "=合计30"),),
        cell(LINKS, 2, "D", "note_zh", "shili-2030-t02-02/shili-2030-t02-01/part_of"),
        "=合计30",
    ),
    Case(
        "formula-injection",
        "a spreadsheet would run what is cited",
        (lambda d: set_cell(d, EXCLUSIONS, "start", "320", "printed", "=2032"),),
        cell(EXCLUSIONS, 10, "D", "printed", "shili-2030/320"),
        "=2032",
        None,
        frozenset({"span-mismatch"}),
    ),
    Case(
        "control-character",
        "a title was copied from a web page",
        (lambda d: set_cell(d, TASKS, "task_id", "shili-2030-03", "title_zh", "改善\u200b校园服务"),),
        cell(TASKS, 4, "G", "title_zh", "shili-2030-03"),
        "改善\u200b校园服务",
        Fix("改善校园服务", safe=True),
    ),
    Case(
        "control-character",
        "another character may have stood there",
        (lambda d: set_cell(d, TASKS, "task_id", "shili-2030-03", "title_en", "Schools\x93 services"),),
        cell(TASKS, 4, "H", "title_en", "shili-2030-03"),
        "Schools\x93 services",
        Fix("Schools services"),
    ),
    Case(
        "not-canonical-order",
        "a row was added at the end",
        (lambda d: append_line(d, UNIT_SYMBOLS, "名,person"), lambda d: append_line(d, UNIT_SYMBOLS, "位,person")),
        cell(UNIT_SYMBOLS, 6, "A", "symbol", "名/person"),
        "名/person",
    ),
    Case(
        "not-canonical-form",
        "a spreadsheet wrote CRLF",
        (lambda d: rewrite_bytes(d, TASKS, lambda content: content.replace(b"\n", b"\r\n")),),
        Place(TASKS),
        None,
    ),
    Case(
        "not-canonical-form",
        "the last newline is missing",
        (lambda d: rewrite_bytes(d, TASKS, lambda content: content.rstrip(b"\n")),),
        Place(TASKS),
        None,
    ),
    Case(
        "not-canonical-form",
        "every cell is in quotes",
        (lambda d: rewrite_bytes(d, UNIT_SYMBOLS, lambda content: content.replace("人".encode(), '"人"'.encode())),),
        Place(UNIT_SYMBOLS),
        None,
    ),
)

CASES = (
    *FILE_CASES,
    *HEADER_CASES,
    *ROW_CASES,
    *CELL_CASES,
    *KEY_CASES,
    *CONDITION_CASES,
    *UNIT_CASES,
    *YEAR_CASES,
    *LEAD_UNIT_CASES,
    *PROVENANCE_CASES,
    *COHERENCE_CASES,
    *WAIVER_CASES,
    *RENAME_CASES,
    *REPORT_CASES,
    *HYGIENE_CASES,
)


def damaged(case: Case, folder: Path, texts: SourceTexts) -> Report:
    """The report on a folder after the edits of a case."""
    for edit in case.edits:
        edit(folder)
    reprinted = folder / "sources"
    at_hand = read_texts([reprinted]) if reprinted.exists() else texts
    return validate(folder, at_hand if case.with_text else NO_TEXTS).report


@pytest.mark.parametrize("with_text", [True, False], ids=["with the text", "by the verification lock"])
def test_sound_data_gives_no_findings(data_folder: Path, texts: SourceTexts, with_text: bool) -> None:
    report = validate(data_folder, texts if with_text else NO_TEXTS).report
    assert report.findings == ()
    assert report.not_checked == ()
    assert report.ok
    assert (report.files, report.records) == (19, 104)


@pytest.mark.usefixtures("years_later")
@pytest.mark.parametrize("case", CASES, ids=str)
def test_damage_is_reported_at_its_cell(case: Case, data_folder: Path, texts: SourceTexts) -> None:
    report = damaged(case, data_folder, texts)
    found = [finding for finding in report.findings if finding.code == case.code]
    assert [(f.place, f.value, f.fix) for f in found] == [(case.place, case.value, case.fix)]
    # rows that a case adds stand at the end of their file; that is no matter of the case
    codes = {f.code for f in report.findings if f.code in (case.code, *case.follow_ups) or f.code != APPENDED}
    assert codes == {case.code, *case.follow_ups}
    assert report.ok == all(f.severity is Severity.WARNING for f in report.findings)
    for finding in report.findings:
        assert_readable(finding)


def assert_readable(finding: Finding) -> None:
    """Message and expectation are complete in both languages."""
    for language in LANGUAGES:
        for said in (finding.message(language), finding.expected(language)):
            assert said.strip()
            assert not re.search(r"\{[a-z_]+\}", said)
        assert set(finding.as_dict(language)) == {
            *("code", "severity", "file", "line", "row", "column", "field", "record"),
            *("value", "message", "expected", "fix", "doc"),
        }


def test_cells_of_the_cases_are_named_as_the_tables_name_them() -> None:
    """Letter and field of each expected place agree with the canonical order of the columns."""
    for case in CASES:
        place = case.place
        if place.field and place.column:
            name = "reports" if "/reports/" in place.file else place.file.rpartition("/")[2].removesuffix(".csv")
            assert place.column == spreadsheet_letter(table(name).names.index(place.field)), str(case)


def test_lines_are_counted_through_newlines_in_cells(data_folder: Path, texts: SourceTexts) -> None:
    """`line` is where the record starts in the file, `row` counts records."""
    set_cell(data_folder, TARGETS, "target_id", "shili-2030-t01-01", "note_zh", "第一行\n第二行")
    set_cell(data_folder, TARGETS, "target_id", "shili-2030-t01-02", "value", "8000人")
    (finding,) = validate(data_folder, texts).report.findings
    assert finding.place == Place(TARGETS, 4, 2, "I", "value", "shili-2030-t01-02")
    assert finding.place.cell == f"{TARGETS}!I3"


def test_every_rule_has_a_case() -> None:
    assert {case.code for case in CASES} | set(test_tabular.CODES) | set(test_gate.CODES) == set(catalogue())


def test_every_code_that_can_be_reported_is_a_rule_and_every_rule_can_be_reported() -> None:
    registered = {code for check in CHECKS for code in check.codes}
    modules = (curated, descriptors, headers, rewriting, cell_faults, doubtful, hygiene, keys, plan, waivers)
    structural = {code for module in modules for code in slugs_in(module)}
    references = {key.rule for table in curated_tables() for key in table.foreign_keys}
    gate = {entry.code for entry in expectations()}
    assert registered | structural | references | gate == set(catalogue())


def slugs_in(module: ModuleType) -> Iterator[str]:
    """Constants of a module that look like a code."""
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and re.fullmatch(r"[a-z]+(-[a-z]+)+", node.value)
        ):
            yield node.value


def test_a_code_is_registered_by_one_check() -> None:
    registered = Counter(code for check in CHECKS for code in check.codes)
    assert [code for code, checks in registered.items() if checks > 1] == []


@pytest.mark.parametrize("rule", catalogue().values(), ids=lambda rule: rule.code)
def test_rules_speak_both_languages(rule: Rule) -> None:
    texts = {field.name: getattr(rule, field.name) for field in fields(Rule)}
    for name, text in texts.items():
        if isinstance(text, Text):
            assert text.zh.strip(), name
            assert text.en.strip(), name
        else:
            assert str(text).strip(), name
    assert placeholders(rule.message.zh) == placeholders(rule.message.en)
    assert placeholders(rule.expected.zh) == placeholders(rule.expected.en)


def test_an_entry_of_the_catalogue_says_nothing_that_is_not_read() -> None:
    """A misspelt `waivable` would let waivers set aside what a release rests on."""
    plain = {"group", "severity", "bad", "good", "waivable"}
    texts = {f"{field.name}_{lang}" for field in fields(Rule) if field.type is Text for lang in LANGUAGES}
    for code, entry in tomllib.loads((schemas_dir() / "rules.toml").read_text(encoding="utf-8")).items():
        assert entry.keys() <= plain | texts, code
        assert isinstance(entry.get("waivable", True), bool), code


def placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}

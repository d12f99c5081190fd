"""What a wrong cell must have meant: other notations of one value are safe, guesses are not, ambiguity is nothing."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.curated import CuratedFile, Reading, read
from pipeline.findings import Fix
from pipeline.sources import NO_TEXTS
from pipeline.suggestions import Registers, foreign_key_of, holds, registers, suggest
from pipeline.tables import curated_tables, table
from pipeline.validation import validate
from tests.conftest import FIXTURES
from tests.editing import append_line, set_cell

SAFE = [
    ("targets", "value", "1,000", "1000"),
    ("targets", "value", "12,345,678.5", "12345678.5"),
    ("targets", "value", "１，０００", "1000"),
    ("targets", "value", "1 000", "1000"),
    ("targets", "value", "1\u00a0000", "1000"),
    ("targets", "value", " 2.7 ", "2.7"),
    ("targets", "value", "２．７", "2.7"),
    ("targets", "value", ".5", "0.5"),
    ("targets", "value", "5.", "5"),
    ("targets", "value", "+5", "5"),
    ("targets", "value", "−5", "-5"),
    ("targets", "value", "'5", "5"),
    ("targets", "start_year", "2024.0", "2024"),
    ("targets", "start_year", "2024年", "2024"),
    ("targets", "year_stated", "是", "true"),
    ("targets", "year_stated", "TRUE", "true"),
    ("targets", "year_stated", "否", "false"),
    ("targets", "year_stated", "0", "false"),
    ("targets", "comparator", "不低于", "ge"),
    ("targets", "comparator", "不少于", "ge"),
    ("targets", "comparator", "≥", "ge"),
    ("targets", "comparator", "At least", "ge"),
    ("targets", "comparator", "GE", "ge"),
    ("targets", "comparator", "＝", "eq"),
    ("assignments", "role", "牵头", "lead"),
    ("assignments", "role", "牵头单位", "lead"),
    ("assignments", "role", "Lead ", "lead"),
    ("programmes", "kind", "annual list", "annual_list"),
    ("milestones", "due_on", "2024/1/5", "2024-01-05"),
    ("milestones", "due_on", "2024.01.05", "2024-01-05"),
    ("milestones", "due_on", "2024年1月5日", "2024-01-05"),
    ("milestones", "due_on", "２０２４年１月５日", "2024-01-05"),
    ("milestones", "due_on", "2024年 1月 5号", "2024-01-05"),
    ("milestones", "due_on", "2024/1/5 0:00", "2024-01-05"),
    ("milestones", "due_on", "20240105", "2024-01-05"),
    ("sources", "sha256", "AB" * 32, "ab" * 32),
    ("sources", "condition", "redacted、garbled", "redacted;garbled"),
    ("organizations", "uscc", "11340400mb1234567x", "11340400MB1234567X"),
]
UNSAFE = [
    ("targets", "value", "2.7万", "2.7"),
    ("targets", "value", "95%", "95"),
    ("targets", "value", "约204人次", "204"),
    ("targets", "value", "1.2E+05", "120000"),
    ("milestones", "due_on", "45296", "2024-01-05"),
    ("domains", "cofog_code", "9", "09"),
    ("targets", "target_id", "huainan_2024_t01", "huainan-2024-t01"),
]
NOTHING = [
    ("targets", "value", "12,34"),
    ("targets", "value", "1,0000"),
    ("targets", "value", "很多"),
    ("targets", "value", "5:5"),
    ("targets", "value", "3-5"),
    ("targets", "value", "9" * 30),
    ("targets", "year_stated", "也许"),
    ("targets", "comparator", "大概"),
    ("milestones", "due_on", "1/5/2024"),
    ("milestones", "due_on", "2024年1月"),
    ("milestones", "due_on", "2024-13-01"),
    ("milestones", "due_on", "2024/2/30"),
    ("milestones", "due_on", "2024/1.5"),
    ("domains", "sdg_goal", "１８"),
    ("citations", "printed", " 98％ "),
    ("targets", "value", "2.7"),
    ("targets", "note_zh", " 任何文字"),
]


@pytest.mark.parametrize(("name", "field", "text", "value"), SAFE)
def test_other_notations_of_a_value_are_safe(name: str, field: str, text: str, value: str) -> None:
    assert suggest(table(name).field(field), text) == Fix(value, safe=True)


@pytest.mark.parametrize(("name", "field", "text", "value"), UNSAFE)
def test_what_needs_a_thought_is_offered_but_not_safe(name: str, field: str, text: str, value: str) -> None:
    assert suggest(table(name).field(field), text) == Fix(value, safe=False)


@pytest.mark.parametrize(("name", "field", "text"), NOTHING)
def test_what_may_mean_two_things_or_is_right_is_not_offered(name: str, field: str, text: str) -> None:
    assert suggest(table(name).field(field), text) is None


FIELDS = [field for each in curated_tables() for field in each.fields]


@given(st.sampled_from(FIELDS), st.text(alphabet="0123456789０５.,，-−/年月日eE+% ab是万:'\n", max_size=12))
def test_a_suggestion_is_a_value_the_column_takes(field: object, text: str) -> None:
    known = next(each for each in FIELDS if each is field)
    found = suggest(known, text)
    if found is not None:
        assert holds(known, found.value)
        assert not holds(known, text)
        assert suggest(known, found.value) is None


def test_labels_and_other_spellings_mean_one_value_each() -> None:
    for field in FIELDS:
        assert {value for _, value in field.aliases} <= set(field.values)
        for spelling, value in field.aliases:
            assert suggest(field, spelling) == Fix(value, safe=True), (field.name, spelling)


# ------------------------------------------------------------------------------------------------ registers


@pytest.fixture(scope="module")
def known() -> Registers:
    return registers(read(FIXTURES / "shili"))


@pytest.mark.parametrize(
    ("register", "name", "jurisdiction", "key"),
    [
        ("units", "人", "", "person"),
        ("units", "万人", "", "wan-person"),
        ("units", "Ten thousand persons", "", "wan-person"),
        ("units", "%", "", "percent"),
        ("organizations", "市教育局", "990100", "shili-education"),
        ("organizations", "示例市教育局", "990100", "shili-education"),
        ("organizations", "市教育局", "990000", None),
        ("organizations", "市教育局", "", None),
        ("domains", "教育", "", "education"),
        ("jurisdictions", "示例市", "", "990100"),
        ("units", "亩", "", None),
    ],
)
def test_a_name_means_the_record_that_alone_bears_it(
    known: Registers, register: str, name: str, jurisdiction: str, key: str | None
) -> None:
    assert known.find(register, name, jurisdiction) == (Fix(key, safe=True) if key else None)


def test_a_name_of_two_records_means_none(data_folder: Path) -> None:
    append_line(data_folder, "reference/unit_symbols.csv", "人,wan-person")
    assert registers(read(data_folder)).find("units", "人") is None


def file_of(reading: Reading, name: str) -> CuratedFile:
    return next(file for file in reading.files if file.table.name == name)


@pytest.mark.parametrize(
    ("name", "field", "key_column", "key", "text", "found"),
    [
        ("targets", "unit_code", "target_id", "shili-2030-t01-02", "人", "person"),
        ("assignments", "organization_id", "printed_name", "市教育局", "示例市民政局", "shili-civil-affairs"),
        ("organizations", "predecessor_id", "organization_id", "shili-education", "示例市劳动局", "shili-labour"),
        ("indicators", "concept_code", "indicator_id", "shili-2030-i01-01", "社区食堂数", "community-canteens"),
        ("tasks", "parent_task_id", "task_id", "shili-2030-02", "稳定城镇就业", None),
        ("assignments", "organization_id", "printed_name", "市教育局", "", None),
    ],
)
def test_a_row_says_where_a_name_holds(
    data_folder: Path, name: str, field: str, key_column: str, key: str, text: str, found: str | None
) -> None:
    """A unit of an assignment is looked for in the jurisdiction of the programme in whose folder the row lies."""
    path = table(name).path.format(programme_id="shili-2030")
    set_cell(data_folder, path, key_column, key, field, text)
    reading = read(data_folder)
    file = file_of(reading, name)
    (record,) = [r for r in file.records if r.cells[file.table.names.index(key_column)] == key]
    reference = foreign_key_of(name, field)
    assert reference is not None
    expected = Fix(found, safe=True) if found else None
    assert registers(reading).suggest(file, record, reference) == expected


@pytest.mark.parametrize(
    ("text", "fix"),
    [
        ("示例市民政局", Fix("shili-civil-affairs", safe=True)),
        ("Shili-Education", Fix("shili-education", safe=True)),
        ("shili-educations", Fix("shili-education")),
        ("邻市某局", None),
    ],
    ids=["a name", "another notation", "a misspelt key", "nothing known"],
)
def test_validate_says_what_a_broken_reference_means(data_folder: Path, text: str, fix: Fix | None) -> None:
    """Only the reference says it: what merely has the right form may not exist."""
    path = table("assignments").path.format(programme_id="shili-2030")
    set_cell(data_folder, path, "printed_name", "市教育局", "organization_id", text)
    findings = [f for f in validate(data_folder, NO_TEXTS).report.findings if f.place.field == "organization_id"]
    fixes = {finding.code: finding.fix for finding in findings}
    assert fixes.get("constraint-error") is None
    assert fixes["organization-unregistered"] == fix

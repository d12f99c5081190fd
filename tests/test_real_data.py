"""The curated programmes: what the documents promise must be in the data, and the data must hold."""

import csv
import json
from decimal import Decimal
from pathlib import Path

import pytest

from pipeline.sources import NO_TEXTS, find_texts
from pipeline.validation import Validation, validate
from pipeline.verification import account_of, read_lock

FOLDER = Path(__file__).parent.parent / "datapackage"
HUAINAN = FOLDER / "programmes" / "huainan-2024"


@pytest.fixture(scope="module")
def validation() -> Validation:
    return validate(FOLDER)


def rows(name: str) -> list[dict[str, str]]:
    with (HUAINAN / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_nothing_is_wrong_and_nothing_is_left_unchecked(validation: Validation) -> None:
    assert validation.report.findings == ()
    assert validation.report.not_checked == ()


def test_the_lock_stands_in_for_absent_texts() -> None:
    report = validate(FOLDER, NO_TEXTS).report
    assert (report.findings, report.not_checked) == ((), ())


NUMERALS = {
    "dalian-2023-2025": 163,
    "dongguan-2020-2021": 155,
    "huainan-2024": 569,
    "jiangmen-2023-2027": 122,
    "mingshan-2023-2025": 288,
}


@pytest.mark.parametrize(("source_id", "numerals"), NUMERALS.items())
def test_every_numeral_of_a_source_is_accounted_for(validation: Validation, source_id: str, numerals: int) -> None:
    source = validation.data.find("sources", source_id)
    assert source is not None
    text = find_texts(FOLDER).get(source["sha256"])
    if text is None:
        pytest.skip("the source text is not at hand; the lock is tested instead")
    account = account_of(validation.data, source_id, text)
    assert (account.unaccounted, account.double_claimed) == ((), ())
    assert account.digits == account.cited + account.excluded == numerals


def test_the_lock_records_complete_accounts() -> None:
    sources = read_lock(FOLDER).sources
    assert {name: entry.account["digits"] for name, entry in sources.items()} == NUMERALS
    assert all(e.account["digits"] == e.account["cited"] + e.account["excluded"] for e in sources.values())


def test_most_targets_belong_to_a_concept(validation: Validation) -> None:
    """Cities can be compared only through concepts: at least 60 % of the targets of each programme have one."""
    for programme in NUMERALS:
        concepts = [
            indicator["concept_code"]
            for target in validation.data.tables["targets"]
            if target.key.startswith(programme)
            and (indicator := validation.data.find("indicators", target["indicator_id"]))
        ]
        assert sum(concept is not None for concept in concepts) >= 0.6 * len(concepts), programme


def test_every_concept_is_used(validation: Validation) -> None:
    """No orphan vocabulary: a concept without an indicator compares nothing."""
    used = {row["concept_code"] for row in validation.data.tables["indicators"]}
    assert {row.key for row in validation.data.tables["concepts"]} <= used


def test_every_item_and_measure_of_the_document_is_a_task() -> None:
    tasks = rows("tasks.csv")
    assert [t["number"] for t in tasks if t["kind"] == "task"] == [str(n) for n in range(1, 51)]
    assert sum(t["kind"] == "measure" for t in tasks) == 172
    led = {a["task_id"] for a in rows("assignments.csv") if a["role"] == "lead"}
    assert led == {t["task_id"] for t in tasks if t["kind"] == "task"}


@pytest.mark.parametrize(
    ("start", "end", "printed", "comparator", "value", "unit"),
    [
        (2332, 2337, "98%以上", "ge", "98", "percent"),
        (2338, 2345, "95.5%以上", "ge", "95.5", "percent"),
    ],
)
def test_a_citation_leads_from_the_characters_to_the_value(
    start: int, end: int, printed: str, comparator: str, value: str, unit: str
) -> None:
    cited = [c for c in rows("citations.csv") if (c["start"], c["end"]) == (str(start), str(end))]
    assert [c["printed"] for c in cited] == [printed]
    target = next(t for t in rows("targets.csv") if t["target_id"] == cited[0]["target_id"])
    assert (target["comparator"], target["value"], target["unit_code"]) == (comparator, value, unit)


def test_the_headline_is_one_target_with_a_citation_for_each_place() -> None:
    citations = [c for c in rows("citations.csv") if c["target_id"] == "huainan-2024-t01-01"]
    assert [c["printed"] for c in citations] == ["2.7万人左右", "2.7万人左右"]


def test_the_parts_of_disability_rehabilitation_add_up() -> None:
    values = {t["target_id"]: Decimal(t["value"]) for t in rows("targets.csv") if t["value"]}
    whole = "huainan-2024-t10-01"
    parts = [
        link["from_target_id"]
        for link in rows("links.csv")
        if (link["to_target_id"], link["kind"]) == (whole, "part_of")
    ]
    assert sorted(values[part] for part in parts) == [84, 829, 1163, 5268]
    assert sum(values[part] for part in parts) == values[whole] == 7344


def test_masked_lead_units_are_resolved_with_evidence() -> None:
    with (FOLDER / "reference" / "organization_names.csv").open(encoding="utf-8", newline="") as file:
        masked = [row for row in csv.DictReader(file) if "*" in row["printed_name"]]
    assert len(masked) >= 11
    assert all(row["resolution"] == "redacted" and row["evidence"] for row in masked)


def test_the_repository_carries_no_sentence_of_a_source(validation: Validation) -> None:
    """Facts carry over, sentences do not: no tracked data row repeats 26 characters of a document."""
    texts = [text.text for text in find_texts(FOLDER).by_hash.values()]
    if not texts:
        pytest.skip("the source texts are not at hand")
    grams = {gram for text in texts for gram in _grams(text)}
    for path in sorted(FOLDER.rglob("*.csv")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            assert grams.isdisjoint(_grams(line)), f"{path.name}:{number}"


def _grams(text: str, length: int = 26) -> set[str]:
    plain = "".join(c for c in text if c.isalnum() or c in "%.·")
    return {plain[i : i + length] for i in range(len(plain) - length + 1)}


def test_the_descriptor_names_every_file() -> None:
    descriptor = json.loads((FOLDER / "datapackage.json").read_text(encoding="utf-8"))
    described = {resource["path"] for resource in descriptor["resources"]}
    present = {path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.csv")}
    assert described == present

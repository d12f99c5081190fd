"""The marts of the real programmes: contracts, figures an analyst relies on, and what the README prints."""

import re
from functools import partial
from pathlib import Path

import duckdb
import pytest

from pipeline import transformation
from pipeline import warehouse as warehouse_stage
from pipeline.dataset import Dataset
from pipeline.querying import query
from pipeline.tables import Table, mart_tables
from pipeline.validation import validate
from pipeline.warehouse import Build, EarlyBuild, WarehouseError, build, prepare_dbt
from pipeline.worker import Worker
from tests.editing import set_cell
from tests.examples import answer, commands


def test_every_model_data_test_and_unit_test_ran(built: Build) -> None:
    assert built.nodes["model"] >= 35
    assert built.nodes["test"] >= len(mart_tables())
    assert built.nodes["unit_test"] >= 5


@pytest.mark.slow
def test_a_mart_that_differs_from_its_schema_fails_the_build(data_folder: Path, tmp_path: Path) -> None:
    """Checks come before: what gets past them is built here in spite of them."""
    targets = "programmes/shili-2030/targets.csv"
    set_cell(data_folder, targets, "target_id", "shili-2030-t01-01", "basis", "someday")
    set_cell(data_folder, "reference/organizations.csv", "organization_id", "shili-education", "kind", "club")
    made = build(validate(data_folder).data, tmp_path / "build", unit_tests=False)
    assert made.path is None
    failed = {failure.node: failure.rows for failure in made.failures}
    assert failed["targets_is_as_described"] == ("column_name=basis, value=someday, problem=not registered",)
    assert set(failed["lead_unit_ledger_is_as_described"]) == {
        "column_name=organization_kind, value=club, problem=not registered"
    }


@pytest.mark.parametrize("table", mart_tables(), ids=lambda table: str(table.name))
def test_a_mart_is_what_its_schema_says(warehouse: Path, table: Table) -> None:
    described = query(
        warehouse,
        "SELECT column_name, comment FROM duckdb_columns() "
        f"WHERE table_name = '{table.name}' AND schema_name = 'main' ORDER BY column_index",
    )
    assert tuple(name for name, _ in described.rows) == table.names
    assert all(comment for _, comment in described.rows)
    key = ", ".join(table.primary_key)
    assert query(warehouse, f"SELECT count(*) - count(DISTINCT ({key})) FROM {table.name}").rows == ((0,),)


def test_the_programme_amounts_to_what_the_document_says(warehouse: Path) -> None:
    summary = query(
        warehouse,
        "SELECT tasks, measures, promised_values, milestones FROM programme_summary "
        "WHERE programme_id = 'huainan-2024'",
    )
    assert summary.rows == ((50, 172, 163, 7),)


def test_cities_stand_side_by_side(warehouse: Path) -> None:
    found = query(
        warehouse,
        "SELECT jurisdiction_zh, year, CAST(value AS DOUBLE) FROM concept_comparison "
        "WHERE concept_code = 'childcare-places-per-1000' ORDER BY year, jurisdiction_zh",
    )
    assert found.rows == (("明山区", 2023, 4.1), ("淮南市", 2024, 4.86), ("大连市", 2025, 4.5), ("明山区", 2025, 4.5))


def test_what_stands_in_the_way_of_comparing_is_said(warehouse: Path) -> None:
    """A district among cities, a total of three years, a minimum beside an exact number."""
    found = query(
        warehouse,
        "SELECT not_comparable_because FROM concept_comparison WHERE concept_code = 'elderly-home-adaptation' "
        "AND jurisdiction_zh = '明山区' AND year = 2025",
    )
    assert found.rows == (("several_years;other_level;other_comparator",),)


def test_a_trajectory_leads_from_the_baseline_to_the_target(warehouse: Path) -> None:
    found = query(
        warehouse,
        "SELECT point, year, CAST(value AS INT), CAST(change_base AS INT) FROM trajectories "
        "WHERE jurisdiction_zh = '东莞市' AND concept_code = 'subsistence-allowance-urban' ORDER BY position",
    )
    assert found.rows == (("baseline", 2019, 980, None), ("target", 2021, 1060, 80))


@pytest.mark.parametrize(
    ("target", "base", "unit"),
    [
        ("huainan-2024-t01-01", "27000", "person"),
        ("huainan-2024-t43-02", "350000000", "yuan"),
        ("huainan-2024-t11-04", "1000", "yuan-per-person-month"),
        ("huainan-2024-t32-01", "25000", "item"),
    ],
)
def test_values_stand_in_base_units(warehouse: Path, target: str, base: str, unit: str) -> None:
    found = query(
        warehouse, f"SELECT CAST(value_base AS BIGINT), base_unit_code FROM targets WHERE target_id = '{target}'"
    )
    assert found.rows == ((int(base), unit),)


def test_measures_take_their_lead_unit_over_from_the_task(warehouse: Path) -> None:
    found = query(
        warehouse, "SELECT lead_units_zh FROM tasks WHERE task_id IN ('huainan-2024-12', 'huainan-2024-12-m3')"
    )
    assert found.rows == (("淮南市残疾人联合会",), ("淮南市残疾人联合会",))


def test_the_ledger_leads_where_the_document_names_the_lead_at_a_goal(warehouse: Path) -> None:
    """Jiangmen prints its leads at ten goals; all twenty-five tasks below them are led, and say by what."""
    found = query(
        warehouse,
        "SELECT count(DISTINCT l.task_id), bool_and(l.inherited), bool_and(goal.kind = 'overall_goal') "
        "FROM lead_unit_ledger l JOIN tasks goal ON goal.task_id = l.assigned_task_id "
        "WHERE l.programme_id = 'jiangmen-2023-2027' AND l.task_kind = 'task' AND l.role = 'lead'",
    )
    assert found.rows == ((25, True, True),)


def test_the_ledger_names_the_leads_that_tasks_name(warehouse: Path) -> None:
    found = query(
        warehouse,
        "SELECT tasks.task_id FROM tasks LEFT JOIN "
        "(SELECT task_id, string_agg(organization_zh, '、' ORDER BY position) AS leads "
        "FROM lead_unit_ledger WHERE role = 'lead' GROUP BY task_id) AS ledger USING (task_id) "
        "WHERE tasks.lead_units_zh IS DISTINCT FROM ledger.leads",
    )
    assert found.rows == ()


def test_what_is_due_each_year_has_a_deadline_each_year(warehouse: Path) -> None:
    found = query(
        warehouse,
        "SELECT count(*), count(DISTINCT deadline_id), sum(CAST(year(due_on) = t.end_year AS INT)) "
        "FROM deadlines JOIN targets t ON t.target_id = deadline_id WHERE t.basis = 'each_year'",
    )
    assert found.rows == ((116, 38, 38),)


def test_amounts_of_two_years_are_no_change(warehouse: Path) -> None:
    """Four pairs of service areas in 2024 and one in 2026 are five, not three fewer."""
    found = query(
        warehouse,
        "SELECT basis, start_year, year, comparable, change_base FROM trajectories "
        "WHERE target_id = 'jiangmen-2023-2027-t17-03' ORDER BY position",
    )
    assert found.rows == (("during", 2024, 2024, False, None), ("during", 2026, 2026, False, None))
    assert query(warehouse, "SELECT count(*) FROM trajectories WHERE NOT comparable AND change_base <> 0").rows == (
        (0,),
    )


def test_every_programme_counts_its_own_promises(warehouse: Path) -> None:
    """One promise of Huainan is for the whole province, and Huainan's all the same."""
    found = query(
        warehouse,
        "SELECT jurisdiction_en, programme_jurisdiction_en FROM targets WHERE target_id = 'huainan-2024-t37-01' "
        "UNION ALL SELECT NULL, programme_jurisdiction_en FROM targets GROUP BY ALL HAVING count(*) = 163",
    )
    assert found.rows == (("Anhui", "Huainan"), (None, "Huainan"))


def test_the_database_is_read_only_and_refuses_clearly(warehouse: Path) -> None:
    for statement in ("DROP TABLE targets", "SELEC 1", "SELECT * FROM nowhere"):
        with pytest.raises(WarehouseError):
            query(warehouse, statement)


PAGES = {("README.md", "README.zh-CN.md"): 5, ("docs/comparing-cities.md", "docs/comparing-cities.zh-CN.md"): 4}


@pytest.mark.parametrize(("page", "examples"), [(page, count) for pair, count in PAGES.items() for page in pair])
def test_a_page_prints_what_its_queries_return(
    warehouse: Path, page: str, examples: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    shown = commands(page)
    assert len(shown) == examples
    for example in shown:
        assert answer(warehouse, example.code) == example.output


@pytest.mark.parametrize(("english", "chinese"), PAGES)
def test_both_languages_ask_the_same(english: str, chinese: str) -> None:
    def asked(page: str) -> list[str]:
        return [re.sub(r"_(zh|en)\b", "_*", example.code) for example in commands(page)]

    assert asked(english) == asked(chinese)


def test_a_build_that_began_early_is_thrown_away_with_an_error(
    data_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[Path] = []
    load = warehouse_stage.load

    def seen(connection: duckdb.DuckDBPyConnection, data: Dataset) -> None:
        load(connection, data)
        loaded.extend(out.glob("building.*.duckdb"))

    monkeypatch.setattr(warehouse_stage, "load", seen)
    out = tmp_path / "build"
    targets = data_folder / "programmes" / "shili-2030" / "targets.csv"
    header, *rows = targets.read_text(encoding="utf-8").splitlines()
    at = header.split(",").index("end_year")
    cells = rows[0].split(",")
    cells[at] = "2020"  # before its first year: every cell sound, and wrong
    targets.write_text("\n".join([header, ",".join(cells), *rows[1:]]) + "\n", encoding="utf-8")
    with Worker(partial(prepare_dbt, out)) as worker, EarlyBuild(out, worker) as early:
        validation = validate(data_folder, meanwhile=early.begin)
        assert not validation.report.ok
    assert [path.name for path in loaded] == ["building.warehouse.duckdb"]
    assert [path.name for path in out.iterdir() if path.name not in (".lock", "dbt")] == []


def test_what_dbt_has_kept_may_be_damaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The project is read anew then, and nothing is written before rows are found sound."""
    monkeypatch.setattr(transformation, "_READ", {})
    kept = tmp_path / "partial_parse.msgpack"
    kept.write_bytes(b"\xc1 is never used in MessagePack")
    transformation.prepare("building.warehouse.duckdb", tmp_path)
    (project,) = transformation._READ.values()
    assert "model.minsheng.attainment" in project.manifest.nodes
    assert kept.read_bytes().startswith(b"\xc1")


def test_a_build_begins_early_only_with_sound_cells(data_folder: Path) -> None:
    begun: list[Dataset] = []
    assert validate(data_folder, meanwhile=begun.append).data is begun[0]
    (data_folder / "reference" / "units.csv").write_text("unit_code\nx,y\n", encoding="utf-8")
    validate(data_folder, meanwhile=begun.append)
    assert len(begun) == 1

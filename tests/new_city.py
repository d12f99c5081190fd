"""A small invented programme, row by row, as a steward of another city would write it."""

import csv
from collections.abc import Mapping
from pathlib import Path

Cells = Mapping[str, str]

PROGRAMME = "quanzhou-2027"
TEXT = "泉州示例清单(虚构)\n2027年\n1.增设托位不少于200个。牵头单位:市****委。\n"
FACTS = {
    "indicator_zh": "新增托位数",
    "value": 200,
    "lead_units_zh": "泉州市卫生健康委员会",
    "printed": "不少于200个",
}


def _span(printed: str) -> Cells:
    start = TEXT.index(printed)
    return {"source_id": PROGRAMME, "start": str(start), "end": str(start + len(printed)), "printed": printed}


ROWS: Mapping[str, tuple[Cells, ...]] = {
    "reference/organizations.csv": (
        {
            "organization_id": "quanzhou-health",
            "jurisdiction_code": "350500",
            "name_zh": "泉州市卫生健康委员会",
            "name_en": "Quanzhou Health Commission",
            "kind": "government_department",
        },
    ),
    "reference/organization_names.csv": (
        {
            "jurisdiction_code": "350500",
            "printed_name": "市****委",
            "organization_id": "quanzhou-health",
            "resolution": "redacted",
            "evidence": "托育由市卫生健康委主管(虚构)",
        },
    ),
    f"programmes/{PROGRAMME}/tasks.csv": (
        {
            "task_id": "quanzhou-2027-01",
            "programme_id": PROGRAMME,
            "kind": "task",
            "locator": "1",
            "number": "1",
            "title_zh": "增加托育服务",
            "title_en": "More childcare",
            "domain_code": "childcare",
        },
    ),
    f"programmes/{PROGRAMME}/assignments.csv": (
        {
            "task_id": "quanzhou-2027-01",
            "role": "lead",
            "position": "1",
            "printed_name": "市****委",
            "organization_id": "quanzhou-health",
        },
    ),
    f"programmes/{PROGRAMME}/indicators.csv": (
        {
            "indicator_id": "quanzhou-2027-i01-01",
            "task_id": "quanzhou-2027-01",
            "name_zh": "新增托位数",
            "name_en": "New childcare places",
            "measure_type": "count",
            "unit_code": "item",
            "direction": "higher",
            "aggregation": "sum",
            "jurisdiction_code": "350500",
        },
    ),
    f"programmes/{PROGRAMME}/targets.csv": (
        {
            "target_id": "quanzhou-2027-t01-01",
            "indicator_id": "quanzhou-2027-i01-01",
            "kind": "target",
            "basis": "during",
            "start_year": "2027",
            "end_year": "2027",
            "year_stated": "false",
            "comparator": "ge",
            "value": "200",
            "unit_code": "item",
            "quantified": "numeral",
        },
    ),
    f"programmes/{PROGRAMME}/citations.csv": (
        {
            "citation_id": "quanzhou-2027-t01-01-c1",
            "target_id": "quanzhou-2027-t01-01",
            **_span("不少于200个"),
        },
    ),
    f"programmes/{PROGRAMME}/exclusions.csv": (
        {**_span("2027年"), "reason": "period"},
        {**_span("1"), "reason": "item_number"},
    ),
    f"programmes/{PROGRAMME}/caveats.csv": (
        {
            "caveat_id": "quanzhou-2027-v01-01",
            "table": "assignments",
            "record_id": "quanzhou-2027-01/lead/1",
            "kind": "redaction",
            "text_zh": "名称被遮蔽,依据见单位印刷名称表",
            "text_en": "The name is masked; see the evidence in organization_names",
        },
    ),
}


def fill_in(folder: Path) -> None:
    """Add the rows to the tables that `init` and `add-programme` have laid out."""
    for path, rows in ROWS.items():
        with (folder / path).open("r+", encoding="utf-8", newline="") as file:
            header = next(csv.reader(file))
            file.seek(0, 2)
            writer = csv.DictWriter(file, header, restval="", lineterminator="\n")
            writer.writerows(rows)

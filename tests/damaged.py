"""One report to show in every format: a copy of the fictional data folder with a dozen faults of different kinds."""

from dataclasses import replace
from pathlib import Path

from pipeline.findings import Finding, Fix, Place, Report
from pipeline.sources import NO_TEXTS
from pipeline.validation import validate
from tests.editing import append_line, quoted, rewrite_bytes, set_cell, set_label

_HERE = "programmes/shili-2030"
NASTY = "<b>]]>\u202e\ud800\x00|`\"',\r\n"


def damage(folder: Path) -> None:
    """Break the data folder in ways that stewards do and in ways that only an attacker would."""
    targets, indicators = f"{_HERE}/targets.csv", f"{_HERE}/indicators.csv"
    set_cell(folder, targets, "target_id", "shili-2030-t01-01", "unit_code", "wan-persn")
    set_cell(folder, targets, "target_id", "shili-2030-t03-02", "value", '=HYPERLINK("//x.example";"看")')
    set_cell(folder, targets, "target_id", "shili-2030-t02-01", "end_year", "<script>alert('1')</script>")
    set_cell(folder, targets, "target_id", "shili-2030-t02-02", "value", "12.5")
    set_cell(
        folder, indicators, "indicator_id", "shili-2030-i01-05", "concept_code", '两行\n第二行,含"引号"和 | 与 `代码`'
    )
    set_cell(folder, indicators, "indicator_id", "shili-2030-i02-02", "measure_type", "\x07\x1b[31m红")
    set_cell(folder, f"{_HERE}/milestones.csv", "milestone_id", "shili-2030-d03-01", "due_on", "2030/6/30")
    set_cell(folder, f"{_HERE}/assignments.csv", "task_id", "shili-2030-02", "organization_id", "shili-\u202ecivil")
    set_cell(
        folder, f"{_HERE}/citations.csv", "citation_id", "shili-2030-t02-02-c1", "printed", "@all #1 www.x.example"
    )
    set_label(folder, f"{_HERE}/tasks.csv", "title_en", "title_eng")
    append_line(folder, "reference/units.csv", "case,件,case,cases,case,1,1,{case},NUM,true")
    append_line(folder, f"{_HERE}/exclusions.csv", "")
    rewrite_bytes(folder, f"{_HERE}/links.csv", lambda content: content.decode().encode("gb18030"))
    waiver = ("formula-injection", "shili-2030-t02-02-c1", "原文 <b>如此</b> | `印`", "市统计局 @综合科", "2099-12-31")
    header = "code,record,reason,owner,review_by"
    (folder / "waivers.csv").write_text(f"{header}\n{','.join(map(quoted, waiver))}\n", encoding="utf-8", newline="\n")
    (folder / _HERE / "targets 副本 100%.csv").write_bytes(b"target_id\n")


def damaged_report(folder: Path) -> Report:
    """What validation says of the damaged folder, with a value no text file can hold: a lone surrogate and a NUL."""
    damage(folder)
    report = validate(folder, NO_TEXTS).report
    place = Place(f"{_HERE}/observations.csv", 2, 1, "I", "unit_code", f"shili-2030-{NASTY}")
    impossible = Finding("unit-unknown", place, NASTY, {"target": "units.csv", "nearest": ""}, Fix(NASTY))
    return replace(report, findings=(*report.findings, impossible), folder="data/shili")

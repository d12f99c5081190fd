"""The state of a data folder, for a person on one screen or as JSON."""

import json
from dataclasses import asdict
from typing import Any

from pipeline.language import Language, Text
from pipeline.reports.visible import visible
from pipeline.status import NO_SOURCE, NOT_VERIFIED, STALE, VERIFIED, ProgrammeStatus, Status
from pipeline.tables import table

_VERIFICATION = {
    VERIFIED: Text("已核对", "verified"),
    STALE: Text("核对之后改动过", "changed since it was verified"),
    NOT_VERIFIED: Text("尚未核对", "not verified"),
    NO_SOURCE: Text("尚未登记来源", "no source registered"),
}


def render(status: Status, language: Language, form: str) -> str:
    """Render as `text` or `json`."""
    if form == "json":
        return json.dumps(_content(status), ensure_ascii=False, indent=2)
    lines = [_package(status)(language), *([status.report.notice(language)] if status.report.notice else [])]
    for programme in status.programmes:
        lines += ["", *(visible(line) for line in _programme(programme, language))]
    report = status.report
    counted, unchecked = _counted(report.errors, report.warnings), len(report.not_checked)
    total = Text(
        f"全部数据:{counted.zh},{unchecked} 条未检查",
        f"all data: {counted.en}, {unchecked} not checked",
    )
    return "\n".join([*lines, "", total(language)])


def _package(status: Status) -> Text:
    released = status.released
    last = (
        Text(f"最近发布 {released}", f"last release {released}") if released else Text("尚未发布", "not released yet")
    )
    if status.package is None:
        return Text("package.toml 缺失或有误", "package.toml is missing or faulty")
    name = f"{status.package.name} {status.package.version}"
    count = len(status.programmes)
    return Text(f"{name} — {count} 个方案,{last.zh}", f"{name} — programmes: {count}, {last.en}")


def _programme(programme: ProgrammeStatus, language: Language) -> list[str]:
    rows = ", ".join(f"{table(name).title(language)} {count}" for name, count in programme.rows.items() if count)
    numerals = programme.numerals
    account = Text("数字账目未知(原文不在手边)", "numerals unknown (no text at hand)")
    if numerals is not None:
        account = Text(
            f"数字 {numerals.digits} 处:引证 {numerals.cited},排除 {numerals.excluded},无着落 {numerals.unaccounted}",
            f"{numerals.digits} numerals: {numerals.cited} cited, {numerals.excluded} excluded, "
            f"{numerals.unaccounted} unaccounted",
        )
    title = Text(programme.title_zh, programme.title_en)
    return [
        f"{programme.programme_id}  {title(language)}",
        f"  {rows or Text('还没有数据行', 'no rows yet')(language)}",
        f"  {account(language)} — {_VERIFICATION[programme.verification](language)}",
        f"  {_counted(programme.errors, programme.warnings)(language)}",
    ]


def _counted(errors: int, warnings: int) -> Text:
    return Text(
        f"{errors} 个错误,{warnings} 个警告",
        f"{errors} error{'' if errors == 1 else 's'}, {warnings} warning{'' if warnings == 1 else 's'}",
    )


def _content(status: Status) -> dict[str, Any]:
    report, package = status.report, status.package
    return {
        **({"notice": report.notice.both} if report.notice else {}),
        "package": {"name": package.name, "version": package.version} if package else None,
        "released": status.released,
        "programmes": [{**asdict(programme), "targets": programme.rows["targets"]} for programme in status.programmes],
        "counts": {"error": report.errors, "warning": report.warnings, "not_checked": len(report.not_checked)},
    }

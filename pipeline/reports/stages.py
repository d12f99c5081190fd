"""What a build or a release came to, in a few lines."""

from pathlib import Path

from pipeline.gate import Outcome
from pipeline.language import Language, Text
from pipeline.release.publish import Outcomes, Released
from pipeline.reports.text import render as render_report
from pipeline.warehouse import Build


def built(build: Build, language: Language) -> str:
    """What a build came to, and what failed in it."""
    if build.ok:
        counts = ", ".join(f"{count} {kind}" for kind, count in sorted(build.nodes.items()))
        return Text(f"已构建 {build.path}(dbt: {counts})", f"built {build.path} (dbt: {counts})")(language)
    lines = [Text("dbt 构建失败:", "the dbt build failed:")(language)]
    for failure in build.failures:
        lines.append(f"  ✗ {failure.node}: {failure.message}")
        lines += [f"      {row}" for row in failure.rows]
    return "\n".join(lines)


def released(result: Released, store: Path, language: Language) -> str:
    """What a release came to and, where it was refused, why and what to do."""
    entry = result.entry
    match result.outcome:
        case Outcomes.RELEASED if entry:
            place = store / entry.path
            return Text(f"已发布 {place}", f"released {place}")(language)
        case Outcomes.UNCHANGED if entry:
            return Text(
                f"自 {entry.version} 版以来没有变化,无需发布",
                f"nothing changed since {entry.version}; nothing to release",
            )(language)
        case Outcomes.VERSION_TAKEN if entry:
            return Text(
                f"数据有变化,但 {entry.version} 版已经发布,不予改动;请提高 datapackage/package.toml 中的 version",
                f"the data changed, but version {entry.version} is already released and is never changed; "
                "raise `version` in datapackage/package.toml",
            )(language)
        case Outcomes.VERSION_LOWER if entry:
            return Text(
                f"已发布过更高的 {entry.version} 版;请提高 datapackage/package.toml 中的 version",
                f"version {entry.version} is already released; raise `version` in datapackage/package.toml above it",
            )(language)
        case Outcomes.NOT_VERIFIED:
            return Text(
                "有行在核对之后改动过,不予发布;请先运行 minsheng verify",
                "rows were changed since they were verified; run minsheng verify first",
            )(language)
        case Outcomes.EMPTY:
            return Text(
                "还没有任何承诺值(targets.csv 均为空),不予发布:空的版本没有可用的数据,却会占用版本号",
                "there is no promised value yet (every targets.csv is empty); nothing is released: an empty version "
                "would hold nothing to use and take up its number",
            )(language)
        case Outcomes.INVALID if result.report:
            refused = Text("数据未通过检查,不予发布", "the data did not pass; nothing is released")(language)
            return f"{render_report(result.report, language)}\n{refused}"
        case Outcomes.BUILD_FAILED if result.build:
            return built(result.build, language)
        case Outcomes.GATE_CLOSED:
            return _gate([outcome for outcome in result.gate if not outcome.passed], language)
        case _:
            errors = (result.referee or {}).get("errors", [])
            shown = "\n".join(f"  ✗ {error.get('message', error)}" for error in errors[:10])
            verdict = Text(
                "frictionless 未通过数据包,不予发布:",
                "frictionless refused the package; nothing is released:",
            )
            return f"{verdict(language)}\n{shown}"


def _gate(failed: list[Outcome], language: Language) -> str:
    lines = [Text("发布关卡未通过,不予发布:", "the gate is closed; nothing is released:")(language)]
    for outcome in failed:
        shown = ", ".join(outcome.keys[:5]) or outcome.error
        lines.append(f"  ✗ {outcome.expectation.mart}: {outcome.expectation.title(language)} — {shown}")
    return "\n".join(lines)

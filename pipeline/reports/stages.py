"""What a build or a release came to, in a few lines."""

from pathlib import Path

from pipeline.fiction import NOTICE
from pipeline.language import Language, Text
from pipeline.release.publish import Outcomes, Released
from pipeline.release.stores import release_place
from pipeline.reports.required import lines
from pipeline.reports.text import render as render_report
from pipeline.warehouse import Build

_STOP = Text(";", "; ")
_REFUSED = {
    Outcomes.NOT_VERIFIED: Text(
        "有行在核对之后改动过,不予发布;请先运行 minsheng verify",
        "rows were changed since they were verified; run minsheng verify first",
    ),
    Outcomes.EMPTY: Text(
        "还没有任何承诺值(targets.csv 均为空),不予发布:空的版本没有可用的数据,却会占用版本号",
        "there is no promised value yet (every targets.csv is empty); nothing is released: an empty version "
        "would hold nothing to use and take up its number",
    ),
}


def built(build: Build, language: Language) -> str:
    """What a build came to, and what failed in it."""
    if build.ok:
        counts = ", ".join(f"{count} {kind}" for kind, count in sorted(build.nodes.items()))
        said = Text(f"已构建 {build.path}(dbt: {counts})", f"built {build.path} (dbt: {counts})")(language)
        return f"{said}\n{NOTICE(language)}" if build.fictional else said
    lines = [Text("dbt 构建失败:", "the dbt build failed:")(language)]
    for failure in build.failures:
        lines.append(f"  ✗ {failure.node}: {failure.message}")
        lines += [f"      {row}" for row in failure.rows]
    return "\n".join(lines)


def released(result: Released, store: str | Path, language: Language) -> str:
    """What a release came to and, where it was refused, why and what to do."""
    entry = result.entry
    match result.outcome:
        case Outcomes.RELEASED if entry:
            place = release_place(store, entry.path)
            said = Text(f"已发布 {place}", f"released {place}")(language)
            return f"{said}\n{NOTICE(language)}" if result.fictional else said
        case Outcomes.UNCHANGED if entry and entry.withdrawn:
            return Text(
                f"自 {entry.version} 版以来没有变化,而该版已于 {entry.withdrawn.withdrawn_on} 撤回;"
                "改正数据并提高 version 后再发布",
                f"nothing changed since {entry.version}, which was withdrawn on {entry.withdrawn.withdrawn_on}; "
                "correct the data, raise `version` and release again",
            )(language)
        case Outcomes.UNCHANGED if entry:
            return Text(
                f"自 {entry.version} 版以来没有变化,无需发布",
                f"nothing changed since {entry.version}; nothing to release",
            )(language)
        case Outcomes.VERSION_TAKEN if entry:
            taken = Text(
                f"数据有变化,但 {entry.version} 版已经发布,不予改动",
                f"the data changed, but version {entry.version} is already released and is never changed",
            )
            return _version(taken, result, language)
        case Outcomes.VERSION_LOWER if entry:
            lower = Text(f"已发布过更高的 {entry.version} 版", f"version {entry.version} is already released")
            return _version(lower, result, language)
        case Outcomes.VERSION_TOO_LOW:
            low = Text(
                "版本号低于变更所要求的,不予发布", "the version is too low for what changed; nothing is released"
            )
            return _version(low, result, language)
        case Outcomes.FICTION_AMONG_REAL if entry:
            return _apart(entry.version, result.fictional)(language)
        case Outcomes.NOT_VERIFIED | Outcomes.EMPTY:
            return _REFUSED[result.outcome](language)
        case Outcomes.INVALID if result.report:
            refused = Text("数据未通过检查,不予发布", "the data did not pass; nothing is released")(language)
            return f"{render_report(result.report, language)}\n{refused}"
        case Outcomes.BUILD_FAILED if result.build:
            return built(result.build, language)
        case Outcomes.GATE_CLOSED if result.gate:
            closed = Text("发布关卡未通过,不予发布", "the gate is closed; nothing is released")(language)
            return f"{render_report(result.gate.report, language)}\n{closed}"
        case _:
            errors = (result.referee or {}).get("errors", [])
            shown = "\n".join(f"  ✗ {error.get('message', error)}" for error in errors[:10])
            verdict = Text(
                "frictionless 未通过数据包,不予发布:",
                "frictionless refused the package; nothing is released:",
            )
            return f"{verdict(language)}\n{shown}"


def _apart(version: str, fictional: bool) -> Text:
    """Why fiction and real data do not share a store."""
    todo = Text("请用 --store 另指发布仓库", "name another store with --store")
    if fictional:
        return Text(
            f"本数据为虚构,而该发布仓库的 {version} 版是真实数据,不予发布;{todo.zh}",
            f"these data are fictional, and version {version} of this store is real; nothing is released; {todo.en}",
        )
    return Text(
        f"本数据为真实数据,而该发布仓库的 {version} 版是虚构的,不予发布;{todo.zh}",
        f"these data are real, and version {version} of this store is fictional; nothing is released; {todo.en}",
    )


def _version(problem: Text, result: Released, language: Language) -> str:
    """A refused version, which one to write, and why."""
    requirement = result.requirement
    if requirement is None or not requirement.version:
        todo = Text("请提高 package.toml 中的 version", "raise `version` in package.toml")
        return f"{problem(language)}{_STOP(language)}{todo(language)}"
    todo = Text(
        f'请在 package.toml 中写 version = "{requirement.version}" 或更高',
        f'write version = "{requirement.version}" or higher in package.toml',
    )
    why = Text(f"与 {requirement.since} 版相比:", f"compared with version {requirement.since}:")
    reasons = list(lines(requirement, language)) if requirement.since else []
    return "\n".join(
        [f"{problem(language)}{_STOP(language)}{todo(language)}", *([why(language), *reasons] if reasons else [])]
    )

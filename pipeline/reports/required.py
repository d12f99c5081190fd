"""Why a release needs the version it needs, for a person."""

from collections.abc import Iterator

from pipeline.language import Language, Text
from pipeline.release.kinds import WORDS
from pipeline.release.versioning import Level, Reason, Requirement
from pipeline.reports.visible import visible

LEVEL_WORDS = {
    Level.NONE: Text("没有变化", "no change"),
    Level.PATCH: Text("修订(第三位)", "patch"),
    Level.MINOR: Text("次版本(第二位)", "minor"),
    Level.MAJOR: Text("主版本(第一位)", "major"),
}


def verdict(requirement: Requirement) -> Text:
    """What the changes ask of the version, in one sentence."""
    if requirement.level is Level.NONE:
        return Text("数据没有变化,不需要新版本", "nothing changed; no new version is needed")
    word = LEVEL_WORDS[requirement.level]
    if not requirement.version:
        return Text(f"变更级别:{word.zh}", f"level of the changes: {word.en}")
    return Text(
        f"变更级别:{word.zh};新版本至少为 {requirement.version}",
        f"level of the changes: {word.en}; the new version is at least {requirement.version}",
    )


def because(reason: Reason) -> Text:
    """One reason with its first examples."""
    word, level = WORDS[reason.kind], LEVEL_WORDS[reason.level]
    named = ", ".join(visible(name, 80) for name in reason.examples)
    more = reason.count - len(reason.examples)
    more_zh, more_en = (f" 等 {reason.count:,} 处", f" and {more:,} more") if more > 0 else ("", "")
    about_zh, about_en = (f"({named}{more_zh})", f" ({named}{more_en})") if named else ("", "")
    table = visible(reason.table) or "datapackage.json"
    return Text(
        f"{level.zh}:{table} {word.zh} × {reason.count:,}{about_zh}",
        f"{level.en}: {table}, {word.en} × {reason.count:,}{about_en}",
    )


def gravest(requirement: Requirement) -> tuple[Reason, ...]:
    """The reasons that decide the level."""
    return tuple(reason for reason in requirement.reasons if reason.level is requirement.level)


def lines(requirement: Requirement, language: Language) -> Iterator[str]:
    """The reasons that decide, one a line."""
    for reason in gravest(requirement):
        yield f"  {because(reason)(language)}"

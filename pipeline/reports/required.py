"""Why a release needs the version it needs, for a person."""

from collections.abc import Iterator

from pipeline.language import Language, Text
from pipeline.release.kinds import WORDS
from pipeline.release.store import Entry
from pipeline.release.versioning import Level, Reason, Requirement
from pipeline.reports.visible import visible

LEVEL_WORDS = {
    Level.NONE: Text("没有变化", "no change"),
    Level.PATCH: Text("修订级", "patch"),
    Level.MINOR: Text("增补级", "minor"),
    Level.MAJOR: Text("重大级", "major"),
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
    word = WORDS[reason.kind]
    named = ", ".join(visible(name, 80) for name in reason.examples)
    more = reason.count - len(reason.examples)
    more_zh, more_en = (f" 等 {reason.count:,} 处", f" and {more:,} more") if more > 0 else ("", "")
    about_zh, about_en = (f"({named}{more_zh})", f" ({named}{more_en})") if named else ("", "")
    table = visible(reason.table) or "datapackage.json"
    return Text(f"{table} {word.zh} × {reason.count:,}{about_zh}", f"{table}, {word.en} × {reason.count:,}{about_en}")


def gravest(requirement: Requirement) -> tuple[Reason, ...]:
    """The reasons that decide the level."""
    return tuple(reason for reason in requirement.reasons if reason.level is requirement.level)


def lines(requirement: Requirement, language: Language) -> Iterator[str]:
    """The reasons that decide, one a line."""
    for reason in gravest(requirement):
        level = LEVEL_WORDS[reason.level]
        said = because(reason)
        yield Text(f"  {level.zh}:{said.zh}", f"  {level.en}: {said.en}")(language)


def withdrawn(entry: Entry, latest: Entry | None) -> Text:
    """What a withdrawal came to."""
    to_zh, to_en = (latest.version, latest.version) if latest else ("(无)", "none")
    return Text(
        f"{entry.version} 版已撤回,文件未动;latest 现为 {to_zh}",
        f"version {entry.version} is withdrawn, its files are as they were; latest is now {to_en}",
    )

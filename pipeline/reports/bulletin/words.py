"""What only a bulletin puts into words: signs of statuses, causes of changes, periods, units in charge, targets."""

from collections.abc import Callable, Iterable, Sequence

from pipeline.bulletin.state import State, Target
from pipeline.language import Language, Text
from pipeline.marts import Unit
from pipeline.periods import Period
from pipeline.reports import wording

# A sign beside the colour, for readers who see none.
SIGNS = {
    "overdue": "✕",
    "at_risk": "◆",
    "behind": "▲",
    "on_track": "●",
    "achieved": "✓",
    "no_data": "○",
    "not_measurable": "–",
}
CAUSES = {
    "revised": Text("目标调整", "target revised"),
    "withdrawn": Text("目标取消", "target withdrawn"),
    "new_figure": Text("新报数字", "new figure"),
    "corrected": Text("数字更正", "figure corrected"),
    "time": Text("时间推移", "time passed"),
}


def promised(target: Target) -> Text:
    """The value to be reached, or that the target was withdrawn."""
    return wording.amount(None if target.reason == "withdrawn" else target)


# What tells a target from another one of its indicator: more is said only where less is the same.
_APART: tuple[Callable[[Target], Text], ...] = (
    wording.span,
    promised,
    lambda target: Text(f"“{target.printed}”", f"“{target.printed}”"),
)


def apart(target: Target, state: State) -> Text:
    """What tells a target from others of its indicator in the programme; nothing where it is the only one."""
    same = (each for each in state.targets if each.indicator_id == target.indicator_id)
    others = [each for each in same if each.target_id != target.target_id]
    said: list[Text] = []
    for tell in _APART:
        if others:
            said.append(tell(target))
            others = [each for each in others if tell(each) == said[-1]]
    return Text("，".join(each.zh for each in said), ", ".join(each.en for each in said))


def period(of: Period) -> Text:
    """2030年第三季度 and the like."""
    year, _, part = of.text.partition("-")
    if not part:
        return Text(f"{year}年", year)
    if part.startswith("S"):
        half = {"S1": Text("上半年", "first half"), "S2": Text("下半年", "second half")}[part]
        return Text(f"{year}年{half.zh}", f"{half.en} of {year}")
    if part.startswith("Q"):
        nth = {"Q1": ("一", "first"), "Q2": ("二", "second"), "Q3": ("三", "third"), "Q4": ("四", "fourth")}[part]
        return Text(f"{year}年第{nth[0]}季度", f"{nth[1]} quarter of {year}")
    return Text(f"{year}年{int(part)}月", f"{of.start:%B} {year}")


def units(of: Iterable[Unit], language: Language, most: int | None = None) -> str:
    """Names of units, of more than `most` the first; of a promise that names none, that nobody is named."""
    names = [unit.name(language) for unit in of]
    if not names:
        return Text("文件未写明", "none named")(language)
    return listed(names, language, most)


def listed(names: Sequence[str], language: Language, most: int | None = None) -> str:
    """Names in a row, of more than `most` the first and how many there are."""
    shown = names if most is None or len(names) <= most + 1 else names[:most]
    joined = ("、" if language == "zh" else "; ").join(shown)
    left = len(names) - len(shown)
    return joined + Text(f"等{len(names)}个", f" and {left} more")(language) if left else joined

"""Sentences of a bulletin that hold figures, in Chinese and English."""

from collections.abc import Sequence
from datetime import date

from pipeline.bulletin.making import Bulletin
from pipeline.bulletin.ranking import LEAST_SHARE, LEAST_TARGETS, Asked, Place
from pipeline.bulletin.state import GREEN, RED, YELLOW, Headline, Target, unknown
from pipeline.bulletin.state import overdue as over
from pipeline.language import Language, Text
from pipeline.marts import OwedFigure
from pipeline.reports import wording
from pipeline.reports.bulletin import words


def _months(of: date) -> Text:
    return Text(f"{of.year}年{of.month}月底", f"the end of {of:%B %Y}")


def subject(made: Bulletin) -> Text:
    programme = made.state.programme
    period = words.period(made.edition.period)
    return Text(f"{programme.title.zh}：{period.zh}进展通报", f"{programme.title.en} – bulletin, {period.en}")


def known(made: Bulletin) -> Text:
    day = made.edition.day
    return Text(f"反映截至{wording.day(day).zh}已知的情况", f"As known on {wording.day(day).en}")


def lead(made: Bulletin, now: Headline) -> Text:
    """The state in one sentence or two; where nothing is reported, what is promised and by when."""
    end = _months(made.edition.period.end)
    targets = Text(
        f"本方案共提出目标{now.targets}项，其中{now.promised}项有数字。",
        f"The programme sets {_count(now.targets, 'target')}, {now.promised} of them with a number.",
    )
    if not now.measured:
        years = [target.end_year for target in made.state.targets if target.reason != "withdrawn"]
        until = wording.years(min(years), max(years)) if years else None
        due = Text(f"目标在{until.zh}年到期。", f" They fall due in {until.en}.") if until else wording.NOTHING
        return Text(
            f"{targets.zh}{due.zh}到{end.zh}，没有可据以评判的填报，进展情况不明。"
            "本通报只列明承诺了什么、何时到期、由谁负责，不推测进度。",
            f"{targets.en}{due.en} Up to {end.en} nothing is reported by which "
            "they could be judged: how far they have got is not known. "
            "This bulletin says what was promised, when it is due "
            "and who answers for it, and supposes nothing.",
        )
    of = now.counts
    return Text(
        f"{targets.zh}到{end.zh}，可评判的有{now.measured}项：绿{of.among(GREEN)}项，黄{of.among(YELLOW)}项，"
        f"红{of.among(RED)}项。另有{of['no_data']}项无数据，{of['not_measurable']}项无法衡量。",
        f"{targets.en} Up to {end.en} {now.measured} can be judged: {of.among(GREEN)} green, "
        f"{of.among(YELLOW)} yellow, {of.among(RED)} red. Of {of['no_data']} "
        f"there is no data, and {of['not_measurable']} cannot be measured.",
    )


def since(made: Bulletin) -> Text:
    """What moved since the bulletin before, in a sentence; there must be one."""
    if made.before is None:
        return first(made)
    moved = [change for change in made.before.changes if change.has_moved]
    worse = sum(change.is_worse for change in moved)
    revised = sum(change.was.revision != change.now.revision for change in made.before.changes)
    then = words.period(made.before.edition.period)
    if not made.before.changes:
        return Text(f"与{then.zh}通报相比，状态没有变化。", f"Nothing has moved since the bulletin of the {then.en}.")
    return Text(
        f"与{then.zh}通报相比，{len(moved)}项目标的状态有变动，其中变差{worse}项；调整目标{revised}项。",
        f"Since the bulletin of the {then.en} the status of {_count(len(moved), 'target')} has moved, "
        f"{worse} for the worse; {_count(revised, 'target')} revised.",
    )


def first(made: Bulletin) -> Text:
    length = words.period(made.edition.period)
    return Text(
        f"{length.zh}是本方案按此周期的第一期，没有上期可比。",
        f"This is the first bulletin of the programme for periods of this length ({length.en}): "
        "there is none before to compare with.",
    )


def before(count: int | None) -> Text:
    return Text(f"上期{count}", f"before: {count}")


def overdue(made: Bulletin) -> Text:
    late = len(over(made.state))
    risk = sum(target.status == "at_risk" for target in made.state.targets)
    if late or risk:
        return Text(
            f"逾期未完成的目标{late}项，有风险的目标{risk}项。",
            f"{_count(late, 'target')} overdue, {_count(risk, 'target')} at risk.",
        )
    ended = len(unknown(made.state))
    if ended:
        return Text(
            f"已到期的目标中有{ended}项没有填报，是否完成不得而知。",
            f"Of {_count(ended, 'target')} whose last day is over nothing is reported: whether they were kept is not "
            "known.",
        )
    return Text("据已填报的数字，没有逾期或有风险的目标。", "By what is reported, no target is overdue or at risk.")


def owed(of: Sequence[OwedFigure]) -> Text:
    units = len({each.unit.organization_id for each in of})
    figures = len({(each.indicator, each.year) for each in of})
    return Text(
        f"{units}个单位应报的年末数有{figures}个已过填报期限。共同牵头的，由其中任何一个单位填报即可。",
        f"{_count(figures, 'year-end figure')} of {_count(units, 'unit')} are past the day on which they were owed. "
        "Where several units lead, the report of one settles it.",
    )


def revised(was: Text, now: Text) -> Text:
    if was == now:
        return wording.NOTHING
    return Text(f"目标{was.zh} → {now.zh}", f"target {was.en} → {now.en}")


def nobody(count: int) -> Text:
    return Text(f"另有{count}项，文件未写明责任单位。", f"Of {count} more the document names no unit.")


def trend(target: Target, language: Language) -> str:
    """A trend in words: first and last value, and the target."""
    start, end = target.points[0], target.points[-1]
    values = [wording.quantity(point.value, target.unit)(language) for point in (start, end)]
    goal = words.promised(target)(language)
    return Text(
        f"{start.to}：{values[0]}，{end.to}：{values[1]}，目标{goal}",
        f"{values[0]} on {start.to}, {values[1]} on {end.to}, target {goal}",
    )(language)


def reached(target: Target, language: Language) -> str:
    """The last value beside the target, for the caption of a trend."""
    last = wording.quantity(target.points[-1].value, target.unit)(language)
    return Text(f"{last}，目标{words.promised(target).zh}", f"{last}, target {words.promised(target).en}")(language)


def more(count: int) -> Text:
    return Text(f"另有{count}项目标，见数字表（CSV）。", f"{_count(count, 'more target')}: see the figures (CSV).")


def ending(count: int, left: int) -> Text:
    return Text(f"{count}项目标到期，尚未完成的{left}项", f"{_count(count, 'target')} due, {left} not yet achieved")


def tasks(count: int) -> Text:
    return Text(f" {count}项任务", f" {_count(count, 'task')}")


def all_targets(count: int) -> Text:
    return Text(f"全部{count}项目标", f"All {_count(count, 'target')}")


_EVERY = {
    "": Text("", ""),
    "month": Text("每月", " every month"),
    "quarter": Text("每季", " every quarter"),
    "half_year": Text("每半年", " every half-year"),
    "year": Text("每年", " every year"),
}


def asked(of: Asked) -> Text:
    """Who asks for the ranking, in which words, and of what."""
    what = (
        Text("整个方案", "the whole programme")
        if of.covers == "programme"
        else Text(f"“{of.task.zh}”", f"“{of.task.en}”")
    )
    whom = Text("责任单位", "units in charge") if of.is_of_units else Text("下级政府", "counties and districts")
    return Text(
        f"文件（{of.locator}）写有“{of.printed}”：要求{_EVERY[of.every].zh}对{whom.zh}排名，范围为{what.zh}。",
        f"The document ({of.locator}, “{of.printed}”) asks that {whom.en} be ranked{_EVERY[of.every].en} on {what.en}.",
    )


RANKING_RULE = Text(
    "先比可评判目标中正常或已完成的比重，再比平均进度（完成÷应达，单项最高按100%计）；相同者名次并列。"
    f"可评判的目标少于{LEAST_TARGETS}项，或不足应评目标的{wording.per_cent(LEAST_SHARE)}的单位不排名次。"
    "各单位目标的多少和难易不同，请与目标数一并阅读。",
    "By the share of measured targets that are on track or achieved, then by the mean of completion ÷ expected (no "
    f"target counts for more than 100%); equal ones share a rank. A unit with fewer than {LEAST_TARGETS} measured "
    f"targets, or with less than {wording.per_cent(LEAST_SHARE)} of "
    "those that can be, is not ranked. Units differ in how many "
    "targets they have and how hard these are: read ranks with the number of targets.",
)


def on_course(place: Place) -> str:
    return f"{place.on_course} / {place.measured}"


def unranked(place: Place) -> Text:
    return Text(
        f"可评判{place.measured}项，应评{place.measurable}项：不排名次",
        f"{place.measured} of {place.measurable} measured: not ranked",
    )


def method(made: Bulletin) -> tuple[Text, ...]:
    """How the figures are made, in the words a reader needs."""
    state, edition = made.state, made.edition
    period = words.period(edition.period)
    yellow, red = f"{made.limits.yellow_below:.0%}", f"{made.limits.red_below:.0%}"
    said = [
        Text(
            f"数据：责任单位对{period.zh}及以前各期的填报，{wording.day(edition.day).zh}以前作出的；每期取最新更正。"
            "该日以前生效的目标调整已计入。",
            f"Data: reports of the units in charge for the {period.en} and before, made by "
            f"{wording.day(edition.day).en}, each in its latest correction; targets as revised by that day.",
        ),
        Text(
            "应达进度：目标期已过的时间所占比重，有分年步骤的按步骤；"
            f"完成÷应达不低于{yellow}为绿，不低于{red}为黄，再低为红。"
            "只分守住与否、达到与否的目标，按是否守住、是否达到评判。",
            "Expected: the share of the target’s period that has passed, or the steps on the way to it. Completion ÷ "
            f"expected of at least {yellow} is green, of at least {red} yellow, below that red. What can only be kept "
            "or broken, reached or not, is judged so.",
        ),
        Text(
            "无数据：没有可计的填报。无法衡量：承诺没有数字、目标已取消，或填报的数字不能与承诺相比。"
            "两者都不计为完成，也不计为未完成。",
            "No data: nothing was reported that counts. Not measurable: "
            "no number is promised, the target was withdrawn, "
            "or what is reported cannot be compared with it. Neither counts as kept nor as missed.",
        ),
    ]
    if state.others:
        said.append(
            Text(
                f"另有{state.others}项待遇标准或费用分担，不是进度目标，未计入。",
                f"Benefit standards and shares of cost ({state.others} in the document) are no targets to progress "
                "towards, and are left out.",
            )
        )
    if not made.rankings:
        said.append(
            Text("文件没有要求对责任单位排名，故不排名。", "The document asks for no ranking, so there is none.")
        )
    return tuple(said)


def _count(count: int, one: str, many: str = "") -> str:
    return f"{count} {one if count == 1 else many or one + 's'}"

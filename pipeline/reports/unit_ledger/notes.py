"""What a reader must know beside the lines: whose ledger, of which day, read from what, judged how."""

from collections import Counter

from pipeline import __version__
from pipeline.fiction import MARK
from pipeline.language import Text
from pipeline.reports import wording
from pipeline.transformation import thresholds
from pipeline.unit_ledger.model import Ledger

NONE_PROMISED = Text("未写数量目标", "no number promised")
NO_FIGURES = Text(
    "截至本日，这些任务没有任何填报；状态因此为“无数据”，不等于没有开展工作。",
    "By this day nothing was reported for these tasks. Their status is therefore “no data”, which does not say that "
    "nothing was done.",
)
NOTHING_OWED = Text("没有应报未报的年末数。", "No figure for the end of a year is outstanding.")
NO_HISTORY = Text(
    "没有填报或目标调整，因此没有过程可列。", "Nothing was reported or revised, so there is no course to show."
)
NO_CALENDAR = Text("没有写明期限的事项。", "Nothing with a last day.")


def title(ledger: Ledger) -> Text:
    """What every file, sheet and page of the ledger is headed; of what is invented it begins with the mark."""
    mark = MARK if ledger.fictional else Text("", "")
    return Text(f"{mark.zh}{ledger.unit.zh}工作任务台账", f"{mark.en}Ledger of tasks: {ledger.unit.en}")


def day(ledger: Ledger) -> Text:
    on = ledger.as_of
    return Text(f"截至{wording.day(on).zh}", f"As of {wording.day(on).en}")


def facts(ledger: Ledger) -> list[tuple[Text, Text]]:
    """What the ledger is of, each with its label."""
    lines = [
        (Text("单位", "Unit"), Text(f"{ledger.unit.zh}（{ledger.unit_id}）", f"{ledger.unit.en} ({ledger.unit_id})")),
        (Text("截至日", "As of"), Text(ledger.as_of.isoformat(), ledger.as_of.isoformat())),
    ]
    for programme in ledger.programmes:
        lines.append((Text("方案", "Programme"), programme.title))
        cited = map(wording.source, programme.sources)
        lines += [(Text("依据原文", "Source"), Text(source, source)) for source in cited]
    late = sum(each.late for each in ledger.owed)
    lines.append((Text("行数", "Lines"), counts(ledger)))
    lines.append((Text("状态", "Status"), by_status(ledger)))
    lines.append(
        (
            Text("应报年末数", "Figures owed"),
            Text(
                f"应报未报{late}项，未到期{len(ledger.owed) - late}项，已报{ledger.settled}项",
                f"{late} overdue, {len(ledger.owed) - late} due but not late, {ledger.settled} reported",
            ),
        )
    )
    return lines


def counts(ledger: Ledger) -> Text:
    lead = sum("lead" in each.duty.roles for each in ledger.entries)
    goals = sum(each.goal is not None for each in ledger.entries)
    total = len(ledger.entries)
    return Text(
        f"共{total}行：牵头{lead}行，责任{total - lead}行；有目标的{goals}行",
        f"{total} lines: {lead} in the lead, {total - lead} responsible; {goals} with a target",
    )


def by_status(ledger: Ledger) -> Text:
    number = Counter(each.goal.standing.status for each in ledger.entries if each.goal)
    told = [(wording.status(code), count) for code, count in number.most_common()]
    return Text(
        "、".join(f"{label.zh}{count}项" for label, count in told) or "—",
        ", ".join(f"{label.en} {count}" for label, count in told) or "—",
    )


def method() -> list[Text]:
    """How the ledger is made, with the thresholds in force."""
    limits = thresholds()
    yellow, red, late = f"{limits.yellow_below:.0%}", f"{limits.red_below:.0%}", limits.report_due_days
    return [
        Text(
            "列入：方案写明由本单位牵头或负责的任务；任务自己在某一角色未写明单位的，沿用最近一级上级任务的单位。"
            "配合单位列在责任单位中。每个目标一行；没有数量目标的任务也列一行。",
            "Listed are the tasks the programme names the unit for, as lead or as responsible; where a task names none "
            "in a role, the units of the nearest task above hold. Supporting units are among those responsible. One "
            "line a target; a task without a number has a line, too.",
        ),
        Text(
            "数值：目标为截至日有效的承诺，最初的承诺见“目标调整”；填报以截至日及以前修订号最大的为准，更正前的见“进展填报”。"
            "“实际值”按指标的口径由各期填报汇总，并换算为目标的单位。",
            "Values: a target is the promise in force on the day, the first one stands under “revisions”; of a report "
            "the latest revision made by the day counts, earlier ones are among the figures reported. The actual value "
            "is made up of the periods reported, in the unit of the target.",
        ),
        Text(
            f"状态：完成度与应达进度相比，达到{yellow}为正常（绿），不足{yellow}为滞后（黄），不足{red}为有风险（红）；"
            "期限已过而未达到为逾期（红）；没有可计的填报为无数据。只有守住与突破之分的目标不计完成度。",
            f"Status: completion against what is expected; from {yellow} on track (green), below {yellow} behind "
            f"(yellow), below {red} at risk (red). Not reached by its last day: overdue (red). Nothing reported that "
            "counts: no data. A target that is only kept or broken has no degree of completion.",
        ),
        Text(
            f"应报：每年年末数在年后{late}天内填报，由牵头单位负责，没有牵头单位的由责任单位负责；任一单位报了即为已报。",
            f"Owed: the figure at the end of a year within {late} days, by the lead units or, where there are none, by "
            "those responsible; a report of any unit settles it.",
        ),
        Text(
            f"由 minsheng {__version__} 从数据文件夹生成；公式见 docs/attainment.zh-CN.md。",
            f"Made from the data folder by minsheng {__version__}; the formulas are in docs/attainment.md.",
        ),
    ]

"""Labels of a bulletin, in Chinese and English."""

from pipeline.language import Text

KIND = Text("民生实事进展通报", "Livelihood programme bulletin")
SKIP = Text("跳到正文", "Skip to the bulletin")
OTHER = Text("English", "中文")
NUMBERS = Text("全部数字（CSV）", "All figures (CSV)")

OVERVIEW = Text("总体情况", "Overview")
ATTENTION = Text("逾期、风险与责任单位", "Overdue, at risk, and who answers for it")
CHANGES = Text("与上期相比", "Changes since the last bulletin")
DOMAINS = Text("各领域情况", "By domain")
TASKS = Text("任务完成情况", "Tasks by status")
PROGRESS = Text("完成度与应达进度", "Completion against what is expected")
TRENDS = Text("各期数字", "Figures over time")
RANKING = Text("排名", "Ranking")
AHEAD = Text("今后一年到期", "Due in the year ahead")
METHOD = Text("方法与来源", "Method and sources")

BY_STATUS = Text("目标按状态分布", "Targets by status")
CURRENT = Text("已报至期末", "reported to the end of the period")
NO_DATA = Text("无数据", "no data")

TARGETS = Text("目标", "Targets")
IN_CHARGE = Text("责任单位", "Unit in charge")
PROMISED = Text("承诺", "Promised")
UNKNOWN = Text("已到期而没有填报的目标", "Targets that are over and unreported")
THEN_NOW = Text("上期 → 本期", "Then → now")
FIGURES = Text("数字", "Figures")
DOMAIN = Text("领域", "Domain")
COUNT = Text("目标数", "Targets")
CHART = Text("图示", "Chart")
LAST_YEAR = Text("最迟年份", "By")
WHEN = Text("时间", "When")
RANK = Text("名次", "Rank")
ON_COURSE = Text("正常或已完成", "On track or achieved")
PACE = Text("平均进度", "Mean pace")

RED_TARGETS = Text("逾期和有风险的目标", "Targets overdue and at risk")
OWED = Text("应报未报的年末数", "Year-end figures not reported")
PASSED = Text("本期内到期的时间节点", "Dates of the document that fell in this period")
NOT_RECORDED = Text(
    "文件规定的时间节点。是否如期交付，数据中没有记载，由责任单位答复。",
    "Dates set by the document. Whether they were met is not in the data: the unit in charge can say.",
)
NO_CHANGE = Text("各项目标的状态与上期相同，也没有目标调整。", "No status has moved since, and no target was revised.")
NO_TARGETS = Text("未提出数量目标", "no target stated")
TASKS_RULE = Text(
    "一项任务有多个目标的，按其中已可评判的最差一项归类；右侧列出各目标的状态。",
    "A task with several targets stands where the worst of those that can be judged stands; the marks count them all.",
)
PROGRESS_RULE = Text(
    "色条为完成度，细线为目标（100%），粗竖线为按时间应达的进度。条在粗线左侧即为落后。",
    "The bar is completion, the thin line the whole target, the thick mark what is expected by now. "
    "A bar that ends left of the mark is behind.",
)
TRENDS_RULE = Text(
    "每点为一次填报后的实际值，虚线为现行目标。刻度各图不同。",
    "Each point is the actual value after a report, the dashed line the target in force. Scales differ.",
)

NOT_RANKED = Text(
    "填报以单位为单元，没有各下级政府的数字，因此不能据以排名。",
    "Reports are those of units and hold no figures of counties and districts, so none can be ranked by them.",
)
SOURCE = Text("承诺的来源", "What was promised is read from")
FORMULAS = Text(
    "各公式及其理由见 docs/attainment.zh-CN.md，数字的做法见 docs/bulletins.zh-CN.md。",
    "Formulas and reasons: docs/attainment.md; how each figure is made: docs/bulletins.md.",
)

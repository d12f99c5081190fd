"""The words of the HTML page that are its own, in both languages."""

from pipeline.language import Text

TITLE = Text("数据检查报告", "Data check report")
SKIP = Text("跳到正文", "Skip to the findings")
ERRORS = Text("错误", "errors")
WARNINGS = Text("警告", "warnings")
UNCHECKED = Text("未检查", "not checked")
WAIVED = Text("已豁免", "waived")
FILES = Text("文件", "files read")
ROWS = Text("数据行", "data rows")
TO_DO = Text("要改什么", "What to correct")
BY_FILE = Text("按文件查看", "File by file")
SHOW = Text("显示", "Show")
ALL = Text("全部", "all")
RULE = Text("规则", "Rule")
COUNT = Text("处数", "Count")
IN_FILES = Text("文件数", "Files")
HOW_TO_FIX = Text("如何改正", "How to fix")
CELL = Text("单元格", "Cell")
VALUE = Text("现有值", "Value")
PROBLEM = Text("问题", "What is wrong")
FIX = Text("可改为", "Fix")
WHOLE_FILE = Text("整个文件", "whole file")
SAFE = Text("可直接采用", "safe to apply")
NOT_PASSED = Text(
    "未检查不等于通过。改正有关错误后再检查一次。",
    "Not checked is not passed. Correct the errors named and check again.",
)
STILL_THERE = Text(
    "这些问题仍在,只是按 waivers.csv 暂时接受。",
    "These are still there; waivers.csv accepts them for a time.",
)
OWNER = Text("负责人", "Who answers for it")
UNTIL = Text("复核期限", "Review by")
WHY = Text("原因", "Why")
RULES = Text("规则说明", "The rules explained")
WHEN = Text("何时出现", "When it occurs")
WRONG = Text("错误示例", "Wrong")
RIGHT = Text("正确示例", "Right")
HOW_TO_ASK = Text("规则详解:", "More about a rule:")
ASK = "minsheng explain CODE"


def more(count: int) -> Text:
    """What stands for findings or reasons that are left out."""
    return Text(f"另有 {count:,} 处(加 --all 全部列出)", f"{count:,} more (--all lists them)")

"""The rule catalogue as pages: docs/rules/<code>.md and an index, from schemas/rules.toml."""

from collections.abc import Sequence

from pipeline.language import Language, Text
from pipeline.rules import Rule, catalogue

_NOTE = "<!-- Generated from schemas/rules.toml by `minsheng docs`; change the catalogue, not this page. -->\n"
_WHEN = Text("何时出现", "When it occurs")
_EXPECTED = Text("应当如何", "What must hold")
_FIX = Text("如何改正", "How to fix")
_EXAMPLE = Text("示例", "Example")
_NO_WAIVER = Text("此规则不可豁免。", "This rule cannot be waived.")


def files() -> dict[str, str]:
    rules = catalogue()
    pages = {f"docs/rules/{code}.md": _NOTE + page(rule, ("zh", "en")) + "\n" for code, rule in rules.items()}
    return {**pages, "docs/rules/README.md": _index(list(rules.values()))}


def page(rule: Rule, languages: Sequence[Language]) -> str:
    """A rule for a reader, in one or both languages."""
    lines = [f"# {rule.code}", ""]
    for language in languages:
        lines += [
            f"**{rule.title(language)}** ({rule.severity.value})",
            "",
            f"{_WHEN(language)}: {rule.explanation(language)}",
            "",
            f"{_FIX(language)}: {rule.fix(language)}",
            "",
        ]
        if not rule.waivable:
            lines += [_NO_WAIVER(language), ""]
    shown = " / ".join(_EXAMPLE(language) for language in languages)
    lines += [f"{shown}:", "", f"    ✗ {rule.bad}", f"    ✓ {rule.good}"]
    return "\n".join(lines)


def _index(rules: Sequence[Rule]) -> str:
    lines = [
        _NOTE + "# 规则目录 / Rule catalogue",
        "",
        "| 代码 / code | 组 / group | 级别 / severity | 规则 | rule |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| [{r.code}]({r.code}.md) | {r.group} | {r.severity.value} | {r.title.zh} | {r.title.en} |" for r in rules
    ]
    return "\n".join(lines) + "\n"

"""The numeral accounts of a verification, one line a source."""

from pipeline.language import Language, Text
from pipeline.verifying import Verification, VerifiedSource


def render(verification: Verification, language: Language) -> str:
    if not verification.sources:
        return Text("尚未登记来源,没有可核对的内容", "no source is registered; there is nothing to verify")(language)
    return "\n".join(_source(source, language) for source in verification.sources)


def _source(source: VerifiedSource, language: Language) -> str:
    found = source.account
    if found is None:
        return Text(
            f"{source.source_id}: 来源文本不在手边,沿用原核对记录",
            f"{source.source_id}: the text is not at hand, the lock keeps what it has",
        )(language)
    verdict = Text("已核对", "verified") if source.locked else Text("未通过", "NOT verified")
    if not found.complete:
        verdict = Text("未通过:数字账目不完整", "NOT verified: the numeral account is incomplete")
    return Text(
        f"{source.source_id}: 数字 {found.digits} 处 = 引证 {found.cited} + 排除 {found.excluded};"
        f"无着落 {len(found.unaccounted)},重复占用 {len(found.double_claimed)} — {verdict.zh}",
        f"{source.source_id}: {found.digits} numerals = {found.cited} cited + {found.excluded} excluded; "
        f"unaccounted {len(found.unaccounted)}, double-claimed {len(found.double_claimed)} — {verdict.en}",
    )(language)

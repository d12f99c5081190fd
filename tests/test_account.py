"""The numeral account: where every digit run of a text went."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.sources import SourceText, Span
from pipeline.verification import Account, account

TEXT = SourceText("筛查率98%以上，新增204人次，其中12.5万人。")
NINETY_EIGHT, TWO_HUNDRED_FOUR, TWELVE = Span(3, 5), Span(11, 14), Span(19, 23)


def span(text: SourceText, printed: str) -> Span:
    """The only place where a token is printed."""
    (start,) = text.occurrences(printed)
    return Span(start, start + len(printed))


def test_every_digit_run_is_cited_or_excluded() -> None:
    found = account(TEXT, [span(TEXT, "98%以上"), span(TEXT, "204人次")], [span(TEXT, "12.5万人")])
    assert found == Account(digits=3, cited=2, excluded=1, unaccounted=(), double_claimed=())
    assert found.complete


def test_without_claims_everything_is_unaccounted() -> None:
    found = account(TEXT, [], [])
    assert found.unaccounted == (NINETY_EIGHT, TWO_HUNDRED_FOUR, TWELVE)
    assert not found.complete


def test_a_claim_elsewhere_accounts_for_nothing() -> None:
    assert account(TEXT, [span(TEXT, "筛查率")], [span(TEXT, "其中")]).unaccounted == TEXT.digits


def test_half_a_digit_run_is_not_accounted_for() -> None:
    """12 of 12.5 is another number."""
    found = account(TEXT, [span(TEXT, "98"), span(TEXT, "204"), span(TEXT, "中12")], [])
    assert found.unaccounted == (TWELVE,)
    assert found.cited == 2


def test_cited_and_excluded_is_claimed_twice() -> None:
    token = span(TEXT, "98%以上")
    found = account(TEXT, [token], [token])
    assert found.double_claimed == (NINETY_EIGHT,)
    assert (found.cited, found.excluded) == (0, 0)
    assert not found.complete


def test_overlapping_tokens_claim_twice() -> None:
    found = account(TEXT, [span(TEXT, "98%以上"), span(TEXT, "筛查率98%")], [])
    assert found.double_claimed == (NINETY_EIGHT,)


def test_two_halves_of_a_digit_run_claim_it_twice() -> None:
    assert account(TEXT, [span(TEXT, "12"), span(TEXT, ".5万人")], []).double_claimed == (TWELVE,)


def test_one_token_may_serve_several_rows() -> None:
    """A target and a milestone that cite the same token claim it once."""
    token = span(TEXT, "98%以上")
    found = account(TEXT, [token, token], [])
    assert found.cited == 1
    assert not found.double_claimed


def test_neighbouring_tokens_do_not_touch() -> None:
    text = SourceText("10类40项")
    assert account(text, [Span(0, 3), Span(3, 6)], []).complete


def test_a_token_may_hold_several_digit_runs() -> None:
    text = SourceText("不低于4800、6000、7200元")
    assert account(text, [Span(0, len(text.text))], []) == Account(3, 3, 0, (), ())


@pytest.mark.parametrize(
    ("text", "runs"),
    [
        ("12.5万", ["12.5"]),
        ("１２．５万", ["１２．５"]),
        ("1２.5", ["1２.5"]),
        ("第1.2.3条", ["1.2.3"]),
        ("共5.", ["5"]),
        (".5", ["5"]),
        ("1,000元", ["1", "000"]),
        ("3-5个", ["3", "5"]),
        ("1.2:1", ["1.2", "1"]),
        ("十二③²", []),
        ("", []),
    ],
)
def test_what_one_digit_run_is(text: str, runs: list[str]) -> None:
    assert [text[run.start : run.end] for run in SourceText(text).digits] == runs


def test_lines_count_from_one() -> None:
    text = SourceText("甲\n乙5\r\n丙")
    assert [text.line(offset) for offset in range(len(text.text))] == [1, 1, 2, 2, 2, 2, 3]


def plainly(text: SourceText, citations: list[Span], exclusions: list[Span]) -> Account:
    """The definition, word for word: for every digit run look at every claim."""
    cited = excluded = 0
    unaccounted, double = [], []
    for run in text.digits:
        citing = {s for s in citations if s.start < run.end and run.start < s.end}
        excluding = {s for s in exclusions if s.start < run.end and run.start < s.end}
        if len(citing) + len(excluding) >= 2:
            double.append(run)
        elif any(s.start <= run.start and run.end <= s.end for s in citing):
            cited += 1
        elif any(s.start <= run.start and run.end <= s.end for s in excluding):
            excluded += 1
        else:
            unaccounted.append(run)
    return Account(len(text.digits), cited, excluded, tuple(unaccounted), tuple(double))


def spans(longest: int) -> st.SearchStrategy[list[Span]]:
    """Token spans, at least one character long; some reach beyond the text."""
    one = st.builds(lambda start, length: Span(start, start + length), st.integers(0, longest), st.integers(1, 12))
    return st.lists(one, max_size=12)


@given(st.text("01９．.，人", max_size=50), spans(50), spans(50))
@settings(max_examples=500, deadline=None, derandomize=True)
def test_the_account_is_what_its_definition_says(text: str, citations: list[Span], exclusions: list[Span]) -> None:
    source = SourceText(text)
    found = account(source, citations, exclusions)
    assert found == plainly(source, citations, exclusions)
    assert found.digits == found.cited + found.excluded + len(found.unaccounted) + len(found.double_claimed)


@given(st.text("01.人", max_size=40), spans(40), spans(40))
@settings(max_examples=100, deadline=None, derandomize=True)
def test_the_order_of_claims_does_not_matter(text: str, citations: list[Span], exclusions: list[Span]) -> None:
    source = SourceText(text)
    assert account(source, citations[::-1], exclusions[::-1]) == account(source, citations, exclusions)

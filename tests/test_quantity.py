"""The grammar of printed quantities: examples by form, then properties."""

import time
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.quantity import Comparator, Deadline, Quantity, Worded, parse, parse_deadline, printed_year


def q(
    comparator: Comparator, value: str | int, unit: str = "", *, scale: int = 1, upper: str | int | None = None
) -> Quantity:
    """A quantity written as one reads it: q("approx", "2.7", "人", scale=10_000)."""
    return Quantity(comparator, Decimal(value), None if upper is None else Decimal(upper), scale, unit)


WAN = 10_000

PLAIN = {
    "2.7万人左右": q("approx", "2.7", "人", scale=WAN),
    "不少于204人次": q("ge", 204, "人次"),
    "98%以上": q("ge", 98, "%"),
    "6.7批次/千人": q("eq", "6.7", "批次/千人"),
    "0.6%以下": q("le", "0.6", "%"),
    "9705套(间、户)": q("eq", 9705, "套(间、户)"),
    "1.2:1": q("eq", "1.2", ":"),
    "5:5": q("eq", 1, ":"),
    "增长2倍": q("eq", 2, "倍"),
    "3-5个": q("between", 3, "个", upper=5),
    "3～5个": q("between", 3, "个", upper=5),
    "2至3万人": q("between", 2, "人", scale=WAN, upper=3),
    "4.86个": q("eq", "4.86", "个"),
    "100%": q("eq", 100, "%"),
    "≥2.55人": q("ge", "2.55", "人"),
    "1个百分点": q("eq", 1, "个百分点"),
    "3.5亿元以上": q("ge", "3.5", "元", scale=10**8),
    "200万千瓦": q("eq", 200, "千瓦", scale=WAN),
    "809人(次)": q("eq", 809, "人(次)"),
    "164": q("eq", 164),
    "不少于6": q("ge", 6),
    "不超过12个月": q("le", 12, "个月"),
    "控制在5%以内": q("le", 5, "%"),
    "至少3次": q("ge", 3, "次"),
    "低于10%": q("lt", 10, "%"),
    "超过10%": q("gt", 10, "%"),
    "约30公里": q("approx", 30, "公里"),
    "达到98%以上": q("ge", 98, "%"),
    "年均增长5%": q("eq", 5, "%"),
    "降低0.5个百分点": q("eq", "0.5", "个百分点"),
}

TRADITIONAL_AND_FULL_WIDTH = {
    "65個": q("eq", 65, "个"),
    "16萬路": q("eq", 16, "路", scale=WAN),
    "2萬多戶": q("gt", 2, "户", scale=WAN),
    "2000余個": q("gt", 2000, "个"),
    "不低於１．５萬元": q("ge", "1.5", "元", scale=WAN),
    "９８％以上": q("ge", 98, "%"),
    "１２：１": q("eq", 12, ":"),
    "9705套（間、戶）": q("eq", 9705, "套(间、户)"),
    "20億元以內": q("le", 20, "元", scale=10**8),
}

MORE_THAN = {
    "100余场": q("gt", 100, "场"),
    "2000多个": q("gt", 2000, "个"),
    "30余万人": q("gt", 30, "人", scale=WAN),
    "2万余人": q("gt", 2, "人", scale=WAN),
    "不少于100余场": q("ge", 100, "场"),
}

DENOMINATORS = {
    "每人不低于1.5万元": q("ge", "1.5", "元/人", scale=WAN),
    "每人每年1000元": q("eq", 1000, "元/人/年"),
    "每年每人1000元": q("eq", 1000, "元/人/年"),
    "每人每学年资助1500元": q("eq", 1500, "元/人/学年"),
    "平均每年每院5万元": q("eq", 5, "元/院/年", scale=WAN),
    "800元每人次": q("eq", 800, "元/人次"),
    "800元/人次": q("eq", 800, "元/人次"),
    "人均49元": q("eq", 49, "元/人"),
    "每间教室7000元": q("eq", 7000, "元/间"),
    "每个新生儿补助120元": q("eq", 120, "元/个"),
    "每家互助社具备3万元": q("eq", 3, "元/家", scale=WAN),
    "不超过每生每年10个月": q("le", 10, "个月/生/年"),
    "每生每天5元": q("eq", 5, "元/生/天"),
    "每千人6.7批次": q("eq", "6.7", "批次/千人"),
    "每人补助不低于1.5万元": q("ge", "1.5", "元/人", scale=WAN),
}

REFERENCES = {
    "不低于最低生活保障标准的1.3倍": q("ge", "1.3", "倍"),
    "不低于上年的5%": q("ge", 5, "%"),
}

LISTS = {
    "10类40项以上": (q("eq", 10, "类"), q("ge", 40, "项")),
    "不低于4800、6000、7200元/人/年": tuple(q("ge", n, "元/人/年") for n in (4800, 6000, 7200)),
    "不低于80%、75%、60%": tuple(q("ge", n, "%") for n in (80, 75, 60)),
    "90%、80%、50%": tuple(q("eq", n, "%") for n in (90, 80, 50)),
    "不低于1300元/月和1700元/月": (q("ge", 1300, "元/月"), q("ge", 1700, "元/月")),
    "1、2、3人次": tuple(q("eq", n, "人次") for n in (1, 2, 3)),
    "2、3万人": (q("eq", 2, "人", scale=WAN), q("eq", 3, "人", scale=WAN)),
    "1人、2户": (q("eq", 1, "人"), q("eq", 2, "户")),
    "5人以上10人以下": (q("ge", 5, "人"), q("le", 10, "人")),
}

SINGLE = {**PLAIN, **TRADITIONAL_AND_FULL_WIDTH, **MORE_THAN, **DENOMINATORS, **REFERENCES}


@pytest.mark.parametrize(("printed", "wanted"), SINGLE.items())
def test_one_quantity(printed: str, wanted: Quantity) -> None:
    assert parse(printed) == (wanted,)


@pytest.mark.parametrize(("printed", "wanted"), LISTS.items())
def test_lists(printed: str, wanted: tuple[Quantity, ...]) -> None:
    """A comparator printed once in front and a unit printed once at the end hold for every number of the list."""
    assert parse(printed) == wanted


@pytest.mark.parametrize(
    ("printed", "wanted"),
    [
        ("翻一番", q("eq", 2, "倍")),
        ("翻两番", q("eq", 4, "倍")),
        ("全覆盖", q("eq", 100, "%")),
        ("全额", q("eq", 100, "%")),
        ("百分之百", q("eq", 100, "%")),
        ("每月对补贴对象及发放情况复核一次", q("eq", 1, "次/月")),
        ("三个", q("eq", 3, "个")),
        ("三级", q("eq", 3, "级")),
        ("二级及以上", q("ge", 2, "级")),
        ("三级养老服务网络", None),
        ("应保尽保", None),
        ("月度", None),
        ("", None),
    ],
)
def test_words_may_state_a_quantity(printed: str, wanted: Quantity | None) -> None:
    assert parse(printed) == Worded(wanted)


@pytest.mark.parametrize("printed", ["第3", "第3批", "abc12", "新增1.2万人", "12-", "5:0", "5:0.0", "-5", ".5", "②3"])
def test_what_the_grammar_does_not_cover_is_not_read(printed: str) -> None:
    """None is “not checked”; it is never a pass."""
    assert parse(printed) is None


@pytest.mark.parametrize("printed", ["5.", "1..2", "12.5.3", "3--5个", "1-2-3个", "1_000元"])
def test_punctuation_is_no_unit(printed: str) -> None:
    assert parse(printed) is None


@pytest.mark.parametrize(
    ("printed", "whole"), [("1,000元", q("eq", 1000, "元")), ("1,234,567人", q("eq", 1234567, "人"))]
)
def test_a_thousands_separator_does_not_cut_a_number(printed: str, whole: Quantity) -> None:
    """Unread or read whole; never one thousand as a one and a nought."""
    assert parse(printed) in (None, (whole,))


def test_spaces_part_numbers_but_not_a_number_from_its_unit() -> None:
    assert parse("约 30 公里") == (q("approx", 30, "公里"),)
    assert parse("3 5个") != (q("eq", 35, "个"),)


@pytest.mark.parametrize(
    ("printed", "wanted"),
    [
        ("2万、3000元", (q("eq", 2, "元", scale=WAN), q("eq", 3000, "元"))),
        ("不低于3000万、1.2亿元", (q("ge", 3000, "元", scale=WAN), q("ge", "1.2", "元", scale=10**8))),
    ],
)
def test_a_listed_number_keeps_the_scale_printed_with_it(printed: str, wanted: tuple[Quantity, ...]) -> None:
    assert parse(printed) in (None, wanted)


@pytest.mark.parametrize(
    ("printed", "wanted"),
    [
        ("98%以上、100%", (q("ge", 98, "%"), q("eq", 100, "%"))),
        ("100余人、50人", (q("gt", 100, "人"), q("eq", 50, "人"))),
        ("3-5个、8个", (q("between", 3, "个", upper=5), q("eq", 8, "个"))),
        ("3、5-8个", (q("eq", 3, "个"), q("between", 5, "个", upper=8))),
    ],
)
def test_only_a_comparator_in_front_holds_for_a_list(printed: str, wanted: tuple[Quantity, ...]) -> None:
    """What is printed behind or inside one number says nothing of the next."""
    assert parse(printed) in (None, wanted)


def test_a_sign_behind_words_is_still_a_comparator() -> None:
    assert parse("每户补助≥100元") in (None, (q("ge", 100, "元/户"),))


@pytest.mark.parametrize(
    ("printed", "wrong"),
    [
        ("每年十二次", q("eq", 2, "次/年")),
        ("每月二十次", q("eq", 10, "次/月")),
        ("三个月", q("eq", 3, "个")),
        ("三个百分点", q("eq", 3, "个")),
        ("二十个", None),
        ("两百人", None),
        ("百分之八十", None),
        ("三分之二", None),
    ],
)
def test_numbers_in_words_are_read_right_or_not_at_all(printed: str, wrong: Quantity | None) -> None:
    """Neither half a number nor half a unit is read, and a number is not said to be none."""
    assert parse(printed) != Worded(wrong)


# ------------------------------------------------------------------------------------------------ dates


@pytest.mark.parametrize(
    ("printed", "wanted", "due"),
    [
        ("5月31日前", Deadline(None, 5, 31), date(2024, 5, 31)),
        ("５月３１日前", Deadline(None, 5, 31), date(2024, 5, 31)),
        ("到2025年", Deadline(2025, 12, 31), date(2025, 12, 31)),
        ("2025年底前", Deadline(2025, 12, 31), date(2025, 12, 31)),
        ("2024年6月底前", Deadline(2024, 6, None), date(2024, 6, 30)),
        ("2月底前", Deadline(None, 2, None), date(2024, 2, 29)),
        ("2024年2月29日", Deadline(2024, 2, 29), date(2024, 2, 29)),
        ("年底前", Deadline(None, 12, 31), date(2024, 12, 31)),
        ("12月", Deadline(None, 12, None), date(2024, 12, 31)),
    ],
)
def test_deadlines(printed: str, wanted: Deadline, due: date) -> None:
    assert parse_deadline(printed) == wanted
    assert wanted.due_in(2024) == due


@pytest.mark.parametrize(
    "printed",
    ["3月32日", "13月1日", "0月", "5月0日", "2月30日", "4月31日", "2023年2月29日", "月度", "98%以上", "", "31日"],
)
def test_what_is_no_date(printed: str) -> None:
    assert parse_deadline(printed) is None


@pytest.mark.parametrize(
    ("printed", "year", "wanted"),
    [
        ("到2025年达到90%", 2025, (q("eq", 90, "%"),)),
        ("2024年底前30个", 2024, (q("eq", 30, "个"),)),
        ("２０２４年底前，不少于30個", 2024, (q("ge", 30, "个"),)),
        ("到 2025 年 90%", 2025, (q("eq", 90, "%"),)),
        ("截至2023年底99%", 2023, (q("eq", 99, "%"),)),
        ("到2025年提高5个百分点", 2025, (q("eq", 5, "个百分点"),)),
        ("到2025年底前全覆盖", 2025, Worded(q("eq", 100, "%"))),
        ("90%", None, (q("eq", 90, "%"),)),
        ("2025年", None, (q("eq", 2025, "年"),)),
        ("2000年轻人", None, (q("eq", 2000, "年轻人"),)),
        ("3000年内", None, (q("le", 3000, "年"),)),
    ],
)
def test_the_year_of_a_promise_may_stand_in_front(
    printed: str, year: int | None, wanted: tuple[Quantity, ...] | Worded | None
) -> None:
    """It is no part of the quantity; a number of years is no year."""
    assert printed_year(printed) == year
    assert parse(printed) == wanted


def test_a_leap_day_is_due_in_leap_years_only() -> None:
    """The year is left to the context, which may have no such day."""
    leap_day = parse_deadline("2月29日前")
    assert leap_day == Deadline(None, 2, 29)
    assert leap_day.due_in(2024) == date(2024, 2, 29)
    assert leap_day.due_in(2023) is None


# ------------------------------------------------------------------------------------------------ properties

FRONT: dict[str, Comparator] = {
    "": "eq", "不少于": "ge", "不低于": "ge", "至少": "ge", "≥": "ge", "不超过": "le", "控制在": "le", "≤": "le",
    "超过": "gt", "高于": "gt", ">": "gt", "低于": "lt", "少于": "lt", "<": "lt", "约": "approx", "近": "approx",
}  # fmt: skip
BEHIND: dict[str, Comparator] = {
    "": "eq", "以上": "ge", "及以上": "ge", "以下": "le", "以内": "le", "之内": "le", "左右": "approx",
}  # fmt: skip
SCALES = {"": 1, "万": 10**4, "十万": 10**5, "百万": 10**6, "千万": 10**7, "亿": 10**8, "万亿": 10**12}
UNITS = ("人", "人次", "元", "个", "户", "%", "公里", "个百分点", "平方米", "批次/千人", "元/人/年", "套(间、户)")
PER = {"": "", "每人": "/人", "每人每年": "/人/年", "每户": "/户", "平均每院": "/院", "人均": "/人"}
TO_FULL_WIDTH = str.maketrans("0123456789.%/:()", "０１２３４５６７８９．％／：（）")
TO_TRADITIONAL = str.maketrans("万亿个户间于内条", "萬億個戶間於內條")


@dataclass(frozen=True)
class Printed:
    """A token and what it says."""

    token: str
    says: Quantity


def numbers() -> st.SearchStrategy[str]:
    whole = st.integers(0, 999_999).map(str)
    return st.one_of(whole, st.builds("{}.{}".format, whole, st.from_regex(r"\A[0-9]{1,3}\Z")))


@st.composite
def tokens(draw: st.DrawFn) -> Printed:
    """Comparator in front or behind, denominators, number, scale and unit, put together as they are printed."""
    number = draw(numbers())
    scale = draw(st.sampled_from(sorted(SCALES)))
    unit = draw(st.sampled_from(UNITS))
    per = draw(st.sampled_from(sorted(PER))) if "/" not in unit else ""
    front = draw(st.sampled_from(sorted(FRONT)))
    behind = "" if front else draw(st.sampled_from(sorted(BEHIND)))
    over = draw(st.sampled_from(["", "余", "多"])) if not (front or behind) else ""
    comparator: Comparator = FRONT[front] if front else BEHIND[behind]
    return Printed(
        f"{per}{front}{number}{over}{scale}{unit}{behind}",
        Quantity("gt" if over else comparator, Decimal(number), None, SCALES[scale], unit + PER[per]),
    )


examples = settings(max_examples=300, deadline=None, derandomize=True)


@given(tokens())
@examples
def test_a_token_says_what_it_was_made_of(printed: Printed) -> None:
    assert parse(printed.token) == (printed.says,)


@given(tokens(), st.booleans(), st.booleans())
@examples
def test_script_and_width_change_nothing(printed: Printed, traditional: bool, wide: bool) -> None:
    token = printed.token.translate(TO_TRADITIONAL) if traditional else printed.token
    assert parse(token.translate(TO_FULL_WIDTH) if wide else token) == (printed.says,)


@given(tokens(), st.text("甲乙丙吨磅xyz#@!_+*·-—.:0123456789", min_size=1, max_size=6))
@examples
def test_an_unknown_suffix_never_changes_the_value(printed: Printed, suffix: str) -> None:
    """The longer token is unread, or its unit is another, or it still says the same number."""
    read = parse(printed.token + suffix)
    assert not isinstance(read, Worded)
    for quantity in read or ():
        if quantity.unit == printed.says.unit:
            assert quantity == printed.says


@given(
    st.text(
        "0123456789０９.．%％/／:：-～（）()、,，和每人均年月日底前万萬亿余多"
        "个個以上下约不少于低增长到达翻一番次的全 \n²abcX",
        max_size=40,
    )
)
@settings(max_examples=1000, deadline=None, derandomize=True)
def test_any_text_is_read_or_refused_without_an_exception(text: str) -> None:
    read = parse(text)
    assert read is None or isinstance(read, Worded) or all(isinstance(one, Quantity) for one in read)
    deadline = parse_deadline(text)
    assert deadline is None or 1 <= deadline.month <= 12


@given(st.text(max_size=30))
@settings(max_examples=300, deadline=None, derandomize=True)
def test_any_unicode_is_read_or_refused_without_an_exception(text: str) -> None:
    parse(text)
    parse_deadline(text)


@given(st.integers(1, 9999), st.integers(0, 13), st.integers(0, 32))
@examples
def test_a_date_is_accepted_exactly_where_the_calendar_has_it(year: int, month: int, day: int) -> None:
    try:
        wanted: date | None = date(year, month, day)
    except ValueError:
        wanted = None
    read = parse_deadline(f"{year:04}年{month}月{day}日前")
    assert (read.due_in(1) if read else None) == wanted


@pytest.mark.parametrize(
    "text",
    ["每日" * 2000, "每人" * 2000 + "1", "1" + "(" * 4000, "1" + "(a)" * 1500, "1/" * 2000, "增长" * 2000 + "1",
     "不低于" * 1500 + "1", "9" * 4000 + ":7", "1" + "每年" * 2000, "的" * 4000 + "1", "1、" * 2000],
)  # fmt: skip
def test_long_tokens_are_read_in_no_time(text: str) -> None:
    start = time.perf_counter()
    parse(text)
    parse_deadline(text)
    assert time.perf_counter() - start < 1

"""The grammar of printed Chinese quantities: 「2.7万人左右」 → about 2.7, scale 10 000, unit 人.

A quantity is read from left to right as

    comparator?  per*  comparator?  reference?  number (range)?  余?  scale?  余?  unit  per*  comparator?

where `per` is a denominator written in front (每人每年1000元) or behind (元/人/年, 元每人次). Several quantities in one
token (不低于4800、6000、7200元/人/年; 10类40项以上) are read one by one; a comparator printed once in front and a unit
printed once at the end hold for the whole list, as in the 分别 lists of official prose.

Words state quantities too (全覆盖, 翻一番, 每月一次). A token without any numeral that states no number is read as
`Worded` without a value; a token with digits that the grammar cannot consume whole is not read at all, and the caller
must say so: an unread token is never a pass.
"""

import re
from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Literal

Comparator = Literal["eq", "ge", "gt", "le", "lt", "approx", "between"]


@dataclass(frozen=True)
class Quantity:
    """One printed quantity.

    `value` and `upper` are the printed numbers (not multiplied by `scale`); `unit` is the printed unit in canonical
    form: Simplified characters, denominators behind slashes, time last (每人每年…元 → 元/人/年). Empty: none printed.
    """

    comparator: Comparator
    value: Decimal
    upper: Decimal | None
    scale: int
    unit: str


@dataclass(frozen=True)
class Worded:
    """A promise in words: `quantity` is what the words state as a number, None where they state none."""

    quantity: Quantity | None


@dataclass(frozen=True)
class Deadline:
    """A printed date, as far as it is printed: the year may be left to the context."""

    year: int | None
    month: int
    day: int | None

    def due_in(self, year: int) -> date | None:
        """The last day of the deadline, in `year` where none is printed; None for a 29 February that year lacks."""
        year = self.year or year
        last = monthrange(year, self.month)[1]
        return date(year, self.month, self.day or last) if (self.day or last) <= last else None


# Full-width forms and the Traditional characters that occur in quantities; a one-to-one map keeps every offset.
_FOLD = str.maketrans(
    "０１２３４５６７８９．％／：～－（）＋個萬億戶條張間畝輛噸於過達內兩處場臺額蓋項覆應盡補幫貧檔戰據壓製",
    "0123456789.%/:~-()+个万亿户条张间亩辆吨于过达内两处场台额盖项覆应尽补帮贫档战据压制",
)

_BEFORE: tuple[tuple[str, Comparator], ...] = (
    ("最高不超过", "le"), ("最低不低于", "ge"), ("控制在", "le"), ("不少于", "ge"), ("不低于", "ge"), ("不小于", "ge"),
    ("不得少于", "ge"), ("不得低于", "ge"), ("至少", "ge"), ("不超过", "le"), ("不高于", "le"), ("不多于", "le"),
    ("不得超过", "le"), ("不得高于", "le"), ("低于", "lt"), ("少于", "lt"), ("小于", "lt"), ("超过", "gt"),
    ("高于", "gt"), ("多于", "gt"), ("大于", "gt"), ("大约", "approx"), ("约", "approx"), ("近", "approx"),
    ("突破", "gt"), ("≥", "ge"), ("≤", "le"), ("＞", "gt"), (">", "gt"), ("＜", "lt"), ("<", "lt"),
)  # fmt: skip
_AFTER: tuple[tuple[str, Comparator], ...] = (
    ("及以上", "ge"), ("以上", "ge"), ("及以下", "le"), ("以下", "le"), ("以内", "le"), ("之内", "le"), ("内", "le"),
    ("左右", "approx"), ("上下", "approx"),
)  # fmt: skip
_SCALES = {"万亿": 10**12, "千万": 10**7, "百万": 10**6, "十万": 10**5, "亿": 10**8, "万": 10**4}
_TIME = ("学年", "年", "季度", "季", "月", "周", "日", "天", "次", "小时")
_PER_WORD = (
    "人次|千人|万人|新生儿|人|名|生|户|家|院|村|间|个|张|所|条|座|处|件|套|亩|平方米"
    "|学年|年|季度|季|月|周|日|天|小时|次"
)
_PER = re.compile(rf"(?:平均)?每({_PER_WORD})")
_MEAN_PER = re.compile(rf"({_PER_WORD})均")
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_RANGE = re.compile(r"[-—~至](\d+(?:\.\d+)?)")
_SEPARATOR = re.compile(r"[、，,;；]|和|及|与|或")
_GAP = re.compile(r"[^\d每、，,;；。%]{1,12}")
# a verb may stand between a comparator and its number: 至少建成1所
_VERB = re.compile(r"有|建成|新建|建设|建|培育|培训|打造|配备|完成|新增")
_REFERENCE = re.compile(r"[^\d每、，,;；。%]{1,12}的")
_UNIT = re.compile(r"(?:[^\W\d_每余多]|[/·²³℃‰]|\([^)]*\))+")
_RATIO = re.compile(r"(\d+(?:\.\d+)?):(\d+(?:\.\d+)?)")
_DEADLINE = re.compile(r"(?:到|至)?(?:(\d{4})年)?(\d{1,2})月(?:(\d{1,2})日|底)?(?:之?前|底前)?")
_YEAR_END = re.compile(r"(?:到|至)?(?:(\d{4})年(?:底|末|内)?|年底|年内)(?:之?前)?")
# 到2025年, 2024年底前 in front of a quantity; without such a word 2000年 is a number of years
_BY_YEAR = re.compile(
    r"(?:(?:截?至|到)((?:19|20|21)\d\d)年[底末内]?(?:之?前)?|((?:19|20|21)\d\d)年(?:[底末](?:之?前)?|之?前|内))[,，]?(?=.)"
)
_GROWTH = re.compile(r"(?:同比|年均)?(?:增长|增加|提高|上升|下降|降低|减少|达到|达|到)")
_MAX_LISTED = 12

# Forms that would read as another number: thousands separators, numbers split by a space.
_LONGEST = 1000  # characters; no token is so long, and searching a longer one could take hours
_TREACHEROUS = re.compile(r"\d[,，]\d{3}(?!\d)|\d\s+\d")

_CHINESE_DIGIT = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "双": 2}
_CHINESE_NUMBER = "双|[一二两三四五六七八九十百]+"
_COMPLETE = re.compile(r".*(?:全覆盖|全额|足额|全部)")
_DOUBLES = re.compile(r"翻(?:了)?([一两二三])番")
_FREQUENCY = re.compile(rf"每(日|周|月|季度|季|年)(?:.*?[^一二两三四五六七八九十百])?({_CHINESE_NUMBER})次")
_PART_OF = re.compile(rf"({_CHINESE_NUMBER})分之({_CHINESE_NUMBER})")
_ONE_OF = re.compile(rf"({_CHINESE_NUMBER})(个百分点|个月|[个间家所座处条项件场次户人名种类年周天侧]|级(?=及?以上|$))")


@lru_cache(4096)  # several checks read the same token
def parse(printed: str) -> tuple[Quantity, ...] | Worded | None:
    """Read a printed token whole.

    Returns the quantities in printed order, a `Worded` for a token without digits, or None for a token that states a
    number which the grammar does not cover.
    """
    if len(printed) > _LONGEST:
        return None
    text = printed.translate(_FOLD)
    if _TREACHEROUS.search(text):
        return None
    text = text.replace(" ", "")
    if dated := _BY_YEAR.match(text):
        text = text[dated.end() :]
    if not re.search(r"\d", text):
        return _worded(text)
    listed: list[_Listed] = []
    lead = _GROWTH.match(text)
    rest = text[lead.end() :] if lead else text
    while rest and len(listed) < _MAX_LISTED:
        found = _one(rest)
        if found is None:
            return None
        item, rest = found
        listed.append(item)
        separator = _SEPARATOR.match(rest)
        if separator and separator.end() == len(rest):
            return None
        rest = rest[separator.end() :] if separator else rest
    return None if rest else _distribute(listed)


def printed_year(printed: str) -> int | None:
    """The year printed in front of a quantity: 2025 in 到2025年达到90%. None where none is."""
    dated = _BY_YEAR.match(printed.translate(_FOLD).replace(" ", ""))
    return int(dated[1] or dated[2]) if dated else None


def parse_deadline(printed: str) -> Deadline | None:
    """Read a printed date: 5月31日前, 2024年6月底前, 年底前. None where it is none."""
    text = printed.translate(_FOLD).replace(" ", "")
    if match := _DEADLINE.fullmatch(text):
        year, month, day = match.groups()
        leap = 2024  # where no year is printed, 29 February may exist
        if 1 <= int(month) <= 12 and (day is None or 1 <= int(day) <= monthrange(int(year or leap), int(month))[1]):
            return Deadline(int(year) if year else None, int(month), int(day) if day else None)
        return None
    if match := _YEAR_END.fullmatch(text):
        return Deadline(int(match[1]) if match[1] else None, 12, 31)
    return None


def _worded(text: str) -> Worded | None:
    if match := _PART_OF.search(text):
        if match[1] != "百":
            return None  # 三分之二 has no exact decimal
        return Worded(Quantity("eq", Decimal(_chinese(match[2])), None, 1, "%"))
    if _COMPLETE.match(text):
        return Worded(Quantity("eq", Decimal(100), None, 1, "%"))
    if match := _DOUBLES.search(text):
        return Worded(Quantity("eq", Decimal(2 ** _CHINESE_DIGIT[match[1]]), None, 1, "倍"))
    if match := _FREQUENCY.search(text):
        return Worded(Quantity("eq", Decimal(_chinese(match[2])), None, 1, f"次/{match[1]}"))
    if "倍增" in text:
        return Worded(Quantity("eq", Decimal(2), None, 1, "倍"))
    before = _startswith(text, _BEFORE)
    text = text[len(before[0]) :] if before else text
    if match := _ONE_OF.match(text):
        after = _startswith(text[match.end() :], _AFTER)
        comparator = before[1] if before else after[1] if after else "eq"
        return Worded(Quantity(comparator, Decimal(_chinese(match[1])), None, 1, match[2]))
    return Worded(None)


def _chinese(numeral: str) -> int:
    """A Chinese numeral below a thousand: 三, 十二, 二十, 一百零五 without its zero."""
    total = digit = 0
    for character in numeral:
        if character in ("十", "百"):
            total += (digit or 1) * (10 if character == "十" else 100)
            digit = 0
        else:
            digit = _CHINESE_DIGIT[character]
    return total + digit


@dataclass(frozen=True)
class _Listed:
    """A quantity of a list; `front` and `behind` are the comparators printed in front of it and behind it."""

    quantity: Quantity
    front: Comparator | None
    behind: Comparator | None


def _one(text: str) -> tuple[_Listed, str] | None:
    """Read one quantity from the front of `text`; None where there is none."""
    opening = _opening(text)
    if opening is None:
        return None
    front, per, rest = opening
    if match := _RATIO.match(rest):
        left, right = Decimal(match[1]), Decimal(match[2])
        if not right:
            return None
        return _Listed(Quantity(front or "eq", left / right, None, 1, ":"), front, None), rest[match.end() :]
    number = _NUMBER.match(rest)
    if number is None:
        return None
    rest = rest[number.end() :]
    upper: Decimal | None = None
    if span := _RANGE.match(rest):
        upper = Decimal(span[1])
        rest = rest[span.end() :]
    rest, over = _more_than(rest)
    scale = 1
    for word, factor in _SCALES.items():
        if rest.startswith(word):
            scale, rest = factor, rest[len(word) :]
            break
    rest, over_scaled = _more_than(rest)
    unit, rest = _unit(rest, per)
    behind: Comparator | None = None
    if after := _startswith(rest, _AFTER):
        behind = after[1]
        rest = rest[len(after[0]) :]
    comparator = front or behind or ("gt" if over or over_scaled else "eq")
    if upper is not None:
        comparator = "between"
    return _Listed(Quantity(comparator, Decimal(number[0]), upper, scale, unit), front, behind), rest


def _opening(text: str) -> tuple[Comparator | None, list[str], str] | None:
    """What stands before the number: comparator, denominators and words between; None where no number follows."""
    comparator: Comparator | None = None
    per: list[str] = []
    rest = text
    while True:
        if (before := _startswith(rest, _BEFORE)) and comparator is None:
            comparator, rest = before[1], rest[len(before[0]) :]
        elif match := _PER.match(rest) or _MEAN_PER.match(rest):
            per.append(match[1])
            rest = rest[match.end() :]
        else:
            break
    if rest[:1].isdigit():
        return comparator, per, rest
    # words between the comparator or denominator and its number: 每间教室7000元, 不低于上年的5%
    gap = _REFERENCE.match(rest) or (_GAP if per else _VERB).match(rest)
    if gap is None or (comparator is None and not per):
        return None
    for word, kind in _BEFORE:
        if comparator is None and (len(word) > 1 or not word.isalpha()) and gap[0].endswith(word):
            comparator = kind
    return comparator, per, rest[gap.end() :]


def _more_than(rest: str) -> tuple[str, bool]:
    return (rest[1:], True) if rest.startswith(("余", "多")) else (rest, False)


def _unit(rest: str, per_before: list[str]) -> tuple[str, str]:
    """Read the unit and what stands behind it as denominators; `per_before` are those printed in front."""
    if rest.startswith("%"):
        unit, rest = "%", rest[1:]
    else:
        match = _UNIT.match(rest)
        unit = match[0] if match else ""
        for word in (*(w for w, _ in _AFTER), "和", "及", "与", "或"):
            cut = unit.find(word)
            if cut >= 0:
                unit = unit[:cut]
        rest = rest[len(unit) :]
    base, *behind = unit.split("/")
    per = [*per_before, *behind]
    while match := _PER.match(rest):
        per.append(match[1])
        rest = rest[match.end() :]
    if not base and not per:
        return "", rest
    ordered = [p for p in per if p not in _TIME] + [p for p in per if p in _TIME]
    return "/".join([base, *ordered]) if base else "", rest


def _distribute(listed: list[_Listed]) -> tuple[Quantity, ...]:
    """Let a comparator in front of the first and the unit of the last hold for the whole list, where printed once."""
    first, last = listed[0], listed[-1]
    shared = len(listed) > 1 and bool(last.quantity.unit) and all(not item.quantity.unit for item in listed[:-1])
    quantities = []
    for item in listed:
        quantity = item.quantity
        if shared and item is not last:
            scale = quantity.scale if quantity.scale != 1 else last.quantity.scale
            quantity = replace(quantity, unit=last.quantity.unit, scale=scale)
        borrowed = first.front or (last.behind if shared else None)
        if quantity.comparator == "eq" and borrowed is not None:
            quantity = replace(quantity, comparator=borrowed)
        quantities.append(quantity)
    return tuple(quantities)


def _startswith(text: str, words: tuple[tuple[str, Comparator], ...]) -> tuple[str, Comparator] | None:
    return next(((word, kind) for word, kind in words if text.startswith(word)), None)

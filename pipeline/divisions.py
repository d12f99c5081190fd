"""Jurisdictions by their code of GB/T 2260: what a six-digit code stands for, and what stands above it.

The divisions below the provinces come from python-stdnum (`cn/loc`, with the years each code was in force). Its list
ends about 2020 and carries no English names; a code it does not know yet may be named by whoever uses it.
"""

import re
from dataclasses import dataclass
from typing import Literal

from pipeline.language import RefusalError, Text

Level = Literal["province", "prefecture", "county"]
EXAMPLE = "340400"

# Source: GB/T 2260-2007, table 1; the English names are the ones in common use.
PROVINCES = {
    "11": Text("北京市", "Beijing"),
    "12": Text("天津市", "Tianjin"),
    "13": Text("河北省", "Hebei"),
    "14": Text("山西省", "Shanxi"),
    "15": Text("内蒙古自治区", "Inner Mongolia"),
    "21": Text("辽宁省", "Liaoning"),
    "22": Text("吉林省", "Jilin"),
    "23": Text("黑龙江省", "Heilongjiang"),
    "31": Text("上海市", "Shanghai"),
    "32": Text("江苏省", "Jiangsu"),
    "33": Text("浙江省", "Zhejiang"),
    "34": Text("安徽省", "Anhui"),
    "35": Text("福建省", "Fujian"),
    "36": Text("江西省", "Jiangxi"),
    "37": Text("山东省", "Shandong"),
    "41": Text("河南省", "Henan"),
    "42": Text("湖北省", "Hubei"),
    "43": Text("湖南省", "Hunan"),
    "44": Text("广东省", "Guangdong"),
    "45": Text("广西壮族自治区", "Guangxi"),
    "46": Text("海南省", "Hainan"),
    "50": Text("重庆市", "Chongqing"),
    "51": Text("四川省", "Sichuan"),
    "52": Text("贵州省", "Guizhou"),
    "53": Text("云南省", "Yunnan"),
    "54": Text("西藏自治区", "Tibet"),
    "61": Text("陕西省", "Shaanxi"),
    "62": Text("甘肃省", "Gansu"),
    "63": Text("青海省", "Qinghai"),
    "64": Text("宁夏回族自治区", "Ningxia"),
    "65": Text("新疆维吾尔自治区", "Xinjiang"),
    "71": Text("台湾省", "Taiwan"),
    "81": Text("香港特别行政区", "Hong Kong"),
    "82": Text("澳门特别行政区", "Macao"),
}

# Codes that only gather others (districts of a municipality, counties directly under a province): nobody governs them.
_GATHERING = re.compile(r"市辖区|县|林区|.*直辖县级行政单位")


class CodeError(RefusalError):
    """No jurisdiction has this code; `reason` says what one looks like."""


@dataclass(frozen=True)
class Division:
    """A jurisdiction. `name_en` is empty where no list gives it; `parent_code` is None for a province."""

    code: str
    name_zh: str
    name_en: str
    level: Level
    parent_code: str | None


def lineage(code: str, name_zh: str | None = None) -> tuple[Division, ...]:
    """The jurisdiction of a code and those above it, the province first.

    `name_zh` names a code the list does not know; where it does know it, both must agree. Raises CodeError.
    """
    example = Text(f",例如 {EXAMPLE}(淮南市)", f", such as {EXAMPLE} (Huainan)")
    if not re.fullmatch(r"[0-9]{6}", code):
        raise CodeError(
            Text(
                f"“{code}”不是行政区划代码:应为 GB/T 2260 的六位数字{example.zh}",
                f"“{code}” is no code of a jurisdiction: six digits of GB/T 2260 are expected{example.en}",
            )
        )
    province = PROVINCES.get(code[:2])
    if province is None:
        raise CodeError(
            Text(
                f"没有代码以 {code[:2]} 开头的省级行政区{example.zh}",
                f"no province has a code that begins with {code[:2]}{example.en}",
            )
        )
    top = Division(f"{code[:2]}0000", province.zh, province.en, "province", None)
    if code == top.code:
        _agree(code, province.zh, name_zh)
        return (top,)
    name = _named(code, name_zh, example)
    middle = _listed(f"{code[:4]}00")
    if code.endswith("00"):
        return (top, Division(code, name, "", "prefecture", top.code))
    if middle is None or _GATHERING.fullmatch(middle):
        return (top, Division(code, name, "", "county", top.code))
    prefecture = Division(f"{code[:4]}00", middle, "", "prefecture", top.code)
    return (top, prefecture, Division(code, name, "", "county", prefecture.code))


def _named(code: str, name_zh: str | None, example: Text) -> str:
    listed = _listed(code)
    if listed is None and name_zh is None:
        raise CodeError(
            Text(
                f"GB/T 2260 代码表中没有(或已停用){code};请核对{example.zh}。确为新设代码的,请用 --name-zh 写明名称",
                f"{code} is not (or no longer) in the list of GB/T 2260; check it{example.en}. "
                "Where the code is a new one, say its name with --name-zh",
            )
        )
    if listed is None:
        return name_zh or ""
    if _GATHERING.fullmatch(listed):
        raise CodeError(
            Text(
                f"{code}“{listed}”只是归类用的代码,不是一个行政区{example.zh}",
                f"{code} ({listed}) only gathers other codes and is no jurisdiction itself{example.en}",
            )
        )
    _agree(code, listed, name_zh)
    return listed


def _agree(code: str, listed: str, name_zh: str | None) -> None:
    if name_zh is not None and name_zh != listed:
        raise CodeError(
            Text(
                f"代码 {code} 是{listed},不是{name_zh};请核对代码,或去掉 --name-zh",
                f"the code {code} is {listed}, not {name_zh}; check the code, or leave out --name-zh",
            )
        )


def _listed(code: str) -> str | None:
    """The name a code has in the list today; None where it has none.

    An entry reads `[1981-]大连市` or several of these with commas, the years being the first and the last in force.
    """
    from stdnum import numdb

    found = numdb.get("cn/loc").info(code)
    entries = found[1][1].get("county", "") if len(found) > 1 else ""
    for entry in entries.split(","):
        years, bracket, name = entry.rpartition("]")
        if entry and (not bracket or years.endswith("-")):
            return name
    return None

"""Periods of reports as SDMX writes them: a year, a half-year, a quarter, a month.

Source: SDMX 3.0, section 2, Technical Notes, time formats GregorianYear, GregorianYearMonth and the reporting periods S
and Q, for reporting years that begin on 1 January. `2024-S1` is January to June, `2024-Q2` April to June.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

_FORM = re.compile(r"((?:19|20)[0-9]{2})(?:-(?:S([12])|Q([1-4])|(0[1-9]|1[0-2])))?")


@dataclass(frozen=True, slots=True)
class Period:
    """A period by its first and its last day; `text` is as written."""

    text: str
    start: date
    end: date

    @property
    def year(self) -> int:
        return self.start.year


@lru_cache(10_000)
def period_of(text: str) -> Period | None:
    """The period a text stands for; None where it is written otherwise."""
    found = _FORM.fullmatch(text)
    if found is None:
        return None
    year = int(found[1])
    first, months = 1, 12
    for written, length in ((found[2], 6), (found[3], 3), (found[4], 1)):
        if written:
            first, months = length * (int(written) - 1) + 1, length
    last = first + months - 1
    return Period(text, date(year, first, 1), date(year, last, calendar.monthrange(year, last)[1]))


def before(period: Period) -> Period | None:
    """The period of the same length just before; None where it would lie before 1900."""
    months = period.end.month - period.start.month + 1
    start = period.start.month - months
    year, month = (period.year, start) if start > 0 else (period.year - 1, start + 12)
    number = (month - 1) // months + 1
    forms = {12: "", 6: f"-S{number}", 3: f"-Q{number}", 1: f"-{month:02}"}
    return period_of(f"{year}{forms[months]}")

"""The day a run counts as its own: the same inputs and the same day give the same result."""

import os
from datetime import UTC, date, datetime

from pipeline.language import RefusalError, Text


def today() -> date:
    """The day given by SOURCE_DATE_EPOCH where it is set, else today (UTC).

    Raises RefusalError where the variable holds no seconds since 1980, the first year a zip can hold.
    Source: reproducible-builds.org, SOURCE_DATE_EPOCH specification.
    """
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not epoch:
        return datetime.now(UTC).date()
    try:
        day = datetime.fromtimestamp(int(epoch), UTC).date()
    except (ValueError, OverflowError, OSError):
        day = date.min
    if not 1980 <= day.year < 2108:
        raise RefusalError(
            Text(
                f"SOURCE_DATE_EPOCH={epoch} 不是 1980 年以后的秒数", f"SOURCE_DATE_EPOCH={epoch} is no time since 1980"
            )
        )
    return day

"""What is invented says so: the fact that a programme is fictional, and the words that mark it.

The code of the jurisdiction is the only sign: GB/T 2260-2007 gives out no province number 99, so no real programme can
have one, and no flag can be forgotten.
"""

from pipeline.dataset import Dataset
from pipeline.language import Text

# The macro dbt_project/macros/is_fictional.sql is given it by warehouse.py.
FICTIONAL_PREFIX = "99"

NOTICE = Text(
    "虚构示例：城市、单位和数字均为编造，不得引用。",
    "Fiction: city, units and figures are invented and must not be quoted.",
)
# What a title of something fictional begins with.
MARK = Text("【虚构】", "[Fiction] ")


def marked(text: Text, mark: Text = MARK) -> Text:
    """A title with the mark in front; one that begins with it keeps it once."""
    return Text(f"{mark.zh}{text.zh.removeprefix(mark.zh)}", f"{mark.en}{text.en.removeprefix(mark.en)}")


def is_marked(title: str) -> bool:
    """Whether a published title, in Chinese alone or in both languages, bears the mark."""
    return title.startswith(MARK.zh)


def is_fictional(jurisdiction_code: str) -> bool:
    """Whether a jurisdiction of this code is invented."""
    return jurisdiction_code.startswith(FICTIONAL_PREFIX)


def fictional(data: Dataset) -> bool:
    """Whether any programme of these rows is fictional; of a faulty code, what is written counts."""
    return any(is_fictional(row.text("jurisdiction_code") or "") for row in data.tables["programmes"])

"""What a table of a ledger is made of, for any renderer: its columns, and cells by what they hold."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from pipeline.language import Text


@dataclass(frozen=True)
class Share:
    """A share of 1, to be shown in per cent."""

    value: Decimal


@dataclass(frozen=True)
class Mark:
    """A word with a colour beside it: good, fair, bad or none."""

    text: Text
    tone: str


# What a cell may be; texts are lines, one below the other.
Cell = tuple[Text, ...] | Decimal | int | Share | date | Mark | None


@dataclass(frozen=True)
class Column:
    """A heading and the width in characters."""

    title: Text
    width: int


@dataclass(frozen=True)
class Sheet:
    """A table. `empty` is said where it has no rows; `kept` columns stay in sight when the sheet is moved sideways."""

    name: Text
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    empty: Text
    large: bool = False
    kept: int = 1

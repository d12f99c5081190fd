"""Whether the whole of a text meets a pattern of Table Schema, in time that grows with the length of the text.

Python's `re` says what a pattern means, but it goes back and tries again, on some texts without end: (a+)+ takes twice
as long for each `a` more. So RE2 judges alone wherever it can say the same (`pipeline/re2.py`). What only Python knows
is left to Python as long as the ways to match are few; they are counted before.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pipeline.re2 import REPEATS, in_re2, inner_of, matched, parsed

STEPS_OF_CELL = 10**7  # of Python, at most; a fifth of a second or so
STEPS = 2 * 10**9  # of Python for all cells of a field; a minute or so
POWER = 16  # of the length of a text; beyond it not even short texts could be judged
WAYS = 10**6  # more ways through a pattern than this are as good as endless


class EndlessError(ValueError):
    """A pattern that only Python knows, and on some texts tries without end."""


class Pattern:
    """Judges texts, many at once where RE2 does it, none where that would take too long.

    Raises ValueError for what is no pattern, EndlessError for one that cannot be judged.
    """

    def __init__(self, pattern: str) -> None:
        self._compiled, tree = parsed(pattern)
        self._test = in_re2(pattern)
        self._learnt: dict[str, bool] = {}
        self._left = STEPS
        self._passed_over: set[int] = set()
        self._ways = _Ways(1, 0)
        if self._test is None:
            self._ways = _ways(tree)
            if self._ways.many > WAYS:
                raise EndlessError(pattern)

    @property
    def passed_over(self) -> int:
        """How many different texts would have taken too long."""
        return len(self._passed_over)

    def learn(self, texts: Iterable[str]) -> None:
        """Judge texts together that will be asked for; forgets those learnt before."""
        self._learnt = matched(self._test, list(set(texts))) if self._test else {}

    def __call__(self, text: str) -> bool:
        """Whether the text meets the pattern; true for what is passed over."""
        if (known := self._learnt.get(text)) is not None:
            return known
        if self._test:
            return matched(self._test, [text])[text]
        steps = self._ways.many * (len(text) + 1) ** (self._ways.power + 1)
        if steps > min(STEPS_OF_CELL, self._left):
            self._passed_over.add(hash(text))
            return True
        self._left -= steps
        return self._compiled.fullmatch(text) is not None


@dataclass(frozen=True)
class _Ways:
    """At most `many` × (length of the text) ** `power` ways to match a text."""

    many: int
    power: int


_ENDLESS = _Ways(WAYS + 1, 0)


def _ways(parts: Iterable[tuple[Any, Any]]) -> _Ways:
    """How many ways Python may try."""
    many, power = 1, 0
    for operation, value in parts:
        inside = _ways_of_part(operation, value)
        many, power = many * inside.many, power + inside.power
        if many > WAYS or power > POWER:
            return _ENDLESS
    return _Ways(many, power)


def _ways_of_part(operation: Any, value: Any) -> _Ways:
    inner = [_ways(sequence) for sequence in inner_of(operation, value)]
    if not inner:
        return _Ways(1, 0)
    inside = _Ways(sum(each.many for each in inner), max(each.power for each in inner))
    if operation not in REPEATS:
        return inside
    least, most, _ = value
    if inside == _Ways(1, 0):  # one way each time
        return _Ways(1, 0) if least == most else _Ways(1, 1) if most - least >= WAYS else _Ways(most - least + 1, 0)
    if most > 64 or (inside.many > 1 and inside.many**most > WAYS):
        return _ENDLESS
    return _Ways((most - least + 1) * inside.many**most, inside.power * most)

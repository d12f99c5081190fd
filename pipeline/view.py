"""A dataset as one check sees it.

A faulty cell suppresses only what needs that cell: a check asks for the fields it needs, rows where one of them is
faulty are passed over, and the view remembers that, so that nothing unchecked passes as checked.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from operator import attrgetter
from types import MappingProxyType

from pipeline.dataset import Cells, Dataset, Row, Unit, cells_of, columns
from pipeline.findings import NotChecked
from pipeline.language import Text
from pipeline.tables import table as table_named


@dataclass
class View:
    """A dataset as one check sees it; `passed_over` collects what the check could not judge."""

    data: Dataset
    code: str
    passed_over: dict[NotChecked, None] = field(default_factory=dict)

    def rows(self, table: str, *needs: str) -> Iterator[Row]:
        """Rows of a table whose needed cells are sound."""
        if table in self.data.incomplete:
            self.pass_over(Text(f"{table} 未能完整读取", f"{table} could not be read whole"))
        if table in self.data.sound:
            yield from self.data.tables[table]
            return
        for row in self.data.tables[table]:
            if self._sound(row, needs):
                yield row

    def doubtful(
        self,
        table: str,
        judged_by: Sequence[str],
        is_sound: Callable[[Row], bool],
        *needs: str,
        of_file: Callable[[str], Hashable] | None = None,
        coarser: Mapping[str, Callable[[str | None], Hashable]] = MappingProxyType({}),
    ) -> Iterator[Row]:
        """Rows whose needed cells are sound and that are not found to be in order, in their own order.

        `is_sound` knows a row by the cells it is judged by, as written: rows that are the same in them are judged once.
        `coarser` says of a column what counts of a cell, `of_file` what counts of the path of a row's file.
        """
        rows, cells = self._rows(table, needs)

        def said() -> Iterator[tuple[Hashable, ...]]:
            counted: list[Iterable[Hashable]] = []
            for name, column in zip(judged_by, columns(table_named(table), cells, judged_by), strict=True):
                counted.append(map(cache(coarser[name]), column) if name in coarser else column)
            if of_file:
                counted.append(map(cache(of_file), map(attrgetter("source.file"), rows)))
            return zip(*counted, strict=True)

        wrong = {what for what, row in dict(zip(said(), rows, strict=True)).items() if not is_sound(row)}
        if wrong:
            yield from (row for row, what in zip(rows, said(), strict=True) if what in wrong)

    def _rows(self, table: str, needs: tuple[str, ...]) -> tuple[Sequence[Row], Sequence[Cells]]:
        """Rows whose needed cells are sound, and their cells as written; all of a sound table, without a copy."""
        rows = self.rows(table, *needs)
        if table not in self.data.sound:
            some = list(rows)
            return some, cells_of(some)
        next(rows, None)  # asked for rows, a view remembers that some are missing
        return self.data.tables[table], self.data.cells(table)

    def find(self, table: str, key: str | None, *needs: str) -> Row | None:
        """The row a look-up leads to, where it exists and its needed cells are sound; None without a key.

        A row that is missing or faulty has been reported by another rule; here it is remembered as not checked.
        """
        if key is None:
            return None
        row = self.data.find(table, key)
        if row is None:
            self.pass_over(Text(f"{table} 中没有 {key}", f"{key} is not in {table}"))
            return None
        return self._sound(row, needs)

    def unit(self, row: Row) -> Unit | None:
        """The unit of a row, where its own row can be relied on."""
        unit = self.data.units.get(row["unit_code"])
        if unit is None:
            code = row["unit_code"]
            self.pass_over(Text(f"单位 {code} 的登记有误", f"the register of the unit {code} is faulty"))
        return unit

    def programme_of(self, row: Row, *needs: str) -> Row | None:
        """The programme a row belongs to, where it can be found and its needed cells are sound."""
        programme = self.data.programme_of(row)
        if programme is None:
            cell = row.place().cell
            self.pass_over(Text(f"{cell} 所属方案不明", f"the programme of {cell} is unknown"))
            return None
        return self._sound(programme, needs)

    def _sound(self, row: Row, needs: tuple[str, ...]) -> Row | None:
        if row.faulty and (faults := row.faulty.intersection(needs)):
            self.pass_over(faulty_cell(row, faults))
            return None
        return row

    def whole(self, table: str, *needs: str) -> bool:
        """Whether absence from this table proves anything: it was read whole and the needed cells are all sound."""
        if table in self.data.sound and table not in self.data.incomplete:
            return True
        rows = list(self.rows(table, *needs))
        return table not in self.data.incomplete and len(rows) == len(self.data.tables[table])

    def excused(self, row: Row, *kinds: str) -> bool:
        """Whether a caveat of one of these kinds settles a fault of the row.

        Ask only where there is a fault: with caveats missing or faulty the fault is passed over, not reported.
        """
        if self.data.has_caveat(row, *kinds):
            return True
        return not self.whole("caveats", "table", "record_id", "kind")

    def pass_over(self, reason: Text, code: str | None = None) -> None:
        self.passed_over[NotChecked(code or self.code, reason)] = None


def faulty_cell(row: Row, faults: frozenset[str]) -> Text:
    """The reason for passing a row over: one of its faulty cells."""
    cell = row.place(min(faults)).cell
    return Text(f"{cell} 有误", f"{cell} is faulty")

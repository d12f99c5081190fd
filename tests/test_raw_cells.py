"""The scanner of raw cells: it reads what csv.reader reads, and an edit changes one cell and nothing else."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.raw_cells import ScanError, line, quoted, replaced, scan, value

TEXTS = st.text(alphabet='a,"\n\r 名\u3000#', max_size=30)
CELLS = st.text(alphabet='a,"\n\r 名\u3000#', max_size=6)


def by_csv(text: str) -> list[list[str]] | None:
    """Records as csv.reader reads them; None where it refuses."""
    try:
        return list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error:
        return None


@given(TEXTS)
def test_the_scanner_reads_what_csv_reads(text: str) -> None:
    try:
        found = [[value(text[cell.start : cell.end]) for cell in record] for record in scan(text)]
    except ScanError:
        assert by_csv(text) is None
    else:
        assert found == by_csv(text)


@given(st.lists(CELLS, min_size=1, max_size=4))
def test_a_line_is_read_as_it_was_written(cells: list[str]) -> None:
    assert by_csv(line(cells)) == [cells]


@given(TEXTS, CELLS, st.data())
def test_an_edit_changes_its_cell_only(text: str, new: str, data: st.DataObject) -> None:
    before = by_csv(text)
    if before is None or not any(before):
        return
    record = data.draw(st.sampled_from([n for n, cells in enumerate(before) if cells]))
    cell = data.draw(st.integers(0, len(before[record]) - 1))
    changed = replaced(text, {(record, cell): (before[record][cell], new)})
    extent = scan(text)[record][cell]
    assert changed.startswith(text[: extent.start])
    assert changed.endswith(text[extent.end :])
    after = [list(cells) for cells in before]
    after[record][cell] = new
    read = by_csv(changed)
    assert read == after


def test_all_bytes_around_the_cells_stay() -> None:
    text = 'a,"b",c\r\n1,"x\r\ny",3\r"4",5,"6,7"'
    changed = replaced(text, {(1, 1): ("x\r\ny", "new"), (2, 0): ("4", "8"), (2, 2): ("6,7", "9")})
    assert changed == 'a,"b",c\r\n1,new,3\r"8",5,9', "quotes stay where the file has more than it needs"


@pytest.mark.parametrize("where", [(0, 9), (9, 0), (2, 0)])
def test_a_cell_that_is_not_there_or_says_something_else_is_refused(where: tuple[int, int]) -> None:
    with pytest.raises(LookupError):
        replaced("a,b\n\n1,2\n", {where: ("other", "x")})


@pytest.mark.parametrize("text", ['a,"b\n', 'a,"b"c\n', '"'])
def test_broken_quotes_are_refused(text: str) -> None:
    with pytest.raises(ScanError):
        scan(text)


def test_quotes_only_where_needed() -> None:
    assert [quoted(cell) for cell in ("a", "a,b", 'a"b', "a\nb", "a\rb", " a")] == [
        "a", '"a,b"', '"a""b"', '"a\nb"', '"a\rb"', " a",
    ]  # fmt: skip

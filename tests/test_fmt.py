"""minsheng fmt: the canonical form loses nothing, is stable, and is written whole or not at all."""

import csv
import io
import os
import stat
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from pipeline.canonical import NotReadableError, canonical, clean
from pipeline.cli import app
from pipeline.curated import read
from pipeline.dataset import parse_cell
from pipeline.formatting import fmt, formatting
from pipeline.suggestions import holds
from pipeline.tables import table
from pipeline.writing import Change, WriteRefusedError, replace_all, target_of
from tests.editing import append_line, rewrite_bytes

TASKS = "programmes/shili-2030/tasks.csv"
LINKS = "programmes/shili-2030/links.csv"
EXCLUSIONS = table("exclusions")
DATAPACKAGE = Path(__file__).parent.parent / "datapackage"


def run(*arguments: str | Path) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, [str(a) for a in (*arguments, "--lang", "en")])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a folder, hidden ones too."""
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


# ------------------------------------------------------------------------------------------------ the form

LABELS = st.permutations([*EXCLUSIONS.names, "备注", "负责人"]).map(lambda names: names[:])
NUMBERS = st.one_of(st.integers(-5, 1200).map(str), st.sampled_from(["", "１２", " 7 ", "x", "1.5", "007"]))
WORDS = st.text(alphabet="a#市,\"' \n\r\u3000\u200b２，-", max_size=5)
ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"])


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """A file of exclusions as people leave them: columns moved or added, blank rows, CRLF, quotes, any encoding."""
    labels = draw(LABELS)
    rows = draw(
        st.lists(
            st.one_of(
                st.tuples(*(NUMBERS if label in ("start", "end") else WORDS for label in labels)).map(list),
                st.just([]),
                st.just([""] * len(labels)),
            ),
            max_size=8,
        )
    )
    buffer = io.StringIO(newline="")
    writer = csv.writer(
        buffer,
        quoting=draw(st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL])),
        lineterminator=draw(st.sampled_from(["\n", "\r\n"])),
    )
    for row in (labels, *rows):
        # csv does not quote a lone CR in every version; such a row is written in quotes throughout
        quote_all = any("\r" in cell or "\n" in cell for cell in row)
        (csv.writer(buffer, quoting=csv.QUOTE_ALL) if quote_all else writer).writerow(row)
    return buffer.getvalue().encode(draw(ENCODINGS))


def rows_of(content: bytes) -> Counter[frozenset[tuple[str, str]]]:
    """The rows that hold anything, as labelled cells in canonical text, whatever their order."""
    encodings = ("utf-16",) if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    labels, *rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    found: Counter[frozenset[tuple[str, str]]] = Counter()
    for cells in rows:
        if cells:
            row = dict(zip(labels, cells, strict=True))
            row |= {name: clean(EXCLUSIONS.field(name), row[name]) for name in EXCLUSIONS.names}
            if any(row.values()):
                found[frozenset(row.items())] += 1
    return found


@given(files())
def test_the_canonical_form_is_stable_and_keeps_every_row(content: bytes) -> None:
    once = canonical(content, EXCLUSIONS)
    assert canonical(once, EXCLUSIONS) == once
    assert rows_of(once) == rows_of(content)
    header, *_ = once.decode("utf-8").split("\n")
    assert header.startswith(",".join(EXCLUSIONS.names))
    assert {"备注", "负责人"} == set(header.split(",")[len(EXCLUSIONS.names) :])


@given(files())
def test_sound_values_stay_and_rows_are_sorted_by_value(content: bytes) -> None:
    labels, *rows = csv.reader(io.StringIO(canonical(content, EXCLUSIONS).decode("utf-8"), newline=""))
    keys = [(cells[0], cells[1]) for cells in rows if cells[0] and cells[1].lstrip("-").isdecimal()]
    assert keys == sorted(keys, key=lambda key: (key[0], int(key[1])))
    assert labels[1] == "start"


@given(WORDS, st.sampled_from(EXCLUSIONS.fields))
def test_a_sound_cell_means_the_same_afterwards(cell: str, field: object) -> None:
    known = next(each for each in EXCLUSIONS.fields if each is field)
    after = clean(known, cell)
    assert clean(known, after) == after
    if known.as_printed:
        assert after == cell
    if known.type != "string" and holds(known, cell):
        assert parse_cell(known, after or None) == parse_cell(known, cell or None)


def test_curated_data_are_canonical(data_folder: Path) -> None:
    for folder in (data_folder, DATAPACKAGE):
        found = formatting(folder)
        assert (found.changes, found.left_alone) == ((), ())
        assert found.files == len(read(folder).files)


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "header"),
        (b"\n", "header"),
        (b"source_id,start\na,1,2\n", "row 2"),
        (b"source_id,start\na\n", "row 2"),
        (b'source_id,start\n"a,1\n', "quotes"),
        (b"source_id,start\n\xff,1\n", "UTF-8"),
        (b"PK\x03\x04", "binary"),
    ],
)
def test_what_cannot_be_read_safely_has_no_canonical_form(content: bytes, word: str) -> None:
    with pytest.raises(NotReadableError) as caught:
        canonical(content, EXCLUSIONS)
    assert word in caught.value.reason.en
    assert caught.value.reason.zh


def test_without_its_key_a_file_keeps_its_order() -> None:
    assert canonical(b"end,source_id\n2,b\n1,a\n", EXCLUSIONS) == b"source_id,end\nb,2\na,1\n"


def test_a_column_that_occurs_twice_is_kept_twice() -> None:
    assert canonical(b"x,source_id,source_id,start\n0,a,b,1\n", EXCLUSIONS) == b"source_id,start,x,source_id\na,1,0,b\n"


# ------------------------------------------------------------------------------------------------ the command


def test_a_gb18030_file_with_an_unknown_column_and_a_comment_row(data_folder: Path) -> None:
    """Nothing a person wrote is lost: the column goes behind the others, the # row is a row."""
    original = (data_folder / LINKS).read_text(encoding="utf-8")
    header, *rows = original.splitlines()
    lines = [f"负责人,{header}", *(f"张三,{row}" for row in reversed(rows)), "李四,# 待核,x, y ,说明"]
    (data_folder / LINKS).write_bytes("\r\n".join(lines).encode("gb18030"))
    code, output, _ = run("fmt", data_folder, "--diff")
    assert code == 0
    assert LINKS in output
    assert (data_folder / LINKS).read_bytes().decode("utf-8") == "\n".join(
        [f"{header},负责人", "# 待核,x,y,说明,李四", *(f"{row},张三" for row in rows), ""]
    )
    assert run("fmt", data_folder, "--check")[0] == 0


def test_check_writes_nothing_and_says_what_would_change(data_folder: Path) -> None:
    append_line(data_folder, LINKS, "shili-2030-t01-01,shili-2030-t01-02,restates, 重申")
    before = contents(data_folder)
    code, output, _ = run("fmt", data_folder, "--check", "--diff")
    assert code == 1
    assert LINKS in output
    assert "+shili-2030-t01-01,shili-2030-t01-02,restates,重申" in output
    assert contents(data_folder) == before


def test_a_file_that_cannot_be_read_is_left_alone_and_the_rest_is_done(data_folder: Path) -> None:
    append_line(data_folder, TASKS, 'shili-2030-04,"')
    broken = (data_folder / TASKS).read_bytes()
    rewrite_bytes(data_folder, LINKS, lambda content: content.replace(b"\n", b"\r\n"))
    code, output, _ = run("fmt", data_folder)
    assert code == 1
    assert f"left alone {TASKS}" in output
    assert (data_folder / TASKS).read_bytes() == broken
    assert b"\r" not in (data_folder / LINKS).read_bytes()


def test_files_that_are_no_table_are_not_touched(data_folder: Path) -> None:
    (data_folder / "notes.csv").write_bytes(b"b,a\r\n2,1")
    assert run("fmt", data_folder)[0] == 0
    assert (data_folder / "notes.csv").read_bytes() == b"b,a\r\n2,1"


def test_a_missing_file_is_not_a_matter_of_form(data_folder: Path) -> None:
    (data_folder / LINKS).unlink()
    assert run("fmt", data_folder)[0] == 0
    assert not (data_folder / LINKS).exists()


# ------------------------------------------------------------------------------------------------ writing


def spoil(folder: Path, *files: str) -> None:
    for file in files:
        rewrite_bytes(folder, file, lambda content: content.replace(b"\n", b"\r\n"))


def test_the_mode_of_a_file_stays(data_folder: Path) -> None:
    spoil(data_folder, LINKS)
    (data_folder / LINKS).chmod(0o640)
    fmt(data_folder)
    assert stat.S_IMODE((data_folder / LINKS).stat().st_mode) == 0o640
    assert b"\r" not in (data_folder / LINKS).read_bytes()


def crash(at: int) -> Callable[[Path, Path], None]:
    """os.replace that is killed at its nth call."""
    calls = iter(range(at + 1))
    move = os.replace

    def replace(beside: Path, target: Path) -> None:
        if next(calls) == at:
            raise KeyboardInterrupt
        move(beside, target)

    return replace


@pytest.mark.parametrize("at", [0, 1])
def test_a_crash_leaves_every_file_old_or_new(data_folder: Path, monkeypatch: pytest.MonkeyPatch, at: int) -> None:
    new = contents(data_folder)
    spoil(data_folder, TASKS, LINKS)
    old = contents(data_folder)
    monkeypatch.setattr(os, "replace", crash(at))
    with pytest.raises(KeyboardInterrupt):
        fmt(data_folder)
    left = contents(data_folder)
    assert left.keys() == old.keys(), "no temporary file is left behind"
    assert [file for file in (LINKS, TASKS) if left[file] == new[file]] == [LINKS, TASKS][:at]
    assert all(left[file] in (old[file], new[file]) for file in left)
    monkeypatch.undo()
    fmt(data_folder)
    assert contents(data_folder) == new, "run again, it does the rest"


def test_a_full_disk_changes_nothing(data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spoil(data_folder, TASKS, LINKS)
    old = contents(data_folder)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    code, _, error = run("fmt", data_folder)
    assert code == 2
    assert "No space left" in error
    assert contents(data_folder) == old


def test_a_write_protected_file_is_refused(data_folder: Path) -> None:
    spoil(data_folder, TASKS, LINKS)
    old = contents(data_folder)
    (data_folder / TASKS).chmod(0o444)
    code, _, error = run("fmt", data_folder)
    assert code == 2
    assert TASKS in error
    assert contents(data_folder) == old
    assert run("fmt", data_folder, "--check")[0] == 1


def test_a_read_only_folder_is_refused(data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system's own answer is simulated, because the super-user may write everywhere."""
    spoil(data_folder, LINKS)
    old = contents(data_folder)

    make = Path.open

    def refuse(path: Path, mode: str = "r", *more: Any, **named: Any) -> Any:
        if "x" in mode:
            raise PermissionError(13, "Permission denied")
        return make(path, mode, *more, **named)

    monkeypatch.setattr(Path, "open", refuse)
    code, _, error = run("fmt", data_folder)
    assert code == 2
    assert "Permission denied" in error
    assert LINKS in error
    assert "no file was changed" in error
    assert contents(data_folder) == old


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs a folder the user may not write to")
def test_a_folder_without_write_permission_is_refused(data_folder: Path) -> None:
    spoil(data_folder, LINKS)
    parent = (data_folder / LINKS).parent
    parent.chmod(0o555)
    try:
        assert run("fmt", data_folder)[0] == 2
    finally:
        parent.chmod(0o755)


def test_a_link_out_of_the_folder_is_not_followed(data_folder: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside.csv"
    spoil(data_folder, LINKS)
    (data_folder / LINKS).rename(outside)
    (data_folder / LINKS).symlink_to(outside)
    before = outside.read_bytes()
    code, output, _ = run("fmt", data_folder)
    assert code == 1
    assert f"left alone {LINKS}" in output
    assert outside.read_bytes() == before
    assert (data_folder / LINKS).is_symlink()


def test_a_linked_folder_is_not_followed(data_folder: Path, tmp_path: Path) -> None:
    spoil(data_folder, LINKS)
    programme = (data_folder / LINKS).parent
    outside = programme.rename(tmp_path / "elsewhere")
    programme.symlink_to(outside)
    before = contents(outside)
    assert run("fmt", data_folder)[0] == 1
    assert contents(outside) == before


def test_a_link_within_the_folder_stays_a_link(data_folder: Path) -> None:
    spoil(data_folder, LINKS)
    real = (data_folder / LINKS).rename(data_folder / LINKS.replace("links.csv", "real.txt"))
    (data_folder / LINKS).symlink_to(real)
    fmt(data_folder)
    assert (data_folder / LINKS).is_symlink()
    assert b"\r" not in real.read_bytes()


@pytest.mark.skipif(os.name == "nt", reason="no named pipes")
def test_what_is_no_regular_file_is_refused(data_folder: Path) -> None:
    (data_folder / LINKS).unlink()
    os.mkfifo(data_folder / LINKS)
    with pytest.raises(WriteRefusedError):
        target_of(data_folder, LINKS)
    code, output, _ = run("fmt", data_folder)
    assert code == 1
    assert f"left alone {LINKS}" in output


def test_what_somebody_changed_meanwhile_is_not_overwritten(data_folder: Path) -> None:
    spoil(data_folder, LINKS)
    found = formatting(data_folder).changes
    append_line(data_folder, LINKS, "typed meanwhile")
    before = contents(data_folder)
    with pytest.raises(WriteRefusedError, match="meanwhile"):
        replace_all(data_folder, found)
    assert contents(data_folder) == before


def test_a_later_failure_says_how_many_files_were_written(data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    move = os.replace

    def replace(beside: Path, target: Path) -> None:
        if target.name == "tasks.csv":
            raise OSError(5, "Input/output error")
        move(beside, target)

    monkeypatch.setattr(os, "replace", replace)
    changes = [Change(file, (data_folder / file).read_bytes(), b"new\n") for file in (LINKS, TASKS)]
    with pytest.raises(WriteRefusedError, match="1 files were written before"):
        replace_all(data_folder, changes)
    assert (data_folder / LINKS).read_bytes() == b"new\n"

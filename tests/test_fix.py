"""minsheng fix: what is certain is put right, cell by cell; what is not is asked or left."""

import os
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipeline.cli import app, curating
from pipeline.dataset import Dataset
from pipeline.fixing import Fixed, StopAskingError, fix
from pipeline.placing import Claim, possible
from pipeline.proposals import Choice, Question
from pipeline.sources import SourceText, SourceTexts, Span
from pipeline.validation import validate
from pipeline.verifying import verify
from tests.conftest import FIXTURES
from tests.editing import append_line, delete_row, rewrite_bytes, set_cell, set_label

ASSIGNMENTS = "programmes/shili-2030/assignments.csv"
CITATIONS = "programmes/shili-2030/citations.csv"
EXCLUSIONS = "programmes/shili-2030/exclusions.csv"
LINKS = "programmes/shili-2030/links.csv"
MILESTONES = "programmes/shili-2030/milestones.csv"
SOURCES = "sources.csv"
TARGETS = "programmes/shili-2030/targets.csv"
TASKS = "programmes/shili-2030/tasks.csv"
UNIT_SYMBOLS = "reference/unit_symbols.csv"


@pytest.fixture(autouse=True)
def source_texts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINSHENG_SOURCES", str(FIXTURES / "texts"))


def run(*arguments: str | Path, lang: str = "en", answers: str | None = None) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, [*(str(a) for a in arguments), "--lang", lang], input=answers)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.stdout, result.stderr


def contents(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def damage(folder: Path) -> None:
    """The slips of an afternoon, each with one certain remedy."""
    for key, column, value in (
        ("t01-01", "comparator", "左右"),
        ("t01-02", "value", "8,000"),
        ("t01-03", "year_stated", "否"),
        ("t02-01", "unit_code", "个"),
        ("t03-01", "value", "９２"),
        ("t03-05", "start_year", "2030年"),
    ):
        set_cell(folder, TARGETS, "target_id", f"shili-2030-{key}", column, value)
    set_cell(folder, MILESTONES, "milestone_id", "shili-2030-d03-01", "due_on", "2030年6月30日")
    set_cell(folder, ASSIGNMENTS, "printed_name", "市教育局", "organization_id", "示例市教育局")
    set_cell(folder, ASSIGNMENTS, "printed_name", "市教育局", "role", "牵头")
    set_cell(folder, TASKS, "task_id", "shili-2030-03", "title_zh", " 改善\u200b校园服务\u3000")
    set_cell(folder, SOURCES, "source_id", "shili-2030", "characters", "1")
    for column in ("start", "end"):
        set_cell(folder, CITATIONS, "citation_id", "shili-2030-t01-02-c1", column, "")
    rewrite_bytes(folder, LINKS, lambda content: content.decode().encode("gb18030"))


def test_certain_fixes_restore_the_data_byte_for_byte(data_folder: Path) -> None:
    sound = contents(data_folder)
    damage(data_folder)
    code, output, _ = run("fix", data_folder, "--yes")
    assert code == 0
    assert contents(data_folder) == sound
    assert f"{TARGETS}!H2  左右 → approx  [constraint-error]" in output
    assert f"{CITATIONS}!F5  ∅ → 92" in output
    assert f"{TASKS}!G5  “ 改善\\u200b校园服务\\u3000” → 改善校园服务" in output
    assert "GB18030" in output
    assert "run minsheng verify" in output
    assert "0 errors" in output


def test_check_writes_nothing(data_folder: Path) -> None:
    assert run("fix", data_folder, "--check")[0] == 0
    damage(data_folder)
    before = contents(data_folder)
    code, output, _ = run("fix", data_folder, "--check", lang="zh")
    assert code == 1
    assert "左右 → approx" in output
    assert "可自动改正 14 处" in output
    assert contents(data_folder) == before


def test_a_cell_edit_changes_its_cell_only(data_folder: Path) -> None:
    """CRLF, needless quotes, an unknown column, a # row and the order of the rows stay as they are."""
    text = (data_folder / LINKS).read_text(encoding="utf-8")
    header, *rows = text.splitlines()
    lines = [f"{header},备注", *(f'"{row.split(",")[0]}",{row.partition(",")[2]},' for row in reversed(rows))]
    lines.append('# 待核,x,其中,"多行\r\n说明",')
    before = "\r\n".join(lines).encode("utf-8")
    (data_folder / LINKS).write_bytes(before)
    run("fix", data_folder)
    assert (data_folder / LINKS).read_bytes() == before.replace("其中".encode(), b"subset_of")


def test_sound_data_are_left_alone(data_folder: Path) -> None:
    before = contents(data_folder)
    code, output, _ = run("fix", data_folder)
    assert code == 0
    assert "nothing to fix" in output
    assert contents(data_folder) == before


def test_what_is_not_certain_is_listed_and_left(data_folder: Path) -> None:
    set_cell(data_folder, TARGETS, "target_id", "shili-2030-t01-04", "value", "110%")
    set_cell(data_folder, TASKS, "task_id", "shili-2030-03-m2", "kind", "measurs")
    before = contents(data_folder)
    code, output, _ = run("fix", data_folder)
    assert code == 1
    assert "2 places to be decided" in output
    assert f"{TARGETS}!I5  110?" in output
    assert f"{TASKS}!D7  measure" in output
    assert contents(data_folder) == before


@pytest.mark.parametrize(
    "damaging",
    [
        lambda d: rewrite_bytes(d, TARGETS, lambda b: b.replace(b",person,", b",persn,")),
        lambda d: set_cell(d, CITATIONS, "citation_id", "shili-2030-t03-05-c1", "printed", "半覆盖"),
        lambda d: append_line(d, UNIT_SYMBOLS, "人,wan-person"),
        lambda d: set_label(d, LINKS, "note_zh", "note_hz"),
    ],
    ids=["a misspelt unit", "other characters cited", "an ambiguous symbol", "a misspelt column"],
)
def test_nothing_is_guessed(data_folder: Path, damaging: object) -> None:
    damaging(data_folder)  # type: ignore[operator]
    before = contents(data_folder)
    run("fix", data_folder, "--yes")
    assert contents(data_folder) == before


def test_a_symbol_of_two_units_is_left(data_folder: Path) -> None:
    append_line(data_folder, UNIT_SYMBOLS, "人,wan-person")
    set_cell(data_folder, TARGETS, "target_id", "shili-2030-t01-02", "unit_code", "人")
    before = contents(data_folder)
    run("fix", data_folder, "--yes")
    assert contents(data_folder) == before


def test_what_is_printed_is_never_tidied(data_folder: Path) -> None:
    """Full width and spaces belong to the document; the span tells that the source has other characters."""
    set_cell(data_folder, CITATIONS, "citation_id", "shili-2030-t03-01-c1", "printed", "９２% ")
    before = contents(data_folder)
    run("fix", data_folder, "--yes")
    assert contents(data_folder) == before


# ------------------------------------------------------------------------------------------------ questions


def choose(*numbers: int | None) -> tuple[list[Question], object]:
    """Somebody who answers with these choices in turn, from 1; the questions are noted."""
    asked: list[Question] = []
    answers = iter(numbers)

    def ask(question: Question) -> Choice | None:
        asked.append(question)
        number = next(answers, None)
        return None if number is None else question.choices[number - 1]

    return asked, ask


def test_an_answer_is_applied_and_the_rest_follows(data_folder: Path, texts: SourceTexts) -> None:
    sound = contents(data_folder)
    set_label(data_folder, LINKS, "kind", "kinds")
    set_cell(data_folder, LINKS, "from_target_id", "shili-2030-t02-02", "kinds", "各部分相加等于总数")
    set_cell(data_folder, TASKS, "task_id", "shili-2030-03-m2", "kind", "measurs")
    asked, ask = choose(1, 1)
    result = fix(data_folder, ask, sources=texts)  # type: ignore[arg-type]
    assert {question.finding.code for question in asked} == {"extra-label", "constraint-error"}
    assert contents(data_folder) == sound, "with its column named rightly, the label in it is certain too"
    assert (result.report.findings, result.left) == ((), ())


def test_a_question_is_put_once(data_folder: Path, texts: SourceTexts) -> None:
    set_cell(data_folder, TARGETS, "target_id", "shili-2030-t01-04", "value", "110%")
    set_cell(data_folder, TASKS, "task_id", "shili-2030-03-m2", "kind", "measurs")
    asked, ask = choose(None, None)
    result = fix(data_folder, ask, sources=texts)  # type: ignore[arg-type]
    assert len(asked) == len(result.left) == 2


def test_who_stops_keeps_what_was_decided(data_folder: Path, texts: SourceTexts) -> None:
    for key in ("m1", "m2"):
        set_cell(data_folder, TASKS, "task_id", f"shili-2030-03-{key}", "kind", "measurs")
    answered: list[Question] = []

    def ask(question: Question) -> Choice | None:
        if answered:
            raise StopAskingError
        answered.append(question)
        return question.choices[0]

    result = fix(data_folder, ask, sources=texts)
    assert (len(result.edits), len(result.left)) == (1, 1)


def at_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(curating, "at_terminal", lambda: True)


def test_a_terminal_is_asked(data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    set_cell(data_folder, TARGETS, "target_id", "shili-2030-t01-04", "value", "110%")
    at_a_terminal(monkeypatch)
    sound = (FIXTURES / "shili" / TARGETS).read_bytes()
    code, output, _ = run("fix", data_folder, answers="7\nx\n1\n")
    assert code == 0
    assert "“110%” is not a number" in output
    assert "1) 110" in output
    assert (data_folder / TARGETS).read_bytes() == sound


@pytest.mark.parametrize("answer", ["\n", "q\n"])
def test_a_terminal_may_decline(data_folder: Path, monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    set_cell(data_folder, TARGETS, "target_id", "shili-2030-t01-04", "value", "110%")
    before = contents(data_folder)
    at_a_terminal(monkeypatch)
    assert run("fix", data_folder, answers=answer)[0] == 1
    assert contents(data_folder) == before


def test_with_yes_nothing_is_asked(data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    set_cell(data_folder, TARGETS, "target_id", "shili-2030-t01-04", "value", "110%")
    at_a_terminal(monkeypatch)
    code, output, _ = run("fix", data_folder, "--yes", answers="")
    assert code == 1
    assert "to be decided" in output


def test_breaking_off_a_question_writes_nothing(data_folder: Path, texts: SourceTexts) -> None:
    damage(data_folder)
    set_cell(data_folder, TARGETS, "target_id", "shili-2030-t01-04", "value", "110%")
    before = contents(data_folder)

    def ask(_: Question) -> Choice | None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fix(data_folder, ask, sources=texts)
    assert contents(data_folder) == before


def test_what_is_certain_is_shown_before_the_first_question(data_folder: Path, texts: SourceTexts) -> None:
    damage(data_folder)
    set_cell(data_folder, TARGETS, "target_id", "shili-2030-t01-04", "value", "110%")
    order: list[str] = []

    def show(certain: Fixed) -> None:
        order.append(f"shown {len(certain.edits)}")

    def ask(_: Question) -> Choice | None:
        order.append("asked")
        return None

    fix(data_folder, ask, show, sources=texts)
    assert order == ["shown 13", "asked"]


# ------------------------------------------------------------------------------------------------ places in a source


def place(folder: Path, key: str, start: str, end: str) -> None:
    set_cell(folder, CITATIONS, "citation_id", f"shili-2030-{key}-c1", "start", start)
    set_cell(folder, CITATIONS, "citation_id", f"shili-2030-{key}-c1", "end", end)


@pytest.mark.parametrize(
    ("key", "start", "end"),
    [
        ("t01-02", "", ""),
        ("t01-02", "", "100"),
        ("t01-02", "92", ""),
        ("t01-02", "0", "8"),
        ("t01-02", "９２", "100"),
        ("t02-01", "162", "166"),
        ("t03-03", "", ""),
    ],
    ids=["none", "end", "start", "far off", "full width", "one too long", "shared by three"],
)
def test_a_place_that_can_be_only_one_is_found(
    data_folder: Path, texts: SourceTexts, key: str, start: str, end: str
) -> None:
    sound = contents(data_folder)
    place(data_folder, key, start, end)
    fix(data_folder, sources=texts)
    assert contents(data_folder) == sound


def test_a_place_is_found_by_excluding_the_others(data_folder: Path, texts: SourceTexts) -> None:
    """The item number 1 stands three times and in every 1 of a number; the other rows leave one place."""
    sound = contents(data_folder)
    set_cell(data_folder, EXCLUSIONS, "start", "208", "end", "0")
    set_cell(data_folder, EXCLUSIONS, "start", "208", "start", "0")
    fix(data_folder, sources=texts)
    assert contents(data_folder) == sound


def test_two_lost_rows_with_the_same_characters_are_left(data_folder: Path, texts: SourceTexts) -> None:
    for start in ("208", "280"):
        set_cell(data_folder, EXCLUSIONS, "start", start, "end", "")
        set_cell(data_folder, EXCLUSIONS, "start", start, "start", "")
    before = contents(data_folder)
    result = fix(data_folder, sources=texts)
    assert contents(data_folder) == before
    assert [len(question.choices) for question in result.left] == [2, 2]
    assert all("line" in choice.note.en for question in result.left for choice in question.choices)


def test_start_and_end_are_decided_together(data_folder: Path, texts: SourceTexts) -> None:
    sound = contents(data_folder)
    for start in ("208", "280"):
        set_cell(data_folder, EXCLUSIONS, "start", start, "end", "")
        set_cell(data_folder, EXCLUSIONS, "start", start, "start", "")
    asked, ask = choose(1)
    fix(data_folder, ask, sources=texts)  # type: ignore[arg-type]
    assert len(asked) == 1, "the other row then has one place left"
    assert contents(data_folder) == sound


def test_without_the_text_no_place_is_told(data_folder: Path) -> None:
    place(data_folder, "t01-02", "", "")
    before = contents(data_folder)
    fix(data_folder, sources=SourceTexts({}, {}))
    assert contents(data_folder) == before


def test_possible_places() -> None:
    text = SourceText("开办30个,新建130个;30个,30个")
    first, second, third = Span(2, 5), Span(13, 16), Span(17, 20)
    assert possible(text, "30个", "a", []) == [first, second, third], "a place may not cut a number"
    assert possible(text, "30个", "a", [Claim(first, "")]) == [second, third]
    assert possible(text, "30个", "a", [Claim(first, "a")]) == [second, third]
    assert possible(text, "30个", "a", [Claim(first, "b")]) == [first, second, third], "different owners may share"
    assert possible(text, "30个", "a", [Claim(Span(2, 6), "b")]) == [second, third]
    assert possible(text, "30个", "", [Claim(first, "b")]) == [second, third]


def test_no_place_of_the_real_data_is_told_wrongly() -> None:
    """Of every second citation the place is taken away; each that is told is the one it had."""
    from pipeline.dataset import Row
    from pipeline.placing import placements

    validation = validate(Path(__file__).parent.parent / "datapackage")
    if not validation.sources.by_hash.keys() & {row["sha256"] for row in validation.data.tables["sources"]}:
        pytest.skip("the source texts are not at hand")
    rows = list(validation.data.tables["citations"])
    for at in range(0, len(rows), 2):
        rows[at] = Row(rows[at].source, rows[at].record, frozenset({"start", "end"}))
    data = Dataset({**validation.data.tables, "citations": tuple(rows)}, frozenset())
    found = placements(data, validation.sources)
    certain = [placement for placement in found if placement.certain]
    assert len(certain) > len(rows) / 4
    assert all(placement.row.text("start") == str(placement.spans[0].start) for placement in certain)


def test_a_fixed_citation_can_be_verified(data_folder: Path, texts: SourceTexts) -> None:
    place(data_folder, "t01-02", "", "")
    assert fix(data_folder, sources=texts).verify_again
    assert verify(data_folder, texts).ok


# ------------------------------------------------------------------------------------------------ writing


def test_a_crash_leaves_every_file_old_or_new(data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sound = contents(data_folder)
    damage(data_folder)
    old = contents(data_folder)
    move = os.replace
    moved: list[Path] = []

    def replace(beside: Path, target: Path) -> None:
        if len(moved) == 3:
            raise KeyboardInterrupt
        moved.append(target)
        move(beside, target)

    monkeypatch.setattr(os, "replace", replace)
    with pytest.raises(KeyboardInterrupt):
        fix(data_folder)
    left = contents(data_folder)
    assert left.keys() == old.keys()
    assert sum(left[file] != old[file] for file in left) == 3
    assert all(left[file] in (old[file], sound[file]) for file in left)
    monkeypatch.undo()
    monkeypatch.setenv("MINSHENG_SOURCES", str(FIXTURES / "texts"))
    fix(data_folder)
    assert contents(data_folder) == sound, "run again, it does the rest"


def test_a_write_protected_file_is_refused(data_folder: Path) -> None:
    damage(data_folder)
    before = contents(data_folder)
    (data_folder / TARGETS).chmod(0o444)
    code, _, error = run("fix", data_folder)
    assert code == 2
    assert "write-protected" in error
    assert contents(data_folder) == before


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right of their own")
def test_a_link_out_of_the_folder_is_not_followed(data_folder: Path, tmp_path: Path) -> None:
    damage(data_folder)
    outside = (data_folder / TARGETS).rename(tmp_path / "targets.csv")
    (data_folder / TARGETS).symlink_to(outside)
    before = outside.read_bytes()
    code, output, _ = run("fix", data_folder)
    assert code == 1
    assert f"left alone {TARGETS}" in output
    assert outside.read_bytes() == before
    assert b"lead" in (data_folder / ASSIGNMENTS).read_bytes()


def test_a_file_with_broken_quotes_is_left_alone(data_folder: Path) -> None:
    damage(data_folder)
    append_line(data_folder, TARGETS, 'shili-2030-t04-01,"')
    before = (data_folder / TARGETS).read_bytes()
    code, output, _ = run("fix", data_folder)
    assert code == 1
    assert f"left alone {TARGETS}" in output
    assert (data_folder / TARGETS).read_bytes() == before


def test_a_truncated_row_gets_no_cell(data_folder: Path) -> None:
    delete_row(data_folder, ASSIGNMENTS, "printed_name", "市教育局")
    append_line(data_folder, ASSIGNMENTS, "shili-2030-03,牵头,1")
    run("fix", data_folder)
    assert (data_folder / ASSIGNMENTS).read_text(encoding="utf-8").endswith("\nshili-2030-03,lead,1\n")


def test_a_folder_without_data_is_misuse(tmp_path: Path) -> None:
    assert run("fix", tmp_path)[0] == 2
    assert run("fmt", tmp_path)[0] == 2

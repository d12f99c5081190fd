"""The fix stage: apply what is certain, ask about the rest, write each file whole, validate again.

Fixes are tried on a copy of the data folder and validated there, round by round, because one fix can show the next.
Only then are the changed files written (see `writing` for what a crash leaves). A fix changes the bytes of its cells
and no others, except that a file in another encoding becomes UTF-8.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from pipeline.curated import read
from pipeline.encoding import decode
from pipeline.findings import Finding, Report
from pipeline.formatting import LeftAlone
from pipeline.language import Text
from pipeline.paths import folders
from pipeline.proposals import Choice, Edit, Question, proposals
from pipeline.raw_cells import ScanError, replaced
from pipeline.sources import SourceTexts, find_texts
from pipeline.validation import validate
from pipeline.writing import Change, WriteRefusedError, read_file, replace_all

_ROUNDS = 10
_SUFFIXES = frozenset({".csv", ".json", ".toml"})
_VERIFIED = ("citations.csv", "exclusions.csv", "assignments.csv")

Ask = Callable[[Question], Choice | None]


class StopAskingError(Exception):
    """Raised by the one who is asked, to leave the remaining questions undecided."""


@dataclass(frozen=True)
class Fixed:
    """What was changed (or would be), what is left to decide, and how the data stands afterwards."""

    edits: tuple[Edit, ...]
    encodings: tuple[Finding, ...]
    left: tuple[Question, ...]
    left_alone: tuple[LeftAlone, ...]
    report: Report

    @property
    def any(self) -> bool:
        return bool(self.edits or self.encodings)

    @property
    def verify_again(self) -> bool:
        """Whether rows changed that the verification lock holds digests of."""
        return any(edit.file.endswith(_VERIFIED) for edit in self.edits)


def fix(
    folder: Path,
    ask: Ask | None = None,
    show: Callable[["Fixed"], None] = lambda _: None,
    *,
    write: bool = True,
    sources: SourceTexts | None = None,
) -> Fixed:
    """Fix a data folder; `show` is called with what is certain before the first question.

    Without `ask` only certain fixes are made. Raises DataFolderError, WriteRefusedError.
    """
    read(folder)  # refuses where there is nothing to work on
    texts = find_texts(folder) if sources is None else sources
    with TemporaryDirectory(prefix="minsheng-") as name:
        trial = _Trial(folder, Path(name), texts)
        trial.settle()
        show(trial.result())
        if ask is not None:
            trial.ask(ask)
        result = trial.result()
        changes = trial.changes()
    if not write:
        return result
    replace_all(folder, changes)
    report = validate(folder, texts).report
    return Fixed(result.edits, result.encodings, result.left, result.left_alone, report)


class _Trial:
    """A copy of a data folder on which fixes are tried."""

    def __init__(self, folder: Path, copy: Path, texts: SourceTexts) -> None:
        self.copy, self.texts = copy, texts
        self.old: dict[str, bytes] = {}
        self.left_alone: dict[str, LeftAlone] = {}
        self.edits: list[Edit] = []
        self.encodings: list[Finding] = []
        self._copy(folder)
        self.validation = validate(copy, texts)
        self.questions: tuple[Question, ...] = ()

    def _copy(self, folder: Path) -> None:
        """Copy what validation reads."""
        for base in folders(folder):
            for path in sorted(base.glob("*")) if base.is_dir() else ():
                file = path.relative_to(folder).as_posix()
                if path.suffix.lower() not in _SUFFIXES or path.name.startswith(".") or not path.is_file():
                    continue
                try:
                    content = self.old[file] = read_file(folder, file)
                except WriteRefusedError as error:
                    self.left_alone[file] = LeftAlone(file, error.reason)
                    continue
                target = self.copy / file
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)

    def settle(self) -> None:
        """Apply what is certain until nothing more is."""
        tried: set[tuple[object, ...]] = set()
        for _ in range(_ROUNDS):
            found = proposals(self.validation)
            self.questions = found.questions
            edits = [edit for edit in found.edits if (*edit.where, edit.new) not in tried]
            tried |= {(*edit.where, old) for edit in edits for old in (edit.old, edit.new)}
            encodings = [finding for finding in found.encodings if self._encode(finding)]
            if not self._apply(edits) and not encodings:
                return
            self.validation = validate(self.copy, self.texts)

    def _encode(self, finding: Finding) -> bool:
        """Write a file as UTF-8 without a byte order mark."""
        file = finding.place.file
        if not self._writable(file):
            return False
        text, _ = decode((self.copy / file).read_bytes())
        if text is None:
            return False
        (self.copy / file).write_bytes(text.encode("utf-8"))
        self.encodings.append(finding)
        return True

    def _apply(self, edits: Sequence[Edit]) -> bool:
        """Put edits into the files of the copy; whether there was any to put."""
        applied = False
        for file in dict.fromkeys(edit.file for edit in edits):
            if not self._writable(file):
                continue
            mine = [edit for edit in edits if edit.file == file]
            path = self.copy / file
            text, _ = decode(path.read_bytes())
            try:
                new = replaced(text or "", {(e.row, e.column): (e.old, e.new) for e in mine})
            except ScanError as error:
                self.left_alone[file] = LeftAlone(file, Text(f"引号不配对:{error}", f"broken quotes: {error}"))
                continue
            path.write_bytes(new.encode("utf-8"))
            self.edits += mine
            applied = True
        return applied

    def _writable(self, file: str) -> bool:
        return file in self.old

    def ask(self, ask: Ask) -> None:
        """Put every question once; an answer may settle others or raise new ones."""
        asked: set[tuple[str, str]] = set()
        while question := next((q for q in self.questions if _about(q) not in asked), None):
            asked.add(_about(question))
            try:
                choice = ask(question)
            except StopAskingError:
                return
            if choice is not None and self._apply(choice.edits):
                self.validation = validate(self.copy, self.texts)
                self.settle()

    def result(self) -> Fixed:
        return Fixed(
            tuple(_merged(self.edits)),
            tuple(self.encodings),
            self.questions,
            tuple(self.left_alone.values()),
            self.validation.report,
        )

    def changes(self) -> list[Change]:
        """The files that differ from what they were."""
        new = {file: (self.copy / file).read_bytes() for file in self.old}
        return [Change(file, old, new[file]) for file, old in self.old.items() if new[file] != old]


def _about(question: Question) -> tuple[str, str]:
    return (question.finding.code, question.finding.place.cell)


def _merged(edits: Sequence[Edit]) -> list[Edit]:
    """One edit a cell, from what it first said to what it says at last."""
    merged: dict[tuple[str, int, int], Edit] = {}
    for edit in edits:
        first = merged.get(edit.where)
        merged[edit.where] = replace(first, new=edit.new) if first else edit
    return [edit for edit in merged.values() if edit.old != edit.new]

"""What `minsheng fix` may change: findings turned into edits of cells, those that are certain and those to decide.

A finding carries what its cell must have meant; the values most like it are offered besides.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from pipeline.curated import CuratedFile, Record
from pipeline.findings import Finding, Fix
from pipeline.language import Text
from pipeline.nearest import nearest_values
from pipeline.placing import Placement, placements
from pipeline.sources import Span
from pipeline.suggestions import foreign_key_of
from pipeline.tables import Field
from pipeline.validation import Validation

_FORM = frozenset({"type-error", "constraint-error"})
_SPAN = ("start", "end")
_CONTEXT = 8


@dataclass(frozen=True)
class Edit:
    """A new value for one cell; `row` 0 is the header, `column` the place in the file, from 0."""

    file: str
    row: int
    column: int
    cell: str
    old: str
    new: str
    code: str

    @property
    def where(self) -> tuple[str, int, int]:
        return (self.file, self.row, self.column)


@dataclass(frozen=True)
class Choice:
    """One way to settle a finding; `note` helps to decide."""

    edits: tuple[Edit, ...]
    note: Text = field(default=Text("", ""))


@dataclass(frozen=True)
class Question:
    """A finding that somebody must decide, the likeliest choice first."""

    finding: Finding
    choices: tuple[Choice, ...]


@dataclass(frozen=True)
class Proposals:
    """Edits that are certain, files to be written as UTF-8, and what remains to be decided."""

    edits: tuple[Edit, ...]
    encodings: tuple[Finding, ...]
    questions: tuple[Question, ...]


def proposals(validation: Validation) -> Proposals:
    """All fixes a validation leads to, one a cell."""
    found = _Found(validation)
    for finding in validation.report.findings:
        found.add(finding)
    for placement in placements(validation.data, validation.sources):
        found.place(placement)
    return Proposals(
        tuple(found.edits.values()),
        tuple(found.encodings),
        tuple(q for where, q in found.questions.items() if where not in found.edits),
    )


class _Found:
    """Collects fixes; the first certain one for a cell counts."""

    def __init__(self, validation: Validation) -> None:
        self.validation = validation
        self.files = {file.file: file for file in validation.reading.files}
        self.records = {(file.file, record.row): record for file in self.files.values() for record in file.records}
        self.edits: dict[tuple[str, int, int], Edit] = {}
        self.encodings: list[Finding] = []
        self.questions: dict[tuple[str, int, int], Question] = {}
        self.lost: dict[tuple[str, int], Finding] = {}  # rows whose start or end is at fault

    def add(self, finding: Finding) -> None:
        place = finding.place
        if finding.code == "encoding-error" and finding.fix and finding.fix.safe:
            self.encodings.append(finding)
            return
        file, record = self.files.get(place.file), self.records.get((place.file, place.row or 0))
        if file is None:
            return
        if place.row and (finding.code == "span-mismatch" or (finding.code in _FORM and place.field in _SPAN)):
            self.lost.setdefault((place.file, place.row), finding)
            if finding.code == "span-mismatch":
                return  # placed by its characters, start and end together
        if record is None:
            self._label(file, finding)
        elif place.field in file.letters and (record.row, place.field) not in file.absent:
            self._cell(file, record, file.table.field(str(place.field)), finding)

    def _label(self, file: CuratedFile, finding: Finding) -> None:
        """A misspelt column: its name is never changed without asking."""
        place = finding.place
        if finding.code == "extra-label" and finding.fix and place.column and finding.value is not None:
            column = _index(place.column)
            edit = Edit(file.file, 0, column, place.cell, finding.value, finding.fix.value, finding.code)
            self.questions.setdefault(edit.where, Question(finding, (Choice((edit,)),)))

    def _cell(self, file: CuratedFile, record: Record, field: Field, finding: Finding) -> None:
        fixes = list(self._fixes(file, field, finding))
        edits = [edit for fix in fixes if (edit := _edit(file, record, field, fix.value, finding.code))]
        certain = next((e for fix in fixes if fix.safe for e in edits if e.new == fix.value), None)
        if certain and not field.as_printed:
            self.edits.setdefault(certain.where, certain)
        elif edits:
            choices = tuple(Choice((edit,)) for edit in dict.fromkeys(edits))
            self.questions.setdefault(edits[0].where, Question(finding, choices))

    def _fixes(self, file: CuratedFile, field: Field, finding: Finding) -> Iterator[Fix]:
        """What the cell may have meant: what the finding says, and the values most like it."""
        text = finding.value or ""
        key = foreign_key_of(file.table.name, field.name)
        existing = [row.key for row in self.validation.data.tables[key.resource]] if key else []
        about_form = finding.code in _FORM or finding.code in {k.rule for k in file.table.foreign_keys}
        if finding.fix:
            yield finding.fix
        if text and about_form and (values := field.values or existing):
            yield from map(Fix, nearest_values(text, values))

    def place(self, placement: Placement) -> None:
        """The start and end of a citation or exclusion, changed together."""
        row, file = placement.row, placement.row.source
        finding = self.lost.get((file.file, row.record.row))
        if finding is None or not set(_SPAN) <= file.letters.keys():
            return
        choices = []
        for span in placement.spans:
            values = zip(_SPAN, (str(span.start), str(span.end)), strict=True)
            edits = [_edit(file, row.record, file.table.field(name), value, finding.code) for name, value in values]
            choices.append(Choice(tuple(edit for edit in edits if edit), _around(placement, span)))
        if placement.certain:
            self.edits |= {edit.where: edit for edit in choices[0].edits}
        else:
            self.questions[file.file, row.record.row, _index(file.letters["start"])] = Question(finding, tuple(choices))


def _around(placement: Placement, span: Span) -> Text:
    """The line of a place and the characters around it."""
    text, number = placement.text.text, placement.text.line(span.start)
    shown = text[max(0, span.start - _CONTEXT) : span.end + _CONTEXT].replace("\n", " ")
    return Text(f"来源第 {number} 行:…{shown}…", f"line {number} of the source: …{shown}…")


def _edit(file: CuratedFile, record: Record, field: Field, new: str, code: str) -> Edit | None:
    """The edit of a cell that exists; None where it already says so."""
    old = record.cells[file.table.names.index(field.name)] or ""
    if old == new or (record.row, field.name) in file.absent:
        return None
    column = _index(file.letters[field.name])
    return Edit(file.file, record.row, column, file.place(record, field.name).cell, old, new, code)


def _index(letters: str) -> int:
    """A → 0, Z → 25, AA → 26."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1

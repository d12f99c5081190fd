"""The text of cells and files: what is invisible, dangerous in a spreadsheet, or keeps versions from being compared.

Cells that repeat characters of a document (`ms:asPrinted`) are not ours to tidy: span-mismatch and
printed-name-not-in-source hold them against the source, character by character. Only what a spreadsheet would run is
reported in them; a plain signed number (-5%, +3个) is not.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from operator import itemgetter
from pathlib import Path

from pipeline.canonical import EDGE, FULL_WIDTH, clean, dialect_fault, prescribed
from pipeline.checks.registry import Context, check
from pipeline.curated import Reading
from pipeline.dataset import columns_of
from pipeline.encoding import decode
from pipeline.findings import Finding, Fix, Place
from pipeline.language import Text
from pipeline.tables import Field, curated_tables

# Characters that only direct or hide text: taking them out loses nothing a reader sees.
_HIDDEN = "\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"
_INVISIBLE = re.compile(f"[{_HIDDEN}]")
# C0 but the newline, DEL and C1, line and paragraph separators, lone surrogates, noncharacters.
_CONTROL = re.compile(f"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff{_HIDDEN}]")
_FORMULA = re.compile(r"[=+\-@]")
# What a spreadsheet would run; a sign before plain figures is a number, unless something to be called follows.
_PRINTED_FORMULA = re.compile(r"[=@\t\r]|[+-](?![0-9.]+[^|!(=@]*\Z)")
_FULL_WIDTH = re.compile("[\uff01-\uff5e]")

_AT_ONCE = 100_000  # rows whose columns are searched at once
# Stands between the cells of a column when it is searched as a whole.
_SEPARATOR = "\x1e"
_AT_START = {"text": " =+-@", "prescribed": " ", "printed": "=+-@\t\r"}


@check("cell-whitespace", "full-width-digit", "formula-injection", "control-character")
def cells_are_clean(context: Context) -> Iterator[Finding]:
    """Judge the text of every cell; nearly all columns are passed as a whole."""
    for table in curated_tables():
        if table.name in context.data.incomplete:
            context.view.pass_over(Text(f"{table.name} 未能完整读取", f"{table.name} could not be read whole"))
        rows = context.data.tables[table.name]
        for start in range(0, len(rows), _AT_ONCE):
            some = rows[start : start + _AT_ONCE]
            records = [row.record.cells for row in some]
            for at, field in enumerate(table.fields):
                distinct = set(map(itemgetter(at), records)) - {None}  # most cells repeat another
                if distinct and _suspect(_kind(field), distinct):
                    faults = {cell: found for cell in distinct if (found := tuple(_faults(field, cell)))}
                    for row in some if faults else ():
                        for fault in faults.get(row.record.cells[at], ()):
                            yield row.finding(fault.code, field.name, fault.fix, **fault.facts)


@dataclass(frozen=True)
class _Fault:
    """What is wrong with the text of a cell, wherever it stands."""

    code: str
    fix: Fix | None
    facts: Mapping[str, str]


def _suspect(kind: str, cells: Collection[str]) -> bool:
    """Whether a column may hold something to report, by searches that cost next to nothing.

    Control and hidden characters, and all white space but the ASCII space, are what Python calls not printable.
    """
    column = f"{_SEPARATOR}{_SEPARATOR.join(cells)}{_SEPARATOR}"
    if any(_SEPARATOR + character in column for character in _AT_START[kind]):
        return True
    if kind == "printed":
        return False
    return (
        f" {_SEPARATOR}" in column
        or (kind == "prescribed" and not column.isascii())
        or not "".join(cells).isprintable()
    )


def _kind(field: Field) -> str:
    if field.as_printed:
        return "printed"
    return "prescribed" if prescribed(field) else "text"


def _faults(field: Field, cell: str) -> Iterator[_Fault]:
    """The faults of one cell. Each is reported once: what stands at the ends is white space, whatever it is."""
    kind = _kind(field)
    if kind == "printed":
        if _PRINTED_FORMULA.match(cell):
            yield _Fault("formula-injection", None, {"first": _named(cell[0])})
        return
    core = cell.strip(EDGE)
    tidy = Fix(tidied(field, cell), safe=True)
    if core != cell:
        found = "、".join(dict.fromkeys(_named(c) for c in (*cell[: cell.find(core)], *cell[len(cell.rstrip(EDGE)) :])))
        yield _Fault("cell-whitespace", tidy, {"found": found})
    if kind == "prescribed" and (wide := _FULL_WIDTH.search(core)):
        half = chr(FULL_WIDTH[ord(wide.group())])
        yield _Fault("full-width-digit", tidy, {"found": wide.group(), "half": half})
    if kind == "text" and _FORMULA.match(core):
        yield _Fault("formula-injection", None, {"first": core[0]})
    if control := _CONTROL.search(core.replace("\r\n", "\n")):
        yield _Fault("control-character", _without_controls(field, cell), {"found": _named(control[0])})


def tidied(field: Field, cell: str) -> str:
    """A cell in canonical form, without the characters that only hide or direct text."""
    return cell if field.as_printed else clean(field, _INVISIBLE.sub("", cell))


def _without_controls(field: Field, cell: str) -> Fix | None:
    """Safe where only hidden characters go and line ends become LF; else something else may have stood there."""
    tidy = tidied(field, cell)
    if not _CONTROL.search(tidy):
        return Fix(tidy, safe=True)
    rest = _CONTROL.sub("", tidy.replace("\t", " "))
    return Fix(rest) if rest else None


def _named(character: str) -> str:
    """A character for a message: as it is where it can be seen, by its code point otherwise."""
    return character if character.isprintable() and not character.isspace() else f"U+{ord(character):04X}"


@check("not-canonical-order")
def rows_stand_in_order(context: Context) -> Iterator[Finding]:
    """Rows of a file are sorted by primary key; the first one out of order is reported, not all behind it."""
    for table in curated_tables():
        rows = list(context.view.rows(table.name, *table.primary_key))
        (first,) = columns_of(rows, table.primary_key[0])
        # what comes later in the alphabet is most often the next number, too
        places = [at for at, (before, now) in enumerate(pairwise(first), 1) if (now or "") <= (before or "")]
        told: set[str] = set()
        for before, row in ((rows[at - 1], rows[at]) for at in places):
            if row.source is before.source and row.source.file not in told:
                keys = [[each[name] for name in table.primary_key] for each in (before, row)]
                if keys[1] < keys[0]:
                    told.add(row.source.file)
                    place = row.place(table.primary_key[0])
                    yield Finding("not-canonical-order", place, place.record, {"before": before.place().record or "—"})


def dialects(folder: Path, reading: Reading) -> Iterator[Finding]:
    """Files whose line ends or quotes are not canonical; a warning each, for they hide what changed in a version.

    Looks at the bytes again, because records no longer show them; a file that cannot be read has been reported.
    """
    for file in reading.files:
        try:
            text, _ = decode((folder / file.file).read_bytes())
        except OSError:
            continue
        problem = dialect_fault(text) if text else None
        if problem:
            yield Finding("not-canonical-form", Place(file.file), None, {"problem": problem})

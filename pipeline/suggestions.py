"""What a cell that is wrong must have meant, where that can be known: pure functions from text to a fix.

A fix is safe only where every reader would write the same value: another notation of it (2024年1月5日, 1,000, 牵头), or
a name that the registers give to one record. What needs a thought, such as 2.7万 in a column of numbers, is offered but
not safe; what may mean two things (1/5/2024, a name of two units) is not offered at all.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

from pipeline.canonical import EDGE, FULL_WIDTH, clean
from pipeline.curated import CuratedFile, Reading, Record
from pipeline.findings import Fix
from pipeline.tables import Field, ForeignKey, table

_TRUE = frozenset({"true", "yes", "y", "1", "是", "真", "对"})
_FALSE = frozenset({"false", "no", "n", "0", "否", "假", "错"})
_MINUS = str.maketrans({"\u2212": "-", "\u2013": "-", "\u2012": "-", "\u2010": "-", "\u2011": "-"})
_SPACES = str.maketrans(dict.fromkeys("\xa0\u2009\u202f\u3000", " "))
_GROUPED = re.compile(r"-?[0-9]{1,3}(?:(?:,[0-9]{3})+|(?: [0-9]{3})+)(?:\.[0-9]+)?")
_DATE = re.compile(
    r"([0-9]{4})(?:([-/.])([0-9]{1,2})\2([0-9]{1,2})|\s*年\s*([0-9]{1,2})\s*月\s*([0-9]{1,2})\s*[日号])"
    r"(?:[T ]0{1,2}:00(?::00(?:\.0+)?)?)?"
)
_COMPACT_DATE = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_SERIAL_DAY = re.compile(r"[2-6][0-9]{4}")
_SERIAL_EPOCH = date(1899, 12, 30)  # day 0 of spreadsheets, as they count since March 1900
_LEADING_NUMBER = re.compile(r"(?:约|第)?(-?[0-9]+(?:\.[0-9]+)?)\s*\D{1,8}")


def suggest(field: Field, text: str) -> Fix | None:
    """A value that this column takes in place of `text`; None where nothing is known or `text` is taken as it is."""
    if field.as_printed or holds(field, text):
        return None
    bare = clean(field, text).translate(_SPACES)
    if field.type != "string":
        bare = bare.removeprefix("'").translate(_MINUS)  # the apostrophe is how a spreadsheet marks text
    for value, safe in _readings(field, bare):
        if value != text and holds(field, value):
            return Fix(value, safe)
    return None


def _readings(field: Field, bare: str) -> Iterator[tuple[str, bool]]:
    """Values the text may stand for, and whether that is certain; the best first."""
    yield bare, True
    if field.enum:
        yield from ((value, True) for value in _listed(field, bare))
    match field.type:
        case "boolean":
            word = bare.casefold()
            yield ("true" if word in _TRUE else "false" if word in _FALSE else "", True)
        case "date":
            yield from _dates(bare)
        case "integer" | "number":
            yield from _numbers(field, bare)
        case _ if field.pattern:
            yield from _identifiers(bare)


def holds(field: Field, value: str) -> bool:
    """Whether a value has the type and meets the constraints of its column."""
    if not value:
        return not field.required
    if field.enum and value not in field.values:
        return False
    if field.pattern and not field.enum and not re.fullmatch(field.pattern.removeprefix("^").removesuffix("$"), value):
        return False
    match field.type:
        case "boolean":
            return value in ("true", "false")
        case "date":
            return _is_date(value)
        case "integer" | "number":
            digits = r"-?[0-9]{1,18}" if field.type == "integer" else r"-?[0-9]{1,19}(?:\.[0-9]{1,9})?"
            return bool(re.fullmatch(digits, value)) and _within(field, Decimal(value))
        case _:
            return True


def _within(field: Field, number: Decimal) -> bool:
    low = field.minimum is None or number >= Decimal(field.minimum)
    return low and (field.maximum is None or number <= Decimal(field.maximum))


def _is_date(value: str) -> bool:
    try:
        return bool(re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value)) and bool(date.fromisoformat(value))
    except ValueError:
        return False


def _listed(field: Field, bare: str) -> list[str]:
    """The one value of a list that this is a label or another spelling of."""
    word = _folded(bare)
    spellings = [(spelling, value) for value, label in field.enum for spelling in (value, label.zh, label.en)]
    found = {value for spelling, value in (*spellings, *field.aliases) if _folded(spelling) == word}
    return list(found) if len(found) == 1 else []


def _folded(text: str) -> str:
    return re.sub(r"[\s_-]+", " ", text.translate(FULL_WIDTH).strip(EDGE)).casefold()


def _dates(bare: str) -> Iterator[tuple[str, bool]]:
    """Year, month and day in this order; day before month and month before day cannot be told apart."""
    if found := _DATE.fullmatch(bare):
        year, _, *rest = found.groups()
        month, day = (part for part in rest if part)
        yield f"{year}-{int(month):02}-{int(day):02}", True
    if found := _COMPACT_DATE.fullmatch(bare):
        yield "-".join(found.groups()), True
    if _SERIAL_DAY.fullmatch(bare):
        yield (_SERIAL_EPOCH + timedelta(days=int(bare))).isoformat(), False


def _numbers(field: Field, bare: str) -> Iterator[tuple[str, bool]]:
    number = re.sub("[, ]", "", bare) if _GROUPED.fullmatch(bare) else bare
    number = number.removeprefix("+")
    number = re.sub(r"^(-?)\.(?=[0-9])", r"\g<1>0.", number).removesuffix(".")
    yield number, True
    if field.type == "integer":
        yield re.sub(r"\.0+$", "", number), True
        yield re.sub(r"^([0-9]{4})年$", r"\1", number), True
    if re.fullmatch(r"-?[0-9]+(?:\.[0-9]+)?[eE][+-]?[0-9]{1,2}", number):
        yield _written_out(number), False  # a spreadsheet may have cut digits off
    if found := _LEADING_NUMBER.fullmatch(number):
        yield found[1], False  # what follows belongs into the unit or the comparator


def _written_out(number: str) -> str:
    try:
        return f"{Decimal(number).normalize():f}"
    except InvalidOperation:
        return ""


def _identifiers(bare: str) -> Iterator[tuple[str, bool]]:
    """Identifiers never differ in case only; a list may have come with another separator."""
    yield bare.lower(), True
    yield bare.upper(), True
    yield ";".join(part.strip() for part in re.split("[,、;]", bare)), True
    yield re.sub(r"[\s_.]+", "-", bare.lower()), False
    yield f"0{bare}", False  # a spreadsheet drops a leading zero


@dataclass(frozen=True)
class Registers:
    """Names by which records are known: (register, jurisdiction or "", name) to the keys that bear the name."""

    names: Mapping[tuple[str, str, str], frozenset[str]]
    jurisdictions: Mapping[str, str]  # by programme

    def find(self, register: str, name: str, jurisdiction: str = "") -> Fix | None:
        """The key of the only record of this name; names of organisations hold within one jurisdiction."""
        keys = self.names.get((register, jurisdiction, _folded(name)), frozenset())
        return Fix(next(iter(keys)), safe=True) if len(keys) == 1 else None

    def suggest(self, file: CuratedFile, record: Record, key: ForeignKey) -> Fix | None:
        """The identifier meant by a name that stands in a column of identifiers; None where it is none or unclear."""
        cell = _cell(file, record, key.fields[-1])
        if not cell or len(key.fields) > 1:
            return None
        jurisdiction = self.jurisdiction(file, record) if key.resource == "organizations" else ""
        return self.find(key.resource, cell, jurisdiction) if jurisdiction is not None else None

    def jurisdiction(self, file: CuratedFile, record: Record) -> str | None:
        """The jurisdiction of a row: its own, or that of the programme in whose folder it lies."""
        if "jurisdiction_code" in file.table.names and not file.table.per_programme:
            return _cell(file, record, "jurisdiction_code")
        if file.table.per_programme:
            return self.jurisdictions.get(file.file.split("/")[1])
        return None


Meant = Callable[[CuratedFile, Record, ForeignKey, Collection[str]], Fix | None]


def meant_in(reading: Reading) -> Meant:
    """The function that knows what a broken reference means; the registers are read once it is asked."""
    known: list[Registers] = []

    def meant(file: CuratedFile, record: Record, key: ForeignKey, existing: Collection[str]) -> Fix | None:
        """The existing record that bears this name, or whose key this is another notation of; None where unclear."""
        if not known:
            known.append(registers(reading))
        by_name = known[0].suggest(file, record, key)
        cell = _cell(file, record, key.fields[-1])
        by_form = suggest(file.table.field(key.fields[-1]), cell) if cell else None
        return next((fix for fix in (by_name, by_form) if fix and fix.value in existing), None)

    return meant


def registers(reading: Reading) -> Registers:
    """Read the names out of the registers of a data folder."""
    names: dict[tuple[str, str, str], set[str]] = {}
    jurisdictions: dict[str, str] = {}
    for file in reading.files:
        for record in file.records:
            for place, name, key in _named(file, record):
                names.setdefault((*place, _folded(name)), set()).add(key)
            if file.table.name == "programmes":
                programme, code = _cell(file, record, "programme_id"), _cell(file, record, "jurisdiction_code")
                if programme and code:
                    jurisdictions[programme] = code
    return Registers({place: frozenset(keys) for place, keys in names.items()}, jurisdictions)


_NAMED_TABLES = frozenset({"units", "domains", "concepts", "jurisdictions", "organizations"})


def _named(file: CuratedFile, record: Record) -> Iterator[tuple[tuple[str, str], str, str]]:
    """(register and jurisdiction, name, key) for every name that a row of a register gives."""
    register = file.table.name
    if register in _NAMED_TABLES:
        names: Iterable[str] = ("name_zh", "name_en")
        key = _cell(file, record, file.table.primary_key[0])
    elif register == "unit_symbols":
        register, names, key = "units", ("symbol",), _cell(file, record, "unit_code")
    elif register == "organization_names":
        register, names, key = "organizations", ("printed_name",), _cell(file, record, "organization_id")
    else:
        return
    jurisdiction = _cell(file, record, "jurisdiction_code") if register == "organizations" else ""
    if key and jurisdiction is not None:
        for name in names:
            if text := _cell(file, record, name):
                yield (register, jurisdiction), text, key


def _cell(file: CuratedFile, record: Record, name: str) -> str | None:
    return record.cells[file.table.names.index(name)]


def foreign_key_of(name: str, field: str) -> ForeignKey | None:
    """The reference a column of a table makes."""
    return next((key for key in table(name).foreign_keys if key.fields == (field,)), None)

"""Whether the labels of a file are those of its schema, and which column holds which field."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pipeline.findings import Finding, Fix, Place
from pipeline.language import Text
from pipeline.nearest import nearest_values
from pipeline.tables import Table, spreadsheet_letter

MOST_UNKNOWN = 100  # unknown labels told one by one; a file with more is another one, or has blank columns

# How the fields of a schema match the columns of a file. Source: Data Package v2, Table Schema, fieldsMatch.
FieldsMatch = Literal["exact", "equal", "subset", "superset", "partial"]


@dataclass(frozen=True)
class Header:
    """What stands where: the position of each field found, from 0, and the faults of the labels."""

    positions: Mapping[str, int]
    findings: tuple[Finding, ...]

    @property
    def letters(self) -> dict[str, str]:
        """The spreadsheet letter of each field found."""
        return {name: spreadsheet_letter(at) for name, at in self.positions.items()}


def read_header(
    labels: Sequence[str], table: Table, file: str, match: FieldsMatch = "exact", *, ignore_case: bool = False
) -> Header:
    """Find the fields of a table among the labels of a file. A label that is no field's is left aside."""
    names = {name.casefold() if ignore_case else name: name for name in table.names}
    found = [names.get(label.casefold() if ignore_case else label) for label in labels]
    positions = {name: found.index(name) for name in dict.fromkeys(found) if name is not None}
    return Header(positions, tuple(_faults(labels, found, positions, table, file, match)))


def _faults(
    labels: Sequence[str],
    found: Sequence[str | None],
    positions: Mapping[str, int],
    table: Table,
    file: str,
    match: FieldsMatch,
) -> Iterator[Finding]:
    wanted = ",".join(table.names)
    absent = [name for name in table.names if name not in positions]
    unknown = [index for index, name in enumerate(found) if name is None]
    for index, (label, name) in enumerate(zip(labels, found, strict=True)):
        place = Place(file, line=1, column=spreadsheet_letter(index))
        if name is None and match in ("exact", "equal", "superset"):
            if len(unknown) > MOST_UNKNOWN and index > unknown[MOST_UNKNOWN - 1]:
                continue
            if len(unknown) > MOST_UNKNOWN and index == unknown[MOST_UNKNOWN - 1]:
                rest, last = len(unknown) - MOST_UNKNOWN, spreadsheet_letter(unknown[-1])
                more = Text(f";直到 {last} 列另有 {rest} 个未知列", f"; {rest} more unknown columns up to {last}")
                yield Finding("extra-label", place, label, {"labels": wanted, "nearest": more})
                continue
            nearest = next(iter(nearest_values(label, absent)), None)
            hint = Text(f";是否为 {nearest}?", f"; {nearest}?") if nearest else Text("", "")
            facts: dict[str, str | Text] = {"labels": wanted, "nearest": hint}
            yield Finding("extra-label", place, label, facts, Fix(nearest) if nearest else None)
        elif name is not None and positions[name] != index:
            yield Finding("duplicate-label", place, label)
    if match in ("exact", "equal", "subset") or not positions:
        for name in absent:
            yield Finding("missing-label", Place(file, line=1, field=name), name, {"labels": wanted})
    if match == "exact":
        in_file = sorted(positions, key=lambda name: positions[name])
        in_schema = [name for name in table.names if name in positions]
        for label, name in zip(in_file, in_schema, strict=True):
            if label != name:
                place = Place(file, line=1, column=spreadsheet_letter(positions[label]))
                yield Finding("incorrect-label", place, label, {"labels": wanted})
                break

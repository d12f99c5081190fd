"""Edits of one place in a CSV of a data folder; all other bytes stay as they are."""

import csv
import hashlib
import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from pipeline.canonical import key_of, table_of

Span = tuple[int, int]
Edit = Callable[[Path], None]


def set_cell(folder: Path, file: str, key_column: str, key: str, column: str, value: str) -> None:
    """Put `value` into a column of the only row whose `key_column` holds `key`."""
    text = _read(folder, file)
    records = _records(text)
    header = _values(text, records[0])
    start, end = _find(text, records, key_column, key)[header.index(column)]
    _write(folder, file, text[:start] + quoted(value) + text[end:])


def set_label(folder: Path, file: str, label: str, new: str) -> None:
    """Rename a column in the header."""
    text = _read(folder, file)
    header = _records(text)[0]
    start, end = header[_values(text, header).index(label)]
    _write(folder, file, text[:start] + quoted(new) + text[end:])


def append_row(folder: Path, file: str, cells: Mapping[str, str]) -> None:
    """Add a row at the end; columns not named are left empty."""
    text = _read(folder, file)
    header = _values(text, _records(text)[0])
    if unknown := set(cells) - set(header):
        raise LookupError(f"{file} has no column {', '.join(sorted(unknown))}")
    append_line(folder, file, ",".join(quoted(cells.get(name, "")) for name in header))


def insert_row(folder: Path, file: str, cells: Mapping[str, str]) -> None:
    """Add a row of a curated table where its key belongs; columns not named are left empty."""
    header = _values(text := _read(folder, file), _records(text)[0])
    if unknown := set(cells) - set(header):
        raise LookupError(f"{file} has no column {', '.join(sorted(unknown))}")
    insert_line(folder, file, ",".join(quoted(cells.get(name, "")) for name in header))


def insert_line(folder: Path, file: str, line: str) -> None:
    """Add a row of a curated table, written as CSV, where its key belongs: before the first greater one."""
    table = table_of(file)
    if table is None:
        raise LookupError(f"{file} is no curated table")
    text = _read(folder, file)
    header, *rows = _records(text)
    key = key_of(table, _values(text, header))
    own = key(_values(f"{line}\n", _records(f"{line}\n")[0]))
    at = next((row[0][0] for row in rows if any(_values(text, row)) and key(_values(text, row)) > own), len(text))
    _write(folder, file, f"{text[:at]}{line}\n{text[at:]}")


def append_line(folder: Path, file: str, line: str) -> None:
    """Add a line at the end, as it is."""
    rewrite_bytes(folder, file, lambda content: content + line.encode() + b"\n")


def delete_row(folder: Path, file: str, key_column: str, key: str) -> None:
    """Take out the only row whose `key_column` holds `key`."""
    text = _read(folder, file)
    row = _find(text, _records(text), key_column, key)
    _write(folder, file, text[: row[0][0]] + text[row[-1][1] + 1 :])


def add_column(folder: Path, file: str, label: str, value: str = "") -> None:
    """Add a column behind the last one, with the same value in each row."""
    _reshape(folder, file, lambda cells, number: [*cells, quoted(value) if number else quoted(label)])


def drop_column(folder: Path, file: str, label: str) -> None:
    """Take out a column, header and cells."""
    at = _position(folder, file, label)
    _reshape(folder, file, lambda cells, number: [*cells[:at], *cells[at + 1 :]])


def swap_columns(folder: Path, file: str, first: str, second: str) -> None:
    """Let two columns change places, header and cells."""
    i, j = _position(folder, file, first), _position(folder, file, second)

    def swapped(cells: list[str], number: int) -> list[str]:
        cells[i], cells[j] = cells[j], cells[i]
        return cells

    _reshape(folder, file, swapped)


def delete_file(folder: Path, file: str) -> None:
    (folder / file).unlink()


def rewrite_bytes(folder: Path, file: str, change: Callable[[bytes], bytes]) -> None:
    """Replace the content of a file by what `change` makes of it."""
    path = folder / file
    path.write_bytes(change(path.read_bytes()))


def reprint(folder: Path, texts: Path, old: str, new: str) -> None:
    """Let the document of `folder` print `new` where it prints `old` (once): spans, hash and length follow.

    The text is read from the folder `texts` and goes to sources/ in `folder`; reprinted again, it is read from there.
    """
    own = folder / "sources"
    (name,) = (path.name for path in texts.glob("*.txt"))
    before = (own / name if own.exists() else texts / name).read_text(encoding="utf-8")
    at, more = before.index(old), len(new) - len(old)
    if before.count(old) != 1:
        raise LookupError(f"{before.count(old)} times {old}")
    after = before.replace(old, new)
    own.mkdir(exist_ok=True)
    (own / name).write_bytes(after.encode())
    for file in (*folder.glob("programmes/*/citations.csv"), *folder.glob("programmes/*/exclusions.csv")):
        rows = list(csv.DictReader(io.StringIO(file.read_text(encoding="utf-8"), newline="")))
        for row in rows:
            start, end = int(row["start"]), int(row["end"])
            start, end = start + more * (start > at), end + more * (end > at)
            row.update(start=str(start), end=str(end), printed=after[start:end])
        lines = [list(rows[0]), *(list(row.values()) for row in rows)]
        file.write_bytes("".join(",".join(map(quoted, line)) + "\n" for line in lines).encode())
    source = name.removesuffix(".txt")
    set_cell(folder, "sources.csv", "source_id", source, "sha256", hashlib.sha256(after.encode()).hexdigest())
    set_cell(folder, "sources.csv", "source_id", source, "characters", str(len(after)))


def quoted(value: str) -> str:
    """A cell as CSV writes it: in quotes only where it has to be."""
    if any(character in value for character in ',"\n\r'):
        return '"' + value.replace('"', '""') + '"'
    return value


def _read(folder: Path, file: str) -> str:
    return (folder / file).read_bytes().decode("utf-8")


def _write(folder: Path, file: str, text: str) -> None:
    (folder / file).write_bytes(text.encode("utf-8"))


def _records(text: str) -> list[list[Span]]:
    """Where the cells of each record start and end, quotes included."""
    records: list[list[Span]] = []
    cells: list[Span] = []
    start = 0
    inside = False
    for position, character in enumerate(text):
        if character == '"':
            inside = not inside
        elif not inside and character in ",\n":
            cells.append((start, position))
            start = position + 1
            if character == "\n":
                records.append(cells)
                cells = []
    return records


def _values(text: str, record: Sequence[Span]) -> list[str]:
    return [_value(text[start:end]) for start, end in record]


def _value(cell: str) -> str:
    return cell[1:-1].replace('""', '"') if cell.startswith('"') else cell


def _find(text: str, records: Sequence[list[Span]], key_column: str, key: str) -> list[Span]:
    at = _values(text, records[0]).index(key_column)
    found = [record for record in records[1:] if _values(text, record)[at] == key]
    if len(found) != 1:
        raise LookupError(f"{len(found)} rows with {key_column} {key}")
    return found[0]


def _position(folder: Path, file: str, label: str) -> int:
    text = _read(folder, file)
    return _values(text, _records(text)[0]).index(label)


def _reshape(folder: Path, file: str, change: Callable[[list[str], int], list[str]]) -> None:
    """Rebuild each record from its raw cells; `change` gets them with the number of the record (0: header)."""
    text = _read(folder, file)
    lines = [
        ",".join(change([text[start:end] for start, end in record], number)) + "\n"
        for number, record in enumerate(_records(text))
    ]
    _write(folder, file, "".join(lines))

"""A new programme in a data folder: its row, its empty tables and, where one is given, the text it is read from.

Rows go to the place their key has in the file; every other byte of the file stays as it is. What was already done is
undone where a later step fails.
"""

import csv
import hashlib
import io
import shutil
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.asking import Ask
from pipeline.checks import structure
from pipeline.curated import SLUG, CuratedFile, Reading, Record, read
from pipeline.findings import Finding
from pipeline.generated.descriptor import FILE_NAME as DESCRIPTOR
from pipeline.generated.descriptor import content
from pipeline.language import RefusalError, Text
from pipeline.package import read_package
from pipeline.regular import leads_out, read_regular
from pipeline.replacing import replace_file
from pipeline.tables import curated_tables, table

Cells = Mapping[str, str | None]

_PROGRAMME_OPTIONS = {"programme_id": "PROGRAMME_ID", "jurisdiction_code": "--jurisdiction", "issuer_id": "--issuer"}
_SOURCE_OPTIONS = {"title_zh": "--source-title", "sha256": "--source", "characters": "--source"}


class RegistrationError(RefusalError):
    """The programme cannot be registered; `reason` says why in both languages."""


@dataclass(frozen=True)
class NewSource:
    """A text to register; `title_zh` and `script` are derived where they are None."""

    path: Path
    title_zh: str | None = None
    script: str | None = None


@dataclass(frozen=True)
class Registered:
    """A programme that was registered, and the row of its text where there is one."""

    programme_id: str
    folder: Path
    source: Cells | None


def register(folder: Path, given: Cells, source: NewSource | None, ask: Ask) -> Registered:
    """Register a programme; `given` are the cells of its row in programmes.csv that are known.

    Raises RegistrationError, MissingValueError, DataFolderError, PackageFileError.
    """
    programme_id = given["programme_id"] or ""
    reading = read(folder)
    programmes = _file(reading, "programmes")
    _ensure_new(folder, programmes, programme_id)
    cells = _completed(given, reading, ask)
    reading = _judged(reading, programmes, cells, _PROGRAMME_OPTIONS)
    _ensure_order(cells)
    row = text = None
    if source is not None:
        text = _read_text(source.path)
        row = _source_row(programme_id, source, text, cells)
        _judged(reading, _file(reading, "sources"), row, _SOURCE_OPTIONS)
    renewed = (folder / DESCRIPTOR).is_file()
    if renewed:
        read_package(folder)  # what cannot be described afterwards is refused before anything is written
    with ExitStack() as undo:
        _make_tables(folder / "programmes" / programme_id, undo)
        if row is not None and text is not None:
            _keep_text(folder, programme_id, text, undo)
            _insert(folder, _file(reading, "sources"), row, undo)
        _insert(folder, programmes, cells, undo)
        if renewed:
            _write(folder / DESCRIPTOR, content(folder).encode("utf-8"), undo)
        undo.pop_all()
    return Registered(programme_id, folder / "programmes" / programme_id, row)


def _file(reading: Reading, name: str) -> CuratedFile:
    """A register as read. Raises RegistrationError where it cannot be read whole: a row would go to a wrong place."""
    path = table(name).path
    file = next((file for file in reading.files if file.table.name == name), None)
    faulty = any(finding.place.file == path for finding in reading.findings)
    if file is None or faulty:
        raise RegistrationError(
            Text(
                f"{path} 有误,请先改正(minsheng validate)",
                f"{path} is faulty; correct it first (minsheng validate)",
            )
        )
    return file


def _ensure_new(folder: Path, programmes: CuratedFile, programme_id: str) -> None:
    if not SLUG.fullmatch(programme_id):
        raise RegistrationError(
            Text(
                f"方案标识“{programme_id}”应为小写字母、数字和连字符,例如 huainan-2024",
                f"the programme “{programme_id}” must be named by lower-case letters, digits and hyphens, "
                "such as huainan-2024",
            )
        )
    place = folder / "programmes" / programme_id
    for base in ("programmes", "sources"):
        if leads_out(folder, folder / base):
            raise RegistrationError(
                Text(
                    f"{folder / base} 是指向数据文件夹之外的链接,不予改动",
                    f"{folder / base} is a link out of the data folder; it is left as it is",
                )
            )
    known = programme_id in {record.cells[0] for record in programmes.records}
    if known or place.exists():
        where = Text("programmes.csv", "programmes.csv") if known else Text(f"文件夹 {place}", f"the folder {place}")
        raise RegistrationError(
            Text(
                f"方案 {programme_id} 已存在({where.zh}),不予改动",
                f"the programme {programme_id} exists already ({where.en}); it is left as it is",
            )
        )


def _completed(given: Cells, reading: Reading, ask: Ask) -> dict[str, str | None]:
    """All cells of the row: what was given, what follows from it, what somebody had to say."""
    cells = {name: given.get(name) for name in table("programmes").names}
    cells["jurisdiction_code"] = cells["jurisdiction_code"] or _own_jurisdiction(reading)
    if cells["kind"] == "annual_list":
        cells["end_year"] = cells["end_year"] or cells["start_year"]
    for field in table("programmes").fields:
        if field.required and not cells[field.name]:
            allowed = f": {', '.join(field.values)}" if field.values else ""
            question = Text(f"{field.title.zh}{allowed}", f"{field.title.en}{allowed}")
            cells[field.name] = ask(_option(field.name, _PROGRAMME_OPTIONS), question)
    return cells


def _own_jurisdiction(reading: Reading) -> str | None:
    """The one jurisdiction that is above no other; None where there are several."""
    jurisdictions = next((file for file in reading.files if file.table.name == "jurisdictions"), None)
    if jurisdictions is None:
        return None
    code, parent = (jurisdictions.table.names.index(name) for name in ("jurisdiction_code", "parent_code"))
    above = {record.cells[parent] for record in jurisdictions.records}
    lowest = [record.cells[code] for record in jurisdictions.records if record.cells[code] not in above]
    return lowest[0] if len(lowest) == 1 else None


def _option(field: str, options: Mapping[str, str]) -> str:
    return options.get(field, "--" + field.replace("_", "-"))


def _judged(reading: Reading, file: CuratedFile, cells: Cells, options: Mapping[str, str]) -> Reading:
    """The reading with the new row in it, once the row satisfies its schema. Raises RegistrationError."""
    for name, value in cells.items():
        if value and not value.isprintable():
            option = _option(name, options)
            raise RegistrationError(Text(f"{option} 含有控制字符", f"{option} holds control characters"))
    last = file.records[-1] if file.records else Record(0, 1, ())
    record = Record(last.row + 1, last.line + 1, tuple(cells.get(name) for name in file.table.names))
    longer = replace(file, records=(*file.records, record))
    extended = replace(reading, files=tuple(longer if each is file else each for each in reading.files))
    judged = structure.check(extended, curated_tables())
    for fault in judged.findings:
        if fault.place.file == file.file and fault.place.row == record.row:
            raise RegistrationError(_reason(fault, options))
    return extended


def _reason(fault: Finding, options: Mapping[str, str]) -> Text:
    option = _option(fault.place.field or "", options)
    return Text(
        f"{option}:{fault.message('zh')};要求:{fault.expected('zh')}",
        f"{option}: {fault.message('en')}; expected: {fault.expected('en')}",
    )


def _ensure_order(cells: Cells) -> None:
    start, end = int(cells["start_year"] or 0), int(cells["end_year"] or 0)
    if end < start:
        raise RegistrationError(
            Text(f"--end-year {end} 早于 --start-year {start}", f"--end-year {end} is before --start-year {start}")
        )


def _read_text(path: Path) -> bytes:
    """The bytes of a source text, which must be plain UTF-8: offsets count its characters for ever."""
    try:
        content = read_regular(path)
    except OSError as error:
        why = error.strerror or str(error)
        raise RegistrationError(Text(f"无法读取 {path}:{why}", f"cannot read {path}: {why}")) from None
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        text = ""
    if not text or "\x00" in text or text.startswith("\ufeff"):
        raise RegistrationError(
            Text(
                f"{path} 不是 UTF-8 纯文本(也不得带 BOM,不得为空);请另存为 UTF-8 后重试",
                f"{path} is no plain UTF-8 text (without byte order mark, not empty); save it as UTF-8 and try again",
            )
        )
    return content


def _source_row(programme_id: str, source: NewSource, content: bytes, programme: Cells) -> Cells:
    text = content.decode("utf-8")
    return {
        "source_id": programme_id,
        "programme_id": programme_id,
        "title_zh": source.title_zh or programme["title_zh"],
        "script": source.script or script_of(text),
        "condition": condition_of(text),
        "sha256": hashlib.sha256(content).hexdigest(),
        "characters": str(len(text)),
    }


def script_of(text: str) -> str:
    """Hans or Hant: which of the two national character sets, GB 2312 or Big5, holds more of what the other lacks."""
    simplified = traditional = 0
    for character in set(text):
        if "\u4e00" <= character <= "\u9fff":
            in_gb, in_big5 = _encodes(character, "gb2312"), _encodes(character, "big5")
            simplified += in_gb and not in_big5
            traditional += in_big5 and not in_gb
    return "Hant" if traditional > simplified else "Hans"


def _encodes(character: str, encoding: str) -> bool:
    try:
        return bool(character.encode(encoding))
    except UnicodeEncodeError:
        return False


def condition_of(text: str) -> str:
    """What can be seen of the state of a text: masked words, damaged characters; a person must look for the rest."""
    found = [("redacted", "**" in text), ("garbled", "\ufffd" in text)]
    return ";".join(name for name, seen in found if seen) or "intact"


def _make_tables(place: Path, undo: ExitStack) -> None:
    """The folder of a programme with every table it has, header only."""
    place.parent.mkdir(exist_ok=True)
    place.mkdir()
    undo.callback(shutil.rmtree, place, ignore_errors=True)
    for each in curated_tables():
        if each.per_programme and not each.optional:
            (place / Path(each.path).name).write_text(_line(each.names, "\n"), encoding="utf-8", newline="\n")


def _keep_text(folder: Path, source_id: str, text: bytes, undo: ExitStack) -> None:
    """Copy the text to sources/, unless it is there already. Raises RegistrationError where another text is."""
    target = folder / "sources" / f"{source_id}.txt"
    target.parent.mkdir(exist_ok=True)
    if target.exists():
        if read_regular(target) != text:
            raise RegistrationError(
                Text(f"{target} 已存在且内容不同,不予改动", f"{target} exists with another text; it is left as it is")
            )
        return
    _write(target, text, undo)


def _insert(folder: Path, file: CuratedFile, cells: Cells, undo: ExitStack) -> None:
    """Put a row where its key belongs: before the first greater one, in the line ends the file has."""
    path = folder / file.file
    text = path.read_bytes().decode("utf-8")
    lines = list(io.StringIO(text, newline=""))
    end = "\r\n" if lines[0].endswith("\r\n") else "\n"
    if not lines[-1].endswith(("\n", "\r")):
        lines[-1] += end
    key = cells[file.table.primary_key[0]] or ""
    behind = (record.line - 1 for record in file.records if (record.cells[0] or "") > key)
    lines.insert(next(behind, len(lines)), _line([cells.get(name) or "" for name in file.table.names], end))
    _write(path, "".join(lines).encode("utf-8"), undo)


def _line(cells: list[str] | tuple[str, ...], end: str) -> str:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator=end).writerow(cells)
    return buffer.getvalue()


def _write(path: Path, new: bytes, undo: ExitStack) -> None:
    """Replace a file in one step; `undo` puts back what was there."""
    if path.exists():
        undo.callback(replace_file, path, read_regular(path))
    else:
        undo.callback(path.unlink, missing_ok=True)
    replace_file(path, new)

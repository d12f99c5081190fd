"""Ledgers as files: a workbook and a page each, whole or not there, and nobody's notes lost.

An office writes into a workbook it was handed. A file of the same name with another content is therefore left as it is.
"""

import os
from pathlib import Path

from pipeline.language import Language, Text
from pipeline.regular import UnfitFileError, read_regular
from pipeline.replacing import new_file
from pipeline.reports.unit_ledger import notes, page, workbook
from pipeline.reports.visible import visible
from pipeline.unit_ledger.model import Ledger
from pipeline.unit_ledger.reading import LedgerError

_NEW = Text("", "")
_SAME = Text("（内容相同，未改动）", "(the same, left as it is)")


def write(ledger: Ledger, folder: Path, programme: str | None, language: Language) -> list[tuple[Path, Text]]:
    """Write both files; each path with what became of it. Raises LedgerError where one cannot be written."""
    name = "_".join(filter(None, (ledger.unit_id, programme, ledger.as_of.isoformat(), language)))
    contents = {
        folder / f"{name}.xlsx": workbook.content(ledger, language),
        folder / f"{name}.html": f"{page.render(ledger, language)}\n".encode(),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, content in contents.items():
            if os.path.lexists(path) and not _holds(path, content):
                raise LedgerError(
                    Text(
                        f"{path} 已存在而内容不同，不予改动；请移走它，或用 --out 写到别处",
                        f"{path} exists with another content and is left as it is; move it away, or name another "
                        "folder with --out",
                    )
                )
        return [(path, _put(path, content)) for path, content in contents.items()]
    except OSError as error:
        where, why = error.filename or folder, error.strerror or str(error)
        raise LedgerError(Text(f"无法写入 {where}：{why}", f"cannot write {where}: {why}")) from None


def _holds(path: Path, content: bytes) -> bool:
    try:
        return read_regular(path) == content
    except (UnfitFileError, FileNotFoundError):  # a pipe, a device, a link that leads nowhere
        return False


def _put(path: Path, content: bytes) -> Text:
    if path.exists():
        return _SAME
    new_file(path, content)
    return _NEW


def written(ledger: Ledger, language: Language) -> str:
    """A ledger in a line or two."""
    told = (notes.title(ledger), notes.day(ledger), notes.counts(ledger), notes.by_status(ledger))
    return visible(" · ".join(text(language) for text in told), 2_000)

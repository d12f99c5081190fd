"""A report as a file: complete or not there, and never a device replaced by a file."""

import os
from pathlib import Path

from pipeline.language import RefusalError, Text


class ReportFileError(RefusalError):
    """The report cannot be written to the file; `reason` says why in both languages."""


def write(target: Path, content: str, encoding: str) -> None:
    """Write a report beside its place and move it there in one step.

    What is no regular file (a pipe, a device) is written to. Raises ReportFileError.
    """
    data = f"{content}\n".encode(encoding, "replace")
    try:
        if target.exists() and not target.is_file():
            target.write_bytes(data)
        else:
            _replace(target.resolve(), data)  # a link keeps leading to the report
    except OSError as error:
        why = error.strerror or str(error)
        raise ReportFileError(
            Text(f"无法写入报告 {target}:{why}", f"cannot write the report to {target}: {why}")
        ) from None


def _replace(place: Path, data: bytes) -> None:
    beside = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        beside.write_bytes(data)
        beside.replace(place)
    finally:
        beside.unlink(missing_ok=True)

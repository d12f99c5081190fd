"""A report as a file: complete or not there, and never a device replaced by a file."""

from pathlib import Path

from pipeline.language import RefusalError, Text
from pipeline.replacing import replace_file


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
            replace_file(target.resolve(), data)  # a link keeps leading to the report
    except OSError as error:
        why = error.strerror or str(error)
        raise ReportFileError(
            Text(f"无法写入报告 {target}:{why}", f"cannot write the report to {target}: {why}")
        ) from None

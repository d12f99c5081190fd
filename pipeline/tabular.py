"""The structural checks on tables that are not ours: any Data Package, or a file and its Table Schema, of any size."""

import tempfile
from pathlib import Path

import duckdb

from pipeline.checks import structure
from pipeline.checks.structure import StructureFaults
from pipeline.descriptors import Description, describe_file, describe_package
from pipeline.file_bytes import UnplainError
from pipeline.findings import Report
from pipeline.language import RefusalError, Text
from pipeline.rewriting import Opened, open_table

WIDE = 256  # columns; each takes some 32 KiB in every step of a query, 200 KiB in all
MEMORY = 300  # MB, more for very long lines and very many columns; beyond that the database spills to the disk


class TableError(RefusalError):
    """The tables cannot be worked on; `reason` says why in both languages."""


def validate_tables(path: Path, schema: Path | None = None) -> Report:
    """Check a data package (by its descriptor) or a file (by its schema). Raises DescriptorError, TableError."""
    if schema is not None:
        return validate_file(path, schema)
    if path.suffix.lower() == ".json":
        return validate_package(path)
    raise TableError(
        Text(
            f"{path} 要对照哪个表结构检查?请加 --schema SCHEMA.json",
            f"against which schema is {path} to be checked? add --schema SCHEMA.json",
        )
    )


def validate_package(path: Path) -> Report:
    """Check the tables of a data package. Raises DescriptorError, TableError."""
    return _validate(describe_package(path))


def validate_file(path: Path, schema: Path) -> Report:
    """Check one file against a Table Schema. Raises DescriptorError, TableError."""
    return _validate(describe_file(path, schema))


def _validate(description: Description) -> Report:
    doubted: set[Path] = set()
    while True:
        with tempfile.TemporaryDirectory(prefix="minsheng-") as scratch:
            try:
                return _attempt(description, Path(scratch), doubted)
            except UnplainError as error:
                doubted.add(error.path)
            except duckdb.OutOfMemoryException as error:
                raise TableError(Text(f"内存不足:{error}", f"not enough memory: {error}")) from None
            except duckdb.IOException as error:
                raise TableError(Text(f"无法读写:{error}", f"cannot read or write: {error}")) from None


def _attempt(description: Description, scratch: Path, doubted: set[Path]) -> Report:
    """One run; `doubted` are files that turned out not to be plain in an earlier one."""
    opened = [
        open_table(d.paths, d.shown, d.table, d.dialect, d.match, scratch, trust=not doubted & set(d.paths))
        for d in description.tables
    ]
    names = [described.table.name for described in description.tables]
    incomplete = {name for name, each in zip(names, opened, strict=True) if not each.whole} | description.unread
    found = _judge(opened, scratch, frozenset(incomplete))
    findings = [*description.findings]
    for each in opened:
        findings += each.findings
        findings += each.relation.findings if each.relation else ()
    return Report(
        findings=(*findings, *found.findings),
        not_checked=tuple(dict.fromkeys((*description.not_checked, *found.not_checked))),
        files=len(opened),
        records=found.rows,
    )


def _judge(opened: list[Opened], scratch: Path, incomplete: frozenset[str]) -> StructureFaults:
    relations = [each.relation for each in opened if each.relation]
    longest = max((relation.longest for relation in relations), default=0)
    widest = max((relation.width for relation in relations), default=0)
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": f"{MEMORY + 16 * (longest >> 22 and longest >> 20) + (widest // 5 if widest > WIDE else 0)}MB",
        "temp_directory": str(scratch / "spill"),
        "enable_external_access": True,
        "autoinstall_known_extensions": False,
    }
    if widest > WIDE:
        config["threads"] = 1  # each keeps a vector of every column
    with duckdb.connect(config=config) as connection:
        return structure.judge(connection, relations, incomplete)

"""The answer to a query: a table for a person, CSV or JSON for a program."""

import csv
import io
import json
import shutil
from datetime import date
from decimal import Decimal
from typing import Any

from pipeline.warehouse import Result

_NARROWEST = 6  # columns of a table that is still readable


def render(result: Result, form: str) -> str:
    """Render as `table`, `csv` or `json`."""
    match form:
        case "csv":
            return _csv(result)
        case "json":
            rows = [dict(zip(result.columns, row, strict=True)) for row in result.rows]
            return json.dumps(rows, ensure_ascii=False, indent=2, default=_json)
        case _:
            return _table(result)


def _csv(result: Result) -> str:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(result.columns)
    writer.writerows([cell(value) for value in row] for row in result.rows)
    return buffer.getvalue().removesuffix("\n")


def _table(result: Result) -> str:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    if sum(max(_NARROWEST, min(len(name), 16)) + 3 for name in result.columns) > _width():
        return _records(result)
    table = Table()
    numeric = [_is_numeric([row[i] for row in result.rows]) for i in range(len(result.columns))]
    for name, right in zip(result.columns, numeric, strict=True):
        table.add_column(Text(name), justify="right" if right else "left", overflow="fold")
    for row in result.rows:
        table.add_row(*(Text(cell(value)) for value in row))
    console = Console(file=io.StringIO(), width=_width(), color_system=None)
    console.print(table)
    output: str = console.file.getvalue()  # type: ignore[attr-defined]
    return output.rstrip("\n")


def _is_numeric(values: list[Any]) -> bool:
    return all(value is None or isinstance(value, int | float | Decimal) for value in values) and any(values)


def _records(result: Result) -> str:
    """One line a cell, for answers with more columns than a terminal has room for."""
    widest = max(len(name) for name in result.columns)
    blocks = [
        "\n".join(f"{name:<{widest}}  {cell(value)}" for name, value in zip(result.columns, row, strict=True))
        for row in result.rows
    ]
    return "\n\n".join(blocks) or "  ".join(result.columns)


def _width() -> int:
    return max(shutil.get_terminal_size((160, 24)).columns, 80)


def cell(value: Any) -> str:
    """A value as text: decimals without trailing zeros, nothing for NULL."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _json(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return value.isoformat() if isinstance(value, date) else str(value)

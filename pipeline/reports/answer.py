"""The answer to a query: a table for a person, CSV or JSON for a program."""

import csv
import io
import itertools
import json
import math
import shutil
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from pipeline.querying import Result
from pipeline.reports.visible import visible

_NARROWEST = 6  # columns of a table that is still readable


def render(result: Result, form: str) -> str:
    """Render as `table`, `csv` or `json`."""
    match form:
        case "csv":
            return _csv(result)
        case "json":
            names = _distinct(result.columns)
            rows = [dict(zip(names, map(_json, row), strict=True)) for row in result.rows]
            return json.dumps(rows, ensure_ascii=False, indent=2, allow_nan=False)
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
        table.add_column(Text(_seen(name)), justify="right" if right else "left", overflow="fold")
    for row in result.rows:
        table.add_row(*(Text(_seen(cell(value))) for value in row))
    console = Console(file=io.StringIO(), width=_width(), color_system=None)
    console.print(table)
    output: str = console.file.getvalue()  # type: ignore[attr-defined]
    return output.rstrip("\n")


def _is_numeric(values: list[Any]) -> bool:
    known = [value for value in values if value is not None]
    return bool(known) and all(isinstance(value, int | float | Decimal) for value in known)


def _records(result: Result) -> str:
    """One line a cell, for answers with more columns than a terminal has room for."""
    names = [_seen(name) for name in result.columns]
    widest = max(map(len, names))
    blocks = [
        "\n".join(f"{name:<{widest}}  {_seen(cell(value))}" for name, value in zip(names, row, strict=True))
        for row in result.rows
    ]
    return "\n\n".join(blocks) or "  ".join(names)


def _seen(text: str) -> str:
    """Without characters that steer a terminal; line feeds stay."""
    return "\n".join(visible(line, len(line)) for line in text.split("\n"))


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


def _distinct(names: Sequence[str]) -> list[str]:
    """Names that occur once: a later `id` becomes `id_1`, as DuckDB itself does it in a table."""
    taken, distinct = set(names), []
    for at, name in enumerate(names):
        if name in names[:at]:
            name = next(other for n in itertools.count(1) if (other := f"{name}_{n}") not in taken)  # noqa: PLW2901
            taken.add(name)
        distinct.append(name)
    return distinct


def _json(value: Any) -> Any:
    """A value as JSON knows it; what is no number there (NaN, infinity) is null."""
    match value:
        case None | bool() | int() | str():
            return value
        case float():
            return value if math.isfinite(value) else None
        case Decimal():
            if not value.is_finite():
                return None
            return int(value) if value == value.to_integral_value() else float(value)
        case date():
            return value.isoformat()
        case list() | tuple():
            return [_json(each) for each in value]
        case dict():
            return {str(key): _json(each) for key, each in value.items()}
        case _:
            return str(value)

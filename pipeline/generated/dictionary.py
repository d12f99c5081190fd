"""The data dictionary page, from the Table Schemas of curated tables and marts."""

from pipeline.tables import Field, Table, curated_tables, mart_tables

_NOTE = "<!-- Generated from schemas/ by `minsheng docs`; change the schemas, not this page. -->\n"


def files() -> dict[str, str]:
    lines = [
        _NOTE + "# 数据字典 / Data dictionary",
        "",
        "Marts are what analysts query (schema `main`); curated tables are what stewards write (schema `curated`).",
        "集市表供查询(模式 `main`),整理表由数据管理员填写(模式 `curated`)。",
        "",
        "## Marts / 集市表",
        "",
    ]
    for table in mart_tables():
        lines += _table(table)
    lines += ["## Curated tables / 整理表", ""]
    for table in curated_tables():
        lines += _table(table)
    return {"docs/data-dictionary.md": "\n".join(lines)}


def _table(table: Table) -> list[str]:
    lines = [
        f"### {table.name} — {table.title.zh}",
        "",
        f"{table.description.zh} {table.description.en}",
        "",
        f"`{table.path}`{' (optional / 可缺)' if table.optional else ''}"
        f" · key / 主键: `{'`, `'.join(table.primary_key)}`",
        "",
        "| column | type | 说明 | description |",
        "|---|---|---|---|",
    ]
    lines += [_row(field) for field in table.fields]
    return [*lines, ""]


def _row(field: Field) -> str:
    kind = field.type + (" *" if field.required else "")
    zh, en = field.description.zh, field.description.en
    if field.enum:
        zh += " " + "、".join(f"`{value}` {label.zh}" for value, label in field.enum)
        en += " " + ", ".join(f"`{value}` {label.en}" for value, label in field.enum)
    return f"| `{field.name}` | {kind} | {_cell(zh)} | {_cell(en)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")

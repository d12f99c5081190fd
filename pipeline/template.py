"""What a unit is asked to report for a period: its open indicators, as rows of a report that is yet to be filled in.

Open is an indicator of a task that the unit leads or is responsible for – the task's own units or, where it names none
in a role, those of the nearest node above – with a target that is still running in the period: not withdrawn by its
end, and not over before it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.checks import structure
from pipeline.checks.lead_units import lineage
from pipeline.curated import read
from pipeline.dataset import Dataset, Row, typed
from pipeline.fiction import NOTICE, is_fictional
from pipeline.language import RefusalError, Text
from pipeline.ledger import PLACED, REPORTS, REVISIONS, reports_as_of, revisions_as_of
from pipeline.nearest import hint_of, nearest_values
from pipeline.periods import Period, period_of
from pipeline.raw_cells import line
from pipeline.replacing import new_file
from pipeline.tables import curated_tables, table

# What must be sound, or open indicators could be missed; of reports only those that are sound are looked at.
_NEEDED = ("programmes", "organizations", "units", "tasks", "assignments", "indicators", "targets", REVISIONS)


class TemplateError(RefusalError):
    """No template can be made; `reason` says why in both languages."""


@dataclass(frozen=True)
class Line:
    """An open indicator. `cells` are those of its row in the report that are known, by column; `units` are the codes of
    the units that convert to its own. `target` and `last` are told to whom fills it in.
    """

    cells: Mapping[str, str]
    units: tuple[str, ...]
    indicator: Text
    task: Text
    target: Text
    last: Text


@dataclass(frozen=True)
class Template:
    """The lines of a report, in the order of their identifiers. `place` is where it belongs in the data folder,
    `notice` what must be known of the programme before anything else.
    """

    programme_id: str
    programme: Text
    unit: Text
    period: Period
    lines: tuple[Line, ...]
    units: Mapping[str, Text]
    place: str
    notice: Text | None = None

    @property
    def name(self) -> str:
        """The name of the file, without what says its format."""
        _, _, _, unit, period = self.place.removesuffix(".csv").split("/")
        return f"{self.programme_id}_{unit}_{period}"


def template(folder: Path, unit: str, written: str, programme_id: str | None = None) -> Template:
    """The template of a unit for a period; the programme may be left out where the unit has duties in one alone.

    Raises TemplateError, and DataFolderError where there is no data folder.
    """
    period = period_of(written)
    if period is None:
        raise TemplateError(
            Text(
                f"所属期“{written}”应写作 2024、2024-S1、2024-Q2 或 2024-06",
                f"the period “{written}” must be written 2024, 2024-S1, 2024-Q2 or 2024-06",
            )
        )
    data = _sound(folder)
    organization = data.find("organizations", unit)
    if organization is None:
        raise _unknown("organizations", unit, data)
    tasks = _tasks_of(unit, data)
    programme = _programme(programme_id, organization, tasks, data)
    lines = tuple(_lines(data, [task for task in tasks if task["programme_id"] == programme.key], unit, period))
    if not lines:
        raise TemplateError(
            Text(
                f"{organization['name_zh']}在 {programme.key} 中没有 {written} 仍在执行的指标",
                f"{unit} has no indicator in {programme.key} with a target that runs in {written}",
            )
        )
    values = {"programme_id": programme.key, "organization_id": unit, "period": written}
    return Template(
        programme_id=programme.key,
        programme=_named(programme, "title"),
        unit=_named(organization),
        period=period,
        lines=lines,
        units={row["unit_code"]: _named(row) for row in data.tables["units"]},
        place=table(REPORTS).path.format_map(values),
        notice=NOTICE if is_fictional(programme["jurisdiction_code"]) else None,
    )


def csv_content(made: Template) -> bytes:
    """The columns of the table and nothing else, so that the file can be put in its place as it is."""
    names = table(REPORTS).names
    rows = [names, *(tuple(each.cells.get(name, "") for name in names) for each in made.lines)]
    return "".join(line(list(row)) for row in rows).encode("utf-8")


def save(target: Path, content: bytes) -> None:
    """Write a template where no file is. Raises TemplateError."""
    try:
        new_file(target, content)
    except FileExistsError:
        raise TemplateError(
            Text(
                f"{target} 已存在,不予改动;请用 --out 写到别处",
                f"{target} exists and is left as it is; name another file with --out",
            )
        ) from None
    except OSError as error:
        why = error.strerror or str(error)
        raise TemplateError(Text(f"无法写入 {target}:{why}", f"cannot write {target}: {why}")) from None


def _sound(folder: Path) -> Dataset:
    """The data of a folder, where what is needed of it can be relied on."""
    reading = read(folder)
    tables = curated_tables()
    data = typed(reading, tables, structure.check(reading, tables).faulty)
    faulty = next((row for name in _NEEDED for row in data.tables[name] if row.faulty), None)
    if faulty is not None:
        where = faulty.place(min(faulty.faulty)).cell
    elif unread := data.incomplete.intersection(_NEEDED):
        where = f"{min(unread)}.csv"
    else:
        return data
    raise TemplateError(
        Text(f"{where} 有误,请先改正(minsheng validate)", f"{where} is faulty; correct it first (minsheng validate)")
    )


def _unknown(name: str, key: str, data: Dataset) -> TemplateError:
    near = hint_of(nearest_values(key, [row.key for row in data.tables[name]]))
    return TemplateError(Text(f"{name} 中没有“{key}”{near.zh}", f"“{key}” is not in {name}{near.en}"))


def _programme(given: str | None, organization: Row, tasks: Iterable[Row], data: Dataset) -> Row:
    if given is not None:
        programme = data.find("programmes", given)
        if programme is None:
            raise _unknown("programmes", given, data)
        return programme
    found = sorted({task["programme_id"] for task in tasks})
    programme = data.find("programmes", found[0]) if len(found) == 1 else None
    if programme is None:
        listed = ", ".join(found) or "—"
        raise TemplateError(
            Text(
                f"请用 --programme 写明方案;{organization['name_zh']}有职责的方案:{listed}",
                f"name the programme with --programme; {organization.key} has duties in: {listed}",
            )
        )
    return programme


def _tasks_of(unit: str, data: Dataset) -> list[Row]:
    """Tasks that a unit answers for, in any role."""
    duties: dict[tuple[str, str], set[str]] = {}
    for row in data.tables["assignments"]:
        duties.setdefault((row["task_id"], row["role"]), set()).add(row["organization_id"])
    roles = {role for _, role in duties}

    def answers(task: Row) -> bool:
        above = lineage(task, data)
        nearest = (next((duties[key, role] for key in above if (key, role) in duties), set()) for role in roles)
        return any(unit in units for units in nearest)

    return [task for task in data.tables["tasks"] if answers(task)]


def _lines(data: Dataset, tasks: Iterable[Row], unit: str, period: Period) -> Iterator[Line]:
    by_key = {task.key: task for task in tasks}
    running = _running(data, period)
    reported = [row for row in data.tables[REPORTS] if not row.faulty.intersection((*PLACED, "value", "unit_code"))]
    for indicator in sorted(data.tables["indicators"], key=lambda row: row.key):
        if indicator["task_id"] not in by_key or indicator.key not in running:
            continue
        task = by_key[indicator["task_id"]]
        mine = [row for row in reported if row["indicator_id"] == indicator.key]
        before = _last(mine, period)
        own = _last([row for row in mine if row["organization_id"] == unit], period)
        made = [row["revision"] for row in mine if (row["organization_id"], row["period"]) == (unit, period.text)]
        usual = data.units[indicator["unit_code"]]
        yield Line(
            cells={
                "indicator_id": indicator.key,
                "period": period.text,
                "organization_id": unit,
                "revision": str(max(made, default=0) + 1),
                "unit_code": own["unit_code"] if own else usual.code,
                "accumulation": (own["accumulation"] or "") if own else "",
            },
            units=tuple(code for code, each in data.units.items() if each.dimension == usual.dimension),
            indicator=_named(indicator),
            task=_named(task, "title"),
            target=_joined(_promised(row, data) for row in running[indicator.key]),
            last=_reported(before, data) if before else Text("", ""),
        )


def _running(data: Dataset, period: Period) -> dict[str, list[Row]]:
    """Promises in force at the end of a period, by indicator: targets, or the revisions in their place."""
    revised = revisions_as_of(data.tables[REVISIONS], period.end)
    found: dict[str, list[Row]] = {}
    for target in data.tables["targets"]:
        now = revised.get(target.key, target)
        withdrawn = now is not target and now["status"] == "withdrawn"
        if target["kind"] == "target" and not withdrawn and target["start_year"] <= period.year <= now["end_year"]:
            found.setdefault(target["indicator_id"], []).append(now)
    return found


def _last(rows: Iterable[Row], period: Period) -> Row | None:
    """The report of the latest period that ended before this one does."""
    ended = [(when.end, row) for row in reports_as_of(rows) if (when := period_of(row["period"]))]
    return max((pair for pair in ended if pair[0] < period.end), key=lambda pair: pair[0], default=(None, None))[1]


def _promised(row: Row, data: Dataset) -> Text:
    until = Text(f"{row['end_year']} 年", f"by {row['end_year']}")
    if row["value"] is None:
        return Text(f"文字承诺({until.zh})", f"promised in words ({until.en})")
    words = dict(table("targets").field("comparator").enum).get(row["comparator"] or "", Text("", ""))
    value = " – ".join(text for name in ("value", "upper_value") if (text := row.text(name)))
    unit = _named(data.find("units", row["unit_code"]))
    return Text(f"{words.zh} {value} {unit.zh}({until.zh})", f"{words.en} {value} {unit.en} ({until.en})")


def _reported(row: Row, data: Dataset) -> Text:
    unit = _named(data.find("units", row["unit_code"]))
    value = row.text("value") or "—"
    kind = dict(table(REPORTS).field("accumulation").enum).get(row["accumulation"] or "", Text("", ""))
    return Text(f"{row['period']}:{value} {unit.zh}({kind.zh})", f"{row['period']}: {value} {unit.en} ({kind.en})")


def _named(row: Row | None, name: str = "name") -> Text:
    return Text(row[f"{name}_zh"] or "", row[f"{name}_en"] or "") if row else Text("", "")


def _joined(texts: Iterable[Text]) -> Text:
    told = list(texts)
    return Text(";".join(each.zh for each in told), "; ".join(each.en for each in told))

"""From what the marts say to the ledger: lines in the order of the documents, with their steps, figures and caveats."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction

from pipeline.language import Text
from pipeline.marts import Record, named
from pipeline.periods import period_of
from pipeline.unit_ledger.answers import Answers
from pipeline.unit_ledger.model import (
    Due,
    Duty,
    Entry,
    Figure,
    Goal,
    Judged,
    Ledger,
    Promise,
    Revision,
    Standing,
    Step,
)

# Owed figures of which the unit, or another one, has said what there is to say.
_SETTLED = frozenset({"reported", "late", "without_value"})
_PLACES = Decimal("0.000000001")  # as many as the warehouse keeps


def ledger(said: Answers, unit_id: str, unit: Text, as_of: date) -> Ledger:
    """The ledger of a unit from the answers of a build as of the day."""
    return _Making(said).ledger(unit_id, unit, as_of)


class _Making:
    """The answers by the keys under which they are looked up."""

    def __init__(self, said: Answers) -> None:
        self.said = said
        self.units = {row["unit_code"]: row for row in said.units}
        self.tasks = {row["task_id"]: row for row in said.tasks}
        self.targets = {row["target_id"]: row for row in said.targets}
        self.figures = tuple(self._figure(row) for row in said.reports)
        self.mine = {row["task_id"] for row in said.duties}
        self.parents = {row["parent_task_id"] for row in said.tasks if row["task_id"] in self.mine}
        self.caveats: dict[tuple[str, str], list[Text]] = {}
        for row in said.caveats:
            self.caveats.setdefault((row["place"], row["record_id"]), []).append(Text(row["text_zh"], row["text_en"]))

    def ledger(self, unit_id: str, unit: Text, as_of: date) -> Ledger:
        entries = tuple(self._entries())
        return Ledger(
            unit_id=unit_id,
            unit=unit,
            as_of=as_of,
            programmes=self.said.programmes,
            entries=entries,
            calendar=tuple(self._calendar(entries)),
            figures=self.figures,
            history=tuple(
                Judged(named(row, "indicator"), row["target_id"], self._standing(row, self._promised_unit(row)))
                for row in self.said.history
            ),
            owed=tuple(each for each in self.said.owed if each.status not in _SETTLED),
            settled=sum(each.status in _SETTLED for each in self.said.owed),
        )

    def _entries(self) -> Iterator[Entry]:
        """A line a target; a task without one has a line where nothing stands below it, or something is due in it."""
        order = {each.programme_id: at for at, each in enumerate(self.said.programmes)}
        number = 0
        for task_id in sorted(self.mine, key=lambda key: (order[self.tasks[key]["programme_id"]], _natural(key))):
            duty = self._duty(task_id)
            goals = [row for row in self.said.targets if row["task_id"] == task_id]
            due = [row for row in self.said.milestones if row["task_id"] == task_id]
            if not goals and not due and task_id in self.parents:
                continue
            steps = [Step(row["due_on"], Text(row["deliverable_zh"], row["deliverable_zh"]), None) for row in due]
            remarks = self._remarks_of_task(task_id, due)
            for row in goals or (None,):
                number += 1
                own = [*steps, *(self._steps(row["target_id"]) if row else ())]
                noted = [*remarks, *(self._remarks_of_target(row) if row else ())]
                goal = self._goal(row) if row else None
                ordered = sorted(own, key=lambda step: step.due_on)
                yield Entry(number, duty, goal, tuple(ordered), tuple(dict.fromkeys(noted)))
                steps, remarks = [], []

    def _duty(self, task_id: str) -> Duty:
        row = self.tasks[task_id]
        duties = [each for each in self.said.duties if each["task_id"] == task_id]
        return Duty(
            task_id=task_id,
            programme_id=row["programme_id"],
            locator=row["locator"],
            path=tuple(named(self.tasks[each], "title") for each in reversed(self._lineage(task_id))),
            roles=tuple(dict.fromkeys(each["role"] for each in duties)),
            inherited=all(each["inherited"] for each in duties),
            lead_units=named(row, "lead_units"),
            responsible_units=named(row, "responsible_units"),
        )

    def _lineage(self, task_id: str) -> list[str]:
        """The node and those above it, from below; a circle ends where it closes."""
        found: list[str] = []
        at = self.tasks.get(task_id)
        while at is not None and at["task_id"] not in found:
            found.append(at["task_id"])
            at = self.tasks.get(at["parent_task_id"])
        return found

    def _goal(self, row: Record) -> Goal:
        target = row["target_id"]
        unit = self._promised_unit(row)
        return Goal(
            target_id=target,
            indicator_id=row["indicator_id"],
            indicator=named(row, "indicator"),
            kind=row["kind"],
            printed=row["printed"] or "",
            first=self._first(row),
            now=self._now(row),
            baseline=self._in(row["baseline_base"], unit),
            standing=self._standing(row, unit),
            revisions=tuple(self._revision(each, row) for each in self.said.revisions if each["target_id"] == target),
            latest=_latest(each for each in self.figures if _speaks_of(each, row)),
            owed=tuple(
                each
                for each in self.said.owed
                if each.indicator_id == row["indicator_id"] and each.status not in _SETTLED and row["kind"] == "target"
            ),
        )

    def _first(self, row: Record) -> Promise:
        return Promise(
            comparator=row["first_comparator"] or "",
            value=row["value"],
            upper=row["upper_value"],
            unit=self._unit(row["first_unit_code"]),
            basis=row["basis"],
            start_year=row["start_year"],
            end_year=row["first_end_year"],
        )

    def _now(self, row: Record) -> Promise | None:
        if row["reason"] == "withdrawn":
            return None
        if row["revision"] is None:
            return self._first(row)
        return Promise(
            comparator=row["comparator"] or "",
            value=row["now_value"],
            upper=row["now_upper_value"],
            unit=self._unit(row["now_unit_code"]),
            basis=row["basis"],
            start_year=row["start_year"],
            end_year=row["end_year"],
        )

    def _revision(self, revision: Record, row: Record) -> Revision:
        withdrawn = revision["status"] == "withdrawn"
        promise = Promise(
            comparator=revision["comparator"] or "",
            value=revision["value"],
            upper=revision["upper_value"],
            unit=self._unit(revision["unit_code"]),
            basis=row["basis"],
            start_year=row["start_year"],
            end_year=revision["end_year"],
        )
        return Revision(
            effective_on=revision["effective_on"],
            promise=None if withdrawn else promise,
            document=revision["document_zh"] or "",
            decided_by=named(revision, "decider"),
            note=revision["note_zh"] or "",
        )

    def _steps(self, target: str) -> Iterator[Step]:
        for link in self.said.links:
            row = self.targets.get(link["from_target_id"])
            if link["to_target_id"] == target and row is not None and (promise := self._now(row)) is not None:
                yield Step(date(promise.end_year, 12, 31), named(row, "indicator"), promise)

    def _standing(self, row: Record, unit_code: str) -> Standing:
        return Standing(
            on=row["as_of"],
            status=row["status"],
            warning=row["warning"] or "",
            reason=row["reason"],
            actual=self._in(row["actual_base"], unit_code),
            actual_to=row["actual_to"],
            completion=row["completion"],
            expected=row["expected"],
            unit=self._unit(unit_code),
        )

    def _promised_unit(self, row: Record) -> str:
        """The unit in which the promise in force today is written; a past day is shown in it, too."""
        target = self.targets[row["target_id"]]
        return str(target["now_unit_code"] or target["first_unit_code"])

    def _unit(self, code: str) -> Text:
        return named(self.units[code], "name")

    def _in(self, base: Decimal | None, unit_code: str) -> Decimal | None:
        """A value of the base unit in another of its dimension."""
        if base is None:
            return None
        unit = self.units[unit_code]
        exact = Fraction(base) * unit["denominator"] / unit["numerator"]
        return (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(_PLACES)

    def _figure(self, row: Record) -> Figure:
        return Figure(
            indicator_id=row["indicator_id"],
            indicator=named(row, "indicator"),
            reporter_id=row["organization_id"],
            reporter=named(row, "reporter"),
            period=row["period"],
            revision=row["revision"],
            value=row["value"],
            unit=self._unit(row["unit_code"]),
            accumulation=row["accumulation"],
            status=row["status"],
            evidence=row["evidence"] or "",
            reported_by=row["reported_by"],
            reported_on=row["reported_on"],
            note=row["note_zh"] or "",
            corrected=row["corrected"],
        )

    def _remarks_of_task(self, task_id: str, due: Iterable[Record]) -> list[Text]:
        places = [("tasks", each) for each in self._lineage(task_id)]
        places += [("milestones", row["milestone_id"]) for row in due]
        places += [
            ("assignments", f"{row['assigned_task_id']}/{row['role']}/{row['position']}")
            for row in self.said.duties
            if row["task_id"] == task_id
        ]
        return [text for place in places for text in self.caveats.get(place, ())]

    def _remarks_of_target(self, row: Record) -> list[Text]:
        places = [("targets", row["target_id"]), ("indicators", row["indicator_id"])]
        places += [
            ("observations", each["observation_id"])
            for each in self.said.baselines
            if each["indicator_id"] == row["indicator_id"]
        ]
        return [text for place in places for text in self.caveats.get(place, ())]

    def _calendar(self, entries: Iterable[Entry]) -> Iterator[Due]:
        lines = list(entries)
        of_target = {each.goal.target_id: each.number for each in lines if each.goal}
        promised = {each.goal.target_id: each.goal.now for each in lines if each.goal}
        of_task: dict[str, int] = {}
        for each in lines:
            of_task.setdefault(each.duty.task_id, each.number)
        roles: Mapping[str, tuple[str, ...]] = {each.duty.task_id: each.duty.roles for each in lines}
        for row in self.said.calendar:
            yield Due(
                due_on=row["due_on"],
                first_due_on=row["first_due_on"],
                over=row["is_over"],
                kind=row["kind"],
                what=Text(row["deliverable_zh"], row["deliverable_en"] or row["deliverable_zh"]),
                promise=promised.get(row["deadline_id"]),
                task=named(row, "task"),
                roles=roles.get(row["task_id"], ()),
                status=row["status"] or "",
                warning=row["warning"] or "",
                entry=of_target.get(row["deadline_id"], of_task.get(row["task_id"])),
            )


def _speaks_of(figure: Figure, target: Record) -> bool:
    """Whether a figure falls into the years of a target; of what is to be reached by an end, also into those before."""
    year = int(figure.period[:4])
    begun = target["basis"] == "by_end" or year >= target["start_year"]
    return bool(figure.indicator_id == target["indicator_id"] and begun and year <= target["end_year"])


def _latest(figures: Iterable[Figure]) -> Figure | None:
    """The figure of the latest period; of two that end on one day the longer one, then the later report."""

    def place(figure: Figure) -> tuple[date, int, date]:
        period = period_of(figure.period)
        assert period is not None  # noqa: S101 - a build takes sound rows only
        return period.end, (period.end - period.start).days, figure.reported_on

    return max((each for each in figures if not each.corrected), key=place, default=None)


def _natural(key: str) -> list[tuple[str, int]]:
    """A key by its words and numbers, so that 10 comes after 9."""
    return [(word, int(number or 0)) for word, number in re.findall(r"([^0-9]+)([0-9]*)", key)]

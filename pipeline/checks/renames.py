"""Declared renames of published identifiers: the old one is gone, the new one there, and each leads to one record."""

from collections.abc import Iterator

from pipeline.checks.registry import Context, check
from pipeline.dataset import Row
from pipeline.findings import Finding, Fix
from pipeline.nearest import hint_of, nearest_values
from pipeline.tables import table

TABLE = "renames"
_NEEDS = ("table", "old_key", "new_key")


@check("rename-loop", "rename-merge", "rename-old-key-in-use", "rename-new-key-missing")
def renames_lead_to_a_record(context: Context) -> Iterator[Finding]:
    """Judge the rows of each table together: a record may have been renamed again later."""
    by_table: dict[str, dict[str, Row]] = {}
    for row in context.view.rows(TABLE, *_NEEDS):
        by_table.setdefault(row["table"], {}).setdefault(row["old_key"], row)
    for name, steps in by_table.items():
        key = table(name).primary_key
        present = {row.key for row in context.data.tables[name]} if context.view.whole(name, *key) else None
        looping = _looping(steps)
        taken: dict[str, str] = {}
        for old, row in steps.items():
            new = row["new_key"]
            if old in looping:
                if looping[old][0] == old:
                    yield row.finding("rename-loop", "new_key", chain=" → ".join([*looping[old], old]))
                continue
            if new in taken:
                yield row.finding("rename-merge", "new_key", other=taken[new])
            taken.setdefault(new, old)
            if present is None:
                continue
            if old in present:
                yield row.finding("rename-old-key-in-use", "old_key", target=f"{name}.csv")
            if new not in present and new not in steps:
                near = nearest_values(new, sorted(present))
                fix = Fix(near[0]) if near else None
                yield row.finding("rename-new-key-missing", "new_key", fix, target=f"{name}.csv", nearest=hint_of(near))


def _looping(steps: dict[str, Row]) -> dict[str, list[str]]:
    """The circle an identifier is part of, starting at the one that stands first in the file."""
    found: dict[str, list[str]] = {}
    settled: set[str] = set()
    for start in steps:
        path: list[str] = []
        now = start
        while now in steps and now not in settled and now not in path:
            path.append(now)
            now = steps[now]["new_key"]
        if now in path:
            circle = path[path.index(now) :]
            first = min(circle, key=list(steps).index)
            circle = circle[circle.index(first) :] + circle[: circle.index(first)]
            found.update(dict.fromkeys(circle, circle))
        settled.update(path)
    return found

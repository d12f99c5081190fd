"""The stage: sound data is built as of a day in a folder of its own, and asked for ledgers of units."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from pipeline.dataset import Dataset, Row
from pipeline.language import RefusalError, Text
from pipeline.marts import Say, marts
from pipeline.nearest import hint_of, hints, nearest_values
from pipeline.unit_ledger.answers import answers
from pipeline.unit_ledger.entries import ledger
from pipeline.unit_ledger.model import Ledger
from pipeline.worker import Worker


class LedgerError(RefusalError):
    """No ledger can be made; `reason` says why in both languages."""


def unit_ledgers(
    data: Dataset,
    build_folder: Path,
    units: Sequence[str],
    as_of: date,
    programme: str | None,
    say: Say,
    worker: Worker | None = None,
) -> tuple[Ledger, ...]:
    """The ledgers of units, each named by its identifier or by a name that only one bears, from sound data.

    Raises LedgerError where a unit or a programme is unknown or the unit has no task there, UnbuiltError where the
    marts do not hold, WarehouseError where they cannot be built.
    """
    found = [_unit(given, data) for given in dict.fromkeys(units)]
    if programme is not None and data.find("programmes", programme) is None:
        near = hints(programme, [row.key for row in data.tables["programmes"]])
        raise LedgerError(
            Text(f"没有方案“{programme}”{near.zh}", f"there is no programme “{programme}”{near.en}"),
        )
    warehouse = marts(data, build_folder, as_of, say, worker=worker)
    return tuple(ledger_of(warehouse, unit.key, _named(unit), programme, as_of) for unit in found)


def ledger_of(warehouse: Path, unit_id: str, unit: Text, programme: str | None, as_of: date) -> Ledger:
    """The ledger of a unit from a warehouse built as of the day. Raises LedgerError where the unit has no task."""
    said = answers(warehouse, unit_id, programme, as_of)
    if said.duties:
        return ledger(said, unit_id, unit, as_of)
    elsewhere = [each.programme_id for each in answers(warehouse, unit_id, None, as_of).programmes]
    where = Text(f"在 {programme} 中" if programme else "", f" in {programme}" if programme else "")
    others = Text(
        f"；有任务的方案：{'、'.join(elsewhere)}" if elsewhere else "",
        f"; it has tasks in: {', '.join(elsewhere)}" if elsewhere else "",
    )
    raise LedgerError(
        Text(
            f"{unit.zh}（{unit_id}）{where.zh}没有牵头或负责的任务{others.zh}",
            f"{unit.en} ({unit_id}) leads no task{where.en} and is responsible for none{others.en}",
        )
    )


def _named(unit: Row) -> Text:
    return Text(unit["name_zh"], unit["name_en"] or unit["name_zh"])


def _unit(given: str, data: Dataset) -> Row:
    """The unit of an identifier, or of a registered or printed name that only one bears."""
    if (row := data.find("organizations", given)) is not None:
        return row
    rows = data.tables["organizations"]
    named = {row.key for row in rows if given in (row["name_zh"], row["name_en"])}
    if not named:
        printed = (row for row in data.tables["organization_names"] if row["printed_name"] == given)
        named = {row["organization_id"] for row in printed if row["organization_id"]}
    if len(named) == 1 and (only := data.find("organizations", next(iter(named)))) is not None:
        return only
    if named:
        listed = sorted(named)
        raise LedgerError(
            Text(
                f"有 {len(listed)} 个单位叫“{given}”，请写明标识：{'、'.join(listed)}",
                f"{len(listed)} units bear the name “{given}”; give the identifier: {', '.join(listed)}",
            )
        )
    known = {name: row.key for row in rows for name in (row.key, row["name_zh"], row["name_en"]) if name}
    near = [name if known[name] == name else f"{known[name]} {name}" for name in nearest_values(given, list(known))]
    hint = hint_of(near)
    raise LedgerError(Text(f"没有单位“{given}”{hint.zh}", f"there is no unit “{given}”{hint.en}"))

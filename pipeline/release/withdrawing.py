"""Withdrawing a release: it stays where it is, and readers are told not to use it."""

import json
from pathlib import Path

from pipeline import clock
from pipeline.language import Text
from pipeline.release.store import INDEX, Entry, Store, StoreError, Withdrawal


def withdraw(folder: Path, version: str, reason: Text) -> tuple[Entry, Entry | None]:
    """Withdraw a version from the store `folder`; returns its entry and the one readers are sent to now.

    Raises StoreError where there is no such version, it was withdrawn before, or the reasons say nothing.
    """
    if not reason.zh.strip() or not reason.en.strip():
        raise StoreError(Text("请用中文和英文写明撤回理由", "give the reason in Chinese and in English"))
    store = Store(folder, _name(folder))
    said = (" ".join(text.split()) for text in (reason.zh, reason.en))
    entry = store.withdraw(version, Withdrawal(clock.today().isoformat(), *said))
    return entry, store.newest()


def _name(folder: Path) -> str:
    """The package of a store, as its index says."""
    place = folder / INDEX
    try:
        name = json.loads(place.read_text(encoding="utf-8"))["name"]
    except FileNotFoundError:
        raise StoreError(Text(f"{folder} 中没有发布({INDEX})", f"{folder} holds no releases ({INDEX})")) from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreError(Text(f"{place} 无法读取:{error}", f"cannot read {place}: {error}")) from None
    if not isinstance(name, str):
        raise StoreError(Text(f"{place} 中的 name 有误", f"`name` in {place} is faulty"))
    return name

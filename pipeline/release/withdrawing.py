"""Withdrawing a release: it stays where it is, and readers are told not to use it."""

from pathlib import Path

from pipeline import clock
from pipeline.language import Text
from pipeline.release.store import INDEX, Entry, StoreError, Withdrawal
from pipeline.release.stores import opened


def withdraw(address: str | Path, version: str, reason: Text) -> tuple[Entry, Entry | None]:
    """Withdraw a version from the store at `address`; returns its entry and the one readers are sent to now.

    Raises StoreError where there is no such version, it was withdrawn before, or the reasons say nothing.
    """
    if not reason.zh.strip() or not reason.en.strip():
        raise StoreError(Text("请用中文和英文写明撤回理由", "give the reason in Chinese and in English"))
    store = opened(address)
    if not store.entries():
        raise StoreError(Text(f"{store.place} 中没有发布({INDEX})", f"{store.place} holds no releases ({INDEX})"))
    said = (" ".join(text.split()) for text in (reason.zh, reason.en))
    entry = store.withdraw(version, Withdrawal(clock.today().isoformat(), *said))
    return entry, store.newest()

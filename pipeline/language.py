"""Two languages for everything a person reads: Chinese where the locale is Chinese, English elsewhere."""

import locale
import os
from dataclasses import dataclass
from typing import Literal

Language = Literal["zh", "en"]


@dataclass(frozen=True)
class Text:
    """The same statement in Chinese and English."""

    zh: str
    en: str

    @property
    def both(self) -> str:
        """Both languages in one line, for places that hold one text only."""
        return f"{self.zh} | {self.en}"

    def __call__(self, language: Language) -> str:
        return self.zh if language == "zh" else self.en


def locale_language() -> Language:
    """The language of the environment, by the POSIX order LC_ALL, LC_MESSAGES, LANG."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name, "")
        if value:
            return "zh" if value.lower().startswith("zh") else "en"
    system = locale.getlocale()[0] or ""  # where the environment says nothing, as on Windows
    return "zh" if system.lower().startswith(("zh", "chinese")) else "en"


class RefusalError(Exception):
    """A stage cannot run or will not go on; `reason` says why in both languages. The command line ends with code 2."""

    def __init__(self, reason: Text) -> None:
        super().__init__(reason.en)
        self.reason = reason

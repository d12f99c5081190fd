"""Text of a file made fit to be shown: nothing invisible, nothing that turns lines around, nothing endless."""

import unicodedata

LONGEST = 400
# control, direction and other format characters, lone surrogates, line and paragraph separators
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def visible(text: str, longest: int = LONGEST) -> str:
    """`text` with unseen characters written as \\uXXXX; of more than `longest` characters the middle is counted only.

    A message often ends with what to do, so its end stays. The result is one line, can be encoded as UTF-8 and holds
    no character that XML forbids.
    """
    shown = text if len(text) <= longest else _cut(text, longest)
    return shown if shown.isascii() and shown.isprintable() else "".join(map(_shown, shown))


def _cut(text: str, longest: int) -> str:
    end = longest // 4
    start = longest - end
    return f"{text[:start]}…(+{len(text) - longest})…{text[-end:]}"


def _shown(character: str) -> str:
    code = ord(character)
    if unicodedata.category(character) in _UNSEEN or code & 0xFFFE == 0xFFFE:  # U+nFFFE, U+nFFFF: no characters at all
        return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
    return character

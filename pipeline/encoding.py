"""Which encoding a text file has: byte order mark, strict UTF-8, strict GB18030, refuse. Nothing is guessed."""

import codecs
from collections.abc import Callable, Iterable

from pipeline.language import Text

Chunks = Callable[[], Iterable[bytes]]

_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig", "UTF-8"),
    (b"\xff\xfe", "utf-16", "UTF-16"),
    (b"\xfe\xff", "utf-16", "UTF-16"),
)
_BINARY = Text("是二进制文件,不是文本", "it is a binary file, not text")


def encoding_of(chunks: Chunks) -> tuple[str | None, Text]:
    """The encoding of content that `chunks` reads from its start, and what is wrong with it (empty: nothing).

    No encoding where the content is no text.
    """
    start = next(iter(chunks()), b"")
    for mark, encoding, label in _MARKS:
        if start.startswith(mark):
            if not decodes(chunks, encoding):
                return None, Text(f"有 {label} 的 BOM,内容却不是", f"it has the byte order mark of {label} but is not")
            if holds_nul(chunks, encoding):
                return None, _BINARY
            return encoding, Text(f"带 BOM 的 {label}", f"{label} with a byte order mark")
    if start.startswith(b"PK\x03\x04") or any(b"\x00" in chunk for chunk in chunks()):
        return None, _BINARY
    if decodes(chunks, "utf-8"):
        return "utf-8", Text("", "")
    if decodes(chunks, "gb18030"):
        return "gb18030", Text("GB18030(GBK)", "GB18030 (GBK)")
    return None, Text("既非 UTF-8 也非 GB18030", "neither UTF-8 nor GB18030")


def decodes(chunks: Chunks, encoding: str) -> bool:
    """Whether the whole content can be decoded. Raises LookupError for what is no encoding of text."""
    try:
        for _ in _texts(chunks, encoding):
            pass
    except UnicodeError:
        return False
    return True


def holds_nul(chunks: Chunks, encoding: str) -> bool:
    """Whether there is a NUL character in content that can be decoded."""
    return any("\x00" in text for text in _texts(chunks, encoding))


def decode(content: bytes) -> tuple[str | None, Text]:
    """The text of a whole file, None where it is none, and what is wrong with its encoding."""
    encoding, found = encoding_of(lambda: [content])
    return (content.decode(encoding) if encoding else None), found


def _texts(chunks: Chunks, encoding: str) -> Iterable[str]:
    try:
        b" ".decode(encoding)  # unlike the decoder below this refuses codecs that are not of text
    except UnicodeError:
        pass
    except ValueError:
        raise LookupError(encoding) from None
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    for chunk in chunks():
        yield decoder.decode(chunk)
    yield decoder.decode(b"", final=True)

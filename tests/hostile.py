"""Hostile input and the contract every command keeps with it.

Damages are pure functions from bytes to bytes, or edits of one path. `run` calls the entry point in this process with
the net for unforeseen errors taken away, so that one of those fails the test with its own traceback.
"""

import contextlib
import copy
import hashlib
import io
import os
import re
import signal
import stat
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from pipeline import cli

Damage = Callable[[bytes], bytes]
Edit = Callable[[Path], None]

SECONDS = 60  # far beyond what any run here needs, on a machine busy with other things
NASTY = (
    "'; DROP TABLE targets; --",
    '=HYPERLINK("http://x.example";"看")',
    "\u202e反\u202c\u2066",
    "<script>alert(1)</script>",
    "../../../etc/passwd",
    "{value} {0.__class__} %s %(x)s",
    "a\x1b[2Jb\x07",
    "９" * 400,
    "1e999999999",
    "9" * 5000,
    "-0",
    "NaN",
    "\ufeff\u200b",
    "e\u0301\U0001f469\u200d\U0001f469",
    "\ue000\ufffe\U0010ffff",
)


# ------------------------------------------------------------------------------------------------ bytes


def _cells(value: str) -> Damage:
    """Every cell of the second record says `value`."""

    def damage(content: bytes) -> bytes:
        header, _, rest = content.partition(b"\n")
        cell = '"' + value.replace('"', '""') + '"'
        return header + b"\n" + ",".join([cell] * (header.count(b",") + 1)).encode() + b"\n" + rest

    return damage


def _label(value: str) -> Damage:
    """The first label says `value`."""

    def damage(content: bytes) -> bytes:
        _, _, rest = content.partition(b",")
        return ('"' + value.replace('"', '""') + '",').encode() + rest

    return damage


def _middle(extra: bytes) -> Damage:
    return lambda content: content[: len(content) // 2] + extra + content[len(content) // 2 :]


def _flipped(content: bytes) -> bytes:
    return bytes(byte ^ (1 << (at % 8)) if at % 13 == 5 else byte for at, byte in enumerate(content))


BYTES: Mapping[str, Damage] = {
    "empty": lambda _: b"",
    "one newline": lambda _: b"\n",
    "quote never closed": _middle(b'"'),
    "quote in a bare cell": lambda c: c.replace(b",", b',a"b,', 1),
    "quotes only": lambda _: b'"' * 4001,
    "NUL": _middle(b"\x00"),
    "NUL first": lambda c: b"\x00" + c,
    "mixed line ends": lambda c: b"".join(
        line + (b"\r\n", b"\n", b"\r", b"\n\r", b"\r\r\n")[at % 5] for at, line in enumerate(c.split(b"\n"))
    ),
    "CR only": lambda c: c.replace(b"\n", b"\r"),
    "no newline at the end": lambda c: c.rstrip(b"\n"),
    "cut in a character": lambda c: c[: len(c) // 2] + "民".encode()[:2],
    "byte order mark": lambda c: b"\xef\xbb\xbf" + c,
    "two byte order marks": lambda c: b"\xef\xbb\xbf" * 2 + c,
    "UTF-16": lambda c: c.decode().encode("utf-16"),
    "UTF-32": lambda c: c.decode().encode("utf-32"),
    "UTF-16 in name only": lambda c: b"\xff\xfe" + c + b"x",
    "GB18030": lambda c: c.decode().encode("gb18030"),
    "Big5": lambda c: c.decode().encode("big5", "ignore") + b"\xa4",
    "lone surrogate": _middle(b"\xed\xa0\x80"),
    "overlong": _middle(b"\xc0\x80\xc0\xaf"),
    "zip": lambda _: b"PK\x03\x04" + bytes(range(256)),
    "gzip": lambda c: b"\x1f\x8b\x08" + c,
    "bits flipped": _flipped,
    "doubled": lambda c: c + c,
    "semicolons": lambda c: c.replace(b",", b";"),
    "tabs": lambda c: c.replace(b",", b"\t"),
    "backslash escapes": lambda c: c.replace(b",", b"\\,"),
    "blank lines": lambda c: c.replace(b"\n", b"\n\n \n,,,\n"),
    "only commas": lambda c: b"," * 300 + b"\n" + c,
    "header gone": lambda c: c.partition(b"\n")[2],
    "labels all alike": lambda c: b"programme_id," * 40 + b"\n" + c,
    "comment lines": lambda c: b"# x\n" + c,
    "lines of one cell": lambda c: c + b"x\n" * 3000,
    **{f"cells {at}": _cells(value) for at, value in enumerate(NASTY)},
    **{f"label {at}": _label(value) for at, value in enumerate(NASTY)},
    "label of SQL": _label("x\" INTEGER); ATTACH '/tmp/x.db'; --"),
}
HUGE: Mapping[str, Damage] = {
    "10,000 columns": lambda c: (
        c.partition(b"\n")[0] + b"".join(b",x%d" % n for n in range(10_000)) + b"\n" + c.partition(b"\n")[2]
    ),
    "10,000 blank columns": lambda c: c.replace(b"\n", b"," * 10_000 + b"\n"),
    "10,000 cells in a row": lambda c: c + b"," * 10_000 + b"\n",
    "cells of 10 MB": lambda c: (
        c.partition(b"\n")[0] + b"\n" + b"x" * 10_000_000 + b"," + b"9" * 10_000_000 + c.partition(b"\n")[2]
    ),
    "label of 10 MB": lambda c: b"x" * 10_000_000 + c,
    "quoted cell of 10 MB": _middle(b'\n"' + b"\n,\r" * 3_300_000 + b'"'),
    "10 MB of quotes": _middle(b'"' * 10_000_001),
    "20,000 faulty rows": lambda c: c + (b"," * c.partition(b"\n")[0].count(b",")).replace(b",", b"a,") * 20_000,
}
NESTED = 100_000
TEXTS: Mapping[str, Damage] = {  # for JSON and TOML
    "deep arrays": lambda _: b"[" * NESTED,
    "deep objects": lambda _: b'{"a":' * NESTED,
    "deep and closed": lambda _: b"[" * NESTED + b"]" * NESTED,
    "deep TOML": lambda _: b"a = " + b"[" * NESTED,
    "deep key": lambda _: b"a." * 5000 + b"a = 1\n",
    "null": lambda _: b"null",
    "number": lambda _: b"1" * 5000,
    "infinity": lambda _: b"1e999",
    "text": lambda _: b'"text"',
    "array": lambda _: b"[[], {}, null]",
    "object": lambda _: b"{}",
    "surrogate": lambda c: c.replace(b'": "', b'": "\\ud800', 3).replace(b' = "', b' = "\\ud800', 1),
    "other types": lambda c: c.replace(b'"sources": {', b'"sources": [1, {').replace(b' = "', b' = ["'),
    "values are null": lambda c: b"".join(line.partition(b":")[0] + b": null,\n" for line in c.split(b"\n")),
    "values are numbers": lambda c: c.replace(b'": "', b'": 1, "x": "').replace(b' = "', b' = 1 # "'),
    "duplicate keys": lambda c: c + c,
}


# ------------------------------------------------------------------------------------------------ paths


def _instead(make: Callable[[Path], object]) -> Edit:
    def edit(path: Path) -> None:
        path.unlink()
        make(path)

    return edit


def _filled(path: Path) -> None:
    path.mkdir()
    (path / "a.csv").write_text("a\n", encoding="utf-8")


def outside(path: Path) -> Path:
    """The folder beside the data folder that nobody may touch."""
    return next(above for above in path.parents if (above / "outside").is_dir()) / "outside"


def _stolen(path: Path) -> None:
    """The same content, but in a file outside of the data folder."""
    target = outside(path) / f"stolen-{path.name}"
    target.write_bytes(path.read_bytes())
    path.unlink()
    path.symlink_to(target)


PATHS: Mapping[str, Edit] = {
    "gone": Path.unlink,
    "folder": _instead(Path.mkdir),
    "folder with a file": _instead(_filled),
    "FIFO": _instead(os.mkfifo),
    "endless device": _instead(lambda path: path.symlink_to("/dev/zero")),
    "empty device": _instead(lambda path: path.symlink_to("/dev/null")),
    "link to itself": _instead(lambda path: path.symlink_to(path.name)),
    "link to nothing": _instead(lambda path: path.symlink_to(outside(path) / "not-there")),
    "link to the folder": _instead(lambda path: path.symlink_to("..")),
    "link to a stranger": _instead(lambda path: path.symlink_to(outside(path) / "secret.txt")),
    "link to a copy": _stolen,
    "a terabyte": lambda path: os.truncate(path, 1 << 40),
}


# ------------------------------------------------------------------------------------------------ the contract


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


class TooSlowError(AssertionError):
    """A command did not end in time."""


@contextlib.contextmanager
def in_time(seconds: int = SECONDS) -> Iterator[None]:
    """Interrupt what takes longer, a wait for another program included."""

    def stop(_: int, __: FrameType | None) -> None:
        raise TooSlowError(f"not done after {seconds} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def run(*arguments: str | Path, seconds: int = SECONDS) -> Ended:
    """Call the entry point as the shell would; an unforeseen error comes through."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", newline="") for _ in range(2))
    err.reconfigure(errors="backslashreplace")
    before, debug = sys.argv, os.environ.get("MINSHENG_DEBUG")
    sys.argv = ["minsheng", *map(str, arguments)]
    os.environ["MINSHENG_DEBUG"] = "1"
    code: object = 0
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), in_time(seconds):
            cli.main()
    except SystemExit as stopped:
        code = stopped.code
    finally:
        sys.argv = before
        if debug is None:
            del os.environ["MINSHENG_DEBUG"]
    said = [stream.detach().getvalue().decode("utf-8") for stream in (out, err)]
    return Ended(int(code) if isinstance(code, int) else 0, *said)


def keeps_the_contract(ended: Ended, *allowed: int) -> None:
    """A known exit code, a word about it, nothing a programmer would say."""
    said = ended.out + ended.err
    assert ended.code in (allowed or (0, 1, 2)), ended
    # DuckDB says “Permission Error:”, Python “PermissionError:”
    assert not re.search(r"Traceback|\b[A-Z]\w+(Error|Exception|Warning):|\[Errno|MINSHENG_DEBUG", ended.err), ended.err
    assert "Traceback (most" not in said
    assert said.strip(), "not a word"
    if ended.code == 2:
        assert ended.err.startswith("minsheng: "), ended
        assert len(ended.err) < 4000, "a refusal fits on a screen"


Snapshot = Mapping[str, tuple[int, int, str]]


def snapshot(folder: Path) -> Snapshot:
    """Every entry below a folder: kind and mode, time of the last change, content."""
    found = {}
    for path in sorted(folder.rglob("*")):
        status = path.lstat()
        content = str(path.readlink()) if path.is_symlink() else ""
        if stat.S_ISREG(status.st_mode) and status.st_size < 1 << 30:
            content = hashlib.sha256(path.read_bytes()).hexdigest()
        found[path.relative_to(folder).as_posix()] = (status.st_mode, status.st_mtime_ns, content)
    return found


@contextlib.contextmanager
def untouched(folder: Path, *allowed: str) -> Iterator[None]:
    """Nothing below `folder` is made, changed or removed, except below the `allowed` paths."""

    def rest() -> Snapshot:
        return {
            name: entry
            for name, entry in snapshot(folder).items()
            if not any(name == each or name.startswith(f"{each}/") for each in allowed)
        }

    before = rest()
    yield
    after = rest()
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    # a folder in which something allowed was made has another time
    changed -= {name for name in changed if any(each.startswith(f"{name}/") for each in allowed)}
    assert not changed, f"touched: {sorted(changed)}"


# ------------------------------------------------------------------------------------------------ descriptors

RICH: Mapping[str, Any] = {
    "name": "rich",
    "resources": [
        {
            "name": "t",
            "path": "t.csv",
            "format": "csv",
            "encoding": "utf-8",
            "dialect": {
                "delimiter": ",",
                "quoteChar": '"',
                "doubleQuote": True,
                "header": True,
                "headerRows": [1],
                "headerJoin": " ",
                "commentRows": [9],
                "commentChar": "#",
                "nullSequence": "NULL",
                "skipInitialSpace": False,
            },
            "schema": {
                "fieldsMatch": ["exact"],
                "missingValues": ["", {"value": "-", "label": "none"}],
                "fields": [
                    {"name": "id", "type": "integer", "bareNumber": True, "groupChar": "'"},
                    {
                        "name": "share",
                        "type": "number",
                        "decimalChar": ".",
                        "constraints": {"minimum": 0, "maximum": "9"},
                    },
                    {
                        "name": "day",
                        "type": "date",
                        "format": "%Y-%m-%d",
                        "constraints": {"exclusiveMaximum": "2040-01-01"},
                    },
                    {"name": "flag", "type": "boolean", "trueValues": ["ja"], "falseValues": ["nein"]},
                    {
                        "name": "word",
                        "title": "Wort",
                        "categories": ["a", {"value": "b", "label": "B"}],
                        "constraints": {
                            "required": True,
                            "unique": True,
                            "pattern": "[a-z]+",
                            "minLength": 1,
                            "maxLength": 9,
                        },
                    },
                    {"name": "kind", "type": "string", "constraints": {"enum": ["x", "y"]}},
                    {"name": "at", "type": "datetime", "format": "default"},
                    {"name": "place", "type": "geopoint", "format": "default"},
                    {
                        "name": "more",
                        "type": "object",
                        "constraints": {"jsonSchema": {"type": "object"}, "minLength": 1},
                    },
                ],
                "primaryKey": ["id"],
                "uniqueKeys": [["word", "kind"]],
                "foreignKeys": [{"fields": ["kind"], "reference": {"resource": "", "fields": ["kind"]}}],
            },
        }
    ],
}
RICH_TABLE = (
    "id,share,day,flag,word,kind,at,place,more\n"
    '1,1.5,2030-01-02,ja,abc,x,2030-01-02T03:04:05Z,"1,2","{""a"":1}"\n'
    "-,x,2030-13-02,1,ABC,z,now,nowhere,{\n"
)
CYCLE = {"$ref": "#"}
VALUES: tuple[object, ...] = (
    None,
    True,
    0,
    -1,
    10**400,
    1e308,
    float("nan"),
    "",
    "\x00",
    "\ud800",
    "x" * 100_000,
    "../../../etc/passwd",
    "/etc/passwd",
    "file:///etc/passwd",
    "\u202e'; DROP TABLE r0; --\"",
    "%",
    "{x}",
    "(a+)+$",
    "[",
    "(" * 5000,
    [],
    [None],
    [[]],
    [["a"], {"b": []}],
    {},
    {"value": {}},
    CYCLE,
    {"fields": None},
)


def nodes(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The place of every value in a JSON document but the document itself."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, below in items:
        yield (*path, key)
        yield from nodes(below, (*path, key))


def replaced(document: Any, path: tuple[str | int, ...], value: object) -> Any:
    """A copy of a JSON document with another value in one place."""
    new = copy.deepcopy(document)
    at = new
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    return new

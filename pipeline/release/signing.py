"""An optional signature of SHA256SUMS, and through it of every file it names, by minisign.

The program is the publisher's own: no key is read, kept or unlocked here. The comment holds no time, and Ed25519
signatures have no chance in them, so that a signed release reproduces with the same key.
"""

import shutil
import subprocess
from pathlib import Path

from pipeline.language import RefusalError, Text
from pipeline.release.store import CHECKSUMS, Entry


class SigningError(RefusalError):
    """The release could not be signed; `reason` says why in both languages."""


def program() -> str:
    """Where minisign is. Raises SigningError where it is not installed."""
    found = shutil.which("minisign")
    if found is None:
        raise SigningError(
            Text(
                "没有找到 minisign,无法签名;请先安装(如 apt install minisign),或不用 --sign",
                "minisign was not found; install it (for example apt install minisign) or go without --sign",
            )
        )
    return found


def ensure_ready(key: Path) -> None:
    """Raises SigningError where the program or the key is missing: before the work, not after it."""
    program()
    if not key.is_file():
        raise SigningError(Text(f"没有密钥文件 {key}", f"there is no key file {key}"))


def sign(folder: Path, key: Path, name: str, entry: Entry) -> None:
    """Write SHA256SUMS.minisig in a release folder; minisign asks for the password of a locked key itself.

    Raises SigningError with what minisign says.
    """
    sums = folder / CHECKSUMS
    said = f"{name} {entry.version} {entry.released_on}"
    comments = ("-c", f"{name} {CHECKSUMS}", "-t", said)
    done = subprocess.run(  # noqa: S603 - no shell; the paths are ours and the publisher's
        [program(), "-S", "-s", str(key), "-m", str(sums), "-x", f"{sums}.minisig", *comments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        check=False,
    )
    if done.returncode != 0:
        why = done.stderr.decode(errors="replace").strip() or str(done.returncode)
        raise SigningError(Text(f"minisign 未能签名:{why}", f"minisign could not sign: {why}"))

"""Files behind an address that fsspec knows: read, listed, written once, replaced only as they were last seen.

S3 keeps these conditions itself (If-None-Match, If-Match), so that of two writers one is told that it came second.
Elsewhere they are looked at just before writing, which two writers in the same moment can get past. fsspec, and what it
needs for a protocol, is imported here only and only when an address is opened; endpoint and keys come from where those
libraries look for them (AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID …) and are never shown.
"""

import errno
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pipeline.language import RefusalError, Text
from pipeline.release.store import FULL, StoreError

_S3 = ("s3", "s3a")
_SECRETS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")
_PATIENCE: dict[str, Any] = {  # seconds, and attempts of one request in all
    "config_kwargs": {"connect_timeout": 5, "read_timeout": 60, "retries": {"total_max_attempts": 2}},
}
_OVERTAKEN = ("PreconditionFailed", "ConditionalRequestConflict", "412", "409")
_NO_KEYS = ("NoCredentialsError", "PartialCredentialsError", "CredentialRetrievalError", "TokenRetrievalError")
_NO_ANSWER = ("EndpointConnectionError", "ConnectTimeoutError", "ReadTimeoutError", "ConnectionClosedError")

State = str | bytes | None  # of a file when it was read: its ETag, else its content; None where there was none


class OvertakenError(Exception):
    """Somebody else has written the file in the meantime."""


class Objects:
    """The files under an address, by names relative to it. Raises StoreError where it cannot be reached or refuses."""

    def __init__(self, address: str) -> None:
        self.place = shown(address)
        protocol = urlsplit(address).scheme
        self._s3 = protocol in _S3
        with self._refusing():
            import fsspec

            self._files, root = fsspec.core.url_to_fs(
                address, use_listings_cache=False, skip_instance_cache=self._s3, **(_PATIENCE if self._s3 else {})
            )
            if self._s3:
                self._files.retries = 1  # the attempts above are enough
        self._root: str = root.rstrip("/")
        if self._s3 and not self._root:
            raise StoreError(Text(f"{self.place} 没有写明存储桶", f"{self.place} names no bucket"))

    def read(self, name: str) -> tuple[bytes, State]:
        """A small file and its state; empty and None where there is none."""
        with self._refusing():
            try:
                # the state first: where the file is replaced in between, a later `replace` is told so
                tag = self._files.info(self._path(name))["ETag"] if self._s3 else None
                content: bytes = self._files.cat_file(self._path(name))
                return content, tag or content
            except FileNotFoundError:
                if self._s3:
                    bucket, *_ = self._files.split_path(self._root)
                    self._files.call_s3("head_bucket", Bucket=bucket)  # no bucket is not the same as no file
                return b"", None

    def replace(self, name: str, content: bytes, seen: State) -> State:
        """Write a small file in one step if it is still as it was seen. Raises OvertakenError."""
        path = self._path(name)
        with self._refusing():
            if self._s3:
                condition: dict[str, Any] = {"IfNoneMatch": "*"} if seen is None else {"IfMatch": seen}
                try:
                    return str(self._files.pipe_file(path, content, **condition)["ETag"])
                except Exception as error:
                    # the answer to a first attempt may have been lost
                    there, state = self.read(name) if _overtaken(error) else (b"", None)
                    if there != content:
                        raise
                    return state
            if self.read(name)[1] != seen:
                raise OvertakenError
            self._files.makedirs(self._root, exist_ok=True)
            with self._files.transaction, self._files.open(path, "wb") as file:  # whole when it ends, or not at all
                file.write(content)
            return content

    def create(self, source: Path, name: str) -> None:
        """Copy a file from here to where there is none, or the same. Raises OvertakenError where there is another."""
        path = self._path(name)
        with self._refusing():
            try:
                if not self._s3 and self._files.exists(path):
                    raise OvertakenError
                self._files.put_file(str(source), path, **({"mode": "create"} if self._s3 else {}))
            except Exception as error:
                if not (isinstance(error, OvertakenError) or _overtaken(error)):
                    raise
                # the answer to a first attempt may have been lost
                if self._files.cat_file(path) != source.read_bytes():
                    raise OvertakenError from None

    def overwrite(self, name: str, content: bytes) -> None:
        with self._refusing():
            if not self._s3:
                self._files.makedirs(self._root, exist_ok=True)
            self._files.pipe_file(self._path(name), content)

    def names(self, folder: str) -> set[str]:
        """Files below a folder."""
        with self._refusing():
            found = self._files.find(self._path(folder))
        return {path.removeprefix(f"{self._root}/") for path in found}

    def exists(self, name: str) -> bool:
        with self._refusing():
            return bool(self._files.isfile(self._path(name)))

    def remove(self, names: Iterable[str]) -> None:
        with self._refusing():
            for name in sorted(names):
                try:
                    self._files.rm_file(self._path(name))
                except FileNotFoundError:
                    continue

    def fetch(self, names: Iterable[str], folder: Path) -> None:
        """Copy files below a folder here. The names must not lead out of it: that is for the caller to see to."""
        wanted = sorted(names)
        for name in wanted:
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
        with self._refusing():
            self._files.get([self._path(name) for name in wanted], [str(folder / name) for name in wanted])

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}"

    @contextmanager
    def _refusing(self) -> Iterator[None]:
        """Turn what the libraries of all protocols raise into a refusal."""
        try:
            yield
        except (RefusalError, OvertakenError):
            raise
        except Exception as error:
            if _overtaken(error):
                raise OvertakenError from None
            if isinstance(error, OSError) and error.errno in FULL:  # the disk here, which is for the caller to name
                raise
            why = _why(error)
            raise StoreError(Text(f"{self.place}:{why.zh}", f"{self.place}: {why.en}")) from None


def shown(address: str) -> str:
    """An address without user and password."""
    before, mark, after = address.partition("://")
    host, slash, path = after.partition("/")
    return f"{before}{mark}{host.rpartition('@')[2]}{slash}{path}".rstrip("/")


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _codes(error: BaseException) -> set[str]:
    """What an S3 server said, where it is one that answered."""
    answers = (getattr(each, "response", None) for each in _chain(error))
    said = [answer.get("Error", {}) for answer in answers if isinstance(answer, dict)]
    return {str(each.get("Code")) for each in said}


def _overtaken(error: BaseException) -> bool:
    return isinstance(error, FileExistsError) or bool(_codes(error) & set(_OVERTAKEN))


def _why(error: BaseException) -> Text:
    kinds = {type(each).__name__ for each in _chain(error)}
    if isinstance(error, ImportError):
        missing = error.name or str(error)
        return Text(
            f"缺少所需的软件包({missing});S3 请安装 minsheng[s3],其他协议请安装 fsspec 及其所需的包",
            f"a package it needs is missing ({missing}); install minsheng[s3] for S3, fsspec and what it asks for "
            "otherwise",
        )
    if isinstance(error, PermissionError) or kinds & set(_NO_KEYS):
        return Text(
            "没有凭据,或凭据被拒绝;请检查 AWS_ACCESS_KEY_ID 等环境变量和存储桶的权限",
            "there are no credentials, or they were refused; see AWS_ACCESS_KEY_ID and its like in the environment, "
            "and what they may do in the bucket",
        )
    if isinstance(error, FileNotFoundError):
        return Text("该处不存在;存储桶须事先建立", "there is no such place; a bucket has to be made beforehand")
    if isinstance(error, TimeoutError | ConnectionError) or kinds & set(_NO_ANSWER):
        return Text(
            "无法连接,或没有在时限内应答;请检查网络和 AWS_ENDPOINT_URL",
            "it cannot be reached, or does not answer in time; see the network and AWS_ENDPOINT_URL",
        )
    if isinstance(error, OSError) and error.errno == errno.ENOSYS:
        return Text(
            "该服务不支持带条件的写入(If-None-Match),不能保证已发布的内容不被覆盖",
            "the server knows no conditional writing (If-None-Match), so that what is published is not safe there",
        )
    said = f"{type(error).__name__}: {error}"
    for secret in filter(None, map(os.environ.get, _SECRETS)):
        said = said.replace(secret, "…")
    return Text(said, said)

"""Releases on S3, against a real S3 protocol server on loopback (moto), read back as any client reads them: by HTTP."""

import json
import os
import shutil
import signal
import subprocess
import sysconfig
import time
import urllib.request
import venv
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote
from xml.etree import ElementTree

import pytest

from tests.conftest import cached
from tests.test_store import Tree, check_whole, unchanged

ROOT = Path(__file__).parent.parent
LOCK = ROOT / "requirements" / "s3.txt"
FIXTURE = ROOT / "tests" / "fixtures" / "shili"
BUCKET = "open-data"
SECRET = "a-secret-that-nobody-may-read"
REFUSED, THROUGH = 2, 9

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Service:
    """An S3 server, and how commands are run before it."""

    python: Path
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def run(self, *command: str | Path, **environment: str) -> "subprocess.CompletedProcess[str]":
        given = {
            "PYTHONPATH": str(ROOT),
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "SOURCE_DATE_EPOCH": "1893456000",
        }
        done = subprocess.run(
            [self.python, *command],
            cwd=ROOT,
            env={**os.environ, **given, **environment},
            capture_output=True,
            text=True,
            check=False,
        )
        assert SECRET not in done.stdout + done.stderr
        assert "Traceback" not in done.stderr, done.stderr
        return done

    def steps(self, *command: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        return self.run("-m", "tests.s3_steps", *command, **environment)

    def minsheng(self, *command: str | Path, **environment: str) -> "subprocess.CompletedProcess[str]":
        return self.run("-m", "pipeline", *command, "--lang", "en", **environment)

    def request(self, path: str, method: str = "GET", body: bytes | None = None) -> bytes:
        # moto asks who it is and believes it, unless a test sets it to check
        who = {
            "Authorization": "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20300101/us-east-1/s3/aws4_request",
            "Content-Type": "text/plain",
        }
        request = urllib.request.Request(self.url + path, body, who, method=method)
        with urllib.request.urlopen(request) as answer:
            content: bytes = answer.read()
            return content

    def stored(self, folder: str) -> Tree:
        """The objects below a folder of the bucket, but databases."""
        space = "{http://s3.amazonaws.com/doc/2006-03-01/}"
        listing = ElementTree.fromstring(self.request(f"/{BUCKET}?list-type=2&prefix={quote(folder + '/')}"))
        names = [str(each.text) for each in listing.iter(f"{space}Key")]
        return {
            name.removeprefix(f"{folder}/"): self.request(f"/{BUCKET}/{quote(name)}")
            for name in names
            if not name.endswith(".duckdb")
        }


@pytest.fixture(scope="module")
def python(request: pytest.FixtureRequest) -> Path:
    """An environment made from requirements/s3.txt, with the one the tests run in behind it."""

    def install(folder: Path) -> None:
        pip: list[str | Path] = [folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--require-hashes"]
        venv.create(folder, clear=True, with_pip=True)
        subprocess.run([*pip, "-r", LOCK], check=True, env={**os.environ, "PYTHONPATH": ""})

    made = cached(request, "s3", LOCK.read_bytes(), install) / "bin" / "python"
    asking: list[str | Path] = [made, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    where = subprocess.run(asking, check=True, capture_output=True, text=True)
    behind = Path(where.stdout.strip()) / "behind.pth"
    behind.write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def service(python: Path) -> Iterator[Service]:
    command: list[str | Path] = [python, "-m", "tests.s3_steps", "serve"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as server:
        assert server.stdout is not None
        port = next(line for line in server.stdout if line.strip().isdigit())
        found = Service(python, int(port))
        found.request(f"/{BUCKET}", "PUT")
        yield found
        server.kill()


def ended(done: "subprocess.CompletedProcess[str]") -> list[int]:
    assert done.returncode == 0, done.stderr
    return [int(line) for line in done.stdout.split()]


def test_killed_at_every_request(service: Service) -> None:
    codes = ended(service.steps("killed", f"s3://{BUCKET}/killed"))
    assert codes[-1] == THROUGH
    assert set(codes[:-1]) == {-signal.SIGKILL}
    assert len(codes) > 15
    undisturbed = service.stored(f"killed/{len(codes)}")
    assert check_whole(undisturbed) == ["0.1.0", "0.2.0"]

    def checked(number: int) -> tuple[str, ...]:
        folder = f"killed/{number}"
        found = service.stored(folder)
        versions = check_whole(found)
        old = {name: content for name, content in undisturbed.items() if name.startswith("p-0.1.0")}
        assert unchanged(found, old)
        assert found["latest"].decode().strip().removeprefix("p-") in versions
        again = service.steps("publish", f"s3://{BUCKET}/{folder}", "first")
        assert again.returncode == 0, again.stderr
        assert service.stored(folder) == undisturbed, number
        return tuple(versions)

    with ThreadPoolExecutor(2) as pool:
        seen = set(pool.map(checked, range(1, len(codes))))
    assert seen == {("0.1.0",), ("0.1.0", "0.2.0")}


def test_overtaken_at_every_request(service: Service) -> None:
    """Another publishes the same version with other content before the n-th request: one of both, and whole."""
    done = service.steps("overtaken", f"s3://{BUCKET}/overtaken")
    codes = ended(done)
    assert codes[-1] == THROUGH
    assert set(codes[:-1]) == {0, REFUSED}
    assert "同时另有发布" in done.stderr
    assert "is never changed" in done.stderr
    for number in range(1, len(codes)):
        found = service.stored(f"overtaken/{number}")
        assert check_whole(found) == ["0.1.0", "0.2.0"]
        winner = found["p-0.2.0/data/targets.csv"].split(b"\n")[1]
        # the second came through where it was refused nothing: the first then finds it, or came through before
        assert winner == b"second,1" or codes[number - 1] == 0
        assert b"publishing" not in found["index.json"]


def test_two_at_once(service: Service) -> None:
    for turn in range(3):
        place = f"s3://{BUCKET}/two/{turn}"
        with ThreadPoolExecutor(2) as pool:
            runs = list(pool.map(lambda word, place=place: service.steps("publish", place, word), ("one", "other")))
        assert {run.returncode for run in runs} <= {0, REFUSED}
        found = service.stored(f"two/{turn}")
        if any(run.returncode == 0 for run in runs):
            assert check_whole(found) == ["0.2.0"]
        again = service.steps("publish", place, "one")
        assert again.returncode == 0, again.stderr
        assert check_whole(service.stored(f"two/{turn}")) == ["0.2.0"]


def test_the_commands_work_on_s3(service: Service, tmp_path: Path) -> None:
    data, store = tmp_path / "shili", f"s3://{BUCKET}/releases"
    shutil.copytree(FIXTURE, data)
    build = ("--out", tmp_path / "build", "--store", store)
    done = service.minsheng("release", data, *build)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"released {store}/shili-0.1.0" in done.stdout
    first = service.stored("releases")
    assert check_whole(first) == ["0.1.0"]
    assert "nothing changed since 0.1.0" in service.minsheng("release", data, *build).stdout
    assert service.stored("releases") == first
    toml = data / "package.toml"
    text = toml.read_text(encoding="utf-8")
    toml.write_text(text.replace('"0.1.0"', '"0.1.1"').replace("an invented city", "a made-up city"), encoding="utf-8")
    done = service.minsheng("release", data, *build)
    assert done.returncode == 0, done.stdout + done.stderr
    second = service.stored("releases")
    assert check_whole(second) == ["0.1.0", "0.1.1"]
    assert {name: second[name] for name in first if name.startswith("shili-0.1.0")}.items() <= first.items()
    assert b"title" in second["shili-0.1.1/changes.csv"]
    assert second["latest"] == b"shili-0.1.1\n"
    found = service.minsheng("diff", "0.1.0", "latest", "--store", store)
    assert found.returncode == 0, found.stderr
    assert f"{store}/shili-0.1.0" in found.stdout
    state = json.loads(service.minsheng("status", data, "--store", store, "--format", "json").stdout)
    assert state["released"] == "0.1.1"
    reasons = ("--reason-zh", "误", "--reason-en", "wrong")
    assert "latest is now 0.1.0" in service.minsheng("withdraw", "0.1.1", *reasons, "--store", store).stdout
    assert unchanged(service.stored("releases"), second)


def test_what_is_not_there_is_said(service: Service, tmp_path: Path) -> None:
    def said(store: str, **environment: str) -> str:
        start = time.monotonic()
        done = service.minsheng("diff", "0.1.0", "0.2.0", "--store", store, **environment)
        assert done.returncode == 2
        assert time.monotonic() - start < 40
        return done.stderr

    store = f"s3://{BUCKET}/nothing"
    assert "holds no version 0.1.0" in said(store)
    assert "a bucket has to be made beforehand" in said("s3://no-such-bucket/releases")
    assert "it cannot be reached" in said(store, AWS_ENDPOINT_URL="http://127.0.0.1:9")
    nobody = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "HOME": str(tmp_path)}
    assert "there are no credentials" in said(store, **nobody)
    service.request("/moto-api/reset-auth", "POST", b"0")
    try:
        assert "or they were refused" in said(store)
    finally:
        service.request("/moto-api/reset-auth", "POST", b"inf")

"""The cookbook: every query and snippet is run, and prints what the page says, in both languages."""

import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import duckdb
import pytest

from pipeline.package import read_package
from pipeline.release.formats import database
from pipeline.release.resources import resources
from pipeline.warehouse import literal
from tests.conftest import REAL_DATA
from tests.examples import ROOT, Example, answer, fences

PAGES = ("docs/cookbook.md", "docs/cookbook.zh-CN.md")
READING = {PAGES[0]: ("\nRead: ", "\nDo not read: "), PAGES[1]: ("\n怎么读：", "\n不能读成：")}
SERVER = "http://localhost:8000"
FEWEST_QUESTIONS = 14


def chapters(page: str) -> tuple[dict[str, str], str]:
    """The questions by number, and the chapter about reading a release."""
    text = (ROOT / page).read_text(encoding="utf-8")
    asked, reading = re.split(r"^(?=## (?:Reading a release|读取一次发布)$)", text, flags=re.MULTILINE)
    questions = re.split(r"^### (\d+)\. ", asked, flags=re.MULTILINE)[1:]
    return dict(zip(questions[::2], questions[1::2], strict=True)), reading


def snippets(*languages: str) -> list[Example]:
    return [example for example in fences(chapters(PAGES[0])[1]) if example.language in languages]


@pytest.fixture(scope="module")
def released_file(warehouse: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """minsheng.duckdb as a release holds it, from the warehouse of the real programmes."""
    path = tmp_path_factory.mktemp("file") / "minsheng.duckdb"
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH {literal(warehouse)} AS warehouse (READ_ONLY)")
        connection.execute("USE warehouse")
        database.write(connection, resources(), path, read_package(REAL_DATA), "2030-01-01")
    return path


@pytest.mark.parametrize("page", PAGES)
def test_a_question_has_one_query_its_answer_and_how_to_read_it(page: str) -> None:
    questions, _ = chapters(page)
    assert list(questions) == [str(number) for number in range(1, len(questions) + 1)]
    assert len(questions) >= FEWEST_QUESTIONS
    for number, text in questions.items():
        (example,) = fences(text)
        assert example.language == "sql", number
        assert example.output, number
        assert all(mark in text for mark in READING[page]), number
        assert not set('"$`\\!') & set(example.code), f"{number} cannot be pasted between double quotes"


def test_both_languages_ask_the_same() -> None:
    def alike(page: str) -> list[tuple[str, str]]:
        questions, reading = chapters(page)
        examples = [example for text in (*questions.values(), reading) for example in fences(text)]
        return [(example.language, re.sub(r"_(zh|en)\b", "_*", example.code)) for example in examples]

    assert alike(PAGES[0]) == alike(PAGES[1])


@pytest.mark.parametrize("page", PAGES)
def test_the_released_file_answers_what_the_page_prints(
    page: str, released_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "160")
    for number, text in chapters(page)[0].items():
        (example,) = fences(text)
        assert answer(released_file, example.code) == example.output, number


# What follows runs the chapter about reading a release in a finished release, with tools that are not in the lock file.


@pytest.fixture(scope="module")
def tools(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of the snippets: DuckDB's command line and httpfs as packages, and a home of their own."""
    home = tmp_path_factory.mktemp("tools")
    extension = [f"{name}=={duckdb.__version__}" for name in ("duckdb-extensions", "duckdb-extension-httpfs")]
    pip = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "install", "--no-deps")
    done = subprocess.run(
        [*pip, "--target", str(home / "packages"), "duckdb-cli==1.5.6", *extension], capture_output=True, check=False
    )
    if done.returncode:
        pytest.skip("DuckDB's command line or its extension httpfs cannot be installed here")
    return {
        **os.environ,
        "HOME": str(home),
        "COLUMNS": "160",
        "LC_ALL": "C",
        "PYTHONUTF8": "1",
        "PYTHONPATH": os.pathsep.join((str(home / "packages"), str(ROOT))),
        "PATH": os.pathsep.join((str(home / "packages" / "bin"), str(Path(sys.executable).parent), os.environ["PATH"])),
    }


def run(folder: Path, tools: dict[str, str], *command: str) -> str:
    done = subprocess.run(command, cwd=folder, env=tools, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode().rstrip()


@pytest.fixture(scope="module")
def latest(real_release: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A reader's copy of a release and of the zip beside it."""
    store = tmp_path_factory.mktemp("reader")
    shutil.copy(real_release.parent / f"{real_release.name}.zip", store)
    return Path(shutil.copytree(real_release, store / "latest"))


@pytest.mark.slow
def test_the_shell_snippets_print_what_the_page_says(latest: Path, tools: dict[str, str]) -> None:
    if shutil.which("unzip") is None or shutil.which("sha256sum") is None:
        pytest.skip("there is no unzip or no sha256sum here")
    assert snippets("sh")
    for example in snippets("sh"):
        assert run(latest, tools, "bash", "-euo", "pipefail", "-c", example.code) == example.output


@pytest.mark.slow
def test_the_python_snippets_print_what_the_page_says(latest: Path, tools: dict[str, str]) -> None:
    printing = [example for example in snippets("python") if example.output is not None]
    assert len(printing) == len(snippets("python")) - 1  # the installation of httpfs prints nothing
    for example in printing:
        assert run(latest, tools, sys.executable, "-c", example.code) == example.output


@pytest.mark.slow
def test_the_r_snippets_print_what_the_page_says(latest: Path, tools: dict[str, str]) -> None:
    if shutil.which("Rscript") is None:
        pytest.skip("there is no R here")
    assert snippets("r")
    for example in snippets("r"):
        assert run(latest, tools, "Rscript", "--vanilla", "-e", example.code) == example.output


class Plain(SimpleHTTPRequestHandler):
    """`python3 -m http.server`: whole files only. Counts the bytes of the files it sends."""

    sent = 0

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        if path.is_file():
            self.count(path.stat().st_size)
        super().do_GET()

    @classmethod
    def count(cls, length: int) -> None:
        cls.sent += length


class Ranges(Plain):
    """The same with range requests, as web servers and object stores answer them."""

    sent = 0

    def do_GET(self) -> None:
        wanted = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        path = Path(self.translate_path(self.path))
        if wanted is None or not path.is_file():
            super().do_GET()
            return
        content = path.read_bytes()
        start, end = int(wanted[1]), min(int(wanted[2]), len(content) - 1)
        self.send_response(206)
        self.send_header("Content-Range", f"bytes {start}-{end}/{len(content)}")
        self.send_header("Content-Length", str(end - start + 1))
        self.end_headers()
        self.wfile.write(content[start : end + 1])
        self.count(end - start + 1)


@pytest.fixture(params=[Plain, Ranges])
def served(request: pytest.FixtureRequest, latest: Path) -> Iterator[tuple[str, type[Plain]]]:
    """The address of a server of the release on this machine, and its handler."""
    handler: type[Plain] = request.param
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(handler, directory=str(latest)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}", handler
    server.shutdown()
    server.server_close()


ASK = """
import sys, duckdb
from pipeline.reports.answer import render
from pipeline.querying import Result
connection = duckdb.connect()
connection.execute("SET enable_progress_bar = false")  # it is drawn among the output once a query takes two seconds
found = connection.execute(sys.argv[1])
print(render(Result(tuple(column[0] for column in found.description), tuple(found.fetchall())), "table"))
"""


@pytest.mark.slow
def test_plain_duckdb_reads_a_release_over_http(
    served: tuple[str, type[Plain]], latest: Path, tools: dict[str, str]
) -> None:
    address, handler = served
    (install,) = (example for example in snippets("python") if example.output is None)
    run(latest, tools, sys.executable, "-c", install.code)
    for page in PAGES:
        queries = [example for example in fences(chapters(page)[1]) if example.language == "sql"]
        assert [SERVER in example.code for example in queries] == [True, True]
        for example in queries:
            said = run(latest, tools, sys.executable, "-c", ASK, example.code.replace(SERVER, address))
            assert said == example.output
    if handler is Ranges:
        # each page asks for the database once; with ranges the two together cost less than one file
        assert 0 < handler.sent < (latest / "minsheng.duckdb").stat().st_size

"""What a run says while it works: nothing for quick steps, a line with the time for long ones, plain lines in a log."""

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.language import Text
from pipeline.reports.progress import steps

ROOT = Path(__file__).parent.parent
SCRIPT = """
import sys, time
from pipeline.language import Text
from pipeline.reports.progress import steps

with steps("en") as say:
    say(Text("快", "quick"))
    say(Text("慢 [red]", "slow [red]"))
    time.sleep({seconds})
    if {fails}:
        raise SystemExit(3)
    say(Text("末", "last"))
print("rich" in sys.modules)
"""


def _on_a_terminal(seconds: float, *, fails: bool = False, term: str = "xterm") -> tuple[str, str]:
    """What a script with a step of so many seconds prints on a terminal, and on standard output, which is none."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", SCRIPT.format(seconds=seconds, fails=fails)],
        stdout=subprocess.PIPE,
        stderr=theirs,
        cwd=ROOT,
        env={**os.environ, "TERM": term, "PYTHONPATH": str(ROOT)},
    )
    os.close(theirs)
    seen = b""
    try:
        while part := os.read(ours, 65_536):
            seen += part
    except OSError:  # how Linux says that nobody holds the other end any more
        pass
    os.close(ours)
    output = process.communicate(timeout=60)[0].decode()
    assert process.returncode == (3 if fails else 0), seen
    return seen.decode(), output


def test_a_long_step_shows_its_time_and_leaves_a_line() -> None:
    seen, output = _on_a_terminal(2.6)
    assert re.search(r"slow \[red\].*0:00:0[12]", seen), "the live line, its text taken literally"
    assert re.search(r"✓ slow \[red\] \d s", seen)
    assert "quick" not in seen
    assert "last" not in seen
    assert "\x1b[?25h" in seen, "the cursor is back"
    assert output == "True\n", "standard output belongs to the report"


def test_quick_steps_show_nothing_and_cost_no_import() -> None:
    assert _on_a_terminal(0.2) == ("", "False\n")


def test_a_step_that_fails_says_so() -> None:
    seen, _ = _on_a_terminal(1.6, fails=True)
    assert "✗ slow [red]" in seen
    assert "\x1b[?25h" in seen


def test_a_dumb_terminal_is_left_alone() -> None:
    assert _on_a_terminal(1.4, term="dumb") == ("", "False\n")


@pytest.mark.parametrize(("log", "wanted"), [(True, "… 检查数据\n"), (False, "")])
def test_elsewhere_a_step_is_a_plain_line_or_nothing(
    log: bool, wanted: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with steps("zh", log=log) as say:
        say(Text("检查数据", "validating"))
    assert capsys.readouterr() == ("", wanted)

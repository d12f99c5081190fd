"""A second process: what it does for this one, and that it ends with it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipeline.worker import Worker

BUSY = """
import time
from pipeline.worker import Worker
if __name__ == "__main__":
    with Worker() as worker:
        print(worker.begin(__import__("os").getpid).result(), flush=True)
        worker.begin(time.sleep, 600).result()
"""


def test_what_is_begun_is_run_one_after_the_other_behind_the_preparations() -> None:
    with Worker(os.getpid) as worker:
        pids = [worker.begin(os.getpid), worker.begin(os.getpid)]
        assert pids[0].result() == pids[1].result() != os.getpid()
        with pytest.raises(ValueError, match="no number"):
            worker.begin(int, "no number").result()


def test_without_work_no_process_is_started() -> None:
    before = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children")
    if not before.exists():
        pytest.skip("this system does not tell which processes a process has")
    children = before.read_text()
    with Worker():
        assert before.read_text() == children


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="no /proc to see processes in")
def test_the_second_process_ends_where_the_first_is_killed(tmp_path: Path) -> None:
    script = tmp_path / "busy.py"
    script.write_text(BUSY)
    path = str(Path(__file__).resolve().parent.parent)
    first = subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": path}
    )
    assert first.stdout is not None
    second = int(first.stdout.readline())
    first.send_signal(signal.SIGKILL)
    first.wait()
    first.stdout.close()
    for _ in range(200):
        if not running(second):
            return
        time.sleep(0.05)
    raise AssertionError(f"{second} is still there")


def running(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False

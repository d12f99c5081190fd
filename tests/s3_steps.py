"""A small release published to an S3 address by processes that are killed, or overtaken, at a chosen request.

    python -m tests.s3_steps serve                      an S3 server on loopback: prints its port, serves until killed
    python -m tests.s3_steps publish ADDRESS WORD       publishes version 0.2.0; ends with 2 where it is refused
    python -m tests.s3_steps killed ADDRESS             under ADDRESS/1, ADDRESS/2 …: killed before the n-th request
    python -m tests.s3_steps overtaken ADDRESS          the same, where another publisher comes before the n-th request

It is run by the environment of requirements/s3.txt. The last two print, a line each, how each run ended, and end with
the first that came through.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from pipeline.release.store import StoreError
from tests.interrupting import in_child, publish

MOST = 200  # more requests than a small release takes
THROUGH = 9  # how a run ends that was not disturbed


def serve() -> None:
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    print(server.get_host_and_port()[1], flush=True)
    while True:
        time.sleep(3600)


def at_request(number: int, then: Callable[[], object]) -> None:
    """Do something before this process sends its n-th request."""
    from aiobotocore.httpsession import AIOHTTPSession

    send, sent = AIOHTTPSession.send, 0

    async def counted(self: AIOHTTPSession, request: Any) -> Any:
        nonlocal sent
        sent += 1
        if sent == number:
            then()
        return await send(self, request)

    AIOHTTPSession.send = counted


def attempt(address: str, word: str) -> int:
    try:
        publish(address, "0.2.0", word)
    except StoreError as error:
        print(error.reason.both, file=sys.stderr, flush=True)
        return 2
    return 0


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def overtake(address: str) -> None:
    subprocess.run([sys.executable, "-m", "tests.s3_steps", "publish", address, "second"], check=True)


def disturbed(kind: str, address: str) -> None:
    import s3fs  # noqa: F401 - once, before the children; its thread starts in them

    for number in range(1, MOST):
        ended = disturbed_once(kind, f"{address}/{number}", number)
        print(ended, flush=True)
        if ended == THROUGH:
            return


def disturbed_once(kind: str, place: str, number: int) -> int:
    """Publish the second release, disturbed at a request; THROUGH where there were not as many."""
    reached: list[bool] = []

    def then() -> None:
        reached.append(True)
        die() if kind == "killed" else overtake(place)

    def run() -> None:
        code = attempt(place, "first")
        os._exit(code if reached else THROUGH)

    in_child(lambda: None, lambda: publish(place, "0.1.0", "old"))
    return in_child(lambda: at_request(number, then), run)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["serve"]:
            serve()
        case ["publish", address, word]:
            sys.exit(attempt(address, word))
        case [("killed" | "overtaken") as kind, address]:
            disturbed(kind, address)

"""What stands in for the parts of a release that cost most, where a test is about others."""

from concurrent.futures import Future
from pathlib import Path

from pipeline import gate
from pipeline.against import Base


class OpenGate(gate.Gatekeeper):
    """A gate without expectations."""

    def __enter__(self) -> "OpenGate":
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def judge(self, warehouse: Path, base: Base | None = None) -> "Future[tuple[gate.Outcome, ...]]":
        outcomes: Future[tuple[gate.Outcome, ...]] = Future()
        outcomes.set_result(())
        return outcomes

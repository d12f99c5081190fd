"""What is invented says so, everywhere, and never gets among the real."""

import pytest

from pipeline.fiction import is_fictional


@pytest.mark.parametrize(
    ("code", "expected"), [("990100", True), ("999900", True), ("340400", False), ("419900", False)]
)
def test_the_code_of_the_jurisdiction_tells(code: str, expected: bool) -> None:
    assert is_fictional(code) is expected

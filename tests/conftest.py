"""What the tests of several rooms share."""

import pytest

from tests.cli.program import Program


@pytest.fixture
def auralflow(capsys: pytest.CaptureFixture[str]) -> Program:
    """The command line: `auralflow("train", "--help")` runs it and gives its code and output."""
    return Program(capsys)

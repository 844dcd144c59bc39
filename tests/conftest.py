"""What the tests of several rooms share."""

import hypothesis
import pytest

from tests.cli.program import Program

# The same examples on every machine, however busy it is.
hypothesis.settings.register_profile("auralflow", deadline=None, derandomize=True, database=None)
hypothesis.settings.load_profile("auralflow")


@pytest.fixture
def auralflow(capsys: pytest.CaptureFixture[str]) -> Program:
    """The command line: `auralflow("train", "--help")` runs it and gives its code and output."""
    return Program(capsys)

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


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test decodes and finds out about files is not the user's, nor another test's."""
    monkeypatch.setenv("AURALFLOW_CACHE", str(tmp_path_factory.mktemp("cache")))

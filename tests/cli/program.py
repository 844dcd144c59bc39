"""The program, called as a shell would call it."""

from dataclasses import dataclass

import pytest

from auralflow.cli import main


@dataclass(frozen=True)
class Outcome:
    """What a call of the program left behind."""

    code: int
    out: str
    err: str

    @property
    def both(self) -> str:
        """Everything it printed."""
        return self.out + self.err


class Program:
    """Runs `auralflow …` in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *words: object) -> Outcome:
        """Run a command to its end."""
        self._capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main([str(word) for word in words])
        printed = self._capsys.readouterr()
        assert isinstance(left.value.code, int)
        return Outcome(left.value.code, printed.out, printed.err)

    def refuses(self, *words: object) -> str:
        """Run a command that must fail by the rules: code 2, a message, no traceback, nothing on standard output."""
        outcome = self(*words)
        assert outcome.code == 2, outcome.both
        assert outcome.out == ""
        assert "Traceback" not in outcome.err
        assert "not foreseen" not in outcome.err
        return outcome.err.split("Error: ", 1)[1].strip()

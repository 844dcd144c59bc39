"""Runs the blocks of a page as a reader would, but for new processes of auralflow: each would cost its imports anew."""

import os
import shlex
import subprocess
from typing import Any

import pytest

from auralflow.cli.main import main
from tests.docs.pages import Block

_SHELL_SECONDS = 60


def run_block(block: Block, names: dict[str, Any]) -> None:
    """Run a block in the current folder; `names` are what the page's Python has defined so far."""
    where = f"{block.page}:{block.line}"
    if block.language == "python":
        # The empty lines give tracebacks the page's line numbers.
        exec(compile("\n" * block.line + block.text, block.page, "exec"), names)
        return
    for line in block.commands:
        words = shlex.split(line, comments=True)
        if not words:
            continue
        if words[0] == "auralflow":
            if block.added_flags and words[1] == block.added_flags[0]:
                words += shlex.split(block.added_flags[1])
            _run_auralflow(words[1:], where)
        elif words[0] == "cd":
            os.chdir(words[1])
        else:
            subprocess.run(["bash", "-euc", line], check=True, timeout=_SHELL_SECONDS)


def _run_auralflow(words: list[str], where: str) -> None:
    with pytest.raises(SystemExit) as leaving:
        main(words)
    assert leaving.value.code == 0, f"{where}: auralflow {shlex.join(words)}"

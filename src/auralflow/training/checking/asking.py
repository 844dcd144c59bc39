"""Another process, asked to do something of which this one must not feel the memory."""

import json
import os
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from auralflow import errors
from auralflow.errors import AuralflowError, TrainingError
from auralflow.training.checking.child import Job
from auralflow.training.scheduler import without_launcher

__all__ = ["ask"]

_PROGRAM = (
    "import sys; sys.path[:] = {path!r}; from auralflow.training.checking.child import main; main()"
)
_LINES = 3


def ask(job: Job) -> dict[str, Any]:
    """What a process of its own answers; what it says besides is kept for the case that it fails.

    Raises what it raised; `TrainingError` if it was ended or broke.
    """
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM.format(path=sys.path)],
        input=json.dumps(asdict(job)),
        capture_output=True,
        text=True,
        check=False,
        env=without_launcher(os.environ),
    )
    answer = Path(job.folder) / f"{job.kind}.json"
    if done.returncode or not answer.is_file():
        last = "; ".join(done.stderr.strip().splitlines()[-_LINES:])
        how = f"signal {-done.returncode}" if done.returncode < 0 else f"code {done.returncode}"
        raise TrainingError(
            f"the process that tried a step ended with {how} ({last or 'without a word'}): if it was killed, memory ran out, "
            "and a smaller batch-size helps; else report this"
        )
    content: dict[str, Any] = json.loads(answer.read_text(encoding="utf-8"))
    if "error" in content:
        kind: type[AuralflowError] = getattr(errors, content["error"], AuralflowError)
        raise kind(content["sentence"])
    return content

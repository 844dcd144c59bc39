"""Processes that train together: where one of them dies, the others end soon, and say why.

Left alone they would wait for its gradients: on GPUs for many minutes. Lightning kills them within seconds, without a word.
Processes that torchrun or SLURM has started are theirs to end.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytorch_lightning as pl
import torch
import torch.distributed

from auralflow.errors import ConfigError, TrainingError
from auralflow.settings import TrainConfig
from auralflow.training.scheduler import is_started_by_launcher
from auralflow.training.stopping import StoppedBySignal

__all__ = ["ProcessWatch", "require_gpus", "watch_processes"]

_PERIOD = 0.25
_GRACE = 5.0
"""Seconds in which the thread that trains may notice by itself, and end as any error ends it."""
_PARTING = 10.0
"""Seconds in which the first process finds out which one it was."""


def require_gpus(config: TrainConfig) -> None:
    """Raise `ConfigError` where a run wants more GPUs of this machine than PyTorch sees."""
    if not (config.cuda and torch.cuda.is_available()):
        return
    seen = torch.cuda.device_count()
    if config.num_gpus > seen:
        raise ConfigError(
            f"num-gpus is {config.num_gpus}, and PyTorch sees {seen} on this machine: set it to at most that, look at "
            "CUDA_VISIBLE_DEVICES, or pass --no-cuda, which trains in as many processes without GPUs"
        )


class ProcessWatch:
    """Looks, a few times a second, whether the other processes of this machine's run are alive."""

    def __init__(self, latest: str, processes: Callable[[], list[subprocess.Popen[Any]]]) -> None:
        """`latest` is where the run can be resumed from; `processes` are those that this one has started."""
        self._latest = latest
        self._processes = processes
        self._first = os.getppid() if _is_started_by_first() else None
        self._over = threading.Event()
        self._found = threading.Event()
        self._reason = ""

    def start(self) -> None:
        """Begin to look, beside the thread that trains."""
        threading.Thread(target=self._look, name="process-watch", daemon=True).start()

    def stop(self) -> None:
        """The run is over; whoever ends now may."""
        self._over.set()

    def explain(self, error: Exception) -> Exception:
        """What to raise in an error's place: the death of another process, if that is what is behind it."""
        if not _is_of_connection(error):
            return error
        if self._found.wait(_PARTING if self._first is not None else _GRACE):
            return TrainingError(self._reason)
        return TrainingError(
            f"the connection to the other processes of this run broke ({_first_line(error)}): look at what they say, and go "
            f"on with --resume from {self._latest}"
        )

    def end_others(self) -> None:
        """Nobody is left behind to wait."""
        for process in self._processes():
            process.kill()

    def _look(self) -> None:
        while not self._over.wait(_PERIOD):
            _silence_lightning()
            dead = self._dead()
            if dead:
                self._reason = (
                    f"{dead}, so that the others cannot go on: look for its message above, or for one of the system if "
                    f"memory was short, and go on with --resume from {self._latest}"
                )
                self._found.set()
                break
        else:
            return
        if self._over.wait(_GRACE):
            return
        # The thread that trains is inside a call that waits for the dead process, and cannot be woken.
        self.end_others()
        sys.stderr.write(f"Error: {self._reason}\n")
        sys.stderr.flush()
        os._exit(2)

    def _dead(self) -> str:
        """Who died, and of what."""
        processes = self._processes()
        for number, process in enumerate(processes, start=1):
            if process.poll():
                how = _how(process.returncode)
                return f"process {number + 1} of {len(processes) + 1} {how}"
        if self._first is not None and os.getppid() != self._first:
            return "the first process of this run is gone"
        return ""


@contextlib.contextmanager
def watch_processes(trainer: pl.Trainer, latest: str) -> Iterator[None]:
    """Watch the processes of a trainer while it trains; with one process alone there is nothing to do.

    Raises `TrainingError` in place of an error of the connection, where another process has died.
    """
    if trainer.world_size == 1:
        yield
        return
    watch = ProcessWatch(latest, lambda: list(getattr(trainer.strategy.launcher, "procs", ())))
    watch.start()
    try:
        yield
    except StoppedBySignal:
        raise
    except Exception as error:
        told = watch.explain(error)
        watch.stop()
        watch.end_others()
        if told is error:
            raise
        raise told from error
    finally:
        watch.stop()


def _is_started_by_first() -> bool:
    """Whether Lightning has started this process from the first of its machine."""
    return int(os.environ.get("LOCAL_RANK", "0")) > 0 and not is_started_by_launcher()


def _is_of_connection(error: Exception) -> bool:
    if isinstance(error, torch.distributed.DistError):
        return True
    text = str(error).lower()
    return isinstance(error, RuntimeError) and ("gloo" in text or "nccl" in text)


def _how(code: int) -> str:
    if code >= 0:
        return f"ended with code {code}"
    with contextlib.suppress(ValueError):
        return f"was ended by {signal.Signals(-code).name}"
    return f"was ended by signal {-code}"


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]


def _silence_lightning() -> None:
    """Give Lightning's own observer, which kills without a word, nothing to observe."""
    for thread in threading.enumerate():
        # Its class is private, and may be gone in another version.
        if type(thread).__name__ == "_ChildProcessObserver":
            vars(thread)["_child_processes"] = []

"""Who has started the processes of a run, where it was not Lightning: SLURM's `srun`, or torchrun.

A job that SLURM has put in its queue again, and processes that torchrun has started again, go on where they were, with the
words of the first start: what a run saves says which job it was.

Source: https://slurm.schedmd.com/srun.html and https://docs.pytorch.org/docs/stable/elastic/run.html, environment variables.
"""

import contextlib
import logging
import os
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path

from auralflow.checkpoints import read_checkpoint
from auralflow.errors import CheckpointError, ConfigError
from auralflow.settings import TrainConfig

__all__ = [
    "TIME_IS_UP",
    "goes_on",
    "is_first_rank",
    "is_preempted",
    "is_slurm_job",
    "is_started_by_launcher",
    "job_name",
    "queue_again",
    "require_tasks",
    "tell_of_restart",
    "without_launcher",
]

log = logging.getLogger(__name__)

# Windows has neither the signal nor SLURM.
TIME_IS_UP: signal.Signals = getattr(signal, "SIGUSR1", signal.SIGTERM)
"""What jobs have themselves sent by `--signal=SIGUSR1@SECONDS` before their time is up; by custom they queue again then."""

_TORCHRUN = "TORCHELASTIC_RUN_ID"
_BY_HAND = ("bash", "interactive")
"""Names of jobs in which somebody types, and Lightning starts the processes."""
_OF_LAUNCHERS = frozenset(
    f"{whose}{what}"
    for whose in ("", "LOCAL_", "GROUP_", "ROLE_", "NODE_")
    for what in ("RANK", "WORLD_SIZE")
) | {"MASTER_ADDR", "MASTER_PORT", "ROLE_NAME"}
"""What they tell a process of its place, besides what begins with their names."""


def is_slurm_job() -> bool:
    """Whether SLURM has started this process as one of a job's tasks."""
    here = os.environ
    return (
        "SLURM_NTASKS" in here
        and here.get("SLURM_JOB_NAME") not in _BY_HAND
        and _TORCHRUN not in here
    )


def is_started_by_launcher() -> bool:
    """Whether all processes of the run have been started by somebody else than Lightning."""
    return _TORCHRUN in os.environ or is_slurm_job()


def is_first_rank() -> bool:
    """Whether this process is the only one of the run, or the one of all that writes."""
    here = os.environ
    if is_slurm_job():
        return int(here.get("SLURM_PROCID", "0")) == 0
    if "RANK" in here:
        return int(here["RANK"]) == 0
    parts = ("NODE_RANK", "GROUP_RANK", "LOCAL_RANK")
    return all(int(here.get(name, "0")) == 0 for name in parts)


def require_tasks(config: TrainConfig) -> None:
    """Raise `ConfigError` where a launcher has started another number of processes than the run is configured for.

    Lightning is told how many tasks of SLURM each machine has: it asks for what the job was given and not for what `srun`
    was, and not at all for `--ntasks`.
    """
    here = os.environ
    if is_slurm_job():
        if int(here["SLURM_NTASKS"]) > 1 and "SLURM_STEP_ID" not in here:
            raise ConfigError(
                f"this SLURM job has {here['SLURM_NTASKS']} tasks, of which only srun starts more than one: write srun before "
                "the command"
            )
        tasks = _tasks_of_machines()
        each, machines = tasks[0], len(tasks)
        if any(count != each for count in tasks):
            raise ConfigError(
                f"SLURM starts {', '.join(str(count) for count in tasks)} tasks on its machines, and each needs as many: "
                f"give srun --nodes and --ntasks-per-node"
            )
        here["SLURM_NTASKS_PER_NODE"] = str(each)
        started = f"SLURM starts {_processes(each, machines)}"
    elif _TORCHRUN in here:
        each = int(here.get("LOCAL_WORLD_SIZE", "1"))
        machines = int(here.get("WORLD_SIZE", "1")) // each
        started = f"torchrun has started {_processes(each, machines)}"
    else:
        return
    if (each, machines) != (config.num_gpus, config.num_nodes):
        raise ConfigError(
            f"{started}, and the run is configured for {_processes(config.num_gpus, config.num_nodes)}: pass "
            f"--num-gpus {each} --num-nodes {machines}, or have as many started as num-gpus and num-nodes say"
        )


def job_name() -> str | None:
    """What the job is called as long as it lives, however often it is started; None for a run that nobody starts again."""
    here = os.environ
    if _TORCHRUN in here:
        return f"torchrun {here[_TORCHRUN]}"
    return f"SLURM {_slurm_id()}" if is_slurm_job() and "SLURM_JOB_ID" in here else None


def goes_on(checkpoints: Path, name: str) -> bool:
    """Whether a launcher has started this run again, and what the earlier start saved is there to go on from."""
    job = job_name()
    if job is None or not _restarts():
        return False
    for kind in ("latest", "previous"):
        with contextlib.suppress(CheckpointError):
            found: bool = (
                read_checkpoint(checkpoints / f"{name}_{kind}.pth").progress.get("job") == job
            )
            return found
    return False


def tell_of_restart() -> None:
    """Say, once for all processes, that a run goes on although nobody asked for that."""
    if is_first_rank():
        log.warning(
            "%s was started again (restart %d) and goes on where it was", job_name(), _restarts()
        )


def is_preempted() -> bool:
    """Whether this job has to make room for another, within the time of grace, and may be queued again.

    SLURM queues again what it has to kill after that time; what ends by itself before is over for it.
    """
    if not is_slurm_job():
        return False
    told, refusal = _scontrol("show", "job", "--oneliner", _slurm_id())
    if refusal:
        log.warning("SLURM does not say whether the job is preempted (%s)", refusal)
    facts = dict(word.partition("=")[::2] for word in told.split())
    return (
        facts.get("JobState") == "RUNNING"
        and facts.get("PreemptTime", "None") != "None"
        and facts.get("Requeue") == "1"
    )


def queue_again() -> bool:
    """Have SLURM start this job once more from its script; it ends what is left of the job by itself.

    False, after saying why, where SLURM does not take it.
    """
    job = _slurm_id()
    _, refusal = _scontrol("requeue", job)
    if refusal:
        log.warning(
            "SLURM did not queue job %s again (%s): submit it anew, with --resume", job, refusal
        )
    return not refusal


def without_launcher(environment: Mapping[str, str]) -> dict[str, str]:
    """An environment in which a process is nobody's task: what it does is not part of the run."""
    return {
        name: value
        for name, value in environment.items()
        if name not in _OF_LAUNCHERS and not name.startswith(("SLURM_", "TORCHELASTIC_"))
    }


def _restarts() -> int:
    whose = "TORCHELASTIC" if _TORCHRUN in os.environ else "SLURM"
    return int(os.environ.get(f"{whose}_RESTART_COUNT") or 0)


def _slurm_id() -> str:
    here = os.environ
    if "SLURM_ARRAY_JOB_ID" in here and "SLURM_ARRAY_TASK_ID" in here:
        return f"{here['SLURM_ARRAY_JOB_ID']}_{here['SLURM_ARRAY_TASK_ID']}"
    return here.get("SLURM_JOB_ID", "")


def _scontrol(*words: str) -> tuple[str, str]:
    """What SLURM answers, and why it does not."""
    try:
        done = subprocess.run(
            ["scontrol", *words], capture_output=True, text=True, check=False, timeout=60
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return "", str(error)
    if done.returncode:
        return "", done.stderr.strip() or f"code {done.returncode}"
    return done.stdout, ""


def _tasks_of_machines() -> list[int]:
    """How many tasks each machine has, which SLURM writes as `2(x3),1`."""
    here = os.environ
    written = here.get("SLURM_STEP_TASKS_PER_NODE", here.get("SLURM_TASKS_PER_NODE", "1"))
    counts: list[int] = []
    for entry in written.split(","):
        count, _, times = entry.rstrip(")").partition("(x")
        counts += [int(count)] * int(times or 1)
    return counts


def _processes(each: int, machines: int) -> str:
    several = f"{each} process{'es' if each > 1 else ''}"
    return several if machines == 1 else f"{several} on each of {machines} machines"

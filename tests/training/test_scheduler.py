"""Jobs of SLURM and torchrun, by the environment that they give their processes."""

import os
import signal
from pathlib import Path
from typing import Any

import pytest

from auralflow import train
from auralflow.checkpoints import read_checkpoint
from auralflow.errors import ConfigError, SessionError
from auralflow.settings import TrainConfig
from auralflow.training.scheduler import (
    is_first_rank,
    is_slurm_job,
    job_name,
    require_tasks,
    without_launcher,
)
from auralflow.training.stopping import StopOnSignal
from tests.training.comparing import assert_same
from tests.training.conftest import TINY

# What SLURM 22.05 sets for one task of `srun` in a job of two machines with a task each.
SLURM = {
    "SLURM_JOB_ID": "1234",
    "SLURM_JOB_NAME": "study",
    "SLURM_NTASKS": "2",
    "SLURM_NTASKS_PER_NODE": "1",
    "SLURM_NNODES": "2",
    "SLURM_NODEID": "1",
    "SLURM_PROCID": "1",
    "SLURM_LOCALID": "0",
    "SLURM_STEP_ID": "0",
    "SLURM_STEP_TASKS_PER_NODE": "1(x2)",
}
ALONE = {
    **SLURM,
    **dict.fromkeys(("SLURM_NTASKS", "SLURM_NNODES"), "1"),
    **dict.fromkeys(("SLURM_NODEID", "SLURM_PROCID"), "0"),
    "SLURM_STEP_TASKS_PER_NODE": "1",
}
# And torchrun for the second of three on one machine.
TORCHRUN = {
    "TORCHELASTIC_RUN_ID": "none",
    "TORCHELASTIC_RESTART_COUNT": "0",
    "RANK": "1",
    "LOCAL_RANK": "1",
    "WORLD_SIZE": "3",
    "LOCAL_WORLD_SIZE": "3",
    "GROUP_RANK": "0",
}


@pytest.fixture(autouse=True)
def nobodys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever has started the tests."""
    for name in os.environ.keys() - without_launcher(os.environ).keys():
        monkeypatch.delenv(name)


def _be(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)


@pytest.mark.parametrize(
    ("environment", "job", "is_first"),
    [
        ({}, None, True),
        (SLURM, "SLURM 1234", False),
        (ALONE, "SLURM 1234", True),
        ({**ALONE, "SLURM_ARRAY_JOB_ID": "1200", "SLURM_ARRAY_TASK_ID": "7"}, "SLURM 1200_7", True),
        (TORCHRUN, "torchrun none", False),
        # torchrun within a job of SLURM has the say.
        ({**ALONE, **TORCHRUN}, "torchrun none", False),
        # Somebody types in a job: Lightning starts the processes, and gives those after the first a LOCAL_RANK.
        ({**ALONE, "SLURM_JOB_NAME": "interactive"}, None, True),
        ({**ALONE, "SLURM_JOB_NAME": "bash", "NODE_RANK": "0", "LOCAL_RANK": "1"}, None, False),
    ],
)
def test_who_has_started_a_process(
    environment: dict[str, str], job: str | None, is_first: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    _be(monkeypatch, environment)
    assert job_name() == job
    assert is_slurm_job() == (job is not None and job.startswith("SLURM"))
    assert is_first_rank() == is_first


@pytest.mark.parametrize(
    ("environment", "gpus", "nodes", "sentence"),
    [
        ({}, 4, 1, None),
        (SLURM, 1, 2, None),
        (TORCHRUN, 3, 1, None),
        ({**ALONE, "SLURM_JOB_NAME": "bash"}, 4, 1, None),
        (
            SLURM,
            2,
            1,
            r"1 process on each of 2 machines, .* 2 processes: pass --num-gpus 1 --num-nodes 2",
        ),
        (ALONE, 8, 1, "SLURM starts 1 process, .* for 8 processes: pass --num-gpus 1"),
        (
            TORCHRUN,
            1,
            1,
            "torchrun has started 3 processes, .* 1 process: pass --num-gpus 3 --num-nodes 1",
        ),
        (
            {**TORCHRUN, "WORLD_SIZE": "6"},
            3,
            1,
            "3 processes on each of 2 machines, .* --num-gpus 3 --num-nodes 2",
        ),
        # `srun --ntasks=1` in a job of two tasks, `srun --ntasks=5` on three machines.
        ({**ALONE, "SLURM_NTASKS_PER_NODE": "2"}, 1, 1, None),
        (
            {**SLURM, "SLURM_NTASKS": "5", "SLURM_STEP_TASKS_PER_NODE": "2(x2),1"},
            2,
            3,
            "starts 2, 2, 1 tasks on its machines, .* --ntasks-per-node",
        ),
        # A script without srun: one process, which would wait for the others for ever.
        (
            {name: value for name, value in SLURM.items() if name != "SLURM_STEP_ID"},
            1,
            2,
            "write srun before the command",
        ),
    ],
)
def test_as_many_processes_as_the_run_is_configured_for(
    environment: dict[str, str],
    gpus: int,
    nodes: int,
    sentence: str | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _be(monkeypatch, environment)
    config = TrainConfig(num_gpus=gpus, num_nodes=nodes)
    if sentence is None:
        require_tasks(config)
        return
    with pytest.raises(ConfigError, match=sentence):
        require_tasks(config)


def test_the_wrong_number_of_tasks_is_told_before_anything_is_written(
    songs: Path, own_place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _be(monkeypatch, TORCHRUN)
    with pytest.raises(ConfigError, match="torchrun has started 3 processes"):
        train(name="net", data=songs, epochs=1, **TINY)
    assert not list(own_place.iterdir())


def _stop_at(step: int, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    original = StopOnSignal.on_train_batch_end

    def stopped(self: Any, trainer: Any, *rest: Any) -> None:
        if trainer.global_step == step:
            os.kill(os.getpid(), number)
        original(self, trainer, *rest)

    monkeypatch.setattr(StopOnSignal, "on_train_batch_end", stopped)


@pytest.fixture
def queue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a program in scontrol's place writes what it was asked for."""
    programs, asked = tmp_path / "programs", tmp_path / "asked"
    programs.mkdir()
    program = programs / "scontrol"
    program.write_text(f'#!/bin/sh\necho "$@" >> "{asked}"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(programs), prepend=os.pathsep)
    return asked


@pytest.mark.parametrize("again", [{}, {"force": True}], ids=str)
def test_a_job_whose_time_is_up_is_queued_again_and_goes_on_with_the_same_words(
    songs: Path, queue: Path, again: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = train(name="whole", data=songs, epochs=2, **TINY)
    _be(monkeypatch, ALONE)
    with monkeypatch.context() as patch:
        _stop_at(3, patch, signal.SIGUSR1)
        stopped = train(name="parts", data=songs, epochs=2, **again, **TINY)
    assert (stopped.interrupted, stopped.queued_again, stopped.steps) == (True, True, 3)
    assert queue.read_text() == "requeue 1234\n"
    monkeypatch.setenv("SLURM_RESTART_COUNT", "1")
    resumed = train(name="parts", data=songs, epochs=2, **again, **TINY)
    assert not resumed.interrupted
    assert_same(whole.latest, resumed.latest)


# What SLURM 22.05 says of a job within its time of grace, of one that is cancelled, and of one that is only sent a signal.
@pytest.mark.parametrize(
    ("facts", "is_queued"),
    [
        ("JobState=RUNNING Requeue=1 PreemptTime=2026-11-26T22:17:12", True),
        ("JobState=RUNNING Requeue=0 PreemptTime=2026-11-26T22:17:12", False),
        ("JobState=COMPLETING Requeue=1 PreemptTime=None", False),
        ("JobState=RUNNING Requeue=1 PreemptTime=None", False),
        ("", False),
    ],
)
def test_sigterm_has_a_preempted_job_queued_again_and_no_other(
    songs: Path, queue: Path, facts: str, is_queued: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    scontrol = queue.with_name("programs") / "scontrol"
    scontrol.write_text(f'{scontrol.read_text()}echo "JobId=1234 JobName=study {facts}"\n')
    _be(monkeypatch, ALONE)
    _stop_at(3, monkeypatch, signal.SIGTERM)
    stopped = train(name="net", data=songs, epochs=2, **TINY)
    assert (stopped.interrupted, stopped.queued_again) == (True, is_queued)
    asked = queue.read_text().splitlines()
    assert asked == ["show job --oneliner 1234", "requeue 1234"][: 1 + is_queued]


@pytest.mark.parametrize(
    "program", [None, "#!/bin/sh\necho 'Requested operation is disabled' >&2\nexit 1\n"]
)
def test_a_queue_that_does_not_take_the_job_is_told(
    songs: Path,
    queue: Path,
    program: str | None,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    scontrol = queue.with_name("programs") / "scontrol"
    if program is None:
        monkeypatch.setenv("PATH", str(scontrol.parent))
        scontrol.unlink()
    else:
        scontrol.write_text(program)
    _be(monkeypatch, ALONE)
    _stop_at(3, monkeypatch, signal.SIGUSR1)
    stopped = train(name="net", data=songs, epochs=2, **TINY)
    assert (stopped.interrupted, stopped.queued_again) == (True, False)
    reason = "No such file" if program is None else "Requested operation is disabled"
    assert f"SLURM did not queue job 1234 again ({reason}" in caplog.text.replace("[Errno 2] ", "")
    assert read_checkpoint(stopped.latest).progress["step"] == 3


def test_another_job_is_not_taken_for_the_one_that_was_started_again(
    songs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was killed before it began, and what lies there is an earlier run: the words say what is to be done."""
    train(name="net", data=songs, epochs=1, **TINY)
    _be(monkeypatch, {**ALONE, "SLURM_RESTART_COUNT": "2"})
    with pytest.raises(SessionError, match="is trained already"):
        train("net", data=songs, epochs=2)
    assert train("net", data=songs, epochs=2, force=True).history[0]["epoch"] == 1


def test_a_job_of_two_runs_does_not_go_on_with_the_first_for_the_second(
    songs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not started again: the second command of a script means what it says."""
    _be(monkeypatch, ALONE)
    train(name="net", data=songs, epochs=1, **TINY)
    with pytest.raises(SessionError, match="is trained already"):
        train("net", data=songs, epochs=2)


def test_what_torchrun_starts_again_goes_on(
    songs: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    alone = {**TORCHRUN, **dict.fromkeys(("RANK", "LOCAL_RANK"), "0")}
    alone |= dict.fromkeys(("WORLD_SIZE", "LOCAL_WORLD_SIZE"), "1")
    _be(monkeypatch, {**alone, "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": "29500"})
    whole = train(name="whole", data=songs, epochs=2, **TINY)
    with monkeypatch.context() as patch:
        _stop_at(3, patch, signal.SIGTERM)
        train(name="parts", data=songs, epochs=2, **TINY)
    monkeypatch.setenv("TORCHELASTIC_RESTART_COUNT", "1")
    resumed = train(name="parts", data=songs, epochs=2, **TINY)
    assert "torchrun none was started again (restart 1) and goes on where it was" in caplog.text
    assert_same(whole.latest, resumed.latest)

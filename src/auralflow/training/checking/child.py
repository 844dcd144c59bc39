"""What a process of its own does for `auralflow check`: take memory that is measured, and leave."""

import json
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from auralflow.checkpoints import best_or_latest, read_checkpoint, restore
from auralflow.config import Layer
from auralflow.datasets.loading import make_store
from auralflow.errors import AuralflowError, CheckpointError
from auralflow.memory import keep_freed_memory
from auralflow.session import ModelFolder
from auralflow.settings import Settings, read_settings
from auralflow.training.checking.memory import peak_memory
from auralflow.training.checking.watching import Stopwatch
from auralflow.training.data import find_tracks, make_chunks
from auralflow.training.fitting import Run, fit, make_module
from auralflow.training.optimisers import create_optimiser
from auralflow.training.schedules import Plateau
from auralflow.training.starting import begin, make_network
from auralflow.training.trying import doubled_and_halved, fits, take_step

__all__ = ["Job", "main", "read_job", "run_of"]

_STEPS = 20
_PROBING_SECONDS = 30.0
_FURTHER_SECONDS = 10.0
"""For batches beyond half of the one that is asked for: the larger they are, the better they tell how memory grows."""
_CAREFUL = 0.93
"""Share of a GPU's free memory that the largest batch may take: a run has more about it than a step, and blocks between which
memory is lost."""
_CAUTIOUS = 0.6
"""Share of the available memory beyond which no batch is tried."""


@dataclass(frozen=True)
class Job:
    """What the process is asked for."""

    kind: str
    """`probe`: batches from one chunk on, each larger than the one before; `rehearse`: a short run."""
    settings: dict[str, Any]
    data: list[str]
    folder: str
    """A temporary one, in which the model's folder is made."""
    name: str
    train: list[int]
    """Places of the tracks to draw from."""
    valid: list[int]
    available: int
    """Bytes of memory."""
    seconds: float
    """After which a rehearsal ends."""


def read_job(text: str) -> Job:
    """As `json.dumps(asdict(job))` wrote it."""
    return Job(**json.loads(text))


def main() -> None:
    """Do the job on standard input; write what came of it, or the error, into its folder."""
    job = read_job(sys.stdin.read())
    answer: dict[str, Any]
    try:
        answer = {"probe": _probe, "rehearse": _rehearse}[job.kind](job)
    except AuralflowError as error:
        answer = {"error": type(error).__name__, "sentence": str(error)}
    Path(job.folder, f"{job.kind}.json").write_text(json.dumps(answer), encoding="utf-8")


def run_of(job: Job) -> Run:
    """The run that the job is about, shortened to one process."""
    settings = read_settings([Layer("check", job.settings)])
    found = find_tracks(job.data, settings.data)
    tracks = replace(
        found,
        train=tuple(found.train[place] for place in job.train),
        valid=tuple(found.valid[place] for place in job.valid),
    )
    network = make_network(settings, tracks.targets)
    begin(network, settings.train, resumes=False)
    folder = ModelFolder(Path(job.folder) / "session" / job.name)
    folder.path.mkdir(parents=True, exist_ok=True)
    return Run(
        folder,
        folder.checkpoint,
        settings,
        tracks,
        network,
        make_chunks(tracks, make_store(settings.data), settings),
        on_gpu=settings.train.cuda and torch.cuda.is_available(),
    )


def _probe(job: Job) -> dict[str, Any]:
    """Bytes by batch size; on a GPU the largest that fits, which is found by running out of memory there."""
    run = run_of(job)
    module = make_module(run, Plateau(run.settings.train.schedule, monitor="", mode="min"))
    module.to(run.device)
    config = run.settings.train
    optimiser = create_optimiser(config, run.network.named_parameters())
    if run.on_gpu:

        def fit_on_gpu(size: int) -> bool:
            return fits(module, run.chunks, size, device=run.device, optimiser=optimiser)

        free, total = torch.cuda.mem_get_info()
        torch.cuda.set_per_process_memory_fraction(_CAREFUL * free / total)
        limit = run.settings.data.load_size
        return {"largest": doubled_and_halved(fit_on_gpu, config.batch_size, limit=limit)}
    keep_freed_memory()
    taken: dict[int, int] = {}
    size, begun = 1, time.monotonic()
    while size <= max(2, run.settings.data.load_size):
        started = time.monotonic()
        # The second step has the optimiser's memory beside it.
        for _ in range(2):
            take_step(module, run.chunks, size, device=run.device, optimiser=optimiser)
        taken[size] = peak_memory()
        if 2 * taken[size] > _CAUTIOUS * job.available:
            break  # twice the batch may take twice as much
        size *= 2
        ended = time.monotonic()
        allowed = _PROBING_SECONDS if size <= max(2, config.batch_size // 2) else _FURTHER_SECONDS
        if ended - begun + 2 * (ended - started) > allowed and len(taken) > 1:
            break
    return {"taken": taken}


def _rehearse(job: Job) -> dict[str, Any]:
    """A run of a few steps with everything that belongs to one, its checkpoint read back."""
    run = run_of(job)
    watch = Stopwatch(job.seconds)
    run = replace(run, settings=_shortened(run.settings))
    fitted = fit(run, watching=[watch])
    latest = fitted.weights.latest_path
    if read_checkpoint(latest).training is None:
        raise CheckpointError(
            f"{latest.name} was written and has nothing to resume from: report this as a bug"
        )
    best = best_or_latest(run.folder)
    restore(read_checkpoint(best), source=best)
    seconds = sum(track.seconds for track in run.tracks.valid)
    return {
        "parameters": sum(weights.numel() for weights in run.network.parameters()),
        "steps": watch.steps,
        "step_seconds": watch.step_seconds,
        "waiting_share": watch.waiting_share,
        "warm_up": watch.warm_up,
        "validation_per_second": watch.validating / seconds if seconds else 0.0,
        "memory": watch.training_bytes,
        "peak": torch.cuda.max_memory_reserved() if run.on_gpu else peak_memory(),
        "gpu": torch.cuda.get_device_name() if run.on_gpu else None,
        "gpu_memory": torch.cuda.get_device_properties(0).total_memory if run.on_gpu else 0,
        "threads": torch.get_num_threads(),
        "latest_bytes": latest.stat().st_size,
        "best_bytes": best.stat().st_size,
        "log_bytes": _bytes_in(run.folder.runs),
    }


def _shortened(settings: Settings) -> Settings:
    """One epoch of a few steps, in one process."""
    train, data = settings.train, settings.data
    chunks = train.batch_size * train.accumulate * _STEPS
    return replace(
        settings,
        data=data.model_copy(update={"load_size": min(data.load_size, chunks)}),
        train=train.model_copy(
            update={
                "epochs": 1,
                "num_gpus": 1,
                "num_nodes": 1,
                "checkpoint": None,
                "loggers": (),
                "save_every": 0,
                "save_minutes": 0.0,
                "max_minutes": 0.0,
            }
        ),
    )


def _bytes_in(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())

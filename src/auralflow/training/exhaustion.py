"""Memory that runs out while a network trains: how it is recognised, and the sentence for it."""

import errno
import traceback

import pytorch_lightning as pl

from auralflow.errors import TrainingError
from auralflow.settings import TrainConfig

__all__ = ["NoteStage", "forget_frames", "is_out_of_memory", "sentence_for"]

_SAID = (
    "out of memory",
    "can't allocate memory",
    "cannot allocate memory",
    "not enough memory",
    "std::bad_alloc",
    "_status_alloc_failed",
)
"""How torch, CUDA's libraries and C++ say it."""


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that a GPU's or the machine's memory did not suffice."""
    if isinstance(error, MemoryError):
        return True
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM
    # torch.OutOfMemoryError is one of these.
    text = str(error).lower()
    return isinstance(error, RuntimeError) and any(words in text for words in _SAID)


def forget_frames(error: BaseException) -> None:
    """Free what the calls that failed still hold."""
    traceback.clear_frames(error.__traceback__)


def sentence_for(
    config: TrainConfig, largest: int, *, chunk_seconds: float, can_recompute: bool
) -> TrainingError:
    """What to say where a batch did not fit, `largest` being what did when it was tried; 0 is nothing."""
    savers = []
    if config.precision == "float32":
        savers.append("--precision bfloat16")
    if can_recompute and not config.recompute_activations:
        savers.append("--recompute-activations")
    less = f"; {' and '.join(savers)} make each chunk smaller" if savers else ""
    if largest:
        gathered = -(-config.batch_size // largest) * config.accumulate
        return TrainingError(
            f"memory ran out in a step with batch-size {config.batch_size}, and one with {largest} fits, which was tried just "
            f"now: pass --batch-size {largest} --accumulate {gathered}, which learns from as many chunks a step{less}"
        )
    return TrainingError(
        f"memory ran out in a step with batch-size {config.batch_size}, and not even one chunk of {chunk_seconds:g} s fits: "
        f"lower chunk-size, or make the network smaller{less}"
    )


class NoteStage(pl.Callback):
    """Remembers whether an error came while validating, which Lightning forgets before it hands the error on."""

    def __init__(self) -> None:
        self.was_validating = False

    def on_exception(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, exception: BaseException
    ) -> None:
        """Note it."""
        self.was_validating = trainer.validating

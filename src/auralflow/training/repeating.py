"""The same bits from a GPU each time: steps in which torch may take only kernels that add up in one order."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytorch_lightning as pl
import torch

from auralflow.errors import TrainingError

__all__ = ["SameBits", "same_bits", "sentence_for_unrepeatable"]

_SAID = "does not have a deterministic implementation"


@contextmanager
def same_bits() -> Iterator[None]:
    """What is computed inside has the same bits each time; a kernel that has no such form is a `RuntimeError`."""
    # cuBLAS reads it with its first product: then streams do not share room for sums.
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    is_on = torch.are_deterministic_algorithms_enabled()
    warns = torch.is_deterministic_algorithms_warn_only_enabled()
    memory: Any = torch.utils.deterministic
    fills = memory.fill_uninitialized_memory
    torch.use_deterministic_algorithms(True)
    # Memory that a kernel is about to fill need not be filled with anything before.
    memory.fill_uninitialized_memory = False
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(is_on, warn_only=warns)
        memory.fill_uninitialized_memory = fills


class SameBits(pl.Callback):
    """Lets each step take such kernels alone; validation and logs go as they always do."""

    def __init__(self) -> None:
        self._step = ExitStack()

    def on_train_batch_start(self, *_: Any) -> None:
        """From here on."""
        self._step.enter_context(same_bits())

    def on_train_batch_end(self, *_: Any) -> None:
        """Until here."""
        self._step.close()

    def on_exception(self, *_: Any) -> None:
        """Or here."""
        self._step.close()


def sentence_for_unrepeatable(error: BaseException) -> TrainingError | None:
    """What to say where a step wanted a kernel that has no repeatable form; None for other errors."""
    text = str(error)
    if not (isinstance(error, RuntimeError) and _SAID in text):
        return None
    kernel = text.split(_SAID, maxsplit=1)[0].strip().split()[-1]
    return TrainingError(
        f"deterministic is on, and this training takes {kernel} on the GPU, which torch has in no form that adds up in the same "
        "order each time: pass --no-deterministic, with which two runs are no longer equal bit for bit"
    )

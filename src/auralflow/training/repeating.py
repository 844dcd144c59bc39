"""The same bits from a GPU each time: steps in which torch takes kernels that add up in one order."""

import logging
import os
import re
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytorch_lightning as pl
import torch

__all__ = ["SameBits", "same_bits"]

log = logging.getLogger(__name__)

_SAID = r"(?P<kernel>\S+) does not have a deterministic implementation|(?P<attention>\S.*? attention) defaults to a non-deter"
"""How torch says that an operation has no such kernel, or does not take it."""


@contextmanager
def same_bits() -> Iterator[None]:
    """What is computed inside has the same bits each time, as far as torch has kernels for it; others warn."""
    # cuBLAS reads it with its first product: then streams do not share room for sums.
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    is_on = torch.are_deterministic_algorithms_enabled()
    warns = torch.is_deterministic_algorithms_warn_only_enabled()
    memory: Any = torch.utils.deterministic
    fills = memory.fill_uninitialized_memory
    torch.use_deterministic_algorithms(True, warn_only=True)
    # Memory that a kernel is about to fill need not be filled with anything before.
    memory.fill_uninitialized_memory = False
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(is_on, warn_only=warns)
        memory.fill_uninitialized_memory = fills


class SameBits(pl.Callback):
    """Lets each step take such kernels; validation and logs go as they always do.

    Operations that have none are told of after the first step, once: what torch warns of then is not heard by anybody.
    """

    def __init__(self) -> None:
        self._step = ExitStack()
        self._is_first = True
        self._warned: list[warnings.WarningMessage] = []

    def on_train_batch_start(self, *_: Any) -> None:
        """From here on."""
        self._step.enter_context(same_bits())
        if self._is_first:
            self._warned = self._step.enter_context(warnings.catch_warnings(record=True))
            warnings.simplefilter("always")

    def on_train_batch_end(self, *_: Any) -> None:
        """Until here."""
        self._step.close()
        if not self._is_first:
            return
        self._is_first = False
        others = self._tell()
        warnings.filterwarnings("ignore", message=f".*({_SAID})")
        for warning in others:
            warnings.warn_explicit(
                warning.message, warning.category, warning.filename, warning.lineno
            )

    def on_exception(self, *_: Any) -> None:
        """Or here."""
        self._step.close()

    def _tell(self) -> list[warnings.WarningMessage]:
        """Say which operations have no such kernel; the warnings that are of something else."""
        kernels, others = set(), []
        for warning in self._warned:
            found = re.search(_SAID, str(warning.message))
            if found is None:
                others.append(warning)
            else:
                kernels.add(found["kernel"] or found["attention"])
        if kernels:
            log.warning(
                "This training cannot be repeated bit for bit on a GPU: torch has no kernel of %s that adds up in one order",
                ", ".join(sorted(kernels)),
            )
        return others

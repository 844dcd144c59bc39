"""One real step outside a run: does a batch of this size fit, and what does it take?"""

from collections.abc import Callable, Iterator
from contextlib import nullcontext

import torch
from torch.optim import Optimizer

from auralflow.datasets.chunks import ChunkDataset
from auralflow.training.exhaustion import is_out_of_memory
from auralflow.training.module import SeparationModule
from auralflow.training.repeating import same_bits

__all__ = ["doubled_and_halved", "fits", "halved", "take_step"]

_TYPES = {"bfloat16": torch.bfloat16, "float16": torch.float16}


def take_step(
    module: SeparationModule,
    chunks: ChunkDataset,
    batch_size: int,
    *,
    device: torch.device,
    optimiser: Optimizer | None = None,
) -> None:
    """Read a batch, compute its loss and gradients as training does; with an optimiser, change the weights too."""
    config = module.train_config
    batch = chunks.read([(0, index) for index in range(batch_size)]).to(device)
    kind = _TYPES.get(config.precision)
    exactly = device.type == "cuda" and config.deterministic
    with same_bits() if exactly else nullcontext():
        with torch.autocast(device.type, kind, enabled=kind is not None):
            loss = module.training_step(batch, 0)
        module.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
    if optimiser is not None:
        optimiser.step()


def fits(
    module: SeparationModule,
    chunks: ChunkDataset,
    batch_size: int,
    *,
    device: torch.device,
    optimiser: Optimizer | None = None,
) -> bool:
    """Whether a step of this size can be taken; what a failed one has left in memory is freed."""
    try:
        take_step(module, chunks, batch_size, device=device, optimiser=optimiser)
    except Exception as error:
        if not is_out_of_memory(error):
            raise
        return False
    finally:
        module.zero_grad(set_to_none=True)
        if device.type == "cuda":
            torch.cuda.empty_cache()
    return True


def halved(batch_size: int) -> Iterator[int]:
    """Half of it, a quarter, … down to 1."""
    while batch_size > 1:
        batch_size //= 2
        yield batch_size


def doubled_and_halved(fit: Callable[[int], bool], start: int, *, limit: int) -> int:
    """The largest size up to `limit` that fits, to within an eighth, or 0: doubled while it does, then bisected.

    Whatever fits, all smaller ones do.
    """
    good, bad = 0, limit + 1
    size = min(start, limit)
    while good < size < bad:
        if fit(size):
            good = size
            size = min(2 * size, limit)
        else:
            bad = size
    while bad - good > max(1, good // 8):
        size = (good + bad) // 2
        if fit(size):
            good = size
        else:
            bad = size
    return good

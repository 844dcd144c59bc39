"""A network over blocks of audio at its own rate and channel count."""

from collections.abc import Callable, Iterable, Iterator

import numpy as np
import torch
from jaxtyping import Float
from numpy import ndarray

from auralflow.dsp.chunks import Chunking
from auralflow.dsp.overlap import OverlapAdd
from auralflow.errors import ModelError
from auralflow.separation.options import SeparationOptions
from auralflow.shapes import Audio, Mixture, Stems

__all__ = ["separate_blocks"]


def separate_blocks(
    model: Callable[[Mixture], Stems],
    blocks: Iterable[Audio],
    *,
    targets: int,
    channels: int,
    sample_rate: int,
    options: SeparationOptions,
    device: torch.device | str = "cpu",
) -> Iterator[Float[ndarray, "S C T"]]:
    """Stems in blocks of varying length; together they are as long as the blocks that went in, and in step with them.

    Peak memory depends on the options, not on the length. Gradients are off while the network runs, and only then.
    Raises `ModelError` if the network answers with another shape or with samples that are not finite.
    """
    chunking = Chunking.with_overlap(
        options.segment_samples(sample_rate),
        options.overlap,
        context=options.context,
        step=options.step,
    )

    def process(mixture: Mixture) -> Stems:
        stems = model(mixture)
        wanted = (mixture.shape[0], targets, channels, mixture.shape[-1])
        if tuple(stems.shape) != wanted:
            raise ModelError(
                f"the network was given {tuple(mixture.shape)} (items, channels, samples) and answered"
                f" {tuple(stems.shape)} where {wanted} was expected: correct its forward"
            )
        return stems

    overlap_add = OverlapAdd(
        process, chunking=chunking, batch_size=options.batch_size, device=device
    )
    done = 0
    for finished in _finished(overlap_add, blocks):
        stems = finished.cpu().numpy()
        _refuse_not_finite(stems, done, sample_rate)
        done += stems.shape[-1]
        yield stems


def _finished(overlap_add: OverlapAdd, blocks: Iterable[Audio]) -> Iterator[torch.Tensor]:
    # Inference mode is a state of the thread: it must not be left on while a generator waits at a yield.
    for block in blocks:
        samples = torch.from_numpy(np.ascontiguousarray(block, dtype=np.float32))
        with torch.inference_mode():
            finished = overlap_add.push(samples)
        yield from finished
    with torch.inference_mode():
        finished = overlap_add.finish()
    yield from finished


def _refuse_not_finite(stems: ndarray, start: int, sample_rate: int) -> None:
    finite = np.isfinite(stems).all(axis=(0, 1))
    if not finite.all():
        seconds = (start + int(np.argmin(finite))) / sample_rate
        raise ModelError(
            f"the network answered with samples that are not finite numbers at {seconds:.3f} s: its weights are"
            " damaged or its training diverged; use an earlier checkpoint"
        )

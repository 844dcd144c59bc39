"""A track through a network, beside its truth: what validation and evaluation measure."""

from collections import deque
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from auralflow.audio import Backend
from auralflow.datasets.reading import track_blocks
from auralflow.datasets.tracks import Track
from auralflow.models.base import Separator
from auralflow.models.streaming.options import SeparationOptions
from auralflow.separation.bag import Bag
from auralflow.separation.pipeline import ahead
from auralflow.separation.stream import separate_stream
from auralflow.shapes import Audio

__all__ = ["TrackBlock", "separate_track"]


@dataclass(frozen=True)
class TrackBlock:
    """The same stretch of a track three times, at the track's own rate and channel count."""

    mixture: Audio
    reference: Float[ndarray, "S C T"]
    estimate: Float[ndarray, "S C T"]


def separate_track(
    model: Separator | Bag,
    track: Track,
    *,
    options: SeparationOptions | None = None,
    backend: Backend = "soundfile",
) -> Iterator[TrackBlock]:
    """A track block by block: its mixture, the true stems of the model's targets, and the model's estimates.

    It is the code that separates files, so validation and evaluation measure what users get: what comes next is read
    while the network computes. A target that the track lacks is silence. Memory does not grow with the track.
    """
    options = options or SeparationOptions()
    waiting: deque[tuple[Audio, Float[ndarray, "S C T"]]] = deque()
    samples = options.segment_samples(track.sample_rate)
    read = track_blocks(track, model.targets, block_samples=samples, backend=backend)

    with closing(ahead(read, depth=1)) as blocks:

        def mixtures() -> Iterator[Audio]:
            for mixture, stems in blocks:
                waiting.append((mixture, stems))
                yield mixture

        estimates = separate_stream(
            model,
            mixtures(),
            sample_rate=track.sample_rate,
            channels=track.channels,
            options=options,
        )
        for estimate in estimates:
            mixture, reference = _take(waiting, estimate.shape[-1])
            yield TrackBlock(mixture, reference, estimate)


def _take(
    waiting: deque[tuple[Audio, Float[ndarray, "S C T"]]], samples: int
) -> tuple[Audio, Float[ndarray, "S C T"]]:
    """The next samples of what was read and is not yet measured."""
    mixtures, stems = [], []
    missing = samples
    while missing > 0:
        mixture, reference = waiting.popleft()
        mixtures.append(mixture[..., :missing])
        stems.append(reference[..., :missing])
        if mixture.shape[-1] > missing:
            waiting.appendleft((mixture[..., missing:], reference[..., missing:]))
        missing -= mixtures[-1].shape[-1]
    return np.concatenate(mixtures, axis=-1), np.concatenate(stems, axis=-1)

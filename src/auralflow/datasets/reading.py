"""A whole track block by block, lined up: what is separated and measured in validation and evaluation."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from auralflow.audio import AudioReader, Backend, StreamResampler
from auralflow.datasets.tracks import RESIDUAL, Recording, Track
from auralflow.shapes import Audio

__all__ = ["track_blocks"]


def track_blocks(
    track: Track, names: Sequence[str], *, block_samples: int, backend: Backend = "soundfile"
) -> Iterator[tuple[Audio, Float[ndarray, "S C T"]]]:
    """The mixture of a track and the stems called `names`, `block_samples` at a time; the last block may be shorter.

    All are at the track's rate and channel count. The track lasts as long as its longest recording: what ends before
    is followed by silence. A recording at another rate is resampled; one with fewer channels repeats them, so that
    mono sounds in the middle. A stem that the track lacks is silence. The mixture is the track's own file where there
    is one, else the sum of all its stems. Memory does not grow with the track's length.

    Raises:
        AudioError: a file cannot be read, is shorter than it says, or holds samples that are not finite.
    """
    of_mixture = tuple(track.stems) if track.mixture is None else ()
    wanted = {
        *names,
        *of_mixture,
        *(track.stems if RESIDUAL in names and track.has_residual else ()),
    }
    with ExitStack() as stack:
        streams = {
            name: [stack.enter_context(_Aligned(part, track, backend)) for part in parts]
            for name in wanted
            if (parts := track.recordings_of(name))
        }
        own = track.mixture and stack.enter_context(_Aligned(track.mixture, track, backend))
        for start in range(0, track.samples, block_samples):
            samples = min(block_samples, track.samples - start)
            silence = np.zeros((track.channels, samples), np.float32)
            stems = {name: _sum(parts, samples) for name, parts in streams.items()}
            mixture = (
                own.take(samples) if own else sum((stems[name] for name in of_mixture), silence)
            )
            if track.has_residual and RESIDUAL in names:
                (only,) = track.stems
                stems[RESIDUAL] = mixture - stems[only]
            yield mixture, np.stack([stems.get(name, silence) for name in names])


def _sum(parts: "Sequence[_Aligned]", samples: int) -> Audio:
    """What recordings that sound together give; one by itself is itself."""
    first, *others = (part.take(samples) for part in parts)
    return sum(others, first) if others else first


class _Aligned(ExitStack):
    """A recording at its track's rate and channel count, to be taken in any portions, silent after its end."""

    def __init__(self, recording: Recording, track: Track, backend: Backend) -> None:
        super().__init__()
        reader = AudioReader(recording.path, stream=recording.stream, backend=backend)
        self.callback(reader.close)
        self._blocks = _resampled(reader, recording, track.sample_rate)
        self._places = np.arange(track.channels) % reader.info.channels
        self._is_as_wanted = track.channels == reader.info.channels
        self._rest = np.zeros((reader.info.channels, 0), np.float32)

    def take(self, samples: int) -> Audio:
        """The next `samples`."""
        pieces, missing = [self._rest], samples - self._rest.shape[1]
        while missing > 0:
            block = next(self._blocks, None)
            if block is None:
                pieces.append(np.zeros((len(self._rest), missing), np.float32))
                break
            pieces.append(block)
            missing -= block.shape[1]
        joined = np.concatenate(pieces, axis=1)
        self._rest = joined[:, samples:]
        taken = joined[:, :samples]
        return taken if self._is_as_wanted else taken[self._places]


_BLOCK_SECONDS = 2


def _resampled(reader: AudioReader, recording: Recording, sample_rate: int) -> Iterator[Audio]:
    info = recording.info
    start = recording.start or 0
    blocks = reader.blocks(
        _BLOCK_SECONDS * info.sample_rate, start=start, stop=start + info.samples
    )
    if info.sample_rate == sample_rate:
        yield from blocks
        return
    stream = StreamResampler(info.sample_rate, sample_rate, info.channels)
    for block in blocks:
        yield stream.push(block)
    yield stream.finish()

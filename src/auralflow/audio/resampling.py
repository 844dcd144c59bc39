"""Changing the sample rate, at once or block by block, with a length that is known beforehand.

Source of the filter: libsoxr (the SoX resampler library), linear phase, its "VHQ" recipe: stop band below -170 dB,
so that the rounding of float32 is the only thing left to hear.
"""

from fractions import Fraction

import numpy as np
import soxr

from auralflow.shapes import Audio

__all__ = ["StreamResampler", "resample", "resampled_length"]


def resampled_length(samples: int, *, source: int, wanted: int) -> int:
    """How many samples `samples` become: `samples * wanted / source`, rounded; at least one where there was one.

    `source` and `wanted` are rates in Hz. Halves go to the even neighbour, as Python's `round` does.
    """
    if samples == 0 or source == wanted:
        return samples  # fractions are slow where a dataset has many files
    return max(1, round(Fraction(samples * wanted, source)))


def resample(audio: Audio, *, source: int, wanted: int) -> Audio:
    """The same sound at another rate.

    `source` and `wanted` are rates in Hz. The result has `resampled_length` samples and is in time with the original:
    the filter's delay is taken out. At equal rates the array itself comes back.
    """
    if source == wanted:
        return audio
    stream = StreamResampler(source, wanted, audio.shape[0])
    return np.concatenate([stream.push(audio), stream.finish()], axis=1)


class StreamResampler:
    """Resamples a signal that comes in blocks, in constant memory.

    The blocks that `push` and `finish` return, joined, are what `resample` makes of the joined input.
    """

    def __init__(self, source: int, wanted: int, channels: int) -> None:
        """Start a stream from `source` Hz to `wanted` Hz.

        Raises:
            ValueError: a rate or the number of channels is not positive.
        """
        if min(source, wanted, channels) < 1:
            raise ValueError(f"rates and channels are positive, not {source}, {wanted}, {channels}")
        self.source = source
        self.wanted = wanted
        self.channels = channels
        self._taken = 0
        self._given = 0
        self._engine = (
            None
            if source == wanted
            else soxr.ResampleStream(source, wanted, channels, dtype="float32", quality="VHQ")
        )

    def push(self, block: Audio) -> Audio:
        """Take the next block; what is ready so far comes back, which may be nothing for a while."""
        if block.shape[0] != self.channels:
            raise ValueError(f"the stream has {self.channels} channels, the block {block.shape[0]}")
        self._taken += block.shape[1]
        if self._engine is None:
            return block
        if block.shape[1] == 0:
            return self._silence(0)
        return self._advance(self._engine, block, last=False)

    def finish(self) -> Audio:
        """End the stream; the rest comes back, so that the total is `resampled_length` of what was pushed."""
        if self._engine is None:
            return self._silence(0)
        rest = self._advance(self._engine, self._silence(0), last=True)
        total = resampled_length(self._taken, source=self.source, wanted=self.wanted)
        missing = total - self._given
        # soxr rounds the length in its own way: it may be a sample off either side.
        if missing > 0:
            return np.concatenate([rest, self._silence(missing)], axis=1)
        return rest[:, : rest.shape[1] + missing]

    def _advance(self, engine: soxr.ResampleStream, block: Audio, *, last: bool) -> Audio:
        interleaved = np.ascontiguousarray(block.T, dtype=np.float32)
        ready = engine.resample_chunk(interleaved, last=last)
        self._given += len(ready)
        return np.ascontiguousarray(ready.T)

    def _silence(self, samples: int) -> Audio:
        return np.zeros((self.channels, samples), np.float32)

"""Mastering: one gain over time, found on the mixture, for every stem alike.

So the stems still sum to the mixture, which a mastering of each stem for itself would not leave them.
"""

from collections.abc import Mapping

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from auralflow.datasets.synthetic.loudness import (
    PIECE_SECONDS,
    gated_loudness,
    integrated_loudness,
    weighted_power,
)

__all__ = ["CEILING", "mastering_gain"]

CEILING = 10.0 ** (-1.0 / 20.0)
"""Highest sample of the mixture and of each stem: -1 dBFS."""

_BLOCK_SECONDS = 0.0015
_LOOK_AHEAD_BLOCKS = 10
"""The limiter lowers its gain this many blocks before a peak and raises it as long behind, 15 ms."""
_RATIO = 2.0
_ABOVE_LU = -2.0
"""The compressor works on what is louder than the song's loudness and this."""
_GLUE_PIECES = 9
_ROUNDS = 12
_MOST_DB = 40.0


def mastering_gain(
    stems: Mapping[str, Float[ndarray, "2 T"]], *, sample_rate: int, target_lufs: float
) -> Float[ndarray, " T"]:
    """A factor for each sample, with which the sum of the stems is `target_lufs` loud.

    A compressor evens out the song over a second, a limiter holds every sample of sum and stems below `CEILING`. Where
    the limiter would have to do all the work, the song stays softer than asked for. What is too short to have a loudness,
    below 0.4 s, is brought to the ceiling.
    """
    first, *others = stems.values()
    mixture = sum(others, start=first)
    block = max(1, round(_BLOCK_SECONDS * sample_rate))
    peaks = np.maximum.reduce([_block_peaks(audio, block) for audio in (mixture, *stems.values())])
    master = _Master(mixture, CEILING / np.maximum(peaks, 1e-9), block, sample_rate)
    if peaks.max() < 1e-9:
        return np.ones(mixture.shape[-1], dtype=np.float32)
    if not np.isfinite(master.loudness):
        return np.full(mixture.shape[-1], CEILING / peaks.max(), dtype=np.float32)
    gain = master.gain(target_lufs)
    # The first solution takes the gain for slower than it is: the second one aims as far to the other side.
    reached = integrated_loudness(gain * mixture, sample_rate)
    return master.gain(2 * target_lufs - reached)


class _Master:
    """What is known of a mixture in blocks of `_BLOCK_SECONDS`."""

    def __init__(
        self, mixture: Float[ndarray, "2 T"], allowed: ndarray, block: int, sample_rate: int
    ) -> None:
        self._allowed = allowed
        self._block = block
        self._samples = mixture.shape[-1]
        power = weighted_power(mixture, sample_rate)
        self._power = np.add.reduceat(power, np.arange(0, self._samples, block)) / block
        moments = (np.arange(len(allowed)) + 0.5) * block / sample_rate
        self._pieces = (moments / PIECE_SECONDS).astype(int)
        # What is left behind the last whole piece has no number.
        self._count = int(self._samples / sample_rate / PIECE_SECONDS)
        pieces = self._piece_powers(1.0)
        self.loudness = gated_loudness(pieces)
        if np.isfinite(self.loudness):
            self._glue = np.interp(moments, *_compression(pieces, self.loudness))

    def gain(self, target_lufs: float) -> Float[ndarray, " T"]:
        """The gain of each sample with which the mixture is about as loud as asked for."""
        drive_db = 0.0
        gain = self._glue
        for _ in range(_ROUNDS):
            gain = self._glue * 10.0 ** (drive_db / 20.0)
            gain *= _limit(np.minimum(1.0, self._allowed / gain))
            missing = target_lufs - gated_loudness(self._piece_powers(gain))
            if abs(missing) < 0.02:
                break
            drive_db = min(_MOST_DB, drive_db + missing)
        return _between(gain, self._block, self._samples)

    def _piece_powers(self, gain: ndarray | float) -> Float[ndarray, " N"]:
        """Mean power of each piece; a slow gain does to the weighted sound what it does to the sound."""
        count = self._count
        sums = np.bincount(self._pieces, gain**2 * self._power, minlength=count)[:count]
        return np.asarray(sums / np.bincount(self._pieces, minlength=count)[:count])


def _compression(
    powers: Float[ndarray, " M"], loudness: float
) -> tuple[Float[ndarray, " M"], Float[ndarray, " M"]]:
    """Moments in seconds and the compressor's factor at each."""
    level_db = -0.691 + 10.0 * np.log10(np.maximum(powers, 1e-12))
    over_db = np.maximum(0.0, level_db - loudness - _ABOVE_LU)
    gain_db = -(1.0 - 1.0 / _RATIO) * over_db
    window = np.hanning(_GLUE_PIECES + 2)[1:-1]
    half = _GLUE_PIECES // 2
    padded = np.pad(gain_db, half, mode="edge")
    smooth_db = np.convolve(padded, window / window.sum(), mode="valid")
    moments = (np.arange(len(powers)) + 0.5) * PIECE_SECONDS
    return moments, 10.0 ** (smooth_db / 20.0)


def _limit(wanted: Float[ndarray, " N"]) -> Float[ndarray, " N"]:
    """A smooth factor that is nowhere above the wanted one.

    The lowest of the neighbours on both sides, averaged over as many: each average is over values that all know of the
    block in the middle.
    """
    reach = _LOOK_AHEAD_BLOCKS
    padded = np.pad(wanted, 2 * reach, mode="edge")
    lowest = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1).min(axis=-1)
    window = np.hanning(2 * reach + 3)[1:-1]
    return np.asarray(np.convolve(lowest, window / window.sum(), mode="valid"))


def _block_peaks(audio: Float[ndarray, "2 T"], block: int) -> Float[ndarray, " N"]:
    """Largest absolute sample of each block, in any channel."""
    starts = np.arange(0, audio.shape[-1], block)
    highest = np.maximum.reduceat(audio.max(axis=0), starts)
    lowest = np.minimum.reduceat(audio.min(axis=0), starts)
    return np.asarray(np.maximum(highest, -lowest), dtype=np.float64)


def _between(gain: Float[ndarray, " N"], block: int, samples: int) -> Float[ndarray, " T"]:
    """The gain of each sample: at a border of blocks the lower one's, and straight between, so nowhere above a block's."""
    borders = np.minimum(np.append(gain, gain[-1]), np.append(gain[0], gain))
    within = np.arange(block, dtype=np.float32) / np.float32(block)
    ramps = np.diff(borders).astype(np.float32)[:, None] * within
    ramps += borders[:-1].astype(np.float32)[:, None]
    gains: Float[ndarray, " T"] = ramps.reshape(-1)[:samples]
    return gains

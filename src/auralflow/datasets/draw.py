"""What a training chunk holds: a pure function of the seed, the epoch and the chunk's number.

No state, no worker, no rank and no order enters it. A run that is resumed at any step, on any number of workers or
ranks, sees the same chunks.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from auralflow.datasets.config import AugmentConfig

__all__ = ["Draw", "Plan"]

_WORD = 64
_MASK = (1 << _WORD) - 1
_WORDS_BEFORE_STEMS = 3
_WORDS_A_STEM = 5


@dataclass(frozen=True)
class Plan:
    """One chunk as it was drawn; each field has one value a stem."""

    tracks: tuple[int, ...]
    """Number of the track that the stem comes from."""
    starts: tuple[int, ...]
    """First sample of the chunk in that track; negative where the track starts inside the chunk."""
    augmentation: Mapping[str, tuple[float, ...]]
    """For each augmentation that is switched on: decibels for `gain_db`, else 1 for yes and 0 for no."""


class Draw:
    """Draws chunks.

    A track is drawn in proportion to its length, so that every second of music is as likely as any other, and the
    chunk's place in it evenly. A track shorter than a chunk lies whole at an even place in it, silence around it.
    Of a chunk that is mixed at random, each stem is drawn on its own among the tracks that have it.

    The numbers come from Philox, keyed by (seed, epoch, index), as raw 64-bit words that are scaled here: unlike
    numpy's distributions, these are the same in every version of numpy. Each choice has its own word, so that
    switching an augmentation on does not change which music is drawn.
    """

    def __init__(
        self,
        *,
        seed: int,
        lengths: Sequence[int],
        having: Sequence[Sequence[int]],
        chunk_samples: int,
        random_mix: float = 0.0,
        augment: AugmentConfig | None = None,
    ) -> None:
        """Prepare to draw.

        Args:
            seed: any whole number; taken modulo 2^64.
            lengths: samples of each track, at least 1.
            having: for each stem, the numbers of the tracks that have it, at least one.
            chunk_samples: length of a chunk.
            random_mix: share of the chunks whose stems come from different tracks.
            augment: what to draw for each stem besides; nothing by default.
        """
        self.seed = seed & _MASK
        self.lengths = tuple(lengths)
        self.chunk_samples = chunk_samples
        self.random_mix = random_mix
        self.augment = augment or AugmentConfig()
        self._all = _Urn(range(len(lengths)), lengths)
        self._having = tuple(_Urn(tracks, lengths) for tracks in having)

    def __call__(self, epoch: int, index: int) -> Plan:
        """What chunk `index` of `epoch` holds; both are at least 0 and below 2^32."""
        stems = len(self._having)
        count = _WORDS_BEFORE_STEMS + stems * _WORDS_A_STEM
        key = self.seed << _WORD | epoch << 32 | index
        words: list[int] = np.random.Philox(key=key).random_raw(count).tolist()
        own = [
            words[_WORDS_BEFORE_STEMS + place :: _WORDS_A_STEM] for place in range(_WORDS_A_STEM)
        ]
        if _unit(words[0]) < self.random_mix:
            tracks = tuple(urn.pick(word) for urn, word in zip(self._having, own[0], strict=True))
            starts = tuple(
                self._start(track, word) for track, word in zip(tracks, own[1], strict=True)
            )
        else:
            track = self._all.pick(words[1])
            tracks = (track,) * stems
            starts = (self._start(track, words[2]),) * stems
        return Plan(tracks, starts, self._augmentation(own[2:]))

    def _augmentation(self, words: Sequence[Sequence[int]]) -> dict[str, tuple[float, ...]]:
        gain, swap, flip = words
        drawn: dict[str, tuple[float, ...]] = {}
        if limit := self.augment.gain_db:
            drawn["gain_db"] = tuple((2 * _unit(word) - 1) * limit for word in gain)
        if share := self.augment.swap_channels:
            drawn["swap_channels"] = tuple(float(_unit(word) < share) for word in swap)
        if share := self.augment.flip_polarity:
            drawn["flip_polarity"] = tuple(float(_unit(word) < share) for word in flip)
        return drawn

    def _start(self, track: int, word: int) -> int:
        room = self.lengths[track] - self.chunk_samples
        offset = _below(abs(room) + 1, word)
        return offset if room >= 0 else -offset


class _Urn:
    """Track numbers, to be picked in proportion to the tracks' lengths."""

    def __init__(self, tracks: Sequence[int], lengths: Sequence[int]) -> None:
        self._tracks = tuple(tracks)
        self._ends = tuple(accumulate(lengths[track] for track in tracks))

    def pick(self, word: int) -> int:
        return self._tracks[bisect_right(self._ends, _below(self._ends[-1], word))]


def _below(limit: int, word: int) -> int:
    """A 64-bit word as a whole number from 0 to `limit - 1`."""
    return word * limit >> _WORD


def _unit(word: int) -> float:
    """A 64-bit word as a number in [0, 1): its upper 53 bits, which a float holds exactly."""
    return (word >> 11) * 2.0**-53

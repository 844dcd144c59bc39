"""What a training chunk holds: a pure function of the seed, the epoch and the chunk's number.

No state, no worker, no rank and no order enters it. A run that is resumed at any step, on any number of workers or
ranks, sees the same chunks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from zlib import crc32

import numpy as np

from auralflow.datasets.urns import SoundingPlaces, Urn, below, unit

__all__ = ["Draw", "Plan", "Pool", "Sounding"]

_WORD = 64
_MASK = (1 << _WORD) - 1
_WORDS_BEFORE_STEMS = 3
_WORDS_A_STEM = 5
_SOUNDING = 1
_NAMED = 1 << 32


@dataclass(frozen=True)
class Plan:
    """One chunk as it was drawn."""

    tracks: tuple[int, ...]
    """For each stem the number of the track that it comes from."""
    starts: tuple[int, ...]
    """For each stem the first sample of the chunk in that track; negative where the track starts inside the chunk."""
    numbers: Mapping[str, tuple[tuple[float, ...], ...]]
    """Numbers in [0, 1) by name: for each stem as many as were asked for."""


@dataclass(frozen=True)
class Sounding:
    """One or several stems that are heard as one, such as a target, and where they sound."""

    stems: tuple[int, ...]
    places: SoundingPlaces
    chance: int = 1
    """How often they have their turn, in any unit."""


@dataclass(frozen=True)
class Pool:
    """What there is to draw from."""

    lengths: Sequence[int]
    """Samples of each track, at least 1."""
    chances: Sequence[int]
    """How often each track comes up, in any unit."""
    aligned: Sequence[int]
    """Numbers of the tracks whose stems sounded together; where there is none, every chunk is mixed at random."""
    having: Sequence[Sequence[int]]
    """For each stem the numbers of the tracks that have it, at least one."""
    sounding: Sequence[Sounding] = ()
    """What is to sound more often."""


class Draw:
    """Draws chunks.

    A track is drawn by its chance, usually its length, so that every second of music is as likely as any other, and the
    chunk's place in it evenly. A track shorter than a chunk lies whole at an even place in it, silence around it.
    Of a chunk that is mixed at random, each stem is drawn on its own among the tracks that have it. Of a share of the
    chunks, one target in its turn is drawn among the places where it sounds.

    The numbers come from Philox, keyed by (seed, epoch, index), as raw 64-bit words that are scaled here: unlike
    numpy's distributions, these are the same in every version of numpy. Each choice has its own word, and each name its own
    counter, so that switching one thing on does not change what is drawn for the others. Several threads may draw.
    """

    def __init__(
        self,
        pool: Pool,
        *,
        seed: int,
        chunk_samples: int,
        random_mix: float = 0.0,
        sounding_share: float = 0.0,
        numbers: Mapping[str, int] | None = None,
    ) -> None:
        """Prepare to draw.

        Args:
            pool: the tracks.
            seed: any whole number; taken modulo 2^64.
            chunk_samples: length of a chunk.
            random_mix: share of the chunks whose stems come from different tracks.
            sounding_share: share of the chunks in which one of `pool.sounding` sounds for sure.
            numbers: how many numbers to draw for each stem, by name.
        """
        self.seed = seed & _MASK
        self.pool = pool
        self._philox = np.random.Philox(key=0)
        self._lock = Lock()
        self.chunk_samples = chunk_samples
        self.random_mix = random_mix if pool.aligned else 1.0
        self.sounding_share = sounding_share if pool.sounding else 0.0
        self.numbers = dict(numbers or {})
        self._aligned = Urn(pool.aligned, pool.chances) if pool.aligned else None
        self._having = tuple(Urn(tracks, pool.chances) for tracks in pool.having)
        self._sounding = [
            (entry.places.urn(pool.chances, pool.aligned), entry.places.urn(pool.chances))
            for entry in pool.sounding
        ]
        turns = [turn for turn, (_, anywhere) in enumerate(self._sounding) if anywhere is not None]
        self._turns = Urn(turns, [entry.chance for entry in pool.sounding]) if turns else None

    def __call__(self, epoch: int, index: int, *, attempt: int = 0) -> Plan:
        """What chunk `index` of `epoch` holds; both are at least 0 and below 2^32.

        `attempt` draws another in its place, where what was drawn cannot be read.
        """
        stems = len(self._having)
        words = self._words(
            epoch, index, attempt << 16, _WORDS_BEFORE_STEMS + stems * _WORDS_A_STEM
        )
        own = [words[_WORDS_BEFORE_STEMS + place :: _WORDS_A_STEM] for place in range(2)]
        is_mixed = unit(words[0]) < self.random_mix
        if is_mixed or self._aligned is None:
            tracks = [urn.pick(word) for urn, word in zip(self._having, own[0], strict=True)]
            starts = [self._start(track, word) for track, word in zip(tracks, own[1], strict=True)]
        else:
            track = self._aligned.pick(words[1])
            tracks = [track] * stems
            starts = [self._start(track, words[2])] * stems
        if self.sounding_share and self._turns is not None:
            self._let_sound(
                self._words(epoch, index, _SOUNDING | attempt << 16, 5), is_mixed, tracks, starts
            )
        numbers = {
            name: self._numbers(epoch, index, name, count) for name, count in self.numbers.items()
        }
        return Plan(tuple(tracks), tuple(starts), numbers)

    def _let_sound(
        self, words: Sequence[int], is_mixed: bool, tracks: list[int], starts: list[int]
    ) -> None:
        """Put a stem, or the whole chunk, where that stem sounds, in a share of the chunks."""
        if self._turns is None or unit(words[0]) >= self.sounding_share:
            return
        turn = self._turns.pick(words[1])
        urn = self._sounding[turn][1 if is_mixed else 0]
        if urn is None:
            return  # they sound in no track that can be drawn whole
        track = urn.pick(words[2])
        start = self.pool.sounding[turn].places.start(track, words[3], words[4])
        if start is None:
            start = self._start(track, words[4])
        for place in self.pool.sounding[turn].stems if is_mixed else range(len(tracks)):
            tracks[place], starts[place] = track, start

    def _numbers(
        self, epoch: int, index: int, name: str, count: int
    ) -> tuple[tuple[float, ...], ...]:
        stems = len(self._having)
        words = self._words(epoch, index, _NAMED | crc32(name.encode()), stems * count)
        # 24 bits, which float32 holds exactly: with more, some would be rounded up to 1.
        uniform = [(word >> 40) * 2.0**-24 for word in words]
        return tuple(tuple(uniform[stem * count : (stem + 1) * count]) for stem in range(stems))

    def _words(self, epoch: int, index: int, stream: int, count: int) -> list[int]:
        """Raw words of one of the streams of a chunk, which have nothing to do with one another.

        They are those of `Philox(key=…, counter=stream << 192)`; making one anew for each stream costs four times as much.
        """
        key = [epoch << 32 | index, self.seed]
        with self._lock:
            self._philox.state = {
                "bit_generator": "Philox",
                "state": {
                    "counter": np.array([0, 0, 0, stream], np.uint64),
                    "key": np.array(key, np.uint64),
                },
                "buffer": np.zeros(4, np.uint64),
                "buffer_pos": 4,
                "has_uint32": 0,
                "uinteger": 0,
            }
            words: list[int] = self._philox.random_raw(count).tolist()
        return words

    def _start(self, track: int, word: int) -> int:
        room = self.pool.lengths[track] - self.chunk_samples
        offset = below(abs(room) + 1, word)
        return offset if room >= 0 else -offset

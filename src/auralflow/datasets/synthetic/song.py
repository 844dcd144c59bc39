"""The plan of a song: tempo, key, sections and chords, before a single sample exists."""

import math
import zlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from auralflow.datasets.synthetic.harmony import Chord, Key, draw_key, draw_progression

__all__ = ["STEPS", "Bar", "Song", "draw_song", "generator_for"]

STEPS = 16
"""Sixteenths in a bar; every song is in four."""

_ORDER = ("verse", "chorus", "verse", "chorus", "break", "chorus")
_ENERGY = {"intro": 0.6, "verse": 0.8, "chorus": 1.0, "break": 0.5}


@dataclass(frozen=True)
class Bar:
    """One bar of the plan."""

    section: str
    """`intro`, `verse`, `chorus` or `break`."""
    chords: tuple[Chord, Chord]
    """The harmony of the first and of the second half."""
    energy: float
    """How hard the band plays, 0 to 1."""
    first: bool
    """Whether a section starts here."""
    last: bool
    """Whether a section ends here."""

    def chord_at(self, step: int) -> Chord:
        """The harmony at a sixteenth; one behind the bar's end belongs to the second half."""
        return self.chords[min(step, STEPS - 1) // (STEPS // 2)]


@dataclass(frozen=True)
class Song:
    """Everything the players have in common."""

    seed: int
    samples: int
    sample_rate: int
    tempo: float
    """Quarter notes a minute."""
    swing: float
    """How late the second of two sixteenths comes, as a share of a sixteenth: 0 is straight, 1/3 a triplet."""
    key: Key
    bars: tuple[Bar, ...]

    @cached_property
    def step_seconds(self) -> float:
        """Length of a sixteenth."""
        return 15.0 / self.tempo

    def seconds_at(self, bar: int, step: float) -> float:
        """When a sixteenth of a bar sounds; steps beyond the bar's end lie in the next ones."""
        late = self.swing if int(step) % 2 else 0.0
        return (bar * STEPS + step + late) * self.step_seconds

    def bar_at(self, seconds: float) -> int:
        """The bar that sounds at a moment."""
        return min(int(seconds / (STEPS * self.step_seconds) + 1e-6), len(self.bars) - 1)

    def generator(self, part: str) -> np.random.Generator:
        """The source of chance of one player; what one draws never moves what another plays."""
        return generator_for(self.seed, part)


def generator_for(seed: int, part: str) -> np.random.Generator:
    """Random numbers that depend on the song and on the part alone."""
    sequence = np.random.SeedSequence((seed, zlib.crc32(part.encode())))
    return np.random.Generator(np.random.Philox(sequence))


def draw_song(seed: int, *, samples: int, sample_rate: int) -> Song:
    """Choose tempo, swing, key, sections and chords for a song of this length."""
    rng = generator_for(seed, "song")
    tempo = float(rng.uniform(84.0, 138.0))
    swing = float(rng.choice([0.0, 0.0, 0.12, 0.3]))
    key = draw_key(rng)
    count = max(1, math.ceil(samples / sample_rate * tempo / 240.0))
    bars = _draw_bars(rng, key, count)
    return Song(seed, samples, sample_rate, tempo, swing, key, bars)


def _draw_bars(rng: np.random.Generator, key: Key, count: int) -> tuple[Bar, ...]:
    length = 4 if count >= 14 else 2
    progressions = {name: draw_progression(rng, key) for name in _ENERGY}
    bars: list[Bar] = []
    for name, bars_of_section in _sections(count, length):
        for index in range(bars_of_section):
            first = index == 0
            last = index == bars_of_section - 1
            # A section of two bars hears the four chords of its progression, two in each bar.
            progression = progressions[name]
            place = index * (4 // length)
            chords = (progression[place % 4], progression[(place + (length == 2)) % 4])
            bars.append(Bar(name, chords, _ENERGY[name], first, last))
    return tuple(bars)


def _sections(count: int, length: int) -> list[tuple[str, int]]:
    """Names and lengths in bars that fill `count`; a song too short for it starts without an intro."""
    sections = [("intro", length // 2)] if count >= 4 else []
    left = count - sum(bars for _, bars in sections)
    index = 0
    while left > 0:
        sections.append((_ORDER[index % len(_ORDER)], min(length, left)))
        left -= length
        index += 1
    return sections

"""The bass player: roots of the chords with a rhythm of their own."""

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from auralflow.datasets.synthetic.effects import pan, room
from auralflow.datasets.synthetic.harmony import hertz, near
from auralflow.datasets.synthetic.song import STEPS, Bar, Song
from auralflow.datasets.synthetic.tones import Line, envelope, harmonics, place, tone

__all__ = ["play_bass"]

# (sixteenth, length in sixteenths, interval over the root in semitones)
_LINES = (
    tuple((step, 2, 0) for step in range(0, STEPS, 2)),
    ((0, 6, 0), (6, 2, 0), (8, 6, 0), (14, 2, 7)),
    ((0, 3, 0), (3, 3, 0), (6, 2, 12), (8, 3, 0), (11, 3, 0), (14, 2, 12)),
    ((0, 4, 0), (4, 4, 0), (8, 4, 0), (12, 4, 7)),
    ((0, 2, 0), (2, 2, 12), (4, 2, 0), (6, 2, 12), (8, 2, 0), (10, 2, 12), (12, 2, 0), (14, 2, 12)),
    ((0, 7, 0), (7, 1, 0), (8, 4, 0), (13, 3, 7)),
    ((0, 1, 0), (3, 1, 0), (4, 2, 7), (8, 1, 0), (10, 2, 0), (13, 1, 7), (14, 2, 12)),
)
_LONG = ((0, 8, 0), (8, 8, 0))


class _Sound:
    """One bass: a dark tone that stays, and a bright one that dies away after the attack."""

    def __init__(self, rng: np.random.Generator, sample_rate: int) -> None:
        self.sample_rate = sample_rate
        slope = float(rng.uniform(0.9, 1.6))
        odd = bool(rng.random() < 0.3)
        self.dark = harmonics(slope + 0.4, 2.5, odd=odd, count=24)
        self.bright = harmonics(slope, 6.0, odd=odd, count=32)
        self.pluck = float(rng.uniform(0.3, 0.9))
        self.settle = float(rng.uniform(0.25, 0.8))

    def note(self, frequency: float, samples: int) -> Line:
        steady = tone(frequency, samples, sample_rate=self.sample_rate, partials=self.dark)
        attack = tone(frequency, samples, sample_rate=self.sample_rate, partials=self.bright)
        time = np.arange(samples) / self.sample_rate
        sound: Line = steady + self.pluck * np.exp(-time / 0.09) * attack
        sound *= envelope(
            samples,
            sample_rate=self.sample_rate,
            attack=0.008,
            settle=self.settle,
            sustain=0.5,
            release=0.03,
        )
        return sound


def play_bass(song: Song) -> Float[ndarray, "2 T"]:
    """The bass stem, at no particular level."""
    rng = song.generator("bass")
    sound = _Sound(rng, song.sample_rate)
    lines = rng.permutation(len(_LINES))
    gate = float(rng.uniform(0.8, 0.97))
    line = np.zeros(song.samples)
    for index, bar in enumerate(song.bars):
        for step, length, interval in _line_of(bar, lines):
            note = near(bar.chord_at(step).root, 35.0) + interval
            begin = song.seconds_at(index, step)
            held = (song.seconds_at(index, step + length) - begin) * gate
            loudness = bar.energy**0.5 * float(rng.uniform(0.85, 1.0))
            heard = sound.note(hertz(note), max(1, round(held * song.sample_rate)))
            place(line, loudness * heard, round(begin * song.sample_rate))
    middle = pan(line, float(rng.uniform(-0.08, 0.08)))
    return room(middle, rng, sample_rate=song.sample_rate, seconds=0.2, wet=0.006)


def _line_of(bar: Bar, lines: ndarray) -> tuple[tuple[int, int, int], ...]:
    if bar.section == "break":
        return _LONG
    return _LINES[lines[0 if bar.section in ("intro", "verse") else 1]]

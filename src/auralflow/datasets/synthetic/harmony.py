"""Keys, scales and chord progressions, in MIDI note numbers (60 is middle C, 69 is 440 Hz)."""

from dataclasses import dataclass

import numpy as np

__all__ = ["Chord", "Key", "draw_key", "draw_progression", "hertz", "near"]

_SCALES = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
}
# Degrees counted from 0; none has the diminished triad of its scales.
_BRIGHT = ((0, 4, 5, 3), (0, 5, 3, 4), (5, 3, 0, 4), (0, 3, 5, 4), (3, 0, 4, 5), (0, 3, 0, 4))
_DARK = ((0, 3, 2, 6), (0, 2, 6, 3), (0, 6, 3, 6), (2, 6, 0, 3), (0, 3, 6, 2), (0, 6, 0, 3))


@dataclass(frozen=True)
class Key:
    """A tonic and the seven notes over it."""

    tonic: int
    """Pitch class, 0 is C."""
    mode: str

    def note(self, degree: int) -> int:
        """The note on a degree of the scale, degree 0 being the tonic in the octave of note 0."""
        octave, step = divmod(degree, 7)
        return self.tonic + 12 * octave + _SCALES[self.mode][step]


@dataclass(frozen=True)
class Chord:
    """A chord of thirds stacked on a degree of the scale."""

    degree: int
    root: int
    """Pitch class as a note number in the lowest octave."""
    notes: tuple[int, ...]
    """Note numbers in the lowest octave, three or four of them."""


def draw_key(rng: np.random.Generator) -> Key:
    """Any of the twelve tonics in any of the four modes."""
    return Key(int(rng.integers(12)), str(rng.choice(list(_SCALES))))


def draw_progression(rng: np.random.Generator, key: Key) -> tuple[Chord, ...]:
    """Four chords, some of them with a seventh."""
    bright = key.mode in ("major", "mixolydian")
    choices = _BRIGHT if bright else _DARK
    degrees = choices[int(rng.integers(len(choices)))]
    return tuple(_chord(key, degree, bool(rng.random() < 0.25)) for degree in degrees)


def _chord(key: Key, degree: int, seventh: bool) -> Chord:
    notes = tuple(key.note(degree + third) for third in (0, 2, 4, 6)[: 4 if seventh else 3])
    return Chord(degree, notes[0], notes)


def near(note: int, centre: float) -> int:
    """The note of the same pitch class that lies nearest to `centre`."""
    return note + 12 * round((centre - note) / 12)


def hertz(note: float) -> float:
    """Frequency of a note in equal temperament, A at 440 Hz."""
    return float(440.0 * 2.0 ** ((note - 69.0) / 12.0))

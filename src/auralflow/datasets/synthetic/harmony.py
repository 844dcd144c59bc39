"""Keys, scales and chords, in MIDI note numbers (60 is middle C, 69 is 440 Hz)."""

import re
from dataclasses import dataclass

import numpy as np

__all__ = ["MODES", "Chord", "Key", "chord_of", "draw_key", "hertz", "near"]

_SCALES = {
    "major": (0, 2, 4, 5, 7, 9, 11),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "minor": (0, 2, 3, 5, 7, 8, 10),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
}
MODES = tuple(_SCALES)
_SHARES = (0.32, 0.12, 0.07, 0.30, 0.12, 0.07)

_DEGREES = {"i": 0, "ii": 2, "iii": 4, "iv": 5, "v": 7, "vi": 9, "vii": 11}
_QUALITIES = {
    "": (0, 4, 7),
    "7": (0, 4, 7, 10),
    "maj7": (0, 4, 7, 11),
    "add9": (0, 4, 7, 14),
    "9": (0, 4, 10, 14),
    "sus2": (0, 2, 7),
    "sus4": (0, 5, 7),
    "6": (0, 4, 7, 9),
    "m": (0, 3, 7),
    "m7": (0, 3, 7, 10),
    "m9": (0, 3, 10, 14),
    "dim": (0, 3, 6),
    "m7b5": (0, 3, 6, 10),
}
_NUMERAL = re.compile(r"(b|#)?(vii|vi|v|iv|iii|ii|i)(.*)", re.IGNORECASE)


@dataclass(frozen=True)
class Key:
    """A tonic and the seven notes over it."""

    tonic: int
    """Pitch class, 0 is C; a song that modulates upwards goes beyond 11."""
    mode: str

    def note(self, degree: int) -> int:
        """The note on a degree of the scale, degree 0 being the tonic in the octave of note 0."""
        octave, step = divmod(degree, 7)
        return self.tonic + 12 * octave + _SCALES[self.mode][step]

    @property
    def bright(self) -> bool:
        """Whether the third over the tonic is a major one."""
        return _SCALES[self.mode][2] == 4


@dataclass(frozen=True)
class Chord:
    """Notes over a root."""

    name: str
    """Its Roman numeral, such as `bVII` or `ii7`."""
    root: int
    """Note number in the lowest octaves."""
    notes: tuple[int, ...]
    """Note numbers over the root, three or four of them."""


def draw_key(rng: np.random.Generator) -> Key:
    """Any of the twelve tonics; the modes about as often as songs are in them."""
    return Key(int(rng.integers(12)), str(rng.choice(MODES, p=_SHARES)))


def chord_of(key: Key, numeral: str) -> Chord:
    """A Roman numeral over the tonic: upper case is major, lower case minor, b and # move the root by a semitone.

    Numerals count from the major scale in every mode, as in pop charts: the chords of A minor are i, bIII, iv, bVI, bVII.
    Behind the numeral stands what is added, `7`, `maj7`, `add9`, `9`, `6`, `sus2`, `sus4`, `dim` or `m7b5`.
    """
    match = _NUMERAL.fullmatch(numeral)
    if match is None:
        raise ValueError(f"{numeral} is no Roman numeral")
    accidental, degree, added = match.groups()
    root = key.tonic + _DEGREES[degree.lower()] + {"b": -1, "#": 1}.get(accidental or "", 0)
    minor = degree.islower() and added in ("", "7", "9")
    quality = _QUALITIES["m" + added if minor else added]
    return Chord(numeral, root, tuple(root + third for third in quality))


def near(note: int, centre: float) -> int:
    """The note of the same pitch class that lies nearest to `centre`."""
    return note + 12 * round((centre - note) / 12)


def hertz(note: float) -> float:
    """Frequency of a note in equal temperament, A at 440 Hz."""
    return float(440.0 * 2.0 ** ((note - 69.0) / 12.0))

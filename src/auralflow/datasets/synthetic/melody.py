"""What the singer sings: phrases of notes with syllables, and the rests between them."""

from dataclasses import dataclass, replace

import numpy as np

from auralflow.datasets.synthetic.consonants import CONSONANTS
from auralflow.datasets.synthetic.harmony import Chord, Key
from auralflow.datasets.synthetic.song import STEPS, Song
from auralflow.datasets.synthetic.tract import VOWELS

__all__ = ["Phrase", "Syllable", "write_melody"]

_TWO_BARS = 2 * STEPS
_SHORTEST = 0.12
"""Seconds of the shortest syllable."""
# Height of each section's middle in the singer's range, and how likely a phrase of it is sung.
_LIFT = {"verse": 0.3, "pre-chorus": 0.45, "chorus": 0.6, "bridge": 0.5, "break": 0.4, "outro": 0.4}
_SUNG = {"break": 0.5, "outro": 0.5, "intro": 0.0, "end": 0.0}


@dataclass(frozen=True)
class Syllable:
    """One note with its text."""

    begin: float
    """Seconds from the start of the song."""
    end: float
    note: int
    vowel: str
    consonant: str
    """What it starts with; nothing ties it to the syllable before."""
    loudness: float


Phrase = tuple[Syllable, ...]
"""What is sung in one breath."""


@dataclass(frozen=True)
class _Motif:
    """A rhythm with a contour, sung again over other chords."""

    steps: tuple[int, ...]
    """Where the syllables start, in sixteenths of two bars."""
    end: int
    contour: tuple[int, ...]
    """Degrees of the scale over or under the phrase's first note."""
    vowels: tuple[str, ...]
    consonants: tuple[str, ...]


def write_melody(rng: np.random.Generator, song: Song, *, low: int, high: int) -> list[Phrase]:
    """One phrase for every two bars that are sung, all notes between `low` and `high`.

    A section has two tunes by turns. A chorus comes back with its words, a verse with new ones.
    """
    coarse = max(1, int(np.ceil(_SHORTEST / song.step_seconds)))
    motifs = {
        name: [_draw_motif(rng, coarse, even=name in ("chorus", "break")) for _ in range(2)]
        for name in _LIFT
    }
    phrases = []
    bar = count = 0
    while bar < len(song.bars):
        here = song.bars[bar]
        count = 0 if here.first else count + 1
        following = song.bars[bar + 1] if bar + 1 < len(song.bars) else None
        pair = following is not None and not following.first and following.section == here.section
        if rng.random() < _SUNG.get(here.section, 1.0):
            motif = motifs[here.section][count % 4 == 2]
            if here.section == "verse" and here.turn:
                vowels, consonants = _draw_words(rng, len(motif.steps), held=False)
                motif = replace(motif, vowels=vowels, consonants=consonants)
            centre = low + (high - low) * _LIFT[here.section] + (1.5 if count % 2 else 0.0)
            phrases.append(
                _sing(rng, song, motif, bar=bar, bars=1 + pair, centre=centre, low=low, high=high)
            )
        bar += 1 + pair
    return [phrase for phrase in phrases if phrase]


def _draw_motif(rng: np.random.Generator, coarse: int, *, even: bool) -> _Motif:
    """`coarse` is the shortest syllable in sixteenths; an `even` motif has longer notes."""
    begin = int(rng.choice([0, 0, 2, 3]))
    end = begin + int(rng.integers(19, 25))
    lengths = np.array([2, 2, 3, 4, 4, 6] if even else [1, 2, 2, 2, 3, 3, 4, 4])
    steps = [begin]
    while steps[-1] + 3 < end:
        steps.append(steps[-1] + max(coarse, int(rng.choice(lengths))))
    steps = [step for step in steps if step + 2 < end]
    moves = rng.choice([-3, -2, -1, -1, -1, 0, 0, 1, 1, 1, 2, 4], size=len(steps) - 1)
    contour = np.clip(np.concatenate([[0], np.cumsum(moves)]), -4, 5)
    vowels, consonants = _draw_words(rng, len(steps), held=even and rng.random() < 0.15)
    degrees = tuple(int(degree) for degree in contour)
    return _Motif(tuple(steps), end, degrees, vowels, consonants)


def _draw_words(
    rng: np.random.Generator, count: int, *, held: bool
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Vowels and consonants; `held` is a song on one vowel."""
    names = list(VOWELS)
    if held:
        return (str(rng.choice(names)),) * count, ("h",) + ("",) * (count - 1)
    vowels = tuple(str(vowel) for vowel in rng.choice(names, size=count))
    tied = rng.random(count) < 0.15
    return vowels, tuple("" if tie else str(rng.choice(CONSONANTS)) for tie in tied)


def _sing(
    rng: np.random.Generator,
    song: Song,
    motif: _Motif,
    *,
    bar: int,
    bars: int,
    centre: float,
    low: int,
    high: int,
) -> Phrase:
    last = min(motif.end, round(motif.end * bars * STEPS / _TWO_BARS))
    kept = [index for index, step in enumerate(motif.steps) if step + 1 < last]
    key = song.bars[bar].key
    anchor = min(range(80), key=lambda degree: abs(key.note(degree) - centre))
    syllables = []
    for index in kept:
        step = motif.steps[index]
        next_step = motif.steps[index + 1] if index + 1 in kept else last
        strong = step % 4 == 0 or next_step - step >= 4
        chord = song.bars[bar + step // STEPS].chord_at(step % STEPS)
        note = _fit(key, anchor + motif.contour[index], chord if strong else None)
        syllables.append(
            Syllable(
                begin=song.seconds_at(bar, step),
                end=song.seconds_at(bar, next_step),
                note=_into_range(note, low, high),
                vowel=motif.vowels[index],
                consonant=motif.consonants[index],
                loudness=float(rng.uniform(0.7, 1.0)),
            )
        )
    return tuple(syllables)


def _fit(key: Key, degree: int, chord: Chord | None) -> int:
    """The note of a degree, moved to the nearest note of the chord if one is given."""
    note = key.note(degree)
    if chord is None:
        return note
    classes = {member % 12 for member in chord.notes}
    return min(
        range(note - 6, note + 6),
        key=lambda other: (other % 12 not in classes) * 99 + abs(other - note),
    )


def _into_range(note: int, low: int, high: int) -> int:
    while note > high:
        note -= 12
    while note < low:
        note += 12
    return note

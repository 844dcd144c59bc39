"""What the singer sings: phrases of notes with syllables, and the rests between them."""

from dataclasses import dataclass

import numpy as np

from auralflow.datasets.synthetic.harmony import Chord
from auralflow.datasets.synthetic.song import STEPS, Song

__all__ = ["CONSONANTS", "Phrase", "Syllable", "write_melody"]

CONSONANTS = ("", "s", "sh", "f", "t", "k")
"""What a syllable may start with; the empty one ties it to the syllable before."""

_TWO_BARS = 2 * STEPS


@dataclass(frozen=True)
class Syllable:
    """One note with its text."""

    begin: float
    """Seconds from the start of the song."""
    end: float
    note: int
    vowel: int
    """Place in the singer's list of vowels."""
    consonant: str
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
    vowels: tuple[int, ...]
    consonants: tuple[str, ...]


def write_melody(
    rng: np.random.Generator, song: Song, *, low: int, high: int, vowels: int
) -> list[Phrase]:
    """One phrase for every two bars outside the intro, all notes between `low` and `high`."""
    motifs = {name: _draw_motif(rng, vowels) for name in ("verse", "chorus", "break")}
    lift = {"verse": 0.35, "break": 0.4, "chorus": 0.55}
    phrases = []
    bar = 0
    while bar < len(song.bars):
        section = song.bars[bar].section
        if section == "intro":
            bar += 1
            continue
        single = bar + 1 >= len(song.bars) or song.bars[bar + 1].section != section
        centre = low + (high - low) * lift[section]
        phrases.append(
            _sing(
                rng,
                song,
                motifs[section],
                bar=bar,
                bars=1 if single else 2,
                centre=centre,
                low=low,
                high=high,
            )
        )
        bar += 1 if single else 2
    return phrases


def _draw_motif(rng: np.random.Generator, vowels: int) -> _Motif:
    begin = int(rng.choice([0, 0, 2, 3]))
    end = begin + int(rng.integers(19, 24))
    steps, lengths = [begin], [1, 2, 2, 2, 3, 3, 4, 4]
    while steps[-1] + 3 < end:
        steps.append(steps[-1] + int(rng.choice(lengths)))
    steps = [step for step in steps if step + 2 < end]
    moves = rng.choice([-2, -1, -1, 0, 1, 1, 2, 3], size=len(steps) - 1)
    contour = np.clip(np.concatenate([[0], np.cumsum(moves)]), -4, 4)
    return _Motif(
        steps=tuple(steps),
        end=end,
        contour=tuple(int(degree) for degree in contour),
        vowels=tuple(int(vowel) for vowel in rng.integers(vowels, size=len(steps))),
        consonants=tuple(str(rng.choice(CONSONANTS)) for _ in steps),
    )


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
    syllables = []
    anchor = _nearest_degree(song, centre)
    for index in kept:
        step = motif.steps[index]
        next_step = motif.steps[index + 1] if index + 1 in kept else last
        degree = anchor + motif.contour[index]
        strong = step % 4 == 0 or next_step - step >= 4
        chord = song.bars[bar + step // STEPS].chord_at(step % STEPS)
        note = _into_range(_fit(song, degree, chord if strong else None), low, high)
        syllables.append(
            Syllable(
                begin=song.seconds_at(bar, step),
                end=song.seconds_at(bar, next_step),
                note=note,
                vowel=motif.vowels[index],
                consonant=motif.consonants[index],
                loudness=float(rng.uniform(0.75, 1.0)),
            )
        )
    return tuple(syllables)


def _nearest_degree(song: Song, note: float) -> int:
    return min(range(80), key=lambda degree: abs(song.key.note(degree) - note))


def _fit(song: Song, degree: int, chord: Chord | None) -> int:
    """The note of a degree, moved to the nearest note of the chord if one is given."""
    note = song.key.note(degree)
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

"""What the other players do: hold chords, play them in a rhythm, break them, or answer the voice."""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from auralflow.datasets.synthetic.effects import pan
from auralflow.datasets.synthetic.harmony import Chord, near
from auralflow.datasets.synthetic.instruments import Instrument
from auralflow.datasets.synthetic.song import STEPS, Bar, Song
from auralflow.datasets.synthetic.tones import place

__all__ = ["PARTS", "Part"]

Part = Callable[[Song, Instrument, np.random.Generator, frozenset[str]], Float[ndarray, "2 T"]]
"""Song, instrument, chance and the sections that are played to sound."""

Rhythm = tuple[tuple[int, int], ...]
"""Sixteenth and length in sixteenths."""

_COMPS: tuple[Rhythm, ...] = (
    ((0, 8), (8, 8)),
    ((0, 4), (4, 4), (8, 4), (12, 4)),
    ((0, 6), (6, 2), (8, 6), (14, 2)),
    ((0, 3), (3, 3), (6, 4), (10, 6)),
    ((2, 2), (6, 2), (10, 2), (14, 2)),
    ((0, 3), (4, 2), (7, 3), (10, 2), (12, 4)),
    ((4, 2), (12, 2)),
    tuple((step, 2) for step in range(0, STEPS, 2)),
    ((0, 3), (3, 3), (6, 2), (8, 3), (11, 3), (14, 2)),
    ((0, 2), (3, 1), (6, 1), (7, 2), (10, 2), (14, 1)),
)
_LONG: Rhythm = ((0, 8), (8, 8))
_LAST: Rhythm = ((0, 16),)
_CENTRE = 62.0


def _voicing(chord: Chord, centre: float) -> tuple[int, ...]:
    """The chord's notes close together around `centre`, from low to high."""
    return tuple(sorted({near(note, centre) for note in chord.notes}))


def _begin(song: Song, bar: int, step: float, late: float = 0.0) -> int:
    return max(0, round((song.seconds_at(bar, step) + late) * song.sample_rate))


def hold(
    song: Song, instrument: Instrument, rng: np.random.Generator, sections: frozenset[str]
) -> Float[ndarray, "2 T"]:
    """Long chords, each until the next one."""
    track = np.zeros((2, song.samples), dtype=np.float32)
    centre = _CENTRE - 2 + float(rng.uniform(-3, 5))
    overlap = round((instrument.timbre.release + 0.02) * song.sample_rate)
    half, places = STEPS // 2, (-0.5, 0.5)
    for index, bar in enumerate(song.bars):
        if bar.section not in sections:
            continue
        first, second = bar.chords
        spans = [(0, STEPS, first)] if first == second else [(0, half, first), (half, half, second)]
        loudness = np.float32(0.6 + 0.4 * bar.energy)
        for step, length, chord in spans:
            notes = _voicing(chord, centre)
            # Every other note stands on the other side.
            for side, position in enumerate(places):
                sound = instrument.play(notes[side::2], song.samples_of(length) + overlap)
                place(track, pan(loudness * sound, position), _begin(song, index, step))
    return track


def comp(
    song: Song, instrument: Instrument, rng: np.random.Generator, sections: frozenset[str]
) -> Float[ndarray, "2 T"]:
    """Chords in a rhythm, struck together or strummed; a driven instrument plays fifths instead."""
    track = np.zeros((2, song.samples), dtype=np.float32)
    rhythms = rng.permutation(len(_COMPS))
    strum = float(rng.choice([0.0, 0.0, 0.008, 0.018]))
    centre, middle = _CENTRE + float(rng.uniform(-3, 5)), float(rng.uniform(-0.5, 0.5))
    gate = float(rng.choice([1.0, 0.9, 0.6]))
    crunch = instrument.timbre.drive > 2.0
    for index, bar in enumerate(song.bars):
        if bar.section not in sections:
            continue
        for step, length in _rhythm(bar, rhythms):
            chord = bar.chord_at(step)
            notes = _fifths(chord) if crunch else _voicing(chord, centre)
            late = float(rng.normal(0.0, 0.004))
            loudness = bar.energy * float(rng.uniform(0.75, 1.0))
            samples = round(gate * song.samples_of(length)) + 1
            struck = [notes] if crunch or strum == 0.0 else [(note,) for note in notes]
            for order, together in enumerate(struck):
                sound = instrument.play(together, samples)
                position = middle + 0.1 * (order - 0.5 * len(struck))
                place(
                    track,
                    pan(np.float32(loudness) * sound, position),
                    _begin(song, index, step, late + order * strum),
                )
    return track


def _rhythm(bar: Bar, rhythms: ndarray) -> Rhythm:
    if bar.section == "end":
        return _LAST
    if bar.section == "break":
        return _LONG
    return _COMPS[rhythms[1 if bar.lively else 0]]


def _fifths(chord: Chord) -> tuple[int, ...]:
    root = near(chord.root, 43.0)
    return (root, root + 7, root + 12)


def arpeggiate(
    song: Song, instrument: Instrument, rng: np.random.Generator, sections: frozenset[str]
) -> Float[ndarray, "2 T"]:
    """The chord's notes one after the other, from side to side."""
    track = np.zeros((2, song.samples), dtype=np.float32)
    orders = ([0, 1, 2, 3, 2, 1], [0, 1, 2, 3], [3, 2, 1, 0], [0, 2, 1, 3], [0, 3, 1, 2, 3, 1])
    order = orders[int(rng.integers(len(orders)))]
    every = 2 if song.tempo > 120 else int(rng.choice([1, 2]))
    centre = _CENTRE + float(rng.uniform(2, 10))
    width = float(rng.uniform(0.2, 0.7))
    for index, bar in enumerate(song.bars):
        if bar.section not in sections:
            continue
        stride = {"end": STEPS, "break": 2 * every}.get(bar.section, every)
        for count, step in enumerate(range(0, STEPS, stride)):
            notes = _voicing(bar.chord_at(step), centre)
            notes = (*notes, notes[0] + 12)[:4]
            note = notes[order[count % len(order)] % len(notes)]
            loudness = np.float32(bar.energy * float(rng.uniform(0.7, 1.0)))
            sound = instrument.play((note,), song.samples_of(2.5 * stride))
            position = width if count % 2 else -width
            place(track, pan(loudness * sound, position), _begin(song, index, step))
    return track


def answer(
    song: Song, instrument: Instrument, rng: np.random.Generator, sections: frozenset[str]
) -> Float[ndarray, "2 T"]:
    """A short tune at the end of every second bar, where the voice breathes, and over the intro."""
    track = np.zeros((2, song.samples), dtype=np.float32)
    starts = sorted(int(step) for step in rng.choice(STEPS // 2, size=4, replace=False))
    tune = [
        (2 * step, int(move)) for step, move in zip(starts, rng.integers(-2, 4, 4), strict=True)
    ]
    centre = _CENTRE + float(rng.uniform(0, 12))
    position = float(rng.uniform(-0.4, 0.4))
    for index, bar in enumerate(song.bars):
        busy = bar.section == "intro" or index % 2 == 1
        if bar.section not in sections or not busy or bar.section == "end":
            continue
        for order, (step, move) in enumerate(tune):
            if bar.section != "intro" and step < STEPS // 2:
                continue
            following = tune[order + 1][0] if order + 1 < len(tune) else STEPS
            anchor = near(bar.chord_at(step).notes[0], centre)
            degrees = [bar.key.note(degree) for degree in range(70)]
            nearest = min(range(70), key=lambda degree: abs(degrees[degree] - anchor))
            note = degrees[min(69, nearest + move)]
            sound = instrument.play((note,), song.samples_of(following - step))
            loudness = np.float32(bar.energy * float(rng.uniform(0.8, 1.0)))
            place(track, pan(loudness * sound, position), _begin(song, index, step))
    return track


PARTS: dict[str, Part] = {
    "hold": hold,
    "comp": comp,
    "arpeggiate": arpeggiate,
    "answer": answer,
}
"""Every way of playing along."""

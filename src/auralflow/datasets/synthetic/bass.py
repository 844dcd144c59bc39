"""The bass player: roots of the chords with a rhythm of their own."""

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from auralflow.datasets.synthetic.effects import Room, pan
from auralflow.datasets.synthetic.harmony import near
from auralflow.datasets.synthetic.instruments import Instrument
from auralflow.datasets.synthetic.song import STEPS, Bar, Song
from auralflow.datasets.synthetic.timbres import draw_timbre
from auralflow.datasets.synthetic.tones import place

__all__ = ["play_bass"]

Figure = tuple[tuple[int, int, int], ...]
"""Notes of a bar: sixteenth, length in sixteenths, interval over the root in semitones."""

# For each way of playing, what verses and what choruses choose from.
_LINES: dict[str, tuple[Figure, ...]] = {
    "root": (
        ((0, 6, 0), (8, 6, 0)),
        ((0, 7, 0), (8, 4, 0), (13, 3, 7)),
        ((0, 4, 0), (4, 4, 0), (8, 4, 0), (12, 4, 7)),
    ),
    "push": (
        ((0, 6, 0), (6, 2, 0), (8, 6, 0), (14, 2, 7)),
        ((0, 3, 0), (3, 3, 0), (6, 2, 0), (8, 3, 0), (11, 3, 0), (14, 2, 7)),
        ((0, 7, 0), (7, 1, 0), (8, 4, 0), (13, 3, 7)),
    ),
    "eighths": (
        tuple((step, 2, 0) for step in range(0, STEPS, 2)),
        tuple((step, 2, 12 if step == 14 else 0) for step in range(0, STEPS, 2)),
        tuple((step, 2, 7 if step in (6, 14) else 0) for step in range(0, STEPS, 2)),
    ),
    "sixteenths": (
        tuple((step, 1, 12 if step % 4 == 2 else 0) for step in range(STEPS)),
        tuple((step, 1, 0) for step in range(STEPS) if step % 4),
    ),
    "octaves": (
        tuple((step, 2, 12 if step % 4 else 0) for step in range(0, STEPS, 2)),
        ((0, 2, 0), (3, 1, 12), (4, 2, 0), (6, 2, 12), (8, 2, 0), (11, 1, 12), (12, 2, 7), (14, 2, 12)),
    ),
    "offbeat": (
        tuple((step, 2, 0) for step in range(2, STEPS, 4)),
        tuple((step, 1, 0) for step in range(STEPS) if step % 4 in (2, 3)),
    ),
    "funk": (
        ((0, 1, 0), (3, 1, 0), (4, 2, 7), (8, 1, 0), (10, 2, 0), (13, 1, 7), (14, 2, 12)),
        ((0, 2, 0), (3, 1, 12), (6, 1, 10), (7, 1, 12), (8, 2, 0), (11, 1, 0), (14, 1, 7), (15, 1, 10)),
        ((0, 3, 0), (6, 1, 0), (7, 2, 0), (11, 1, 7), (12, 2, 10), (14, 2, 12)),
    ),
    "walk": (
        ((0, 4, 0), (4, 4, 4), (8, 4, 7), (12, 4, 9)),
        ((0, 4, 0), (4, 4, 7), (8, 4, 12), (12, 4, 7)),
        ((0, 4, 0), (4, 3, 7), (7, 1, 7), (8, 4, 0), (12, 3, -1), (15, 1, 0)),
    ),
    "tumbao": (
        ((0, 3, 0), (6, 4, 7), (12, 4, 0)),
        ((0, 6, 0), (6, 6, 7), (12, 4, 12)),
        ((3, 3, 0), (6, 6, 7), (12, 4, 0)),
    ),
    "melodic": (
        ((0, 3, 0), (4, 2, 7), (6, 2, 0), (10, 2, 4), (12, 2, 7)),
        ((2, 2, 0), (4, 4, 0), (10, 2, 7), (12, 3, 4)),
        ((0, 2, 0), (3, 1, 0), (4, 4, -5), (8, 2, 0), (12, 2, 4), (14, 2, 7)),
    ),
}  # fmt: skip
_LONG: Figure = ((0, 8, 0), (8, 8, 0))
_LAST: Figure = ((0, 16, 0),)
_RUN = ((12, 2, 0), (14, 1, 2), (15, 1, 4))
_CENTRE = 35.0


def play_bass(song: Song) -> Float[ndarray, "2 T"]:
    """The bass stem, at no particular level."""
    rng = song.generator("bass")
    timbre = draw_timbre(rng, str(rng.choice(song.style.basses)))
    bass = Instrument(timbre, song.generator("bass sound"), sample_rate=song.sample_rate)
    lines = _LINES[str(rng.choice(song.style.lines))]
    order = rng.permutation(len(lines))
    gate = float(rng.uniform(0.7, 0.97))
    silent_intro = len(song.bars) >= 30 and rng.random() < 0.4
    track = np.zeros(song.samples, dtype=np.float32)
    for index, bar in enumerate(song.bars):
        if silent_intro and bar.section == "intro":
            continue
        for step, length, interval in _figure(rng, bar, lines, order):
            chord = bar.chord_at(step)
            note = near(chord.root, _CENTRE) + _fitting(interval, chord.notes)
            loudness = bar.energy**0.5 * float(rng.uniform(0.8, 1.0))
            heard = bass.play((note,), round(song.samples_of(length) * gate) + 1)
            late = float(rng.normal(0.0, 0.003))
            begin = max(0, round((song.seconds_at(index, step) + late) * song.sample_rate))
            place(track, np.float32(loudness) * heard, begin)
    stereo = pan(track, float(rng.uniform(-0.08, 0.08)))
    chance = song.generator("bass room")
    return Room(chance, sample_rate=song.sample_rate, seconds=0.2, wet=0.006)(stereo)


def _figure(
    rng: np.random.Generator, bar: Bar, lines: tuple[Figure, ...], order: ndarray
) -> Figure:
    if bar.section == "end":
        return _LAST
    if bar.section == "break":
        return _LONG
    figure = lines[order[1 if bar.lively else 0]]
    if bar.last and rng.random() < 0.4:
        return (*(note for note in figure if note[0] < 12), *_RUN)
    return figure


def _fitting(interval: int, chord: tuple[int, ...]) -> int:
    """A third or a fifth becomes the chord's own, so that minor stays minor and diminished diminished."""
    third, fifth = chord[1] - chord[0], chord[2] - chord[0]
    if interval == 4:
        return third if third in (3, 4) else 5
    if interval == 7:
        return fifth if fifth in (6, 7) else 7
    return interval

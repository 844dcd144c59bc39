"""The drummer: patterns, fills and accents over the plan of a song."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from auralflow.datasets.synthetic.effects import room
from auralflow.datasets.synthetic.kit import make_kit
from auralflow.datasets.synthetic.song import STEPS, Bar, Song
from auralflow.datasets.synthetic.tones import place

__all__ = ["play_drums"]


@dataclass(frozen=True)
class Groove:
    """Which sixteenths of a bar each drum plays on."""

    kick: tuple[int, ...]
    snare: tuple[int, ...]
    ghost: tuple[int, ...]
    hat: tuple[int, ...]


_EIGHTHS = tuple(range(0, STEPS, 2))
_ALL = tuple(range(STEPS))
_GROOVES = (
    Groove((0, 8, 10), (4, 12), (), _EIGHTHS),
    Groove((0, 6, 8), (4, 12), (15,), _EIGHTHS),
    Groove((0, 7, 10), (4, 12), (9, 15), _ALL),
    Groove((0, 4, 8, 12), (4, 12), (), (2, 6, 10, 14)),
    Groove((0, 3, 8, 11), (4, 12), (7,), _ALL),
    Groove((0, 10), (8,), (3, 14), _EIGHTHS),
    Groove((0, 2, 8, 13), (4, 12), (6, 15), _EIGHTHS),
)
_FILLS = (
    ((12, "snare"), (13, "snare"), (14, "tom high"), (15, "tom low")),
    ((8, "snare"), (10, "tom high"), (11, "tom high"), (12, "tom low"), (14, "tom low")),
    ((12, "snare"), (14, "snare"), (15, "snare")),
    ((10, "tom high"), (12, "snare"), (13, "tom high"), (14, "snare"), (15, "tom low")),
)
Hit = tuple[int, str, float]
"""Sixteenth, drum, loudness from 0 to 1."""


def play_drums(song: Song) -> Float[ndarray, "2 T"]:
    """The drum stem, at no particular level."""
    rng = song.generator("drums")
    kit = make_kit(rng, sample_rate=song.sample_rate)
    grooves = rng.permutation(len(_GROOVES))
    shaker = bool(rng.random() < 0.4)
    track = np.zeros((2, song.samples))
    for index, bar in enumerate(song.bars):
        groove = _GROOVES[grooves[0 if bar.section in ("intro", "verse") else 1]]
        for step, drum, loudness in _hits(rng, bar, groove, shaker=shaker):
            takes = kit[drum]
            sound = takes[int(rng.integers(len(takes)))]
            late = float(rng.normal(0.0, 0.003))
            start = round((song.seconds_at(index, step) + late) * song.sample_rate)
            place(track, loudness * bar.energy**0.5 * sound, max(start, 0))
    drive = 0.9 * float(rng.uniform(0.7, 1.3))
    seconds, wet = float(rng.uniform(0.25, 0.6)), float(rng.uniform(0.02, 0.08))
    track *= drive
    saturated = np.tanh(track.astype(np.float32)) / drive
    return room(saturated, rng, sample_rate=song.sample_rate, seconds=seconds, wet=wet)


def _hits(rng: np.random.Generator, bar: Bar, groove: Groove, *, shaker: bool) -> list[Hit]:
    filled = STEPS
    hits: list[Hit] = []
    if bar.last and rng.random() < 0.7:
        fill = _FILLS[int(rng.integers(len(_FILLS)))]
        filled = fill[0][0]
        hits += [(step, drum, 0.6 + 0.4 * step / STEPS) for step, drum in fill]
    if bar.first and bar.section == "chorus":
        hits.append((0, "crash", 0.8))
    sparse = bar.section == "break"
    hits += [(step, "kick", 0.95) for step in groove.kick if step < filled]
    if not sparse:
        hits += [(step, "snare", 0.9) for step in groove.snare if step < filled]
        hits += [(step, "ghost", 0.8) for step in groove.ghost if step < filled]
    for step in groove.hat[:: 2 if sparse else 1]:
        if step < filled:
            opened = bar.section == "chorus" and step % 4 == 2 and rng.random() < 0.25
            accent = 0.8 if step % 4 == 0 else 0.55
            loudness = accent + float(rng.uniform(-0.12, 0.12))
            hits.append((step, "open hat" if opened else "hat", loudness))
    if shaker and bar.section == "chorus":
        hits += [(step, "shaker", 0.9 if step % 2 == 0 else 0.5) for step in range(STEPS)]
    return hits

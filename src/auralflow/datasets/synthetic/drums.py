"""The drummer: grooves, fills and accents over the plan of a song."""

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from auralflow.datasets.synthetic.effects import Room
from auralflow.datasets.synthetic.grooves import FILLS, GROOVES, Groove
from auralflow.datasets.synthetic.kit import make_kit
from auralflow.datasets.synthetic.song import STEPS, Bar, Song
from auralflow.datasets.synthetic.tones import place

__all__ = ["play_drums"]

Hit = tuple[int, str, float]
"""Sixteenth, drum, loudness from 0 to 1."""


def play_drums(song: Song) -> Float[ndarray, "2 T"]:
    """The drum stem, at no particular level."""
    rng = song.generator("drums")
    kind = str(rng.choice(song.style.kits))
    kit = make_kit(song.generator("kit"), kind=kind, sample_rate=song.sample_rate)
    chance = song.generator("drum takes")
    choices = GROOVES[str(rng.choice(song.style.grooves))]
    order = rng.permutation(len(choices))
    extra = str(rng.choice(["shaker", "tambourine", "", ""]))
    ride = bool(rng.random() < 0.4)
    late_start = len(song.bars) >= 30 and rng.random() < 0.5
    loose = float(rng.uniform(0.0005, 0.006)) * (0.2 if kind == "electronic" else 1.0)
    track = np.zeros((2, song.samples), dtype=np.float32)
    for index, bar in enumerate(song.bars):
        # Bars that lead to a fuller section keep the fill even where the drums have not come in yet.
        if late_start and bar.section == "intro" and not bar.last:
            continue
        groove = choices[order[(1 if bar.lively else 0) % len(choices)]]
        for step, drum, loudness in _hits(rng, bar, groove, extra=extra, ride=ride):
            takes = kit[drum]
            sound = takes[int(chance.integers(len(takes)))]
            start = song.seconds_at(index, step) + float(rng.normal(0.0, loose))
            level = np.float32(loudness * bar.energy**0.5)
            place(track, level * sound, max(0, round(start * song.sample_rate)))
    drive = 0.9 * float(rng.uniform(0.7, 1.4))
    track *= np.float32(drive)
    np.tanh(track, out=track)
    track /= np.float32(drive)
    room = Room(
        song.generator("drum room"),
        sample_rate=song.sample_rate,
        seconds=float(rng.uniform(0.2, 0.9)),
        wet=float(rng.uniform(0.01, 0.1)),
        brightness=float(rng.uniform(3000.0, 8000.0)),
    )
    return room(track)


def _hits(
    rng: np.random.Generator, bar: Bar, groove: Groove, *, extra: str, ride: bool
) -> list[Hit]:
    if bar.section == "end":
        return [(0, "kick", 1.0), (0, "crash", 0.9), (0, "snare", 0.7)]
    hits: list[Hit] = []
    filled = STEPS
    if bar.last and rng.random() < 0.75:
        fill = FILLS[int(rng.integers(len(FILLS)))]
        filled = fill[0][0]
        hits += [(step, drum, 0.55 + 0.45 * step / STEPS) for step, drum in fill]
    if bar.first and bar.section in ("chorus", "bridge"):
        hits.append((0, "crash", 0.8))
    for step, drum, loudness in groove.hits():
        if step >= filled or (bar.section == "break" and drum in ("snare", "ghost", "rim")):
            continue
        heard = loudness + float(rng.uniform(-0.1, 0.1))
        name = drum
        if drum == "hat":
            if bar.section == "break" and step % 4:
                continue
            if bar.section == "chorus":
                name = (
                    "ride" if ride else "open hat" if step % 8 == 6 and rng.random() < 0.3 else drum
                )
        hits.append((step, name, max(0.1, heard)))
    if extra and bar.section == "chorus":
        every = 1 if extra == "shaker" else 2
        hits += [(step, extra, 0.9 if step % 4 == 0 else 0.5) for step in range(0, STEPS, every)]
    return hits

"""The vocals: a lead, and in some choruses a second voice in thirds, a double or a held choir."""

from dataclasses import replace

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from auralflow.datasets.synthetic.effects import Room, echo, pan
from auralflow.datasets.synthetic.harmony import Key
from auralflow.datasets.synthetic.melody import Phrase, write_melody
from auralflow.datasets.synthetic.song import Song
from auralflow.datasets.synthetic.tones import fade, place
from auralflow.datasets.synthetic.voice import Singer, draw_singer

__all__ = ["sing_vocals"]


def sing_vocals(song: Song) -> Float[ndarray, "2 T"]:
    """The vocal stem, at no particular level, and exactly zero between phrases."""
    rng = song.generator("vocals")
    singer = draw_singer(rng)
    rate = song.sample_rate
    backing = str(rng.choice(["thirds", "double", "none"], p=[0.3, 0.2, 0.5]))
    place_of_lead = float(rng.uniform(-0.15, 0.15))
    room = Room(
        song.generator("vocal room"),
        sample_rate=rate,
        seconds=float(rng.uniform(0.2, 0.9)),
        wet=float(rng.uniform(0.01, 0.08)),
        brightness=float(rng.uniform(3000.0, 6000.0)),
    )
    repeats = float(rng.uniform(0.1, 0.25)) if rng.random() < 0.3 else 0.0
    phrases = write_melody(song.generator("melody"), song, low=singer.low, high=singer.high)
    chance = song.generator("singing")
    tail = round(min(0.45, 0.6 * room.seconds) * rate)
    track = np.zeros((2, song.samples), dtype=np.float32)
    for phrase in phrases:
        line, start = singer.sing(phrase, chance, sample_rate=rate)
        if start >= song.samples:
            break
        bar = song.bars[song.bar_at(phrase[0].begin)]
        voices = pan(line, place_of_lead)
        if backing != "none" and bar.section == "chorus":
            sung = _in_thirds(bar.key, phrase) if backing == "thirds" else phrase
            voices += _backing(singer, sung, chance, sample_rate=rate, samples=len(line))
        if repeats:
            seconds = 4 * song.step_seconds
            voices = echo(voices, sample_rate=rate, seconds=seconds, level=repeats, times=2)
        heard = room(voices, tail=tail)
        fade(heard, sample_rate=rate, rise=0.005, fall=0.8 * tail / rate)
        place(track, heard, start)
    return track


def _backing(
    singer: Singer, phrase: Phrase, rng: np.random.Generator, *, sample_rate: int, samples: int
) -> Float[ndarray, "2 T"]:
    """Two other voices, left and right."""
    both = np.zeros((2, samples), dtype=np.float32)
    for side, level in ((0.6, 0.3), (-0.6, 0.25)):
        other = replace(singer, size=singer.size * float(rng.uniform(0.96, 1.04)))
        line, _ = other.sing(phrase, rng, sample_rate=sample_rate)
        place(both, pan(np.float32(level) * line, side), 0)
    return both


def _in_thirds(key: Key, phrase: Phrase) -> Phrase:
    """The same phrase two degrees of the scale higher, without hisses, which would not be together."""
    scale = [key.note(degree) for degree in range(80)]

    def third_over(note: int) -> int:
        index = min(range(78), key=lambda place: abs(scale[place] - note))
        return scale[index + 2]

    return tuple(
        replace(syllable, note=third_over(syllable.note), consonant="") for syllable in phrase
    )

"""The vocals: a lead, and in some choruses a second voice in thirds."""

from dataclasses import replace

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from auralflow.datasets.synthetic.effects import pan, room
from auralflow.datasets.synthetic.melody import Phrase, write_melody
from auralflow.datasets.synthetic.song import Song
from auralflow.datasets.synthetic.tones import fade, place
from auralflow.datasets.synthetic.tract import VOWELS
from auralflow.datasets.synthetic.voice import draw_singer

__all__ = ["sing_vocals"]


def sing_vocals(song: Song) -> Float[ndarray, "2 T"]:
    """The vocal stem, at no particular level, and exactly zero between phrases."""
    rng = song.generator("vocals")
    singer = draw_singer(rng)
    phrases = write_melody(rng, song, low=singer.low, high=singer.high, vowels=len(VOWELS))
    place_of_lead = float(rng.uniform(-0.15, 0.15))
    backing = bool(rng.random() < 0.4)
    seconds, wet = float(rng.uniform(0.2, 0.4)), float(rng.uniform(0.02, 0.08))
    rate = song.sample_rate
    tail = round(0.6 * seconds * rate)
    track = np.zeros((2, song.samples))
    for phrase in phrases:
        line, start = singer.sing(phrase, rng, sample_rate=rate)
        if start >= song.samples:
            break
        voices = pan(line, place_of_lead)
        chorus = song.bars[song.bar_at(phrase[0].begin)].section == "chorus"
        if backing and chorus:
            second, _ = singer.sing(_in_thirds(song, phrase), rng, sample_rate=rate)
            place(voices, pan(0.3 * second, 0.5), 0)
        heard = room(voices, rng, sample_rate=rate, seconds=seconds, wet=wet, tail=tail)
        fade(heard, sample_rate=rate, rise=0.005, fall=0.8 * tail / rate)
        place(track, heard, start)
    return track


def _in_thirds(song: Song, phrase: Phrase) -> Phrase:
    """The same phrase two degrees of the scale higher."""
    scale = [song.key.note(degree) for degree in range(80)]

    def third_over(note: int) -> int:
        index = min(range(78), key=lambda place: abs(scale[place] - note))
        return scale[index + 2]

    return tuple(
        replace(syllable, note=third_over(syllable.note), consonant="") for syllable in phrase
    )

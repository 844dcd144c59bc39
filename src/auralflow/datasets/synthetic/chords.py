"""The rest of the band: a pad under everything, and a keyboard, guitar, organ or arpeggio over it."""

from collections.abc import Callable
from functools import cache

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from auralflow.datasets.synthetic.effects import pan, room
from auralflow.datasets.synthetic.harmony import Chord, hertz, near
from auralflow.datasets.synthetic.song import STEPS, Bar, Song
from auralflow.datasets.synthetic.tones import Line, envelope, harmonics, place, tone

__all__ = ["play_chords"]

Struck = Callable[[int, int], Line]
"""Note number and length in samples to the sound of a key that is struck or a string that is plucked."""

_COMPS = (
    ((0, 8), (8, 8)),
    ((0, 4), (4, 4), (8, 4), (12, 4)),
    ((0, 6), (6, 2), (8, 6), (14, 2)),
    ((0, 3), (3, 3), (6, 4), (10, 6)),
    ((2, 2), (6, 2), (10, 2), (14, 2)),
    ((0, 3), (4, 2), (7, 3), (10, 2), (12, 4)),
)
_CENTRE = 62.0


def play_chords(song: Song) -> Float[ndarray, "2 T"]:
    """The stem of everything that is neither drums nor bass nor voice, at no particular level.

    It lies where the voice lies, but its notes stand still: no vibrato, no glides, no vowels.
    """
    rng = song.generator("chords")
    track = np.zeros((2, song.samples))
    pad_level = float(rng.uniform(0.25, 0.6))
    _play_pad(track, rng, song, pad_level)
    arpeggio = bool(rng.random() < 0.4)
    struck = _draw_struck(rng, song.sample_rate)
    (_play_arpeggio if arpeggio else _play_comp)(track, rng, song, struck)
    seconds, wet = float(rng.uniform(0.3, 0.8)), float(rng.uniform(0.05, 0.2))
    return room(track, rng, sample_rate=song.sample_rate, seconds=seconds, wet=wet)


def _voicing(chord: Chord, centre: float) -> list[int]:
    """The chord's notes close together around `centre`, from low to high."""
    return sorted(near(note, centre) for note in chord.notes)


def _play_pad(track: ndarray, rng: np.random.Generator, song: Song, level: float) -> None:
    """Long chords; left and right are two tones a few cents apart."""
    partials = harmonics(1.0, float(rng.uniform(3.0, 8.0)), odd=bool(rng.random() < 0.3), count=40)
    detune = float(rng.uniform(3.0, 8.0))

    @cache
    def chord_sound(chord: Chord, samples: int) -> Float[ndarray, "2 T"]:
        phases = rng.uniform(size=(2, len(chord.notes)))
        sides = [
            sum(
                (
                    tone(
                        hertz(note + cents / 100),
                        samples,
                        sample_rate=song.sample_rate,
                        partials=partials,
                        phase=float(phase),
                    )
                    for note, phase in zip(_voicing(chord, _CENTRE - 2), of_side, strict=True)
                ),
                start=np.zeros(samples),
            )
            for cents, of_side in zip((-detune, detune), phases, strict=True)
        ]
        both: Float[ndarray, "2 T"] = np.stack(sides)
        both *= envelope(
            samples,
            sample_rate=song.sample_rate,
            attack=0.12,
            settle=1.0,
            sustain=0.9,
            release=0.15,
        )
        return both

    half = round(song.step_seconds * STEPS / 2 * song.sample_rate)
    overlap = round(0.12 * song.sample_rate)
    for index, bar in enumerate(song.bars):
        first, second = bar.chords
        start = round(song.seconds_at(index, 0) * song.sample_rate)
        loudness = level * (0.6 + 0.4 * bar.energy)
        if first == second:
            place(track, loudness * chord_sound(first, 2 * half + overlap), start)
        else:
            place(track, loudness * chord_sound(first, half + overlap), start)
            place(track, loudness * chord_sound(second, half + overlap), start + half)


def _draw_struck(rng: np.random.Generator, sample_rate: int) -> Struck:
    """A keyboard or plucked string whose brightness dies away faster than its tone."""
    dark = harmonics(float(rng.uniform(1.2, 2.0)), 4.0, count=32)
    bright = harmonics(float(rng.uniform(0.7, 1.1)), float(rng.uniform(6.0, 14.0)), count=48)
    settle, flash = float(rng.uniform(0.25, 0.7)), float(rng.uniform(0.06, 0.2))
    sustain = float(rng.choice([0.0, 0.0, 0.5]))
    mix = float(rng.uniform(0.4, 1.0))

    @cache
    def note(number: int, samples: int) -> Line:
        frequency = hertz(number)
        steady = tone(frequency, samples, sample_rate=sample_rate, partials=dark)
        attack = tone(frequency, samples, sample_rate=sample_rate, partials=bright)
        time = np.arange(samples) / sample_rate
        sound: Line = steady + mix * np.exp(-time / flash) * attack
        sound *= envelope(
            samples,
            sample_rate=sample_rate,
            attack=0.004,
            settle=settle,
            sustain=sustain,
            release=0.05,
        )
        return sound

    return note


def _length(song: Song, steps: float) -> int:
    return max(1, round(steps * song.step_seconds * song.sample_rate))


def _play_comp(track: ndarray, rng: np.random.Generator, song: Song, struck: Struck) -> None:
    """Chords in a rhythm, low notes a little left of high ones, strummed or struck together."""
    rhythms = rng.permutation(len(_COMPS))
    strum = float(rng.choice([0.0, 0.008, 0.018]))
    centre, place_of_all = _CENTRE + float(rng.uniform(-2, 4)), float(rng.uniform(-0.35, 0.35))
    for index, bar in enumerate(song.bars):
        rhythm = _COMPS[rhythms[0 if bar.section in ("intro", "verse") else 1]]
        for step, length in rhythm if bar.section != "break" else _COMPS[0]:
            begin = song.seconds_at(index, step) + abs(float(rng.normal(0.0, 0.004)))
            loudness = bar.energy * float(rng.uniform(0.75, 1.0))
            for order, note in enumerate(_voicing(bar.chord_at(step), centre)):
                sound = loudness * struck(note, _length(song, length))
                start = round((begin + order * strum) * song.sample_rate)
                place(track, pan(sound, place_of_all + 0.12 * (order - 1)), start)


def _play_arpeggio(track: ndarray, rng: np.random.Generator, song: Song, struck: Struck) -> None:
    """The chord's notes one after the other, from side to side."""
    order = rng.permutation([0, 1, 2, 3, 2, 1])
    every = int(rng.choice([1, 2]))
    centre = _CENTRE + float(rng.uniform(2, 8))
    for index, bar in enumerate(song.bars):
        stride = every if bar.section != "break" else 2 * every
        for count, step in enumerate(range(0, STEPS, stride)):
            notes = _voicing(bar.chord_at(step), centre)
            notes = [*notes, notes[0] + 12][:4]
            note = notes[order[(count + _turn(bar)) % len(order)]]
            loudness = 1.4 * bar.energy * float(rng.uniform(0.7, 1.0))
            sound = loudness * struck(note, _length(song, 2.5 * stride))
            start = round(song.seconds_at(index, step) * song.sample_rate)
            place(track, pan(sound, 0.5 if count % 2 else -0.5), start)


def _turn(bar: Bar) -> int:
    return 0 if bar.first else 2

"""The plan of a song: style, tempo, key, sections and chords, before a single sample exists."""

import zlib
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from auralflow.datasets.synthetic.form import ENERGY, WHOLE_FORM_BARS, Section, draw_form
from auralflow.datasets.synthetic.harmony import Chord, Key, chord_of, draw_key
from auralflow.datasets.synthetic.progressions import draw_progression
from auralflow.datasets.synthetic.styles import STYLES, Style

__all__ = ["STEPS", "Bar", "Song", "draw_song", "generator_for"]

STEPS = 16
"""Sixteenths in a bar; every song is in four."""


@dataclass(frozen=True)
class Bar:
    """One bar of the plan."""

    section: str
    """One of `form.ENERGY`, or `end` for the last chord, which rings."""
    turn: int
    """How often the section came before."""
    key: Key
    chords: tuple[Chord, Chord]
    """The harmony of the first and of the second half."""
    energy: float
    """How hard the band plays, 0 to 1."""
    first: bool
    """Whether a section starts here."""
    last: bool
    """Whether a section ends here."""

    def chord_at(self, step: int) -> Chord:
        """The harmony at a sixteenth; one behind the bar's end belongs to the second half."""
        return self.chords[min(step, STEPS - 1) // (STEPS // 2)]

    @property
    def lively(self) -> bool:
        """Whether everyone plays: in choruses and what leads to them."""
        return self.section in ("pre-chorus", "chorus")

    @property
    def sparse(self) -> bool:
        """Whether little is played."""
        return self.section in ("break", "end")


@dataclass(frozen=True)
class Song:
    """Everything the players have in common."""

    seed: int
    samples: int
    sample_rate: int
    style_name: str
    tempo: float
    """Quarter notes a minute."""
    swing: float
    """How late the second of two sixteenths comes, as a share of a sixteenth: 0 is straight, 1/3 a triplet."""
    key: Key
    """The key it begins in."""
    bars: tuple[Bar, ...]
    fades_out: bool
    """Whether the outro fades away instead of ending."""

    @property
    def style(self) -> Style:
        """What goes together in this song."""
        return STYLES[self.style_name]

    @cached_property
    def step_seconds(self) -> float:
        """Length of a sixteenth."""
        return 15.0 / self.tempo

    def seconds_at(self, bar: int, step: float) -> float:
        """When a sixteenth of a bar sounds; steps beyond the bar's end lie in the next ones."""
        late = self.swing if int(step) % 2 else 0.0
        return (bar * STEPS + step + late) * self.step_seconds

    def samples_of(self, steps: float) -> int:
        """Length of so many sixteenths, at least one sample."""
        return max(1, round(steps * self.step_seconds * self.sample_rate))

    def bar_at(self, seconds: float) -> int:
        """The bar that sounds at a moment."""
        return min(int(seconds / (STEPS * self.step_seconds) + 1e-6), len(self.bars) - 1)

    def generator(self, part: str) -> np.random.Generator:
        """The source of chance of one player; what one draws never moves what another plays."""
        return generator_for(self.seed, part)


def generator_for(seed: int, part: str) -> np.random.Generator:
    """Random numbers that depend on the song and on the part alone."""
    sequence = np.random.SeedSequence((seed, zlib.crc32(part.encode())))
    return np.random.Generator(np.random.Philox(sequence))


def draw_song(seed: int, *, samples: int, sample_rate: int) -> Song:
    """Choose style, tempo, swing, key, sections and chords for a song of this length.

    A song that has the whole form gets a tempo at which it ends with a bar; a shorter one may end within one.
    """
    rng = generator_for(seed, "song")
    name = str(rng.choice(list(STYLES)))
    style = STYLES[name]
    tempo = float(rng.uniform(*style.tempo))
    swing = float(rng.uniform(*style.swing))
    key = draw_key(rng)
    whole = samples / sample_rate * tempo / 240.0
    count = max(1, int(np.ceil(whole)))
    if count >= WHOLE_FORM_BARS:
        count = max(WHOLE_FORM_BARS, round(whole))
        tempo *= count / whole
    fades_out = bool(rng.random() < 0.4)
    bars = _draw_bars(rng, key, draw_form(rng, count), style.colour)
    if bars[-1].section == "outro" and not fades_out:
        bars[-1] = _ending(bars[-1])
    return Song(seed, samples, sample_rate, name, tempo, swing, key, tuple(bars), fades_out)


def _draw_bars(rng: np.random.Generator, key: Key, form: list[Section], colour: float) -> list[Bar]:
    """The sections bar by bar; three songs in ten that have three choruses lift the last one by a semitone or two."""
    choruses = [index for index, section in enumerate(form) if section.name == "chorus"]
    lift = int(rng.choice([1, 2])) if len(choruses) >= 3 and rng.random() < 0.3 else 0
    lifted = Key(key.tonic + lift, key.mode)
    plans = {
        name: (draw_progression(rng, key, name, colour=colour), int(rng.choice([1, 2, 2, 2, 4])))
        for name in ENERGY
    }
    bars = []
    for index, section in enumerate(form):
        up = lift > 0 and index >= choruses[-1]
        progression, halves = plans[section.name]
        # How many chords two bars hold; a section of two bars hears all four.
        if section.bars <= 2:
            halves = 4
        for number in range(section.bars):
            places = [(2 * number + half) * halves // 4 for half in (0, 1)]
            first, second = (progression[place % len(progression)] for place in places)
            bars.append(
                Bar(
                    section=section.name,
                    turn=section.turn,
                    key=lifted if up else key,
                    chords=(_moved(first, lift * up), _moved(second, lift * up)),
                    energy=min(1.0, ENERGY[section.name] + 0.05 * min(section.turn, 2)),
                    first=number == 0,
                    last=number == section.bars - 1,
                )
            )
    return bars


def _moved(chord: Chord, semitones: int) -> Chord:
    notes = tuple(note + semitones for note in chord.notes)
    return Chord(chord.name, chord.root + semitones, notes)


def _ending(bar: Bar) -> Bar:
    """The bar with nothing but the tonic's chord."""
    home = chord_of(bar.key, "I" if bar.key.bright else "i")
    return replace(bar, section="end", chords=(home, home), energy=0.9)

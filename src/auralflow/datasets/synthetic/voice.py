"""A singer: glottal pulses and breath through a vocal tract, with vibrato, glides and consonants."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Complex
from numpy import ndarray

from auralflow.datasets.synthetic.consonants import NOISES, SONORANTS
from auralflow.datasets.synthetic.filters import band_noise, filter_over_time
from auralflow.datasets.synthetic.harmony import hertz
from auralflow.datasets.synthetic.melody import Phrase
from auralflow.datasets.synthetic.tones import Line, fade, place
from auralflow.datasets.synthetic.tract import glottal_pulses, tract_response

__all__ = ["Singer", "draw_singer"]

_LEAD_SECONDS = 0.3
_RELEASE_SECONDS = 0.09
_CONTROL_HZ = 500.0
"""How often pitch and loudness are decided; between, they go straight."""


@dataclass(frozen=True)
class Singer:
    """One voice."""

    low: int
    """Lowest note of the range."""
    high: int
    size: float
    """Factor on the formants: above 1 for a short vocal tract."""
    vibrato_hz: float
    vibrato_cents: float
    glide_seconds: float
    scoop: float
    """How far below a phrase begins, in semitones."""
    breath: float
    tilt: float
    """Fall of the source's spectrum, in powers of the frequency."""
    sharpness: float
    """Loudness of consonants."""

    def sing(
        self, phrase: Phrase, rng: np.random.Generator, *, sample_rate: int
    ) -> tuple[Line, int]:
        """A phrase as sound, and the sample of the song it starts at."""
        begin = phrase[0].begin - _LEAD_SECONDS
        samples = round((phrase[-1].end + _RELEASE_SECONDS - begin) * sample_rate)
        control = np.arange(int(samples / sample_rate * _CONTROL_HZ) + 2) / _CONTROL_HZ + begin
        places = np.arange(samples) * (_CONTROL_HZ / sample_rate)
        pitch = _at(places, self._pitch(phrase, rng, control))
        loudness = _at(places, _loudness(phrase, control)).astype(np.float32)
        source = glottal_pulses(pitch, sample_rate=sample_rate, start=float(rng.random()))
        line = source.astype(np.float32)
        # Noise takes as much chance as it has samples, so it must not move what is sung next.
        noises = rng.spawn(1)[0]
        white = noises.standard_normal(samples, dtype=np.float32)
        line += np.float32(self.breath) * np.diff(white, prepend=np.float32(0.0))
        line *= loudness
        gains = self._tract(phrase, samples, begin, sample_rate)
        line = filter_over_time(line, gains, sample_rate=sample_rate)
        fade(line, sample_rate=sample_rate, rise=0.005, fall=0.02)
        line /= max(float(np.sqrt(np.mean(line**2))), 1e-9)
        for sound, seconds in self._noises(phrase, noises, sample_rate):
            place(line, sound, round((seconds - begin) * sample_rate))
        return line, round(begin * sample_rate)

    def _pitch(self, phrase: Phrase, rng: np.random.Generator, time: Line) -> Line:
        """Frequency in Hz: notes with glides between them, a vibrato that sets in late, and a little drift."""
        knots, notes = [time[0]], [phrase[0].note - self.scoop * float(rng.uniform(0.3, 1.0))]
        onset = np.zeros(len(time))
        for syllable in phrase:
            glide = min(syllable.begin + self.glide_seconds, syllable.end - 0.01)
            knots += [syllable.begin, glide]
            notes += [notes[-1], float(syllable.note)]
            here = slice(*np.searchsorted(time, (syllable.begin, syllable.end)))
            onset[here] = np.clip((time[here] - syllable.begin - 0.12) / 0.25, 0.0, 1.0)
        note = np.interp(time, knots, notes)
        depth, wave = self.vibrato_cents / 100.0, self.vibrato_hz * time + rng.random()
        note += depth * onset * np.sin(2.0 * np.pi * wave)
        drift = rng.standard_normal(max(4, int((time[-1] - time[0]) * 8)))
        note += 0.08 * np.interp(time, np.linspace(time[0], time[-1], len(drift)), drift)
        return np.asarray(hertz(0.0) * 2.0 ** (note / 12.0))

    def _tract(
        self, phrase: Phrase, samples: int, begin: float, sample_rate: int
    ) -> Complex[ndarray, "N F"]:
        """The response of source and formants for each frame of the phrase."""
        knots: list[float] = []
        shapes: list[str] = []
        for syllable in phrase:
            edge = min(0.06, 0.4 * (syllable.end - syllable.begin))
            if syllable.consonant in SONORANTS:
                knots += [syllable.begin - 0.3 * edge - begin, syllable.begin + 0.3 * edge - begin]
                shapes += [syllable.consonant] * 2
            knots += [syllable.begin + edge - begin, syllable.end - edge - begin]
            shapes += [syllable.vowel] * 2
        return tract_response(
            knots, shapes, samples, sample_rate=sample_rate, size=self.size, tilt=self.tilt
        )

    def _noises(
        self, phrase: Phrase, rng: np.random.Generator, sample_rate: int
    ) -> list[tuple[Line, float]]:
        """Consonants, and the breath before the phrase, each with the second it starts at."""
        inhaled = band_noise(
            rng, round(0.2 * sample_rate), sample_rate=sample_rate, low=900.0, high=5000.0
        )
        fade(inhaled, sample_rate=sample_rate, rise=0.12, fall=0.06)
        sounds = [(np.float32(0.6 * self.breath) * inhaled, phrase[0].begin - 0.27)]
        for syllable in phrase:
            noise = NOISES.get(syllable.consonant)
            if noise is not None:
                line = noise.sound(rng, sample_rate=sample_rate, size=self.size)
                line *= np.float32(2.0 * self.sharpness * syllable.loudness)
                sounds.append((line, syllable.begin - 0.7 * noise.seconds))
        return sounds


def _at(places: Line, decided: Line) -> Line:
    """What was decided at whole numbers, between them on straight lines."""
    return np.asarray(np.interp(places, np.arange(len(decided)), decided))


def _loudness(phrase: Phrase, time: Line) -> Line:
    """A swell on each note, a gap where a noise is, silence before the first and behind the last."""
    knots, levels = [phrase[0].begin - 0.02], [0.0]
    for index, syllable in enumerate(phrase):
        edge = min(0.05, 0.3 * (syllable.end - syllable.begin))
        dip = 0.05 if syllable.consonant in NOISES else 0.8 * levels[-1]
        knots += [syllable.begin, syllable.begin + edge, syllable.end - edge]
        levels += [dip if index else 0.0, syllable.loudness, 0.85 * syllable.loudness]
    knots.append(phrase[-1].end + _RELEASE_SECONDS - 0.02)
    levels.append(0.0)
    return np.asarray(np.interp(time, knots, levels))


# Lowest note from and to, range in semitones, factor on the formants from and to.
_REGISTERS = (
    (41, 45, 17, 0.86, 0.95),
    (46, 50, 17, 0.92, 1.02),
    (53, 57, 17, 1.03, 1.13),
    (57, 61, 17, 1.08, 1.22),
)


def draw_singer(rng: np.random.Generator) -> Singer:
    """Choose a voice: bass, tenor, alto or soprano, soft or sharp, plain or with vibrato."""
    lowest, highest, span, small, large = _REGISTERS[int(rng.choice(4, p=[0.15, 0.35, 0.3, 0.2]))]
    low = int(rng.integers(lowest, highest + 1))
    return Singer(
        low=low,
        high=low + span,
        size=float(rng.uniform(small, large)),
        vibrato_hz=float(rng.uniform(4.6, 6.6)),
        vibrato_cents=float(rng.uniform(10.0, 90.0)),
        glide_seconds=float(rng.uniform(0.04, 0.12)),
        scoop=float(rng.uniform(0.3, 2.0)),
        breath=float(rng.uniform(0.04, 0.3)),
        tilt=float(rng.uniform(0.45, 0.95)),
        sharpness=float(rng.uniform(0.6, 1.4)),
    )

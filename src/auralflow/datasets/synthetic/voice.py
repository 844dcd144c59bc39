"""A singer: glottal pulses and breath through a vocal tract, with vibrato, glides and consonants."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Complex
from numpy import ndarray

from auralflow.datasets.synthetic.effects import band_noise, filter_over_time
from auralflow.datasets.synthetic.melody import Phrase
from auralflow.datasets.synthetic.tones import Line, fade, place
from auralflow.datasets.synthetic.tract import glottal_pulses, tract_response

__all__ = ["Singer", "draw_singer"]

# Band in Hz, seconds of noise, and loudness of each consonant.
_NOISES = {
    "s": (5200.0, 10_000.0, 0.10, 0.20),
    "sh": (2300.0, 6000.0, 0.10, 0.22),
    "f": (1500.0, 9000.0, 0.08, 0.10),
    "t": (3000.0, 8000.0, 0.03, 0.30),
    "k": (1300.0, 3500.0, 0.03, 0.30),
}
_LEAD_SECONDS = 0.3
_RELEASE_SECONDS = 0.09


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
        time = np.arange(samples) / sample_rate + begin
        pitch = self._pitch(phrase, rng, time)
        loudness = self._loudness(phrase, time)
        pulses = glottal_pulses(pitch, sample_rate=sample_rate, start=float(rng.random()))
        breath = np.diff(rng.standard_normal(samples), prepend=0.0) * self.breath
        gains = self._tract(phrase, samples, begin, sample_rate)
        line: Line = filter_over_time((pulses + breath) * loudness, gains, sample_rate=sample_rate)
        fade(line, sample_rate=sample_rate, rise=0.005, fall=0.02)
        line /= max(float(np.sqrt(np.mean(line**2))), 1e-9)
        for sound, seconds in self._noises(phrase, rng, sample_rate):
            place(line, sound, round((seconds - begin) * sample_rate))
        return line, round(begin * sample_rate)

    def _pitch(self, phrase: Phrase, rng: np.random.Generator, time: Line) -> Line:
        """Frequency in Hz: notes with glides between them, a vibrato that sets in late, and a little drift."""
        knots, notes = [time[0]], [float(phrase[0].note) - float(rng.uniform(0.3, 1.5))]
        glide = self.glide_seconds
        for syllable in phrase:
            knots += [syllable.begin, min(syllable.begin + glide, syllable.end - 0.01)]
            notes += [notes[-1], float(syllable.note)]
        note = np.interp(time, knots, notes)
        onset = np.zeros(len(time))
        for syllable in phrase:
            inside = (time >= syllable.begin) & (time < syllable.end)
            onset[inside] = np.clip((time[inside] - syllable.begin - 0.12) / 0.25, 0.0, 1.0)
        note += (
            self.vibrato_cents
            / 100.0
            * onset
            * np.sin(2.0 * np.pi * (self.vibrato_hz * time + rng.random()))
        )
        drift = rng.standard_normal(max(4, int((time[-1] - time[0]) * 8)))
        note += 0.08 * np.interp(time, np.linspace(time[0], time[-1], len(drift)), drift)
        return np.asarray(440.0 * 2.0 ** ((note - 69.0) / 12.0))

    def _loudness(self, phrase: Phrase, time: Line) -> Line:
        """A swell on each note, a gap where a consonant is, silence before the first and behind the last."""
        knots, levels = [phrase[0].begin - 0.02], [0.0]
        for index, syllable in enumerate(phrase):
            length = syllable.end - syllable.begin
            dip = 0.8 * levels[-1] if not syllable.consonant else 0.05
            knots += [syllable.begin, syllable.begin + min(0.05, 0.3 * length)]
            levels += [dip if index else 0.0, syllable.loudness]
            knots.append(syllable.end - min(0.05, 0.3 * length))
            levels.append(0.85 * syllable.loudness)
        knots.append(phrase[-1].end + _RELEASE_SECONDS - 0.02)
        levels.append(0.0)
        return np.asarray(np.interp(time, knots, levels))

    def _tract(
        self, phrase: Phrase, samples: int, begin: float, sample_rate: int
    ) -> Complex[ndarray, "N F"]:
        """The response of source and formants for each frame of the phrase."""
        knots: list[float] = []
        vowels: list[int] = []
        for syllable in phrase:
            edge = min(0.06, 0.4 * (syllable.end - syllable.begin))
            knots += [syllable.begin + edge - begin, syllable.end - edge - begin]
            vowels += [syllable.vowel] * 2
        return tract_response(
            knots, vowels, samples, sample_rate=sample_rate, size=self.size, tilt=self.tilt
        )

    def _noises(
        self, phrase: Phrase, rng: np.random.Generator, sample_rate: int
    ) -> list[tuple[Line, float]]:
        """Consonants, and the breath before the phrase, each with the second it starts at."""
        inhaled = band_noise(
            rng, round(0.2 * sample_rate), sample_rate=sample_rate, low=900.0, high=5000.0
        )
        fade(inhaled, sample_rate=sample_rate, rise=0.12, fall=0.06)
        sounds = [(0.06 * self.breath / 0.1 * inhaled, phrase[0].begin - 0.27)]
        for syllable in phrase:
            if not syllable.consonant:
                continue
            low, high, seconds, level = _NOISES[syllable.consonant]
            noise = band_noise(
                rng,
                round(seconds * sample_rate),
                sample_rate=sample_rate,
                low=low * self.size,
                high=high,
            )
            rise = 0.3 * seconds if seconds > 0.05 else 0.002
            fade(noise, sample_rate=sample_rate, rise=rise, fall=0.6 * seconds)
            loudness = 2.0 * self.sharpness * level * syllable.loudness
            sounds.append((loudness * noise, syllable.begin - 0.7 * seconds))
        return sounds


def draw_singer(rng: np.random.Generator) -> Singer:
    """Choose a voice: low or high, soft or sharp."""
    deep = bool(rng.random() < 0.5)
    low = int(rng.integers(45, 50)) if deep else int(rng.integers(55, 60))
    return Singer(
        low=low,
        high=low + 17,
        size=float(rng.uniform(0.9, 1.02) if deep else rng.uniform(1.05, 1.2)),
        vibrato_hz=float(rng.uniform(4.8, 6.4)),
        vibrato_cents=float(rng.uniform(30.0, 75.0)),
        glide_seconds=float(rng.uniform(0.05, 0.12)),
        breath=float(rng.uniform(0.05, 0.2)),
        tilt=float(rng.uniform(0.5, 0.9)),
        sharpness=float(rng.uniform(0.7, 1.3)),
    )

"""An instrument: notes and chords as sound, made by addition of partials."""

import numpy as np

from auralflow.datasets.synthetic.filters import band_noise
from auralflow.datasets.synthetic.harmony import hertz
from auralflow.datasets.synthetic.timbres import Timbre
from auralflow.datasets.synthetic.tones import (
    Line,
    envelope,
    exponential,
    fade,
    harmonics,
    place,
    tone,
)

__all__ = ["Instrument"]

_VIBRATO_HZ = 5.3


class Instrument:
    """Plays a timbre. What was played once is kept: songs repeat themselves."""

    def __init__(self, timbre: Timbre, rng: np.random.Generator, *, sample_rate: int) -> None:
        """`rng` gives the phases and the noises, and is the instrument's own."""
        self.timbre = timbre
        self.sample_rate = sample_rate
        self._rng = rng
        # Noise takes as much chance as it has samples, so it must not move the phases of the next note.
        self._noise_rng = rng.spawn(1)[0]
        self._played: dict[tuple[tuple[int, ...], int], Line] = {}

    def play(self, notes: tuple[int, ...], samples: int) -> Line:
        """The notes at once, for so many samples; do not write to what is given back."""
        key = (notes, samples)
        if key not in self._played:
            self._played[key] = self._sound(notes, samples)
        return self._played[key]

    def _sound(self, notes: tuple[int, ...], samples: int) -> Line:
        """The notes added, and together through the amplifier, which makes a crunch of a chord."""
        timbre, rate = self.timbre, self.sample_rate
        sound = np.zeros(samples, dtype=np.float32)
        for note in notes:
            sound += self._steady(note, samples)
        if timbre.bright > 0.02:
            length = min(samples, round(5.0 * timbre.flash * rate) + 1)
            flash = np.zeros(length, dtype=np.float32)
            for note in notes:
                flash += self._tone(note, length, timbre.bright_hz)
            flash *= exponential(length, sample_rate=rate, seconds=timbre.flash)
            flash *= np.float32(timbre.bright)
            # The last of it, e**-5, is faded so that it does not end with a step.
            fade(flash, sample_rate=rate, rise=0.0, fall=timbre.flash)
            place(sound, flash, 0)
        if timbre.drive > 0.05:
            sound *= np.float32(timbre.drive)
            np.tanh(sound, out=sound)
            sound /= np.float32(timbre.drive**0.7)
        sound *= envelope(
            samples,
            sample_rate=rate,
            attack=timbre.attack,
            settle=timbre.settle,
            sustain=timbre.sustain,
            release=timbre.release,
        )
        if timbre.noise > 0.005:
            place(sound, self._noise(samples), 0)
        return sound

    def _steady(self, note: int, samples: int) -> Line:
        timbre = self.timbre
        cents = timbre.detune_cents / 2
        if cents < 0.3:
            return self._tone(note, samples, timbre.corner_hz)
        first = self._tone(note + cents / 100, samples, timbre.corner_hz)
        first += self._tone(note - cents / 100, samples, timbre.corner_hz)
        first *= np.float32(0.7)
        return first

    def _tone(self, note: float, samples: int, corner_hz: float) -> Line:
        timbre, frequency = self.timbre, hertz(note)
        count = int(np.clip(3.0 * max(corner_hz, 1000.0) / frequency, 4, 64))
        partials = harmonics(
            timbre.slope, corner_hz / frequency, odd=timbre.hollow, count=count
        ) * _body(np.arange(1, count + 1) * frequency, timbre.body_hz)
        bend = None
        if timbre.vibrato_cents > 1.0:
            swing = (
                frequency * timbre.vibrato_cents / 1200 * np.log(2.0) / (2 * np.pi * _VIBRATO_HZ)
            )
            time = np.arange(samples, dtype=np.float32) / np.float32(self.sample_rate)
            bend = np.minimum(time / 0.3, 1.0) * swing * np.sin(2 * np.pi * _VIBRATO_HZ * time)
        return tone(
            frequency,
            samples,
            sample_rate=self.sample_rate,
            partials=partials,
            phase=float(self._rng.random()),
            bend=bend,
        )

    def _noise(self, samples: int) -> Line:
        """The hammer, the pick or the breath."""
        length = min(samples, round(0.03 * self.sample_rate) + 1)
        noise = band_noise(
            self._noise_rng,
            length,
            sample_rate=self.sample_rate,
            low=800.0,
            high=self.timbre.bright_hz,
        )
        fade(noise, sample_rate=self.sample_rate, rise=0.002, fall=0.025)
        return noise * np.float32(self.timbre.noise)


def _body(frequency: Line, resonances: tuple[float, ...]) -> Line:
    """Up to 5 dB more around each resonance, over half an octave."""
    gain_db = np.zeros(len(frequency))
    for centre in resonances:
        gain_db += 5.0 * np.exp(-0.5 * (np.log2(frequency / centre) / 0.35) ** 2)
    return np.asarray(10.0 ** (gain_db / 20.0))

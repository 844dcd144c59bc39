"""Consonants: the noises of tongue and lips, and the sounds that are sung with a narrowed mouth."""

from dataclasses import dataclass

import numpy as np

from auralflow.datasets.synthetic.filters import band_noise
from auralflow.datasets.synthetic.tones import Line, fade

__all__ = ["CONSONANTS", "NOISES", "SONORANTS", "Noise"]


@dataclass(frozen=True)
class Noise:
    """A consonant that is noise."""

    low: float
    """Lower edge of its band in Hz, of an average adult."""
    high: float
    seconds: float
    loudness: float
    sudden: bool
    """Whether it is a burst behind a closure, as a t is, and no hiss."""

    def sound(self, rng: np.random.Generator, *, sample_rate: int, size: float) -> Line:
        """The noise; `size` is the factor on a singer's formants."""
        samples = max(1, round(self.seconds * sample_rate))
        line = band_noise(
            rng, samples, sample_rate=sample_rate, low=self.low * size, high=self.high
        )
        rise = 0.002 if self.sudden else 0.3 * self.seconds
        fade(line, sample_rate=sample_rate, rise=rise, fall=0.6 * self.seconds)
        line *= np.float32(self.loudness)
        return line


NOISES = {
    "s": Noise(5200.0, 10_000.0, 0.10, 0.20, sudden=False),
    "z": Noise(4800.0, 9000.0, 0.08, 0.12, sudden=False),
    "sh": Noise(2300.0, 6000.0, 0.10, 0.22, sudden=False),
    "f": Noise(1500.0, 9000.0, 0.08, 0.10, sudden=False),
    "v": Noise(1200.0, 7000.0, 0.06, 0.06, sudden=False),
    "h": Noise(600.0, 3000.0, 0.07, 0.08, sudden=False),
    "ch": Noise(2500.0, 7000.0, 0.07, 0.26, sudden=True),
    "t": Noise(3000.0, 8000.0, 0.03, 0.30, sudden=True),
    "d": Noise(2500.0, 7000.0, 0.015, 0.18, sudden=True),
    "k": Noise(1300.0, 3500.0, 0.03, 0.30, sudden=True),
    "g": Noise(1000.0, 3000.0, 0.015, 0.16, sudden=True),
    "p": Noise(500.0, 2500.0, 0.02, 0.22, sudden=True),
    "b": Noise(300.0, 1500.0, 0.012, 0.14, sudden=True),
}
SONORANTS = ("m", "n", "l", "r", "w", "y")
"""Consonants that are sung: their shapes of the tract are in `tract.SHAPES`."""

CONSONANTS = (
    "s", "s", "z", "sh", "f", "v", "h", "ch", "t", "t", "d", "d", "k", "g", "p", "b",
    *SONORANTS, "m", "n", "l",
)  # fmt: skip
"""What a syllable may start with, as often as it does in speech."""

"""A drum kit: every song has its own, and each drum a few takes that differ a little."""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from auralflow.datasets.synthetic.effects import band_noise, pan
from auralflow.datasets.synthetic.tones import Line, decay, fade

__all__ = ["DRUMS", "Kit", "make_kit"]

Kit = dict[str, list[Float[ndarray, "2 T"]]]
"""Takes of each drum, in stereo."""

DRUMS = ("kick", "snare", "ghost", "hat", "open hat", "tom high", "tom low", "crash", "shaker")


def make_kit(rng: np.random.Generator, *, sample_rate: int) -> Kit:
    """Draw the sound of each drum and record its takes."""
    tuning = float(rng.uniform(0.85, 1.2))
    ring = float(rng.uniform(0.8, 1.3))
    width = float(rng.uniform(0.2, 0.45))
    sharp = float(rng.uniform(5500.0, 7500.0))
    rattle = float(rng.uniform(1200.0, 2200.0))

    def kick() -> Line:
        return _kick(rng, sample_rate, low=47.0 * tuning, seconds=0.32 * ring)

    def snare(level: float = 1.0) -> Line:
        body = _drop(sample_rate, 0.14, high=240.0 * tuning, low=178.0 * tuning, glide=0.02)
        wires = _burst(rng, sample_rate, 0.2 * ring, low=rattle, high=9000.0)
        return level * (0.9 * _padded(body, len(wires)) + 0.42 * wires)

    def cymbal(seconds: float, low: float) -> Callable[[], Line]:
        return lambda: 0.45 * _burst(rng, sample_rate, seconds, low=low, high=14_000.0)

    def tom(low: float) -> Callable[[], Line]:
        return lambda: _tom(rng, sample_rate, low=low * tuning, seconds=0.3 * ring)

    def shaker() -> Line:
        grain = band_noise(
            rng, round(0.07 * sample_rate), sample_rate=sample_rate, low=sharp, high=12_000.0
        )
        fade(grain, sample_rate=sample_rate, rise=0.03, fall=0.04)
        return 0.25 * grain

    drums: dict[str, tuple[Callable[[], Line], int, float]] = {
        "kick": (kick, 1, 0.0),
        "snare": (snare, 3, 0.1 * width),
        "ghost": (lambda: snare(0.25), 3, 0.1 * width),
        "hat": (cymbal(0.07 * ring, sharp), 4, width),
        "open hat": (cymbal(0.32 * ring, sharp), 2, width),
        "tom high": (tom(135.0), 1, -width),
        "tom low": (tom(92.0), 1, 1.3 * width),
        "crash": (cymbal(1.3 * ring, 3800.0), 1, -1.2 * width),
        "shaker": (shaker, 4, -1.5 * width),
    }
    return {
        name: [pan(make(), place) for _ in range(takes)]
        for name, (make, takes, place) in drums.items()
    }


def _drop(sample_rate: int, seconds: float, *, high: float, low: float, glide: float) -> Line:
    """A sine that falls from `high` to `low` Hz with time constant `glide`, and dies away."""
    samples = round(seconds * sample_rate)
    time = np.arange(samples) / sample_rate
    turns = low * time + (high - low) * glide * (1.0 - np.exp(-time / glide))
    sound: Line = np.sin(2.0 * np.pi * turns) * decay(
        samples, sample_rate=sample_rate, seconds=seconds
    )
    fade(sound, sample_rate=sample_rate, rise=0.0005, fall=0.01)
    return sound


def _burst(
    rng: np.random.Generator, sample_rate: int, seconds: float, *, low: float, high: float
) -> Line:
    """Noise of one band that starts at once and dies away."""
    samples = round(seconds * sample_rate)
    noise = band_noise(rng, samples, sample_rate=sample_rate, low=low, high=high)
    noise *= decay(samples, sample_rate=sample_rate, seconds=seconds)
    fade(noise, sample_rate=sample_rate, rise=0.0005, fall=0.01)
    return noise


def _kick(rng: np.random.Generator, sample_rate: int, *, low: float, seconds: float) -> Line:
    body = _drop(sample_rate, seconds, high=5.5 * low, low=low, glide=0.022)
    click = _burst(rng, sample_rate, 0.015, low=1500.0, high=6000.0)
    return 1.5 * body + 0.2 * _padded(click, len(body))


def _tom(rng: np.random.Generator, sample_rate: int, *, low: float, seconds: float) -> Line:
    body = _drop(sample_rate, seconds, high=1.6 * low, low=low, glide=0.04)
    skin = _burst(rng, sample_rate, 0.03, low=800.0, high=4000.0)
    return 1.1 * body + 0.12 * _padded(skin, len(body))


def _padded(line: Line, samples: int) -> Line:
    return np.pad(line, (0, max(0, samples - len(line))))[:samples]

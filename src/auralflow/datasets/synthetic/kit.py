"""A drum kit: every song has its own, of one kind or another, and each drum a few takes that differ a little."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from auralflow.datasets.synthetic.drum_sounds import burst, drop, metal, padded
from auralflow.datasets.synthetic.effects import pan
from auralflow.datasets.synthetic.filters import band_noise
from auralflow.datasets.synthetic.tones import Line, fade

__all__ = ["KITS", "Kit", "make_kit"]

Kit = dict[str, list[Float[ndarray, "2 T"]]]
"""Takes of each drum, in stereo."""

Span = tuple[float, float]


@dataclass(frozen=True)
class _Kind:
    """Where a kind of kit has its numbers from."""

    kick_hz: Span
    kick_seconds: Span
    kick_click: Span
    snare_hz: Span
    snare_seconds: Span
    wires: Span
    """Loudness of the snare's noise beside its skin."""
    wires_hz: Span
    """Lower edge of that noise."""
    cymbals: str
    """`noise` as of bronze, or `metal` as of six square waves."""
    top_hz: Span
    """Upper edge of all noises: what a tape or a small sampler leaves."""
    claps: float
    """How likely the backbeat is clapped."""


KITS = {
    "acoustic": _Kind(
        (44, 60), (0.25, 0.4), (0.15, 0.3), (160, 220), (0.16, 0.26),
        (0.35, 0.5), (1200, 2200), "noise", (9000, 14_000), 0.0,
    ),
    "rock": _Kind(
        (42, 54), (0.3, 0.5), (0.25, 0.5), (150, 200), (0.22, 0.36),
        (0.4, 0.6), (900, 1800), "noise", (10_000, 15_000), 0.0,
    ),
    "tight": _Kind(
        (50, 66), (0.14, 0.24), (0.2, 0.4), (190, 260), (0.1, 0.18),
        (0.35, 0.5), (1500, 2600), "noise", (10_000, 15_000), 0.2,
    ),
    "electronic": _Kind(
        (38, 56), (0.3, 0.8), (0.05, 0.25), (170, 240), (0.12, 0.25),
        (0.4, 0.7), (1000, 3000), "metal", (10_000, 16_000), 0.6,
    ),
    "lofi": _Kind(
        (48, 64), (0.18, 0.3), (0.1, 0.25), (170, 240), (0.12, 0.22),
        (0.4, 0.6), (900, 1600), "noise", (5000, 7500), 0.2,
    ),
    "brushes": _Kind(
        (52, 70), (0.2, 0.3), (0.03, 0.1), (180, 230), (0.2, 0.3),
        (0.3, 0.5), (2000, 3200), "noise", (8000, 12_000), 0.0,
    ),
}  # fmt: skip
"""Every kind of kit."""


def make_kit(rng: np.random.Generator, *, kind: str, sample_rate: int) -> Kit:
    """Draw the sound of each drum and record its takes."""
    maker = _Maker(rng, KITS[kind], sample_rate, soft=kind == "brushes")
    width = float(rng.uniform(0.15, 0.5))
    drums = {
        "kick": (
            maker.kick,
            1,
            0.0,
        ),
        "snare": (maker.snare, 3, 0.1 * width),
        "ghost": (maker.ghost, 3, 0.1 * width),
        "rim": (maker.rim, 2, 0.2 * width),
        "hat": (maker.hat, 4, width),
        "open hat": (maker.open_hat, 2, width),
        "ride": (maker.ride, 2, -width),
        "tom high": (maker.tom_high, 1, -width),
        "tom low": (maker.tom_low, 1, 1.3 * width),
        "crash": (maker.crash, 1, -1.2 * width),
        "shaker": (maker.shaker, 4, -1.5 * width),
        "tambourine": (maker.tambourine, 3, 1.4 * width),
    }
    return {
        name: [pan(make(), place) for _ in range(takes)]
        for name, (make, takes, place) in drums.items()
    }


class _Maker:
    """The drums of one kit."""

    def __init__(
        self, rng: np.random.Generator, kind: _Kind, sample_rate: int, *, soft: bool
    ) -> None:
        self._rng = rng
        self._rate = sample_rate
        self._metal = kind.cymbals == "metal"
        self._soft = soft
        self._kick_hz = float(rng.uniform(*kind.kick_hz))
        self._kick_seconds = float(rng.uniform(*kind.kick_seconds))
        self._click = float(rng.uniform(*kind.kick_click))
        self._sweep = float(rng.uniform(3.0, 7.0))
        self._snare_hz = float(rng.uniform(*kind.snare_hz))
        self._snare_seconds = float(rng.uniform(*kind.snare_seconds))
        self._wires = float(rng.uniform(*kind.wires))
        self._wires_hz = float(rng.uniform(*kind.wires_hz))
        self._top = float(rng.uniform(*kind.top_hz))
        self._claps = bool(rng.random() < kind.claps)
        self._ring = float(rng.uniform(0.7, 1.4))
        self._sharp = float(rng.uniform(0.55, 0.75)) * min(self._top, 10_000.0)
        self._ratios = rng.uniform(0.9, 1.1, size=6) * np.array([1, 1.34, 1.48, 1.93, 2.54, 2.63])

    def _noise(self, seconds: float, low: float) -> Line:
        return burst(self._rng, self._rate, seconds, low=low, high=self._top)

    def _cymbal(self, seconds: float, low: float) -> Line:
        if not self._metal:
            return self._noise(seconds, low)
        return metal(self._rng, self._rate, seconds, low=low, ratios=self._ratios)

    def kick(self) -> Line:
        body = drop(
            self._rate,
            self._kick_seconds,
            high=self._sweep * self._kick_hz,
            low=self._kick_hz,
            glide=0.022,
        )
        click = burst(self._rng, self._rate, 0.015, low=1500.0, high=min(6000.0, self._top))
        return 1.5 * body + self._click * padded(click, len(body))

    def snare(self) -> Line:
        if self._claps:
            return self._clap()
        seconds = self._snare_seconds
        skin = drop(
            self._rate, 0.7 * seconds, high=1.35 * self._snare_hz, low=self._snare_hz, glide=0.02
        )
        wires = self._noise(1.2 * seconds, self._wires_hz)
        if self._soft:
            fade(wires, sample_rate=self._rate, rise=0.02, fall=0.02)
        return (0.5 if self._soft else 0.9) * padded(skin, len(wires)) + self._wires * wires

    def _clap(self) -> Line:
        """Four hands, not quite together."""
        hands = [self._noise(0.012, 900.0) for _ in range(3)] + [self._noise(0.16, 900.0)]
        clap = np.zeros(round(0.2 * self._rate) + 1, dtype=np.float32)
        for number, hand in enumerate(hands):
            begin = round(number * 0.011 * self._rate)
            clap[begin : begin + len(hand)] += hand
        return 0.7 * clap

    def ghost(self) -> Line:
        return 0.6 * self.snare()

    def rim(self) -> Line:
        wood = drop(self._rate, 0.05, high=1900.0 * self._ring, low=1650.0 * self._ring, glide=0.01)
        return 0.5 * wood + 0.25 * padded(self._noise(0.02, 2500.0), len(wood))

    def hat(self) -> Line:
        return 0.42 * self._cymbal(0.07 * self._ring, self._sharp)

    def open_hat(self) -> Line:
        return 0.42 * self._cymbal(0.34 * self._ring, self._sharp)

    def ride(self) -> Line:
        wash = self._cymbal(0.5 * self._ring, 0.7 * self._sharp)
        ping = metal(self._rng, self._rate, 0.3, low=3000.0, ratios=self._ratios)
        return 0.2 * wash + 0.12 * padded(ping, len(wash))

    def tom_high(self) -> Line:
        return self._tom(135.0)

    def tom_low(self) -> Line:
        return self._tom(92.0)

    def _tom(self, low: float) -> Line:
        low *= self._snare_hz / 190.0
        body = drop(self._rate, 0.3 * self._ring, high=1.6 * low, low=low, glide=0.04)
        skin = burst(self._rng, self._rate, 0.03, low=800.0, high=4000.0)
        return 1.1 * body + 0.12 * padded(skin, len(body))

    def crash(self) -> Line:
        return 0.45 * self._cymbal(1.4 * self._ring, 0.6 * self._sharp)

    def shaker(self) -> Line:
        samples = round(0.07 * self._rate)
        grain = band_noise(
            self._rng, samples, sample_rate=self._rate, low=self._sharp, high=self._top
        )
        fade(grain, sample_rate=self._rate, rise=0.03, fall=0.04)
        return 0.25 * grain

    def tambourine(self) -> Line:
        return 0.3 * metal(self._rng, self._rate, 0.12, low=6000.0, ratios=1.7 * self._ratios)

"""What every instrument sounds like: ranges from which each song draws one of its kind."""

from dataclasses import dataclass, fields

import numpy as np

__all__ = ["TIMBRES", "Timbre", "draw_timbre"]

Span = tuple[float, float]


@dataclass(frozen=True)
class _Ranges:
    """Where each number of a `Timbre` is drawn from."""

    slope: Span = (1.0, 1.4)
    corner_hz: Span = (2000.0, 4000.0)
    hollow: float = 0.0
    """How likely it is that even partials are weak."""
    bright: Span = (0.3, 0.9)
    bright_hz: Span = (4000.0, 9000.0)
    flash: Span = (0.05, 0.2)
    attack: Span = (0.003, 0.006)
    settle: Span = (0.3, 0.8)
    sustain: Span = (0.0, 0.0)
    release: Span = (0.04, 0.08)
    detune_cents: Span = (0.0, 0.0)
    vibrato_cents: Span = (0.0, 0.0)
    noise: Span = (0.0, 0.0)
    drive: Span = (0.0, 0.0)


@dataclass(frozen=True)
class Timbre:
    """One instrument, as this song has it."""

    slope: float
    """Fall of its partials, in powers of their number."""
    corner_hz: float
    """Where the lasting tone gets dark."""
    hollow: bool
    """Whether even partials are weak."""
    bright: float
    """Loudness of the bright tone that dies away after the attack."""
    bright_hz: float
    """Where that one gets dark."""
    flash: float
    """Time constant of its death in seconds."""
    attack: float
    settle: float
    """Time constant in seconds with which the tone falls towards `sustain`."""
    sustain: float
    release: float
    detune_cents: float
    """Distance of a second voice; 0 is none."""
    vibrato_cents: float
    noise: float
    """Loudness of the hammer, the pick or the breath at the start."""
    drive: float
    """How hard an amplifier is driven; 0 is clean."""
    body_hz: tuple[float, float, float]
    """Resonances of its body."""


TIMBRES = {
    # Basses.
    "finger": _Ranges((1.2, 1.6), (500, 900), 0.2, (0.3, 0.6), (1500, 2500), (0.06, 0.1), (0.006, 0.01), (0.4, 0.9), (0.3, 0.5), noise=(0.01, 0.03)),
    "pick": _Ranges((0.9, 1.2), (900, 1600), 0.2, (0.6, 1.0), (3000, 5000), (0.08, 0.15), (0.003, 0.005), (0.4, 0.8), (0.3, 0.5), noise=(0.03, 0.08), drive=(0.0, 0.8)),
    "slap": _Ranges((0.8, 1.1), (600, 1000), 0.1, (0.9, 1.4), (5000, 8000), (0.04, 0.08), (0.002, 0.003), (0.2, 0.4), (0.1, 0.3), noise=(0.08, 0.15)),
    "round": _Ranges((1.7, 2.3), (300, 600), 0.2, (0.1, 0.3), (800, 1400), (0.05, 0.1), (0.01, 0.02), (0.4, 0.9), (0.2, 0.5)),
    "sub": _Ranges((2.6, 3.5), (150, 300), 0.5, (0.05, 0.3), (500, 1500), (0.03, 0.08), (0.006, 0.012), (0.8, 2.0), (0.5, 0.9), drive=(0.0, 1.0)),
    "saw": _Ranges((1.0, 1.0), (400, 1000), 0.0, (0.4, 1.0), (1500, 4000), (0.08, 0.25), (0.004, 0.01), (0.5, 1.5), (0.6, 0.9), detune_cents=(0.0, 8.0)),
    "square": _Ranges((1.0, 1.0), (400, 1200), 1.0, (0.3, 0.8), (1500, 4000), (0.06, 0.2), (0.004, 0.01), (0.5, 1.5), (0.6, 0.9)),
    # Keys.
    "piano": _Ranges((1.2, 1.6), (1500, 3000), 0.0, (0.5, 1.0), (4000, 8000), (0.08, 0.25), (0.003, 0.005), (0.5, 1.2), (0.0, 0.1), (0.06, 0.12), (1.0, 2.5), noise=(0.02, 0.06)),
    "electric piano": _Ranges((1.8, 2.4), (1200, 2200), 0.3, (0.3, 0.8), (3000, 6000), (0.04, 0.12), (0.004, 0.008), (0.6, 1.2), (0.1, 0.2), (0.06, 0.1), (0.0, 4.0), noise=(0.0, 0.02), drive=(0.0, 0.6)),
    "organ": _Ranges((0.7, 1.1), (1500, 3500), 0.3, (0.0, 0.2), (4000, 7000), (0.02, 0.04), (0.008, 0.015), (1.0, 1.0), (1.0, 1.0), (0.03, 0.05), (0.0, 6.0), (4.0, 14.0), (0.01, 0.04), (0.0, 0.8)),
    "stab": _Ranges((1.0, 1.1), (1200, 3000), 0.2, (0.6, 1.2), (5000, 10000), (0.05, 0.15), (0.003, 0.006), (0.15, 0.4), (0.0, 0.3), (0.05, 0.2), (6.0, 14.0)),
    "bell": _Ranges((1.6, 2.4), (3000, 6000), 0.5, (0.3, 0.8), (7000, 12000), (0.1, 0.3), (0.002, 0.004), (0.4, 1.0), (0.0, 0.0), (0.1, 0.2), (0.0, 3.0)),
    "marimba": _Ranges((2.6, 3.4), (1500, 2500), 0.6, (0.5, 1.0), (3000, 5000), (0.02, 0.05), (0.003, 0.004), (0.12, 0.25), (0.0, 0.0), noise=(0.03, 0.08)),
    # Strings that are plucked.
    "clean guitar": _Ranges((1.0, 1.4), (1800, 3200), 0.1, (0.5, 1.0), (4000, 8000), (0.05, 0.15), (0.003, 0.005), (0.4, 0.9), (0.0, 0.1), noise=(0.02, 0.06), drive=(0.0, 0.5)),
    "muted guitar": _Ranges((0.9, 1.3), (1500, 3000), 0.1, (0.8, 1.4), (4000, 9000), (0.02, 0.05), (0.002, 0.003), (0.05, 0.1), (0.0, 0.0), (0.02, 0.04), noise=(0.1, 0.25)),
    "steel guitar": _Ranges((0.9, 1.2), (2500, 4500), 0.0, (0.8, 1.4), (6000, 11000), (0.06, 0.15), (0.002, 0.004), (0.4, 0.9), (0.0, 0.05), noise=(0.06, 0.15)),
    "crunch guitar": _Ranges((0.8, 1.1), (1500, 2600), 0.1, (0.3, 0.7), (3000, 4500), (0.1, 0.3), (0.003, 0.006), (0.8, 2.0), (0.5, 0.8), (0.03, 0.06), vibrato_cents=(0.0, 10.0), noise=(0.02, 0.05), drive=(2.0, 6.0)),
    "pluck": _Ranges((0.9, 1.1), (800, 2000), 0.3, (0.8, 1.4), (5000, 11000), (0.03, 0.1), (0.002, 0.004), (0.15, 0.4), (0.0, 0.1), (0.05, 0.15), (0.0, 10.0)),
    # What is bowed, blown or held.
    "strings": _Ranges((1.0, 1.3), (1800, 3500), 0.0, (0.0, 0.2), (4000, 7000), (0.2, 0.4), (0.06, 0.15), (1.0, 2.0), (0.85, 1.0), (0.12, 0.25), (6.0, 14.0), (8.0, 22.0)),
    "synth pad": _Ranges((1.0, 1.2), (700, 2500), 0.3, (0.0, 0.5), (3000, 6000), (0.3, 0.8), (0.08, 0.25), (1.0, 2.0), (0.8, 1.0), (0.15, 0.3), (5.0, 12.0)),
    "brass": _Ranges((0.8, 1.1), (1200, 2200), 0.0, (0.3, 0.8), (3500, 6000), (0.1, 0.3), (0.02, 0.05), (0.4, 1.0), (0.7, 0.9), (0.04, 0.08), (4.0, 10.0), (0.0, 15.0), (0.01, 0.04)),
    "flute": _Ranges((2.0, 2.8), (1500, 2500), 0.2, (0.0, 0.3), (3000, 5000), (0.05, 0.1), (0.04, 0.08), (0.8, 1.5), (0.8, 1.0), (0.06, 0.1), (0.0, 0.0), (10.0, 30.0), (0.05, 0.12)),
    "saw lead": _Ranges((0.9, 1.0), (2000, 5000), 0.2, (0.2, 0.8), (6000, 12000), (0.1, 0.3), (0.005, 0.02), (0.8, 2.0), (0.7, 0.9), (0.05, 0.15), (5.0, 12.0), (0.0, 20.0)),
}  # fmt: skip


def draw_timbre(rng: np.random.Generator, name: str) -> Timbre:
    """One of the instruments called `name`, none quite like another."""
    ranges = TIMBRES[name]
    drawn = {
        field.name: float(rng.uniform(*getattr(ranges, field.name)))
        for field in fields(ranges)
        if field.name != "hollow"
    }
    low, middle, high = (
        float(rng.uniform(*span)) for span in ((150, 450), (500, 1300), (1500, 4500))
    )
    return Timbre(
        hollow=bool(rng.random() < ranges.hollow),
        body_hz=(low, middle, high),
        **drawn,
    )

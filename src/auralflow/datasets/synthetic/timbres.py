"""What every instrument sounds like: ranges from which each song draws one of its kind."""

from dataclasses import dataclass

import numpy as np

__all__ = ["TIMBRES", "Timbre", "draw_timbre"]


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


# Where each number of a `Timbre` is drawn from: `from-to`, or one number for all. For `hollow` it is a likelihood.
# Basses come first, then keys, then what is plucked, then what is bowed, blown or held.
_TONES = """
instrument      slope    corner-hz  hollow  bright    bright-hz   flash
finger          1.2-1.6  500-900    0.2     0.3-0.6   1500-2500   0.06-0.1
pick            0.9-1.2  900-1600   0.2     0.6-1     3000-5000   0.08-0.15
slap            0.8-1.1  600-1000   0.1     0.9-1.4   5000-8000   0.04-0.08
round           1.7-2.3  300-600    0.2     0.1-0.3   800-1400    0.05-0.1
sub             2.6-3.5  150-300    0.5     0.05-0.3  500-1500    0.03-0.08
saw             1        400-1000   0       0.4-1     1500-4000   0.08-0.25
square          1        400-1200   1       0.3-0.8   1500-4000   0.06-0.2
piano           1.2-1.6  1500-3000  0       0.5-1     4000-8000   0.08-0.25
electric-piano  1.8-2.4  1200-2200  0.3     0.3-0.8   3000-6000   0.04-0.12
organ           0.7-1.1  1500-3500  0.3     0-0.2     4000-7000   0.02-0.04
stab            1-1.1    1200-3000  0.2     0.6-1.2   5000-10000  0.05-0.15
bell            1.6-2.4  3000-6000  0.5     0.3-0.8   7000-12000  0.1-0.3
marimba         2.6-3.4  1500-2500  0.6     0.5-1     3000-5000   0.02-0.05
clean-guitar    1-1.4    1800-3200  0.1     0.5-1     4000-8000   0.05-0.15
muted-guitar    0.9-1.3  1500-3000  0.1     0.8-1.4   4000-9000   0.02-0.05
steel-guitar    0.9-1.2  2500-4500  0       0.8-1.4   6000-11000  0.06-0.15
crunch-guitar   0.8-1.1  1500-2600  0.1     0.3-0.7   3000-4500   0.1-0.3
pluck           0.9-1.1  800-2000   0.3     0.8-1.4   5000-11000  0.03-0.1
strings         1-1.3    1800-3500  0       0-0.2     4000-7000   0.2-0.4
synth-pad       1-1.2    700-2500   0.3     0-0.5     3000-6000   0.3-0.8
brass           0.8-1.1  1200-2200  0       0.3-0.8   3500-6000   0.1-0.3
flute           2-2.8    1500-2500  0.2     0-0.3     3000-5000   0.05-0.1
saw-lead        0.9-1    2000-5000  0.2     0.2-0.8   6000-12000  0.1-0.3
"""
_COURSES = """
instrument      attack       settle     sustain  release    detune-cents  vibrato-cents  noise      drive
finger          0.006-0.01   0.4-0.9    0.3-0.5  0.04-0.08  0             0              0.01-0.03  0
pick            0.003-0.005  0.4-0.8    0.3-0.5  0.04-0.08  0             0              0.03-0.08  0-0.8
slap            0.002-0.003  0.2-0.4    0.1-0.3  0.04-0.08  0             0              0.08-0.15  0
round           0.01-0.02    0.4-0.9    0.2-0.5  0.04-0.08  0             0              0          0
sub             0.006-0.012  0.8-2      0.5-0.9  0.04-0.08  0             0              0          0-1
saw             0.004-0.01   0.5-1.5    0.6-0.9  0.04-0.08  0-8           0              0          0
square          0.004-0.01   0.5-1.5    0.6-0.9  0.04-0.08  0             0              0          0
piano           0.003-0.005  0.5-1.2    0-0.1    0.06-0.12  1-2.5         0              0.02-0.06  0
electric-piano  0.004-0.008  0.6-1.2    0.1-0.2  0.06-0.1   0-4           0              0-0.02     0-0.6
organ           0.008-0.015  1          1        0.03-0.05  0-6           4-14           0.01-0.04  0-0.8
stab            0.003-0.006  0.15-0.4   0-0.3    0.05-0.2   6-14          0              0          0
bell            0.002-0.004  0.4-1      0        0.1-0.2    0-3           0              0          0
marimba         0.003-0.004  0.12-0.25  0        0.04-0.08  0             0              0.03-0.08  0
clean-guitar    0.003-0.005  0.4-0.9    0-0.1    0.04-0.08  0             0              0.02-0.06  0-0.5
muted-guitar    0.002-0.003  0.05-0.1   0        0.02-0.04  0             0              0.1-0.25   0
steel-guitar    0.002-0.004  0.4-0.9    0-0.05   0.04-0.08  0             0              0.06-0.15  0
crunch-guitar   0.003-0.006  0.8-2      0.5-0.8  0.03-0.06  0             0-10           0.02-0.05  2-6
pluck           0.002-0.004  0.15-0.4   0-0.1    0.05-0.15  0-10          0              0          0
strings         0.06-0.15    1-2        0.85-1   0.12-0.25  6-14          8-22           0          0
synth-pad       0.08-0.25    1-2        0.8-1    0.15-0.3   5-12          0              0          0
brass           0.02-0.05    0.4-1      0.7-0.9  0.04-0.08  4-10          0-15           0.01-0.04  0
flute           0.04-0.08    0.8-1.5    0.8-1    0.06-0.1   0             10-30          0.05-0.12  0
saw-lead        0.005-0.02   0.8-2      0.7-0.9  0.05-0.15  5-12          0-20           0          0
"""


def _parsed(table: str) -> dict[str, dict[str, tuple[float, float]]]:
    """Ranges by instrument and column."""
    heading, *rows = (line.split() for line in table.strip().splitlines())
    columns = [name.replace("-", "_") for name in heading[1:]]
    ranges = {}
    for name, *cells in rows:
        spans = [[float(number) for number in cell.split("-")] for cell in cells]
        ranges[name.replace("-", " ")] = {
            column: (span[0], span[-1]) for column, span in zip(columns, spans, strict=True)
        }
    return ranges


_RANGES = {
    name: tone | course
    for (name, tone), course in zip(
        _parsed(_TONES).items(), _parsed(_COURSES).values(), strict=True
    )
}
TIMBRES = tuple(_RANGES)
"""Every instrument."""


def draw_timbre(rng: np.random.Generator, name: str) -> Timbre:
    """One of the instruments called `name`, none quite like another."""
    ranges = _RANGES[name]
    drawn = {
        column: float(rng.uniform(*span)) for column, span in ranges.items() if column != "hollow"
    }
    low, middle, high = (
        float(rng.uniform(*span)) for span in ((150, 450), (500, 1300), (1500, 4500))
    )
    hollow = bool(rng.random() < ranges["hollow"][0])
    return Timbre(hollow=hollow, body_hz=(low, middle, high), **drawn)

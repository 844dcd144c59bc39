"""Stems that do not sum to the mixture, with the simplest reason that explains it."""

import math
from collections.abc import Iterator, Mapping, Sequence

from auralflow.datasets.checking.check import Check, finding_on
from auralflow.datasets.checking.findings import Finding
from auralflow.datasets.checking.listening import HeardTrack
from auralflow.datasets.checking.measures.mixing import TOLERANCE_DB, Mixing
from auralflow.datasets.checking.measures.shifts import Shift

__all__ = ["SUM"]

_AS_IT_IS_DB = 0.5
_NEARLY_DB = -12.0
_ABSENT = 0.1
"""Weight below which a stem is not in the mixture: -20 dB."""

_UNEXPLAINED = (
    "the stems do not sum to the mixture at any level, as where it was mastered, or is of other music: "
    "remove the mixture, so that their sum is used, or replace it"
)
_MORE = "the mixture holds more than the stems do: add what is missing as a stem"
_NEARLY = (
    "the mixture is not quite the sum of its stems, as after a limiter or a lossy encoder, or where something soft is "
    "missing: remove the mixture, so that the sum is used, or add what is missing"
)
_NO_MIXTURE = "the mixture is silent and the stems are not: replace it, or remove it"
_NO_STEMS = "the stems are silent and the mixture is not: replace them"

Numbers = Mapping[str, float | int | str]


def _find(tracks: Sequence[HeardTrack]) -> Iterator[Finding]:
    for track in tracks:
        mixing = track.mixing
        if mixing is None or max(mixing.mixture_energy, mixing.sum_energy) == 0:
            continue
        residual_db = mixing.residual_db()
        if residual_db <= TOLERANCE_DB:
            continue
        message, numbers = _explanation(mixing, track.track.sample_rate)
        yield Finding(
            "sum",
            "warning",
            f"{message} (the difference is {residual_db:.1f} dB of the mixture)",
            **finding_on(track),
            numbers={"residual_db": residual_db, **numbers},
        )


def _explanation(mixing: Mixing, sample_rate: int) -> tuple[str, Numbers]:
    """Fact, value and remedy, and the same in numbers."""
    weights = mixing.weights
    if not mixing.mixture_energy or not mixing.sum_energy:
        return (_NO_MIXTURE if mixing.sum_energy else _NO_STEMS), {}
    if mixing.residual_db(mixing.gain) <= TOLERANCE_DB:
        return _level(mixing.gain)
    if mixing.residual_db(weights) <= TOLERANCE_DB:
        return _stem_levels(mixing, weights.tolist())
    if mixing.shift is not None:
        return _shifted(mixing.shift, sample_rate)
    if mixing.residual_db(mixing.gain) < _NEARLY_DB:
        return _NEARLY, {}
    sums_otherwise = all(abs(_level_db(weight)) < 1 and weight > 0 for weight in weights.tolist())
    return (_MORE if sums_otherwise else _UNEXPLAINED), {}


def _level(gain: float) -> tuple[str, Numbers]:
    level_db = _level_db(gain)
    apart = (
        f"{abs(level_db):.1f} dB {'softer' if level_db < 0 else 'louder'} than the sum of its stems"
    )
    numbers = {"gain_db": round(level_db, 2), "polarity": 1 if gain > 0 else -1}
    if gain > 0:
        return f"the mixture is {apart}: bring them to one level", numbers
    also = f" and {apart}" if abs(level_db) > _AS_IT_IS_DB else ""
    return f"the mixture is the sum of its stems upside down{also}: invert its samples", numbers


def _stem_levels(mixing: Mixing, weights: Sequence[float]) -> tuple[str, Numbers]:
    named = dict(zip(mixing.stems, weights, strict=True))
    absent = [stem for stem, weight in named.items() if abs(weight) < _ABSENT]
    turned = [stem for stem, weight in named.items() if weight <= -_ABSENT]
    others = {
        stem: _level_db(weight)
        for stem, weight in named.items()
        if weight >= _ABSENT and abs(_level_db(weight)) > _AS_IT_IS_DB
    }
    facts = [f"lacks {_listed(absent)}"] if absent else []
    facts += [f"has {_listed(turned)} upside down"] if turned else []
    facts += [
        f"has {stem} {abs(level_db):.1f} dB {'softer' if level_db < 0 else 'louder'}"
        for stem, level_db in others.items()
    ]
    numbers = {
        f"weight_{stem}": round(named[stem], 3) + 0.0 for stem in (*absent, *turned, *others)
    }
    return f"the mixture {_listed(facts)}: mix it anew from its stems", numbers


def _listed(words: Sequence[str]) -> str:
    """`a, b and c`."""
    return " and ".join([*([", ".join(words[:-1])] if words[:-1] else []), *words[-1:]])


def _shifted(shift: Shift, sample_rate: int) -> tuple[str, Numbers]:
    samples = abs(shift.samples)
    seconds = samples / sample_rate
    numbers: dict[str, float | int | str] = {
        "shift_samples": shift.samples,
        "shifted_residual_db": shift.residual_db,
    }
    if shift.stem:
        # The mixture is where the other stems are, so that it is the stem that moved.
        way = "early" if shift.samples > 0 else "late"
        numbers["shifted_stem"] = shift.stem
        fact = f"{shift.stem} is {samples} samples ({seconds:.3f} s) too {way}"
    else:
        way = "lags" if shift.samples > 0 else "leads"
        fact = f"the mixture {way} by {samples} samples ({seconds:.3f} s)"
    return f"{fact}: move it, or export stems and mixture from one start", numbers


def _level_db(gain: float) -> float:
    return 20 * math.log10(max(abs(gain), 1e-10))


SUM = Check("sum", "stems that do not sum to the mixture, and why", _find)

"""The names of the losses, and what the key `loss` may hold; free of torch, so that `--help` is quick."""

import math
from collections.abc import Mapping
from typing import Any, Literal, get_args

from auralflow.config.layers import did_you_mean

__all__ = ["LOSS_NAMES", "LossName", "parse_loss"]

LossName = Literal[
    "l1",
    "l2",
    "smooth-l1",
    "l1-waveform",
    "l2-waveform",
    "smooth-l1-waveform",
    "l1-magnitude",
    "l2-magnitude",
    "smooth-l1-magnitude",
    "l1-log-magnitude",
    "l2-log-magnitude",
    "smooth-l1-log-magnitude",
    "l1-complex",
    "l2-complex",
    "smooth-l1-complex",
    "si-sdr",
    "sdr",
    "l1-snr",
    "multi-l1-snr",
    "multi-resolution-stft",
    "mask",
    "component",
    "log-wmse",
]

LOSS_NAMES: tuple[LossName, ...] = get_args(LossName)


def parse_loss(value: str | Mapping[str, float]) -> dict[LossName, float]:
    """The weight of each loss that a name, or a mapping of names to weights, stands for; names in any case.

    Raises `ValueError` with what is wrong, to be read after "loss is …, but".
    """
    weights = {value: 1.0} if isinstance(value, str) else dict(value)
    if not weights:
        raise ValueError("names no loss")
    parsed: dict[LossName, float] = {}
    for written, weight in weights.items():
        name = _known(written)
        if name in parsed:
            raise ValueError(f"names {name} twice")
        if isinstance(weight, bool) or not isinstance(weight, int | float):
            raise ValueError(f"the weight of {name} must be a number")
        if not (math.isfinite(weight) and weight > 0):
            raise ValueError(
                f"the weight of {name} must be above 0 and finite (leave out what is not wanted)"
            )
        parsed[name] = float(weight)
    return parsed


def _known(written: Any) -> LossName:
    wanted = str(written).lower()
    for name in LOSS_NAMES:
        if name == wanted:
            return name
    hint = did_you_mean(wanted, LOSS_NAMES) or f" (known: {', '.join(LOSS_NAMES)})"
    raise ValueError(f"{written!r} is no loss{hint}")

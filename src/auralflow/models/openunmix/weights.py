"""Names of weights: what Open-Unmix's package calls them, and what else its files hold."""

from collections.abc import Iterable
from typing import Any

from torch import Tensor

from auralflow.models.layers.keys import key_of_target

__all__ = ["rename_published", "sample_rate_of"]

_IN_FILES_ONLY = ("sample_rate", "stft", "istft", "transform", "complexnorm")
"""Buffers of the package's modules, some of earlier versions, that follow from the signal and are no weights."""


def rename_published(state: dict[str, Any], prefix: str, targets: Iterable[str]) -> None:
    """Bring a state to the names of `OpenUnmix`, in place.

    Leaves out what is no weight; a state of one target's network is taken as that of the only target.
    """
    homes = [f"{prefix}target_models.{key_of_target(target)}." for target in targets]
    for home in (prefix, *homes):
        for name in _IN_FILES_ONLY:
            for key in [
                key for key in state if key == home + name or key.startswith(f"{home}{name}.")
            ]:
                del state[key]
    bare = f"{prefix}fc1.weight" in state
    if bare and len(homes) == 1:
        for key in [key for key in state if key.startswith(prefix)]:
            state[homes[0] + key.removeprefix(prefix)] = state.pop(key)


def sample_rate_of(state: dict[str, Any], prefix: str, target: str) -> float | None:
    """The sample rate a state says it is for, in Hz, if it does."""
    home = f"{prefix}target_models.{key_of_target(target)}."
    for key in (f"{prefix}sample_rate", f"{home}sample_rate"):
        rate = state.get(key)
        if isinstance(rate, Tensor):
            return float(rate)
    return None

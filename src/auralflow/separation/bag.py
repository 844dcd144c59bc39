"""Several networks that answer together: a bag, as demucs calls it.

    - model: vocals-large          # the best for vocals
      weights: {vocals: 1}
    - model: four-stems
      weights: {drums: 1, bass: 1, other: 1}

Source of the idea: Défossez, "Hybrid Spectrogram and Waveform Source Separation", MDX workshop 2021, whose bag weighs each
network for each target.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite

from auralflow.config.layers import did_you_mean
from auralflow.errors import ModelError
from auralflow.models.base import Separator

__all__ = ["Bag", "Member", "blended_targets"]


@dataclass(frozen=True)
class Member:
    """One network of a bag, and how much its word counts for each target."""

    network: Separator
    weights: Mapping[str, float] = field(default_factory=dict)
    """By target, from 0; empty: 1 for each of the network's. A target that is not named counts 0."""

    def weight_of(self, target: str) -> float:
        """How much this network counts for a target."""
        return _weight(self.weights, target) if target in self.network.targets else 0.0


class Bag:
    """Networks blended: each target is the weighted mean of what those that have it say.

    The networks may differ in everything: targets, channels, sample rate, length of what they see. Raises `ModelError` for
    a bag without networks, for weights that are no such numbers, and for a target for which no network counts.
    """

    def __init__(self, members: Sequence[Member]) -> None:
        if not members:
            raise ModelError("the bag holds no network: give at least one")
        self.members = tuple(members)
        self.targets = blended_targets(
            [(member.network.targets, member.weights) for member in self.members]
        )
        """Those of all networks, in the order in which they first come, without those that nobody counts for."""

    def weights_of(self, target: str) -> tuple[float, ...]:
        """What each network counts for a target; together 1."""
        weights = [member.weight_of(target) for member in self.members]
        return tuple(weight / sum(weights) for weight in weights)


def blended_targets(
    members: Sequence[tuple[Sequence[str], Mapping[str, float]]],
) -> tuple[str, ...]:
    """The targets of a bag whose networks have these targets and these weights.

    Raises `ModelError` for weights that no bag takes.
    """
    for number, (targets, weights) in enumerate(members, start=1):
        _check(targets, weights, number)
    names = dict.fromkeys(name for targets, _ in members for name in targets)
    counted = tuple(
        name
        for name in names
        if any(name in targets and _weight(weights, name) for targets, weights in members)
    )
    if not counted:
        raise ModelError("every weight of the bag is 0: give at least one that is not")
    return counted


def _weight(weights: Mapping[str, float], target: str) -> float:
    """What a network that has the target counts for it."""
    return float(weights.get(target, 0.0)) if weights else 1.0


def _check(targets: Sequence[str], weights: Mapping[str, float], number: int) -> None:
    for name, weight in weights.items():
        if name not in targets:
            raise ModelError(
                f"network {number} of the bag has no target {name}{did_you_mean(name, targets)}: "
                f"it has {', '.join(targets)}"
            )
        if not (isfinite(weight) and weight >= 0):
            raise ModelError(
                f"network {number} of the bag counts {weight} for {name}: give a number from 0"
            )

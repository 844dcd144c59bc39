"""Which estimate is compared with which reference, where the order of the targets means nothing.

Every loss is a mean over targets, so all S! orders are sums of the same S × S costs. They are computed in S steps, in
each of which the estimates move on by a place:

    step 0    ŝ₁–s₁  ŝ₂–s₂  ŝ₃–s₃
    step 1    ŝ₂–s₁  ŝ₃–s₂  ŝ₁–s₃
    step 2    ŝ₃–s₁  ŝ₁–s₂  ŝ₂–s₃

Source: Kolbæk et al., "Multitalker Speech Separation With Utterance-Level Permutation Invariant Training", TASLP 2017.
"""

from itertools import permutations

import torch
from jaxtyping import Float, Int
from torch import Tensor

from auralflow.errors import ConfigError

__all__ = ["MOST_TARGETS", "best_order", "check_targets", "in_order"]

MOST_TARGETS = 5
"""Targets whose 120 orders are tried; six would have 720."""


def check_targets(targets: int) -> None:
    """Raise `ConfigError` if there are more orders than can be tried."""
    if targets > MOST_TARGETS:
        raise ConfigError(
            f"permutation-invariant is true and there are {targets} targets, but at most "
            f"{MOST_TARGETS} can be tried in every order: turn it off, or train with fewer targets"
        )


def best_order(costs: Float[Tensor, "K B S"]) -> Int[Tensor, "B S"]:
    """The steps that the cheapest order of each item takes for each reference; costs are those of each step."""
    steps, items, targets = costs.shape
    orders = torch.tensor(list(permutations(range(targets))), device=costs.device)
    needed = (orders - torch.arange(targets, device=costs.device)) % steps
    totals = torch.stack([in_order(costs, order.expand(items, -1)).mean(-1) for order in needed])
    return needed[totals.argmin(0)]


def in_order(costs: Float[Tensor, "K B S"], steps: Int[Tensor, "B S"]) -> Float[Tensor, "B S"]:
    """The costs of each item at the steps of its order."""
    return costs.gather(0, steps.unsqueeze(0)).squeeze(0)

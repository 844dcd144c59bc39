"""The loss of a training step: losses of the catalogue, weighed and added up."""

from collections.abc import Mapping

import torch
from jaxtyping import Float
from torch import Tensor

from auralflow.losses.names import LossName
from auralflow.losses.options import LossOptions
from auralflow.losses.pair import Pair
from auralflow.losses.permutations import best_order, check_targets, in_order
from auralflow.losses.term import Term

__all__ = ["WeightedLoss"]


class WeightedLoss:
    """A weighted sum of losses, averaged over the targets and items of a batch."""

    def __init__(
        self,
        terms: Mapping[LossName, Term],
        weights: Mapping[LossName, float],
        options: LossOptions,
    ) -> None:
        self.weights = dict(weights)
        self.options = options
        self._terms = {name: terms[name] for name in weights}

    def __call__(self, pair: Pair) -> tuple[Float[Tensor, ""], dict[str, Float[Tensor, ""]]]:
        """The loss, and what each of its terms has in it, without gradient.

        Computed in float32 whatever the autocast type is.

        Raises `ConfigError` if the order of the targets is free and there are too many of them.
        """
        with torch.autocast(pair.reference.waveform.device.type, enabled=False):
            costs = (
                self._in_best_order(pair)
                if self.options.permutation_invariant
                else self._costs(pair)
            )
        means = {name: cost.mean() for name, cost in costs.items()}
        total = torch.stack(list(means.values())).sum()
        return total, {name: mean.detach() for name, mean in means.items()}

    def _costs(self, pair: Pair) -> dict[LossName, Float[Tensor, "B S"]]:
        return {
            name: self.weights[name] * term(pair, self.options)
            for name, term in self._terms.items()
        }

    def _in_best_order(self, pair: Pair) -> dict[LossName, Float[Tensor, "B S"]]:
        check_targets(pair.targets)
        steps = [self._costs(pair.rolled(places)) for places in range(pair.targets)]
        costs = {name: torch.stack([step[name] for step in steps]) for name in self._terms}
        with torch.no_grad():
            order = best_order(torch.stack(list(costs.values())).sum(0))
        return {name: in_order(cost, order) for name, cost in costs.items()}

"""An average of the weights over the latest steps, which separates better than the weights of any one of them."""

from collections.abc import Mapping
from typing import Any

import pytorch_lightning as pl
import torch
from torch import Tensor

__all__ = ["WeightAverage"]


class WeightAverage(pl.Callback):
    """Keeps the exponential moving average of a network's weights and buffers; it is what is validated and saved.

    In the first steps the decay is lower, (1 + n) / (10 + n) after n of them, since the first weights are of no value.

    Source: Polyak and Juditsky, "Acceleration of stochastic approximation by averaging", 1992; the decay of the first steps is
    TensorFlow's.
    """

    def __init__(self, decay: float) -> None:
        self._decay = decay
        self._steps = 0
        self._average: dict[str, Tensor] = {}
        self._own: dict[str, Tensor] | None = None
        """The weights themselves while the average is in their place."""

    def state_dict(self) -> dict[str, Any]:
        """How many steps are in the average; its weights are saved as the network's own."""
        return {"steps": self._steps}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take up where a run left it."""
        self._steps = state_dict["steps"]

    def weights(self) -> Mapping[str, Tensor]:
        """The average, by the names that a state dict of the network has; nothing before the first step."""
        return self._average

    def replaced(self) -> Mapping[str, Tensor]:
        """The weights themselves while the average is in their place; nothing while they are in it."""
        return self._own or {}

    def restore(self, weights: Mapping[str, Tensor]) -> None:
        """Take an average from a checkpoint."""
        self._average = {name: value.detach().clone() for name, value in weights.items()}

    def on_fit_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Begin with the weights that training begins with, if there is no average yet."""
        state = _state_of(pl_module)
        if not self._average:
            self.restore(state)
        self._average = {
            name: self._average[name].to(value.device) for name, value in state.items()
        }

    def on_train_batch_end(
        self,
        trainer: pl.Trainer,
        pl_module: pl.LightningModule,
        outputs: Any,
        batch: Any,
        batch_idx: int,
    ) -> None:
        """Take the weights of a new step into the average."""
        if trainer.global_step == self._steps:
            return  # gradients are still added up
        self._steps = trainer.global_step
        decay = min(self._decay, (1 + self._steps) / (10 + self._steps))
        state = _state_of(pl_module)
        names = [name for name, value in state.items() if value.is_floating_point()]
        torch._foreach_lerp_(
            [self._average[name] for name in names], [state[name] for name in names], 1.0 - decay
        )
        for name in state.keys() - set(names):
            self._average[name].copy_(state[name])

    def on_validation_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Put the average in the weights' place."""
        if self._own is None and self._average:
            state = _state_of(pl_module)
            self._own = {name: value.clone() for name, value in state.items()}
            _copy(self._average, state)

    def on_validation_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Give the weights their place back."""
        if self._own is not None:
            _copy(self._own, _state_of(pl_module))
            self._own = None

    def on_exception(
        self, trainer: pl.Trainer, pl_module: pl.LightningModule, exception: BaseException
    ) -> None:
        """Nobody is left with the average for the weights."""
        self.on_validation_end(trainer, pl_module)


def _state_of(module: pl.LightningModule) -> dict[str, Tensor]:
    """The network's own tensors, not copies."""
    model = module.model
    if not isinstance(model, torch.nn.Module):
        raise TypeError(f"a network is wanted, not {type(model).__name__}")
    return {name: value.detach() for name, value in model.state_dict().items()}


@torch.no_grad()
def _copy(source: Mapping[str, Tensor], target: Mapping[str, Tensor]) -> None:
    for name, value in target.items():
        value.copy_(source[name])

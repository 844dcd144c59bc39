"""Our whole training and a loop as short as one writes it, in turn within one epoch."""

import copy
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path
from typing import Any
from unittest.mock import patch

import torch
from torch import Tensor
from torch.nn import functional as F

from auralflow.models.base import Separator
from auralflow.training import train
from auralflow.training.module import SeparationModule
from loaders.music import RATE
from trainers.clock import Span, now
from trainers.networks import Network

__all__ = ["side_by_side", "within_new_folder"]

_BLOCK = 2
"""Steps of one kind before those of the other."""


class _BareLoop:
    """The same network with Adam, on mixtures and targets that lie in its device's memory."""

    def __init__(self, model: Separator, network: Network) -> None:
        self.model = copy.deepcopy(model)
        self.device = next(model.parameters()).device
        self.is_half = network.keys.get("precision") == "bfloat16"
        self.optimiser = torch.optim.Adam(
            self.model.parameters(), lr=0.001, weight_decay=network.weight_decay
        )
        self.distance = {"l1": F.l1_loss, "l2": F.mse_loss}[network.loss]
        shape = (network.batch, len(network.targets), 2, network.seconds * RATE)
        self.batches = cycle([self._batch(shape) for _ in range(4)])
        self.total = 0.0

    def _batch(self, shape: tuple[int, ...]) -> tuple[Tensor, Tensor]:
        stems = 0.1 * torch.randn(shape)
        mixture = stems.sum(1) + 0.1 * torch.randn(shape[0], *shape[2:])
        return mixture.to(self.device), stems.to(self.device)

    def run(self, steps: int) -> None:
        for _ in range(steps):
            mixture, stems = next(self.batches)
            self.optimiser.zero_grad()
            with torch.autocast(self.device.type, torch.bfloat16, enabled=self.is_half):
                estimate = self.model.estimate(mixture)
                loss = self.distance(estimate.values, self.model.reference(stems))
            loss.backward()
            self.optimiser.step()
            self.total += loss.item()


class _Turns(SeparationModule):
    """Lets the bare loop have its turn after every block of steps; the first block of either does not count."""

    network: Network
    ours: list[Span]
    bare: list[Span]
    _loop: _BareLoop | None = None
    _since = Span(0.0, 0.0)

    def on_train_batch_start(self, batch: Any, batch_idx: int) -> None:
        if batch_idx % _BLOCK == 0:
            self._take_turns()
        super().on_train_batch_start(batch, batch_idx)

    def _take_turns(self) -> None:
        if self._loop is None:
            self._loop = _BareLoop(self.model, self.network)
        else:
            self.ours.append(self._since.until(now()).over(_BLOCK))
        start = now()
        self._loop.run(_BLOCK)
        self._since = now()
        self.bare.append(start.until(self._since).over(_BLOCK))


def side_by_side(
    music: Path, network: Network, *, workers: int, blocks: int
) -> list[tuple[Span, Span]]:
    """A step of ours and a step of the bare loop, for neighbouring blocks of one training."""
    _Turns.network, _Turns.ours, _Turns.bare = network, [], []
    parameters = network.parameters(steps=(blocks + 2) * _BLOCK + 1, workers=workers)
    # The bare loop has no other way in.
    with patch("auralflow.training.fitting.SeparationModule", _Turns), within_new_folder():
        train(name="net", data=music, **parameters)
    # One of the bare loop's blocks is before each of ours.
    return list(zip(_Turns.ours, _Turns.bare, strict=False))[1:]


@contextmanager
def within_new_folder() -> Iterator[None]:
    """The current folder is an empty one, which is removed."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            yield
        finally:
            os.chdir(before)

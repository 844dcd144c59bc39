"""`auralflow train` in a process of its own: `python -m trainers.ours MUSIC STEPS WORKERS BASE`."""

import os
import sys
import tempfile
from typing import Any
from unittest.mock import patch

import torch

from auralflow.training import train
from auralflow.training.module import SeparationModule
from trainers.clock import Clock
from trainers.networks import HTDEMUCS, OPENUNMIX

__all__: list[str] = []

NETWORKS = {network.base: network for network in (OPENUNMIX, HTDEMUCS)}


class _Clocked(SeparationModule):
    """Ticks when a batch has come, and tells the pace when all of an epoch have been learnt from."""

    clock = Clock()

    def on_train_batch_start(self, batch: Any, batch_idx: int) -> None:
        self.clock.tick()
        super().on_train_batch_start(batch, batch_idx)

    def on_train_epoch_end(self) -> None:
        self.clock.finish(self.model)


def main() -> None:
    """Train for one epoch."""
    root, steps, workers, base = sys.argv[1:]
    torch.set_num_threads(1)
    parameters = NETWORKS[base].parameters(steps=int(steps), workers=int(workers))
    # The clock has no other way in.
    clocked = patch("auralflow.training.fitting.SeparationModule", _Clocked)
    with clocked, tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        train(name="net", data=root, **parameters)


if __name__ == "__main__":
    main()

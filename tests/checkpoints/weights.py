"""Checkpoints of networks that are small enough to make dozens of."""

from collections.abc import Mapping
from typing import Any

import torch

from auralflow.checkpoints import Checkpoint, build_network
from auralflow.config import Layer
from auralflow.settings import Settings, read_settings

SMALL = {
    "max-layers": 2,
    "init-features": 2,
    "num-fft": 128,
    "window-size": 128,
    "hop-length": 96,
    "sample-rate": 8000,
    "chunk-size": 1,
}


def small_settings(**values: Any) -> Settings:
    """Settings of a small network, with further keys in snake_case."""
    return read_settings([Layer("test", SMALL), Layer("test", values)])


def small_checkpoint(
    *,
    targets: tuple[str, ...] = ("vocals",),
    training: Mapping[str, Any] | None = None,
    **values: Any,
) -> Checkpoint:
    """A checkpoint of an untrained network whose batch statistics are not those it was born with."""
    settings = small_settings(**values)
    network = build_network(settings, targets)
    with torch.no_grad():
        network(torch.randn(2, settings.data.channels, 4000))
    progress = {"epoch": 3, "best": -1.5, "tracks": {"train": ["a: b", "歌"], "valid": []}}
    return Checkpoint(settings, targets, network.state_dict(), progress, training)

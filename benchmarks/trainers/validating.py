"""Validating a track as training does beside separating it as `auralflow separate` does, in turn."""

import tempfile
from pathlib import Path

import torch

from auralflow.datasets.sources import open_data
from auralflow.losses import create_loss
from auralflow.losses.options import LossOptions
from auralflow.models import create
from auralflow.separation import SeparationOptions, separate_file
from auralflow.settings.data import DataSettings
from auralflow.training.validation import validate_track
from trainers.clock import Span, now
from trainers.networks import Network

__all__ = ["validation_and_separation"]


def validation_and_separation(
    music: Path, network: Network, *, rounds: int
) -> list[tuple[Span, Span]]:
    """Time for the first track: validated with the training loss, and separated into files with their residual."""
    track = open_data(music, DataSettings.model_validate({"mono": False})).tracks[0]
    model = create(network.base, targets=network.targets, channels=2, **network.keys)
    loss = create_loss(network.loss, LossOptions.defaults())
    options = SeparationOptions(batch_size=1)
    mixture = music / "train" / track.name / "mixture.wav"

    def validate() -> None:
        validate_track(model, track, loss=loss, options=options)

    def separate() -> None:
        with tempfile.TemporaryDirectory() as folder:
            separate_file(model, mixture, Path(folder), options=options)

    torch.manual_seed(0)
    pairs = []
    for number in range(rounds + 1):
        spans = {}
        # The other way round each time, so that a slow minute of the machine strikes no side alone.
        for task in (validate, separate) if number % 2 else (separate, validate):
            start = now()
            task()
            spans[task] = start.until(now())
        pairs.append((spans[validate], spans[separate]))
    return pairs[1:]

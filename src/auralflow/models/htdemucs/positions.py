"""How a transformer's features know their places: vectors to add, `N K` for places in time.

Source: the embeddings of demucs.transformer 4.1.0 (MIT licence), written anew. They are cheap enough to be computed each
time: a sinusoid of each place and one of each bin, where the package fills a plane for all pairs.
"""

import math

import torch
from torch import Tensor, nn

from auralflow.errors import ModelError
from auralflow.models.htdemucs.config import CapeConfig

__all__ = ["LearnedPositions", "MovedSinusoids", "Sinusoids", "plane_of_sinusoids"]


class Sinusoids(nn.Module):
    """Cosines and sines, of which the fastest turns once in 2π places and the slowest `period` times as slowly.

    In training all are moved by the same random number of places, up to `shift`.

    Source: Vaswani et al., "Attention Is All You Need", NeurIPS 2017.
    """

    def __init__(self, *, period: float, shift: int) -> None:
        super().__init__()
        self.period = period
        self.shift = shift

    def forward(self, features: Tensor) -> Tensor:
        """Vectors `N K` of features `B N K`."""
        places = torch.arange(features.shape[1], device=features.device)
        if self.training and self.shift:
            places = places + torch.randint(self.shift + 1, (), device=features.device)
        return _waves(places[:, None], features.shape[2], self.period)


class MovedSinusoids(nn.Module):
    """Sinusoids whose places are moved, jittered and stretched at random in training, for each example anew.

    Source: Likhomanenko et al., "CAPE: Encoding Relative Positions with Continuous Augmented Positional Embeddings",
    NeurIPS 2021.
    """

    def __init__(self, config: CapeConfig, *, period: float) -> None:
        super().__init__()
        self.config = config
        self.period = period

    def forward(self, features: Tensor) -> Tensor:
        """Vectors `N K`, or in training `B N K`, of features `B N K`."""
        batch, length, width = features.shape
        places = torch.arange(length, device=features.device, dtype=torch.float32)[:, None]
        if self.config.mean_normalize:
            places = places - places.mean()
        if self.training and self.config.augment:
            stretch = math.log(self.config.max_scale)
            moved = places + _uniform(features, batch, 1, limit=self.config.global_shift)
            moved = moved + _uniform(features, batch, length, limit=self.config.local_shift)
            places = moved * _uniform(features, batch, 1, limit=stretch).exp()
        return _waves(places, width, self.period)


class LearnedPositions(nn.Module):
    """A learned vector for each place, kept smaller than it is used so that an optimiser moves it faster."""

    _BOOST = 3.0
    _START = 0.2

    def __init__(self, places: int, features: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(places, features)
        with torch.no_grad():
            self.embedding.weight.mul_(self._START / self._BOOST)

    def forward(self, features: Tensor) -> Tensor:
        """Vectors `N K` of features `B N K`."""
        places, known = features.shape[1], self.embedding.num_embeddings
        if places > known:
            raise ModelError(
                f"the waveform has {places} places and transformer.max-positions is {known}: give the network shorter "
                "chunks, or raise the key before training"
            )
        return self.embedding.weight[:places] * self._BOOST


def plane_of_sinusoids(
    bins: int, frames: int, features: int, *, period: float, device: torch.device
) -> Tensor:
    """Vectors `N F K`: sinusoids of the frame in the first half of the features, of the bin in the second.

    Source: Wang and Liu, "Translating Math Formula Images to LaTeX Sequences Using Deep Neural Networks with
    Sequence-level Training", IJDAR 2021.
    """
    half = features // 2
    slowing = torch.arange(0, half, 2, device=device, dtype=torch.float32)
    slowing = torch.exp(slowing * -(math.log(period) / half))
    frame, bin_ = (
        _alternating(torch.arange(length, device=device)[:, None] * slowing)
        for length in (frames, bins)
    )
    return torch.cat([frame[:, None].expand(-1, bins, -1), bin_.expand(frames, -1, -1)], dim=-1)


def _alternating(phase: Tensor) -> Tensor:
    """Sine and cosine in turn."""
    return torch.stack([phase.sin(), phase.cos()], dim=-1).flatten(-2)


def _waves(places: Tensor, features: int, period: float) -> Tensor:
    """Cosines, then sines, of places `… 1`."""
    half = features // 2
    slower = torch.arange(half, device=places.device)
    phase = places / period ** (slower / (half - 1))
    return torch.cat([phase.cos(), phase.sin()], dim=-1)


def _uniform(features: Tensor, *shape: int, limit: float) -> Tensor:
    """Random numbers within a limit on either side of zero, `… 1`."""
    unit = torch.rand(*shape, 1, device=features.device)
    return (2 * unit - 1) * limit

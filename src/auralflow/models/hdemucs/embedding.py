"""A vector for each bin, so that convolutions along the bins know where they are."""

import torch
from torch import Tensor, nn

from auralflow.models.layers.in_place import takes_place

__all__ = ["BinEmbedding"]


class BinEmbedding(nn.Module):
    """A learned vector for each bin, added with a weight.

    The vectors are kept smaller by `scale` than they are used, so that an optimiser moves them so much faster. `smooth`
    makes them a random walk at first: neighbours begin alike.

    Source: Isik et al., "PoCoNet: Better Speech Enhancement with Frequency-Positional Embeddings, Semi-Supervised
    Conversational Data, and Biased Loss", Interspeech 2020.
    """

    def __init__(
        self, bins: int, features: int, *, weight: float, scale: float, smooth: bool
    ) -> None:
        super().__init__()
        self.embedding = nn.Embedding(bins, features)
        self.factor = weight * scale
        with torch.no_grad():
            vectors = self.embedding.weight
            if smooth:
                # The walk's variance grows with its steps.
                steps = torch.arange(1, bins + 1)[:, None]
                vectors.copy_(vectors.cumsum(0) / steps.sqrt())
            vectors.div_(scale)

    def forward(self, features: Tensor) -> Tensor:
        """Features `B K F N`, which must be nobody else's, with the vectors of their bins."""
        vectors = (self.factor * self.embedding.weight).t()[:, :, None]
        in_place = takes_place(features) and features.dtype == vectors.dtype
        return features.add_(vectors) if in_place else features + vectors

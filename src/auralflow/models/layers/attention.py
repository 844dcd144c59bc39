"""Self-attention whose reach each frame chooses.

Source: the layer `LocalState` of Demucs (MIT licence), after Défossez, "Hybrid Spectrogram and Waveform Source
Separation", MDX workshop 2021. Names of weights and answers are theirs; written anew. The source weighs a plane of
distances for each of its decays and adds these; all are multiples of one plane, so here the weights are added first.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from auralflow.errors import ModelError

__all__ = ["Attending", "LocalAttention"]

_SELF = -100.0
"""Score of a frame for itself: as good as none, unless it is the only frame."""


class Attending(nn.Module):
    """Base of layers of attention: says which of its weights make queries, keys, values and the answer."""

    projections: tuple[str, ...]


class LocalAttention(Attending):
    """Each frame looks at the others, the less the farther, and what it sees is added to it.

    Each frame has weights between 0 and ½ for `decays` slopes, by which scores fall with the distance in frames.
    """

    projections = ("content.weight", "query.weight", "key.weight", "proj.weight")

    def __init__(self, features: int, *, heads: int = 4, decays: int = 4) -> None:
        super().__init__()
        if features % heads:
            raise ModelError(
                f"the attention in the residual branches has {features} features for {heads} heads: choose "
                "init-features, growth and residual.compress so that the heads can share them evenly"
            )
        self.heads = heads
        self.content = nn.Conv1d(features, features, 1)
        self.query = nn.Conv1d(features, features, 1)
        self.key = nn.Conv1d(features, features, 1)
        self.query_decay = nn.Conv1d(features, heads * decays, 1)
        self.proj = nn.Conv1d(features, features, 1)
        # Slopes start gentle: attention begins by looking far.
        with torch.no_grad():
            self.query_decay.weight.mul_(0.01)
            self.query_decay.get_parameter("bias").fill_(-2.0)

    def forward(self, features: Tensor) -> Tensor:
        """Features `B K T` in and out."""
        batch, width, frames = features.shape
        seen = self._project(features)
        # Scores fall with distances of thousands of frames, which half precision cannot count.
        with torch.autocast(features.device.type, enabled=False):
            content, query, key, decay = (
                part.reshape(batch * self.heads, -1, frames)
                for part in seen.float().tensor_split((width, 2 * width, 3 * width), 1)
            )
            weights = self._scores(query, key, decay).softmax(-1)
            heard = torch.bmm(content, weights.transpose(1, 2))
        answer: Tensor = self.proj(heard.reshape(batch, width, frames).to(seen.dtype))
        return features + answer

    def _project(self, features: Tensor) -> Tensor:
        """Content, queries, keys and weights of the slopes, one after the other: one product instead of four."""
        parts = (self.content, self.query, self.key, self.query_decay)
        weight = torch.cat([part.weight for part in parts])
        bias = torch.cat([part.bias for part in parts if part.bias is not None])
        return F.conv1d(features, weight, bias)

    def _scores(self, query: Tensor, key: Tensor, decay: Tensor) -> Tensor:
        """How much each frame, in rows, wants of each other."""
        decays, frames = decay.shape[1:]
        steps = torch.arange(1, decays + 1, device=decay.device, dtype=decay.dtype)
        slope = torch.einsum("bds,d->bs", decay.sigmoid(), steps / (-2 * math.sqrt(decays)))
        place = torch.arange(frames, device=decay.device, dtype=decay.dtype)
        distance = (place[:, None] - place).abs()
        scores = torch.baddbmm(
            slope[:, :, None] * distance,
            query.transpose(1, 2),
            key,
            alpha=1 / math.sqrt(query.shape[1]),
        )
        itself = torch.eye(frames, device=scores.device, dtype=torch.bool)
        return scores.masked_fill_(itself, _SELF)

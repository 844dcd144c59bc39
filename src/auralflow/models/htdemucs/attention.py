"""A layer of attention: to the features' own places, or to those of another branch."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from auralflow.models.htdemucs.config import TransformerConfig
from auralflow.models.layers.attention import Attending
from auralflow.models.layers.in_place import activated
from auralflow.models.layers.recurrent import LayerScale
from auralflow.models.layers.repeatable import attend
from auralflow.models.layers.rows import RowGroupNorm

__all__ = ["Attention", "AttentionLayer", "GlobalNorm"]

_FRESH_SCALE = 1e-4


class GlobalNorm(RowGroupNorm):
    """A norm over all places and features of an example."""

    def __init__(self, features: int) -> None:
        super().__init__(1, features)

    def forward(self, input: Tensor) -> Tensor:  # noqa: A002  (torch's name)
        """Features `B N K` in and out."""
        return super().forward(input.mT).mT


class Attention(Attending):
    """Several heads of scaled dot products; weights and answers are those of `torch.nn.MultiheadAttention`."""

    projections = ("in_proj_weight", "out_proj.weight")

    def __init__(self, features: int, *, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.dropout = dropout
        self.in_proj_weight = nn.Parameter(torch.empty(3 * features, features))
        self.in_proj_bias = nn.Parameter(torch.zeros(3 * features))
        self.out_proj = nn.Linear(features, features)
        nn.init.xavier_uniform_(self.in_proj_weight)
        nn.init.zeros_(self.out_proj.bias)

    def forward(self, features: Tensor, others: Tensor | None = None) -> Tensor:
        """What features `B N K` see in others, or in themselves."""
        if others is None:
            query, key, value = self._projected(features, 0, 3)
        else:
            (query,), (key, value) = self._projected(features, 0, 1), self._projected(others, 1, 3)
        dropout = self.dropout if self.training else 0.0
        seen = attend(query, key, value, dropout=dropout)
        answer: Tensor = self.out_proj(seen.transpose(1, 2).flatten(2))
        return answer

    def _projected(self, features: Tensor, first: int, last: int) -> list[Tensor]:
        """Some of queries, keys and values, `B heads N K` each."""
        some = slice(first * features.shape[-1], last * features.shape[-1])
        parts = F.linear(features, self.in_proj_weight[some], self.in_proj_bias[some])
        return [
            part.unflatten(-1, (self.heads, -1)).transpose(1, 2)
            for part in parts.chunk(last - first, -1)
        ]


class AttentionLayer(nn.Module):
    """Attention, then dense layers on each place; either adds to what it is given.

    With `norm_first`:

        ─┬─▶ norm ─▶ attention ─▶ scale ─▶ + ─┬─▶ norm ─▶ dense ─▶ scale ─▶ + ─▶ norm ─▶
         └──────────────────────────────────▲ └───────────────────────────▲

    Without, the first two norms stand behind the sums, and there is no third.
    """

    def __init__(self, features: int, config: TransformerConfig, *, across: bool) -> None:
        super().__init__()
        hidden = int(features * config.hidden_scale)
        self.norm_first = config.norm_first
        self.attention_name = "cross_attn" if across else "self_attn"
        self.add_module(
            self.attention_name, Attention(features, heads=config.heads, dropout=config.dropout)
        )
        self.linear1 = nn.Linear(features, hidden)
        self.activation = nn.GELU() if config.gelu else nn.ReLU()
        self.linear2 = nn.Linear(hidden, features)
        self.dropout = nn.Dropout(config.dropout)
        self.norm1, self.norm2 = (_norm(features, config) for _ in range(2))
        # Where norms come last, it is there and does nothing, as in the package.
        self.norm3 = _norm(features, config) if across else None
        norm_out = config.norm_first and config.norm_out
        self.norm_out = GlobalNorm(features) if norm_out else nn.Identity()
        self.gamma_1, self.gamma_2 = (_scale(features, config) for _ in range(2))

    def forward(self, features: Tensor, others: Tensor | None = None) -> Tensor:
        """Features `B N K` in and out, and the others' `B M K` they look at."""
        attention = self.get_submodule(self.attention_name)
        if not self.norm_first:
            features = self.norm1(self._plus(features, attention(features, others), self.gamma_1))
            last: Tensor = self.norm2(self._plus(features, self._dense(features), self.gamma_2))
            return last
        normed_others = None if others is None else self.norm2(others)
        features = self._plus(
            features, attention(self.norm1(features), normed_others), self.gamma_1
        )
        dense_norm = self.norm3 if self.norm3 is not None else self.norm2
        features = self._plus(features, self._dense(dense_norm(features)), self.gamma_2)
        out: Tensor = self.norm_out(features)
        return out

    def _dense(self, features: Tensor) -> Tensor:
        answer: Tensor = self.linear2(
            self.dropout(activated(self.activation, self.linear1(features)))
        )
        return answer

    def _plus(self, features: Tensor, more: Tensor, scale: nn.Module) -> Tensor:
        more = self.dropout(more)
        if isinstance(scale, LayerScale):
            return torch.addcmul(features, more, scale.factor())
        return features + more


def _norm(features: int, config: TransformerConfig) -> nn.Module:
    return GlobalNorm(features) if config.group_norm else nn.LayerNorm(features)


def _scale(features: int, config: TransformerConfig) -> nn.Module:
    if not config.layer_scale:
        return nn.Identity()
    return LayerScale(features, _FRESH_SCALE, features_last=True)

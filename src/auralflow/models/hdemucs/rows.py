"""Features `B K F N` as the rows `B K T` that layers along time take.

All of it is views by way of `B F N K`, as features lie in memory: where a dimension is 1, others would leave strides by
which torch takes features for planes.
"""

from torch import Tensor, nn

__all__ = ["each_bin", "every_place"]


def each_bin(layer: nn.Module, features: Tensor) -> Tensor:
    """What a layer makes of features, of which each bin is a signal on its own."""
    batch, _, bins, _ = features.shape
    rows = features.movedim(1, -1).flatten(0, 1).mT
    answer: Tensor = layer(rows).mT
    return answer.reshape(batch, bins, *answer.shape[1:]).movedim(-1, 1)


def every_place(layer: nn.Module, features: Tensor) -> Tensor:
    """What a layer makes of features, all bins and frames of which are in one row."""
    if isinstance(layer, nn.Identity):
        return features
    batch, _, bins, frames = features.shape
    row = features.movedim(1, -1).flatten(1, 2).mT
    answer: Tensor = layer(row).mT
    return answer.reshape(batch, bins, frames, -1).movedim(-1, 1)

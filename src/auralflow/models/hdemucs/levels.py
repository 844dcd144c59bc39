"""Levels of a hybrid network. Features are `B K F N` everywhere; on the waveform there is one bin.

Source: Défossez, "Hybrid Spectrogram and Waveform Source Separation", MDX workshop 2021, figure 2. Names of weights are
those of `demucs.hdemucs`.
"""

from functools import partial

from torch import Tensor, nn
from torch.nn import functional as F

from auralflow.errors import ModelError
from auralflow.models.hdemucs.blocks import joined_blocks, neighbours, wants_blocks_of_bins
from auralflow.models.hdemucs.convolution import convolve, convolve_surrounded
from auralflow.models.hdemucs.rows import each_bin, every_place
from auralflow.models.hdemucs.shapes import Edge
from auralflow.models.layers.gated import gated
from auralflow.models.layers.in_place import activated, with_skip
from auralflow.models.layers.residual import ResidualBranch
from auralflow.models.layers.rows import Gate, RowConv1d, RowConvTranspose1d, RowGroupNorm
from auralflow.models.tracing import is_traced

__all__ = ["DecoderLevel", "EncoderLevel", "FromFrames", "ToFrames", "group_norm"]

_GELU = nn.GELU()


class EncoderLevel(nn.Module):
    """Fewer bins, or fewer places in time, and more features.

    ─▶ conv, strided ─▶ (+ waveform) ─▶ norm ─▶ GELU ─▶ branches along time ─▶ conv ─▶ norm ─▶ GLU ─▶
    """

    def __init__(
        self, edge: Edge, *, context: int, norm_groups: int | None, branch: ResidualBranch | None
    ) -> None:
        super().__init__()
        inside = edge.inside
        self.edge = edge
        self.conv = _strided(edge)
        self.norm1 = group_norm(norm_groups, inside)
        self.rewrite = _rewrite(edge, inside, context, context)
        self.norm2 = group_norm(norm_groups, 2 * inside)
        self.gate = Gate()
        self.dconv = branch
        # Whether no bin sees more of the others than a kernel does.
        self.by_bins = edge.over_bins and norm_groups is None and context == 0

    def forward(self, features: Tensor, waveform: Tensor | None = None) -> Tensor:
        """Features of this level; those of the waveform have come to the same resolution."""
        if waveform is None and self.by_bins:
            edge, width = self.edge, self.edge.inside
            bins = (features.shape[2] + 2 * edge.padding - edge.kernel) // edge.stride + 1
            if wants_blocks_of_bins(features, width=width, bins=bins):
                block = partial(self._block, features)
                return joined_blocks(features, block, width=width, bins=bins)
        features = convolve(self.conv, _whole_strides(features, self.edge))
        return self._refined(features if waveform is None else features + waveform)

    def _block(self, features: Tensor, start: int, end: int) -> Tensor:
        """Bins from a start to an end of what the level makes."""
        first = start * self.edge.stride - self.edge.padding
        beyond = (end - 1) * self.edge.stride + self.edge.kernel - self.edge.padding
        return self._refined(convolve_surrounded(self.conv, neighbours(features, first, beyond)))

    def _refined(self, features: Tensor) -> Tensor:
        features = activated(_GELU, every_place(self.norm1, features))
        if self.dconv is not None:
            features = each_bin(self.dconv, features)
        return _gate_of(self.rewrite, self.norm2, self.gate, features)


class DecoderLevel(nn.Module):
    """More bins, or more places in time, and fewer features.

    ─▶ conv ─▶ norm ─▶ GLU ─▶ branches along time ─┬─▶ conv, transposed ─▶ norm ─▶ GELU ─▶
                                                   └─▶ (to the waveform)
    """

    def __init__(
        self,
        edge: Edge,
        *,
        context: int,
        bin_context: int,
        norm_groups: int | None,
        branch: ResidualBranch | None,
        last: bool,
    ) -> None:
        super().__init__()
        self.rewrite = _rewrite(edge, edge.inside, bin_context, context)
        self.norm1 = group_norm(norm_groups, 2 * edge.inside)
        self.gate = Gate()
        self.dconv = branch
        # What padding cuts off still counts for a norm, and is cut off after it.
        self.uncut = 0 if norm_groups is None else edge.padding
        self.conv_tr = _transposed(edge, edge.padding - self.uncut)
        self.norm2 = group_norm(norm_groups, edge.decoder_outside)
        self.edge = edge
        self.last = last
        self.bin_context = bin_context
        self.by_bins = edge.over_bins and norm_groups is None and edge.padding > 0

    def forward(
        self, features: Tensor, length: int, skip: Tensor | None = None
    ) -> tuple[Tensor, Tensor | None]:
        """Features of the level outside, `length` bins or places long, with its skip; and those of this one.

        The latter are not there as a whole where bins are computed in blocks, which the level that joins the branches never
        is.
        """
        bins, width = features.shape[2], self.edge.inside
        if self.by_bins and wants_blocks_of_bins(features, width=width, bins=bins):
            block = partial(self._block, features)
            return joined_blocks(features, block, width=width, bins=bins, onto=skip), None
        inner = self.refined(features)
        outer = _cut(self.raised(inner), self.edge, self.uncut, length)
        outer = outer if self.last else activated(_GELU, outer)
        return outer if skip is None else with_skip(outer, skip), inner

    def _block(self, features: Tensor, start: int, end: int) -> Tensor:
        """Of the level outside, what bins from a start to an end become."""
        bins, stride = features.shape[2], self.edge.stride
        # Kernels are two strides long and reach into the bin on either side, which sees others in its turn.
        first, beyond = max(0, start - 1), min(bins, end + 1)
        seen = neighbours(features, first - self.bin_context, beyond + self.bin_context)
        inner: Tensor = self.gate(convolve_surrounded(self.rewrite, seen))
        if self.dconv is not None:
            inner = each_bin(self.dconv, inner)
        before = (start - first) * stride + self.edge.padding
        outer = convolve_surrounded(self.conv_tr, inner)
        outer = outer.narrow(2, before, (end - start) * stride)
        return outer if self.last else activated(_GELU, outer)

    def refined(self, features: Tensor) -> Tensor:
        """Features at the level's own resolution."""
        inner = _gate_of(self.rewrite, self.norm1, self.gate, features)
        return inner if self.dconv is None else each_bin(self.dconv, inner)

    def raised(self, features: Tensor) -> Tensor:
        """Features at the resolution of the level outside, as long as they come."""
        return every_place(self.norm2, convolve(self.conv_tr, features))


class ToFrames(nn.Module):
    """The last level of the waveform's branch on the way down: one place for each frame of the spectrogram."""

    def __init__(self, edge: Edge) -> None:
        super().__init__()
        self.conv = _strided(edge)
        self.edge = edge

    def forward(self, features: Tensor) -> Tensor:
        """Features that fit the spectrogram's."""
        return convolve(self.conv, _whole_strides(features, self.edge))


class FromFrames(nn.Module):
    """The first level of the waveform's branch on the way up."""

    def __init__(self, edge: Edge, *, norm_groups: int | None, last: bool) -> None:
        super().__init__()
        # What padding cuts off still counts for a norm, and is cut off after it.
        self.uncut = 0 if norm_groups is None else edge.padding
        self.conv_tr = _transposed(edge, edge.padding - self.uncut)
        self.norm2 = group_norm(norm_groups, edge.decoder_outside)
        self.edge = edge
        self.last = last

    def forward(self, features: Tensor, length: int) -> Tensor:
        """Features of the waveform, `length` places of them, from the spectrogram's."""
        outer = every_place(self.norm2, convolve(self.conv_tr, features))
        outer = _cut(outer, self.edge, self.uncut, length)
        return outer if self.last else activated(_GELU, outer)


def group_norm(groups: int | None, features: int) -> nn.Module:
    """A norm over groups of features, or nothing."""
    if groups is None:
        return nn.Identity()
    if features % groups:
        raise ModelError(
            f"norm-groups is {groups}, which cannot share {features} features evenly: choose another number, other "
            "init-features or growth, or norm-starts further in"
        )
    return RowGroupNorm(groups, features)


def _strided(edge: Edge) -> RowConv1d | nn.Conv2d:
    ends = (edge.encoder_outside, edge.inside)
    if not edge.over_bins:
        return RowConv1d(*ends, edge.kernel, edge.stride, edge.padding)
    return nn.Conv2d(*ends, (edge.kernel, 1), (edge.stride, 1), (edge.padding, 0))


def _transposed(edge: Edge, padding: int) -> RowConvTranspose1d | nn.ConvTranspose2d:
    ends = (edge.inside, edge.decoder_outside)
    if not edge.over_bins:
        return RowConvTranspose1d(*ends, edge.kernel, edge.stride, padding)
    return nn.ConvTranspose2d(*ends, (edge.kernel, 1), (edge.stride, 1), (padding, 0))


def _rewrite(edge: Edge, features: int, bins: int, frames: int) -> RowConv1d | nn.Conv2d:
    """A convolution to be gated, which sees so many neighbours on either side."""
    if not edge.over_bins:
        return RowConv1d(features, 2 * features, 1 + 2 * frames, padding=frames)
    kernel = (1 + 2 * bins, 1 + 2 * frames)
    return nn.Conv2d(features, 2 * features, kernel, padding=(bins, frames))


def _gate_of(
    rewrite: RowConv1d | nn.Conv2d, norm: nn.Module, gate: nn.Module, features: Tensor
) -> Tensor:
    """Features of the same shape, after a convolution with twice as many, a norm or none, and a gate."""
    if isinstance(rewrite, RowConv1d):
        return gated(rewrite, norm, gate, features.squeeze(2)).unsqueeze(2)
    answer: Tensor = gate(every_place(norm, convolve(rewrite, features)))
    return answer


def _whole_strides(features: Tensor, edge: Edge) -> Tensor:
    """Features filled up with zeros to whole strides along time; bins always fit."""
    if edge.over_bins:
        return features
    missing = -features.shape[3] % edge.stride
    return F.pad(features, (0, missing)) if is_traced() or missing else features


def _cut(features: Tensor, edge: Edge, start: int, length: int) -> Tensor:
    """`length` bins or places of features from a start."""
    dimension = 2 if edge.over_bins else 3
    if is_traced():
        after = length + start - features.shape[dimension]
        ends = (-start, after) if dimension == 3 else (0, 0, -start, after)
        return F.pad(features, ends)
    if features.shape[dimension] == length:
        return features
    # With features last, as they lie, so that their gradient comes to lie so too.
    return features.movedim(1, -1).narrow(dimension - 1, start, length).movedim(-1, 1)

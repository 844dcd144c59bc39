"""Training chunks on their way to the network: as raw as they lie on the disk, or as audio."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self

import torch
from jaxtyping import Bool, Float, Int, Shaped
from torch import Tensor

from auralflow.shapes import Mixture, Stems

__all__ = ["ChunkBatch", "StemBatch"]


@dataclass(frozen=True)
class StemBatch:
    """Chunks as audio, for a network on the CPU: whoever read them has converted them while they lay in its cache."""

    stems: Stems
    """With the factors and exchanged channels that were asked for."""
    mixture: Mixture | None
    """Their sum, where it was asked for."""
    numbers: Mapping[str, Float[Tensor, "B S K"]]
    """Numbers in [0, 1) by the name of what they were drawn for."""
    broken: Mapping[str, str]
    """Files that could not be read, with the reason; other chunks are in the place of theirs."""
    keys: tuple[tuple[int, int], ...] = ()
    """Epoch and index of each chunk."""


@dataclass(frozen=True)
class ChunkBatch:
    """Chunks as they travel to the training device: a row for each recording that sounds in one of their stems.

    A stem may be the sum of several rows, and one without a row is silent.
    """

    samples: Shaped[Tensor, "R C T"]
    """int16 or float32; one channel or two."""
    scale: Float[Tensor, " R"]
    """What the samples are to be multiplied with to be audio; negative where they are to be taken away."""
    places: Int[Tensor, " R"]
    """Number of the stem that a row belongs to, counted through the stems of all chunks."""
    shape: tuple[int, int, int]
    """Chunks, stems and the channels that the network sees."""
    is_plain: bool
    """Whether every stem of every chunk is one row, in order."""
    numbers: Mapping[str, Float[Tensor, "B S K"]]
    """Numbers in [0, 1) by the name of what they were drawn for."""
    broken: Mapping[str, str]
    """Files that could not be read, with the reason; other chunks are in the place of theirs."""
    swapped: Bool[Tensor, " R"] | None = None
    """Whose left and right channels are to be exchanged; None where nobody's are."""
    keys: tuple[tuple[int, int], ...] = ()
    """Epoch and index of each chunk."""

    def changed(
        self, factors: Float[Tensor, "B S"], swapped: Bool[Tensor, "B S"] | None = None
    ) -> Self:
        """The batch with stems that are louder or negated by a factor, or whose channels are exchanged.

        That costs nothing, since `stems` multiplies and moves the samples anyway.
        """
        places = self.places.to(factors.device)
        return replace(
            self,
            scale=self.scale * factors.flatten()[places].to(self.scale),
            swapped=None if swapped is None else swapped.flatten()[places].to(self.scale.device),
        )

    def stems(self) -> Stems:
        """The stems as audio with the network's channels: two are averaged into one, one is doubled into two."""
        audio, scale = self.samples.to(torch.float32), self.scale[:, None, None]
        if self.swapped is not None and audio.shape[1] == 2:
            audio = torch.where(self.swapped[:, None, None], audio.flip(1), audio)
        if self.shape[-1] == 1 and audio.shape[1] == 2:
            # Faster than a mean over a dimension of two, which this is.
            audio, scale = audio[:, :1] + audio[:, 1:], 0.5 * scale
        audio = audio * scale
        chunks, count, channels = self.shape
        if not self.is_plain:
            silence = audio.new_zeros(chunks * count, *audio.shape[1:])
            audio = silence.index_add_(0, self.places, audio)
        audio = audio.unflatten(0, (chunks, count))
        stems: Stems = audio.expand(-1, -1, channels, -1).contiguous()
        return stems

    def to(self, device: torch.device | str, *, non_blocking: bool = False) -> Self:
        """The batch with its samples on `device`.

        The drawn numbers stay: what they decide is known without waiting for a GPU.
        """
        return replace(
            self,
            samples=self.samples.to(device, non_blocking=non_blocking),
            scale=self.scale.to(device, non_blocking=non_blocking),
            places=self.places.to(device, non_blocking=non_blocking),
            swapped=None
            if self.swapped is None
            else self.swapped.to(device, non_blocking=non_blocking),
        )

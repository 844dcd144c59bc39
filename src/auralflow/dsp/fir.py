"""A filter of finite length over audio that arrives in blocks."""

import torch
from jaxtyping import Float
from torch import Tensor

__all__ = ["FirFilter"]


class FirFilter:
    """Symmetric taps, an odd number, centred on each sample, with silence before and after the audio."""

    def __init__(self, taps: Float[Tensor, " K"]) -> None:
        self._taps = taps
        self._kept: Tensor | None = None

    def add(self, audio: Float[Tensor, "*B T"]) -> Float[Tensor, "*B M"]:
        """The samples that are complete with this block: half the taps later than it."""
        reach = len(self._taps) // 2
        before = audio.new_zeros(*audio.shape[:-1], reach) if self._kept is None else self._kept
        audio = torch.cat([before, audio], -1)
        self._kept = audio[..., -2 * reach :] if audio.shape[-1] > 2 * reach else audio
        return self._filtered(audio)

    def rest(self) -> Float[Tensor, "*B M"]:
        """The samples still due, if the audio ends here; more may be added all the same."""
        if self._kept is None:
            raise ValueError("no audio was added")
        reach = len(self._taps) // 2
        return self._filtered(torch.nn.functional.pad(self._kept, (0, reach)))

    def _filtered(self, audio: Tensor) -> Tensor:
        *leading, samples = audio.shape
        if samples < len(self._taps):
            return audio.new_zeros(*leading, 0)
        taps = self._taps.to(audio.device, audio.dtype)[None, None]
        out = torch.nn.functional.conv1d(audio.reshape(-1, 1, samples), taps)
        return out.reshape(*leading, -1)

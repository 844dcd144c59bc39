"""A learned filter bank, on which masks act in the audio domain."""

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from auralflow.errors import ModelError
from auralflow.models.tracing import divided_up
from auralflow.shapes import Mixture, Stems

__all__ = ["FilterBank"]


class FilterBank(nn.Module):
    """Samples to non-negative filter outputs and back; every channel is seen through the same filters.

    Filters are `size` long and half of that apart. Audio is padded with silence so that the first and the last
    sample lie under two filters as all others do. Nothing has an offset: silence in is silence out.

    It starts as a cosine transform (MDCT): with at least `size` filters what is analysed and synthesised is the audio
    that came in, to within rounding; with fewer the highest frequencies are missing until it has learnt better. It computes in
    float32 whatever the autocast type is: half precision would be heard as noise.

    Source: Luo and Mesgarani, "Conv-TasNet", IEEE/ACM TASLP 2019, section II-A. Differs from it: filters start as
    that transform and not at random; they move on by half their length, always.
    """

    def __init__(self, filters: int, size: int) -> None:
        super().__init__()
        if size % 2:
            raise ModelError(
                f"filter-bank.size is {size}: give an even number, of which filters overlap by half"
            )
        self.filters = filters
        self.size = size
        self.hop = size // 2
        self.analysis = nn.Conv1d(1, filters, size, stride=self.hop, bias=False)
        self.synthesis = nn.ConvTranspose1d(filters, 1, size, stride=self.hop, bias=False)
        with torch.no_grad():
            basis = _signed_cosines(filters, size)
            self.analysis.weight.copy_(basis[:, None])
            self.synthesis.weight.copy_(basis[:, None])

    def frames(self, samples: int) -> int:
        """Filter positions of so many samples."""
        return divided_up(samples, self.hop) + 1

    def analyse(self, audio: Mixture) -> Tensor:
        """Filter outputs `B C K N` of samples `B C T`, none below zero."""
        batch, channels, samples = audio.shape
        end = self.frames(samples) * self.hop - samples
        with torch.autocast(audio.device.type, enabled=False):
            flat = F.pad(audio.float().reshape(batch * channels, 1, samples), (self.hop, end))
            features = torch.relu(self.analysis(flat))
        return features.reshape(batch, channels, self.filters, -1)

    def synthesise(self, features: Tensor, samples: int) -> Stems:
        """Samples `B S C T` of filter outputs `B S C K N`."""
        leading = features.shape[:-2]
        with torch.autocast(features.device.type, enabled=False):
            flat = features.float().reshape(-1, *features.shape[-2:])
            audio: Tensor = self.synthesis(flat)
        return audio[:, 0, self.hop : self.hop + samples].reshape(*leading, samples)


def _signed_cosines(filters: int, size: int) -> Tensor:
    """Windowed cosines `filters size`, in pairs of opposite sign, since the rectifier keeps one half of each.

    They overlap-add to what they were applied to. Where there are more filters than cosines, these are repeated, and
    share among them what one would have done alone.
    """
    half = size // 2
    time = torch.arange(size, dtype=torch.float64) + 0.5
    order = torch.arange(half)[:, None] + 0.5
    window = torch.sin(torch.pi * time / size)
    waves = window * torch.cos(torch.pi / half * (time + half / 2) * order)
    signed = torch.stack([waves, -waves], 1).reshape(size, size)
    which = torch.arange(filters) % size
    copies = torch.bincount(which)[which]
    return signed[which] * (2 / half / copies)[:, None].sqrt()

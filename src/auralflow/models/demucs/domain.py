"""What Demucs hears of a mixture and how its answer becomes stems, where it estimates the stems themselves."""

from einops import rearrange
from torch import Tensor, nn

from auralflow.models.base import Estimate
from auralflow.models.layers.bins import BinAffine
from auralflow.models.lists.domains import Heard
from auralflow.models.signal import Signal
from auralflow.shapes import Mixture, Stems

__all__ = ["MonoNormDomain"]

_QUIETEST = 1e-5
"""Added to a deviation before dividing by it: -100 dB, below which a mixture is not made louder."""


class MonoNormDomain(nn.Module):
    """Samples less the mean of the mono mixture and over its deviation; each stem of the answer gets both back."""

    hop = 1

    def __init__(
        self, signal: Signal, targets: int, *, input_norm: bool, output_norm: bool
    ) -> None:
        super().__init__()
        self.targets = targets
        self.planes_in = signal.channels
        self.planes_out = targets * signal.channels
        self.input_norm = input_norm
        self.output_norm = BinAffine(self.planes_out) if output_norm else nn.Identity()

    def listen(self, mixture: Mixture) -> tuple[Tensor, Heard]:
        """The samples, each item of the batch standardised by its own numbers."""
        if not self.input_norm:
            return mixture, Heard(mixture.shape[-1], mixture)
        mean, deviation = _level(mixture)
        return (mixture - mean) / (deviation + _QUIETEST), Heard(mixture.shape[-1], mixture)

    def answer(self, planes: Tensor, heard: Heard) -> Estimate:
        """Samples `B S C T`, at the level of the mixture."""
        scaled = self.output_norm(planes.float())
        if self.input_norm:
            mean, deviation = _level(heard.signal)
            scaled = scaled * deviation + mean
        values = rearrange(scaled, "b (s c) t -> b s c t", s=self.targets)
        return Estimate(values, lambda: values)

    def reference(self, stems: Stems) -> Tensor:
        """The stems themselves."""
        return stems


def _level(mixture: Mixture) -> tuple[Tensor, Tensor]:
    """Mean and deviation `B 1 1` of the mono mixture; the deviation of one sample is zero."""
    mono = mixture.mean(1, keepdim=True)
    mean = mono.mean(-1, keepdim=True)
    variance = (mono - mean).square().sum(-1, keepdim=True) / max(1, mono.shape[-1] - 1)
    return mean, variance.sqrt()

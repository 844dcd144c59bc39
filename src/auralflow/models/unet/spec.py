"""U-Net on the magnitude spectrogram.

Source: Jansson et al., "Singing Voice Separation with Deep U-Net Convolutional Networks", ISMIR 2017. Written from the
paper; there is no code of the authors.

Differs from it: 44.1 kHz and windows of 1024 samples by default (the paper: 8192 Hz); any number of frames (128); bins
are standardised on a log scale (the paper divides by the song's largest magnitude); several targets and stereo; the
depth, widths and layers of a level can be chosen.
"""

import torch
from einops import rearrange
from torch import Tensor

from auralflow.config import Config
from auralflow.dsp.stft import Stft
from auralflow.errors import ModelError
from auralflow.models.base import Estimate, Separator
from auralflow.models.layers.bins import BinAffine, BinNorm
from auralflow.models.layers.masks import SoftMask
from auralflow.models.signal import Signal
from auralflow.models.unet.config import UNetConfig
from auralflow.models.unet.network import UNet2d
from auralflow.shapes import Mixture, Stems

__all__ = ["UNetSpec"]

_SILENCE = 1e-12


class UNetSpec(Separator):
    """Magnitudes through a U-Net to a soft mask (`task: mask`) or to the source's magnitudes (`task: direct`).

    The phase is the mixture's. The Nyquist bin, which would make the number of bins odd, is left out of the network
    and treated as its neighbour is.
    """

    def __init__(self, config: Config, *, signal: Signal, targets: tuple[str, ...]) -> None:
        super().__init__(config, signal=signal, targets=targets)
        if not isinstance(config, UNetConfig):
            raise ModelError(f"UNetSpec was given {type(config).__name__}: give it a UNetConfig")
        bins = signal.bins - 1
        deepest = bins.bit_length() - 1
        if config.max_layers > deepest:
            raise ModelError(
                f"max-layers is {config.max_layers}, but {bins} frequency bins can be halved "
                f"{deepest} times at most: set max-layers to {deepest} or less, or raise num-fft"
            )
        self.step = signal.hop_length * 2**config.max_layers
        self.task = config.task
        self.stft = Stft(
            num_fft=signal.num_fft, window_size=signal.window_size, hop_length=signal.hop_length
        )
        self.input_norm = BinNorm(bins) if config.input_norm else torch.nn.Identity()
        planes_out = len(targets) * signal.channels
        self.unet = UNet2d(config, planes_in=signal.channels, planes_out=planes_out)
        self.output_norm = BinAffine(bins) if config.output_norm else torch.nn.Identity()
        self.mask = SoftMask(config.mask_activation, targets=len(targets))

    def estimate(self, mixture: Mixture) -> Estimate:
        """Magnitudes `B S C F N` of the stems."""
        samples = mixture.shape[-1]
        spectrum = self.stft(mixture)
        magnitude = spectrum.abs()
        features = self._features(magnitude)
        if self.task == "mask":
            values = self.mask(features).float() * magnitude.unsqueeze(1)
        else:
            values = torch.relu(features.float())

        def audio() -> Stems:
            phase = spectrum / magnitude.clamp_min(_SILENCE)
            return self.stft.inverse(values * phase.unsqueeze(1), samples)

        return Estimate(values, audio)

    def reference(self, stems: Stems) -> Tensor:
        """Magnitudes `B S C F N` of true stems."""
        magnitude: Tensor = self.stft(stems).abs()
        return magnitude

    def _features(self, magnitude: Tensor) -> Tensor:
        """The network's last features `B S C F N`, all bins included."""
        planes = self.output_norm(self.unet(self.input_norm(magnitude[..., :-1, :])))
        whole = torch.cat([planes, planes[..., -1:, :]], dim=-2)
        return rearrange(whole, "b (s c) f n -> b s c f n", s=len(self.targets))

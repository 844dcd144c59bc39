"""The six U-Nets: on the spectrogram and on the waveform, plain, with an LSTM, and variational.

Sources: Jansson et al., "Singing Voice Separation with Deep U-Net Convolutional Networks", ISMIR 2017, for the
spectrogram; Stoller, Ewert, Dixon, "Wave-U-Net", ISMIR 2018, for the waveform; Kingma and Welling, "Auto-Encoding
Variational Bayes", ICLR 2014, for the variational bottleneck. Written from the papers; no code of the authors was used
(Wave-U-Net's is under the MIT licence, of the U-Net's there is none).

Differs from Jansson et al.: 44.1 kHz and windows of 1024 samples by default (the paper: 8192 Hz); any number of frames
(128); bins are standardised on a log scale (the paper divides by the song's largest magnitude); several targets and
stereo; depth, widths and layers of a level can be chosen.

Differs from Wave-U-Net: by default six levels of strided convolutions of 5 samples (the paper: twelve, of 15 and 5
samples, then decimation), which the keys `max-layers`, `kernel-size` and `encoder.down: decimate`, `decoder.up:
upsample` change; features double from level to level (they grow by 24, as with `growth: add`); values are repeated or
transposed on the way up (linear interpolation; see the preset wave-u-net); the input is padded with zeros to a length the levels can divide and the
end kept (the paper crops to what real context covers); each example is standardised; there is no tanh at the end, and no
difference output.
"""

from typing import Self

from auralflow.config import Config
from auralflow.errors import ModelError
from auralflow.models.lists.network import ListSeparator
from auralflow.models.signal import Signal
from auralflow.models.unet.config import UNetConfig
from auralflow.models.unet.recipe import design_of

__all__ = [
    "UNetAudio",
    "UNetRecurrentAudio",
    "UNetRecurrentSpec",
    "UNetSpec",
    "UNetVAEAudio",
    "UNetVAESpec",
]


class _UNet(ListSeparator):
    """A U-Net whose keys are written out as lists."""

    @classmethod
    def from_config(cls, config: Config, *, signal: Signal, targets: tuple[str, ...]) -> Self:
        """The network of a configuration that describes this one of the six."""
        if not isinstance(config, UNetConfig) or config.network != cls.__name__:
            given = config.network if isinstance(config, UNetConfig) else type(config).__name__
            raise ModelError(
                f"{cls.__name__} was given the configuration of {given}: build it with "
                f'auralflow.models.create("{cls.__name__}", …)'
            )
        return cls(config, ends=config, design=design_of(config), signal=signal, targets=targets)


class UNetSpec(_UNet):
    """Magnitudes through a U-Net to soft masks (`task: mask`) or to the stems' magnitudes (`task: direct`)."""


class UNetRecurrentSpec(_UNet):
    """`UNetSpec` with an LSTM over time in the bottleneck, which sees all bins of a frame as one vector."""


class UNetVAESpec(_UNet):
    """`UNetSpec` with a variational bottleneck: it draws at random in training, and takes the mean in eval."""


class UNetAudio(_UNet):
    """Samples through a one-dimensional U-Net to samples, or to masks on a learned filter bank."""


class UNetRecurrentAudio(_UNet):
    """`UNetAudio` with an LSTM over time in the bottleneck."""


class UNetVAEAudio(_UNet):
    """`UNetAudio` with a variational bottleneck."""

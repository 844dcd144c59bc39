"""Hybrid Demucs: a U-Net on the complex spectrogram beside one on the waveform, with the same levels at their bottom.

Source: Défossez, "Hybrid Spectrogram and Waveform Source Separation", MDX workshop 2021. The state dict is that of
`demucs.hdemucs.HDemucs` of the package demucs 4.1.0 (MIT licence), and outputs for equal weights are the same; nothing
was copied from it.

Differs from it: audio may be of any length, and a mixture of one sample is finite; any number of channels. A depth that
leaves several bins is possible beside the waveform, whose branch then stays on its own to the end (the package fails on it). What does not
fit together is refused when the network is built. The 1×1 convolutions cannot be left out (`rewrite` is always on), dilation
cannot be turned off, and the Wiener filter has one number of steps (`end_iters` is `wiener_iters`); it computes in
float64, and digital silence stays silent beside a residual. The first sums of the decoder, with zeros, are left out.
"""

from torch import Tensor

from auralflow.config import Config
from auralflow.errors import ModelError
from auralflow.models.hdemucs.config import HDemucsConfig
from auralflow.models.hdemucs.hybrid import HybridSeparator
from auralflow.models.signal import Signal

__all__ = ["HDemucs"]


class HDemucs(HybridSeparator):
    """Spectrogram and waveform to samples. Nothing stands between encoder and decoder but the skips."""

    def __init__(self, config: Config, *, signal: Signal, targets: tuple[str, ...]) -> None:
        if not isinstance(config, HDemucsConfig):
            raise ModelError(
                f"HDemucs was given a {type(config).__name__}: build it with "
                'auralflow.models.create("hdemucs", …)'
            )
        if config.hybrid_old and not config.hybrid:
            raise ModelError(
                "hybrid-old is true and hybrid is false, but it concerns how the two branches lie to one another: "
                "turn one of the keys around"
            )
        super().__init__(
            config,
            residual=config.residual,
            hybrid=config.hybrid,
            shifted=config.hybrid_old,
            signal=signal,
            targets=targets,
        )

    def bottom(
        self,
        spectral: Tensor,  # noqa: ARG002  (the last skips are all)
        temporal: Tensor | None,  # noqa: ARG002  (the last skips are all)
    ) -> tuple[None, None]:
        """Nothing: the decoder begins with the skips."""
        return None, None

"""The keys of Hybrid Demucs, most of which Hybrid Transformer Demucs shares."""

from typing import Annotated, Literal

from annotated_types import Ge, Gt, Lt

from auralflow.config import Config
from auralflow.models.demucs.config import ResidualConfig
from auralflow.models.options import NetworkConfig

__all__ = ["HDemucsConfig", "HDemucsResidualConfig", "HybridConfig", "HybridWienerConfig"]


class HybridWienerConfig(Config):
    """The filter that makes spectra of magnitudes, where complex-as-channels is off."""

    iterations: Annotated[int, Ge(-1)] = 0
    """Steps of expectation maximisation, in training too; 0 gives each target its magnitudes with the mixture's phase,
    and so does -1, in a way that is smooth around silence."""
    residual: bool = False
    """Let the filter know of one more source, what is left of the mixture without the targets. It is not returned."""


class HybridConfig(NetworkConfig):
    """What both hybrid networks have: levels that go down the bins of a spectrogram, and others beside them on audio."""

    task: Literal["direct"] = "direct"
    """What is estimated: the source itself."""
    domain: Literal["audio"] = "audio"
    """What the network gives, and is trained on: samples."""
    max_layers: Annotated[int, Gt(0)] = 6
    """Depth: number of encoder levels. They go down the bins until one is left, and along time from there on."""
    init_features: Annotated[int, Gt(0)] = 48
    """Feature maps of the first encoder level."""
    init_features_time: Annotated[int, Gt(0)] | None = None
    """Feature maps of the first level on the waveform; null means as many as on the spectrogram."""
    growth: Annotated[float, Ge(1)] = 2.0
    """How many times more feature maps each level has than the one before."""
    kernel_size: Annotated[int, Gt(0)] = 8
    """Length of the kernels that lower and raise the resolution, in bins and in samples: twice the stride."""
    stride: Annotated[int, Gt(1)] = 4
    """How many times lower the resolution of each level is than that of the one before; even."""
    time_stride: Annotated[int, Gt(1)] = 2
    """The same for levels that go along time since one bin is left; even."""
    context: Annotated[int, Ge(0)] = 1
    """Neighbours on either side that the gated convolutions of the decoder see, in bins and along time."""
    context_encoder: Annotated[int, Ge(0)] = 0
    """Neighbours on either side that the gated convolutions of the encoder see."""
    norm_starts: Annotated[int, Ge(0)] | None = 4
    """Level, counted from 0 at the outside, from which on there is a group norm; null means nowhere."""
    norm_groups: Annotated[int, Gt(0)] = 4
    """Groups of those norms; the features of their levels are shared among them."""
    freq_emb: Annotated[float, Ge(0)] = 0.2
    """Weight of a learned vector for each bin, which is added after the first level; 0 leaves it out."""
    emb_scale: Annotated[float, Gt(0)] = 10.0
    """How many times faster than other weights those vectors learn."""
    emb_smooth: bool = True
    """Begin with vectors that change little from bin to bin."""
    multi_freqs: tuple[Annotated[float, Gt(0), Lt(1)], ...] = ()
    """Where the spectrum is cut into bands that have weights of their own, as shares of all bins, rising."""
    multi_freqs_depth: Annotated[int, Ge(0)] = 2
    """Levels that are cut into bands, counted from the outside."""
    complex_as_channels: bool = True
    """Take and give real and imaginary parts as channels; false takes and gives magnitudes, and filters."""
    wiener: HybridWienerConfig = HybridWienerConfig.defaults()
    rescale: Annotated[float, Ge(0)] = 0.1
    """Deviation that fresh weights of convolutions are drawn towards; 0 leaves them as they are."""


class HDemucsResidualConfig(ResidualConfig):
    """Branches inside the levels, which look along time."""

    where: Literal["none", "encoder", "decoder", "both"] = "encoder"
    """Which levels have branches."""


class HDemucsConfig(HybridConfig):
    """Hybrid Demucs: one U-Net on the complex spectrogram, one on the waveform, the same levels at their bottom."""

    base_model: Literal["hdemucs"] = "hdemucs"
    """Architecture this network is built from."""
    residual: HDemucsResidualConfig = HDemucsResidualConfig.defaults()
    hybrid: bool = True
    """Have the branch on the waveform; false leaves the spectrogram only."""
    hybrid_old: bool = False
    """Shift and pad the spectrogram as some of the authors' early weights want it; only with hybrid."""

    @property
    def network(self) -> str:
        """Its one name."""
        return "HDemucs"

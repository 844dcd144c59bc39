"""The keys of Hybrid Transformer Demucs."""

from typing import Annotated, Literal

from annotated_types import Ge, Gt, Lt

from auralflow.config import Config
from auralflow.models.hdemucs.config import HybridConfig

__all__ = ["CapeConfig", "HTDemucsConfig", "HTDemucsResidualConfig", "TransformerConfig"]


class HTDemucsResidualConfig(Config):
    """Branches inside the levels, which look along time."""

    where: Literal["none", "encoder", "decoder", "both"] = "encoder"
    """Which levels have branches."""
    depth: Annotated[int, Gt(0)] = 2
    """Branches in a level, one after the other; each looks twice as far as the one before."""
    compress: Annotated[float, Gt(0)] = 8.0
    """How many times fewer features than its level a branch has."""
    scale: float = 0.001
    """What the output of a branch is multiplied with at first."""


class CapeConfig(Config):
    """How continuous positions are moved about in training; for emb cape."""

    mean_normalize: bool = True
    """Count positions from the middle of the chunk."""
    augment: bool = True
    """Move positions at random in training."""
    global_shift: Annotated[float, Ge(0)] = 5000.0
    """Farthest that all positions of an example are moved together."""
    local_shift: Annotated[float, Ge(0)] = 1.0
    """Farthest that each position is moved on its own."""
    max_scale: Annotated[float, Ge(1)] = 1.4
    """Largest factor by which positions are drawn apart or together."""


class TransformerConfig(Config):
    """What stands between encoder and decoder: layers of attention within each branch and across to the other."""

    layers: Annotated[int, Ge(0)] = 5
    """Layers for each branch, within it and across in turn; 0 leaves the transformer out."""
    heads: Annotated[int, Gt(0)] = 8
    """Heads of attention, which share the features evenly."""
    hidden_scale: Annotated[float, Gt(0)] = 4.0
    """How many times wider than the transformer its dense layers are inside."""
    dropout: Annotated[float, Ge(0), Lt(1)] = 0.0
    """Share of values set to zero in training."""
    cross_first: bool = False
    """Begin with attention across."""
    emb: Literal["sin", "cape", "scaled"] = "sin"
    """How the waveform's branch knows its places: by sinusoids, by sinusoids that are moved about in training, or by
    vectors that are learned. The spectrogram's always knows them by sinusoids."""
    max_positions: Annotated[int, Gt(0)] = 10_000
    """Learned vectors; the waveform's branch must not have more places."""
    max_period: Annotated[float, Gt(1)] = 10_000.0
    """Places in which the slowest sinusoid turns once, divided by 2π."""
    sin_random_shift: Annotated[int, Ge(0)] = 0
    """Farthest that all sinusoids are moved together in training, in places."""
    weight_pos_embed: float = 1.0
    """Weight with which places are added."""
    norm_in: bool = True
    """Layer norm on what comes into the transformer."""
    norm_in_group: bool = False
    """Norm over all features and places on what comes in; where norm-in is off."""
    group_norm: bool = False
    """Norms inside the layers are over all features and places, in place of layer norms."""
    norm_first: bool = True
    """Norms stand in front of attention and dense layers, not after them."""
    norm_out: bool = True
    """Norm over all features and places at the end of each layer; where norm-first is on."""
    layer_scale: bool = True
    """Learn a factor for each feature of what attention and dense layers add, small at first."""
    gelu: bool = True
    """GELU in the dense layers; false means ReLU."""
    cape: CapeConfig = CapeConfig.defaults()


class HTDemucsConfig(HybridConfig):
    """Hybrid Transformer Demucs: Hybrid Demucs whose branches meet in a transformer in place of common levels."""

    base_model: Literal["htdemucs"] = "htdemucs"
    """Architecture this network is built from."""
    max_layers: Annotated[int, Gt(0)] = 4
    """Depth: number of encoder levels; at least one bin must be left for the transformer."""
    multi_freqs_depth: Annotated[int, Ge(0)] = 3
    """Levels that are cut into bands, counted from the outside."""
    residual: HTDemucsResidualConfig = HTDemucsResidualConfig.defaults()
    bottom_channels: Annotated[int, Ge(0)] = 0
    """Features in the transformer; 0 means as many as the last encoder level has."""
    transformer: TransformerConfig = TransformerConfig.defaults()
    pad_to: Annotated[float, Ge(0)] = 0.0
    """Seconds to which shorter mixtures are filled up with silence outside training, since attention knows the length
    it was trained on; 0 means never."""

    @property
    def network(self) -> str:
        """Its one name."""
        return "HTDemucs"

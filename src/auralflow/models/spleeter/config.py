"""The keys of Spleeter's U-Net."""

from typing import Annotated, Literal

from annotated_types import Ge, Gt, Le

from auralflow.models.options import NetworkConfig

__all__ = ["SpleeterConfig"]


class SpleeterConfig(NetworkConfig):
    """Spleeter's U-Nets: one for each target on the lower bins, whose answers share the mixture out."""

    base_model: Literal["spleeter"] = "spleeter"
    """Architecture this network is built from."""
    task: Literal["mask"] = "mask"
    """What is estimated: each target's magnitudes, by a mask; audio is the target's share of them."""
    domain: Literal["spectrogram"] = "spectrogram"
    """What the network computes on: magnitudes over bins and frames."""
    max_layers: Annotated[int, Gt(0)] = 6
    """Depth: number of encoder levels, each of half the resolution of the one before."""
    init_features: Annotated[int, Gt(0)] = 16
    """Feature maps of the first encoder level; they double from level to level."""
    activation: Literal["leaky", "elu"] = "leaky"
    """Functions between the layers: a leaky ReLU on the way down and a ReLU on the way up, or ELU on both."""
    leak: Annotated[float, Ge(0), Le(1)] = 0.2
    """Slope of the leaky ReLU below zero."""
    dropout: Annotated[float, Ge(0), Le(1)] = 0.5
    """Share of feature maps' values set to zero in training."""
    num_dropouts: Annotated[int, Ge(0)] = 3
    """Decoder levels with dropout, counted from the bottleneck."""
    bins: Annotated[int, Gt(0)] | None = 1024
    """Frequency bins, from 0 Hz on, that the network hears; null means all. Those above follow mask-extension."""
    mask_power: Annotated[float, Gt(0)] = 2.0
    """Power of the magnitudes by which several targets share the mixture: 2 is by their energies."""
    mask_extension: Literal["zeros", "average"] = "zeros"
    """Share that each target has of the bins that the network does not hear: none, or its mean share of the others."""
    patch_frames: Annotated[int, Gt(0)] | None = None
    """Frames that are computed apart from those before and after; null computes a signal in one piece."""

    @property
    def network(self) -> str:
        """Its one name."""
        return "SpleeterUNet"

"""Keys that several architectures have."""

from abc import abstractmethod
from typing import Annotated, Literal

from annotated_types import Ge, Gt
from pydantic import AfterValidator

from auralflow.config import Config

__all__ = [
    "BottleneckConfig",
    "FilterBankConfig",
    "Growth",
    "MaskActivation",
    "NetworkConfig",
    "OddSize",
]

Growth = Literal["double", "add"]
MaskActivation = Literal["sigmoid", "relu", "tanh", "hardtanh", "softmax"]


def _odd(size: int) -> int:
    if size % 2 == 0:
        raise ValueError("must be odd, so that the kernel has a centre")
    return size


OddSize = Annotated[int, Gt(0), AfterValidator(_odd)]


class NetworkConfig(Config):
    """Base of the configurations of all networks."""

    base_model: str
    """Architecture this network is built from."""

    @property
    @abstractmethod
    def network(self) -> str:
        """The name in the catalogue of the network that these values describe."""


class BottleneckConfig(Config):
    """What stands between encoder and decoder, at the coarsest resolution."""

    type: Literal["conv", "lstm"] = "conv"
    """Kind of the bottleneck's layers: convolutions, or recurrent layers that run over time in both directions."""
    layers: Annotated[int, Ge(0)] = 0
    """Number of layers in the bottleneck; 0 leaves them out. Setting type without a number means 1."""
    variational: bool = False
    """End the bottleneck in a mean and a variance for each feature, from which training draws at random; a divergence
    from the normal distribution is added to the loss."""
    kl_weight: Annotated[float, Ge(0)] = 0.001
    """Weight of that divergence, averaged over the features, in the loss."""


class FilterBankConfig(Config):
    """The learned filter bank that a mask in the audio domain acts on, as in Conv-TasNet."""

    filters: Annotated[int, Gt(0)] = 64
    """Filters for each channel."""
    size: Annotated[int, Gt(1)] = 16
    """Length of a filter in samples; even. Filters move on by half of it."""

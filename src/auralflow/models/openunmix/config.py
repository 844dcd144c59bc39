"""The keys of Open-Unmix."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from annotated_types import Ge, Gt, Lt
from pydantic import ValidationError, model_validator
from pydantic_core import PydanticCustomError

from auralflow.config import Config
from auralflow.models.options import BottleneckConfig, MaskActivation, NetworkConfig

__all__ = ["OpenUnmixConfig", "SequenceConfig", "WienerConfig"]


class SequenceConfig(BottleneckConfig):
    """The part that sees more than one frame."""

    type: Literal["conv", "lstm"] = "lstm"
    """Kind of the layers that run over time: recurrent ones, or convolutions of three frames with batch norm."""
    layers: Annotated[int, Ge(0)] = 3
    """Number of these layers, the same as max-layers; 0 leaves each frame to itself."""


class WienerConfig(Config):
    """The filter that refines all targets together. Training does not use it; audio is computed with it."""

    iterations: Annotated[int, Ge(0)] = 1
    """Steps of expectation maximisation; 0 gives each target its magnitudes with the mixture's phase. Not used where one
    target stands alone, without residual."""
    softmask: bool = False
    """Begin with each target's share of the mixture, rather than with its magnitudes; for two targets or more."""
    residual: bool = False
    """Let the filter know of one more source, what is left of the mixture without the targets. It is not returned."""
    window: Annotated[int, Ge(0)] = 300
    """Frames in which sources are taken to keep their place in the stereo image; 0 means the whole signal at once."""


class OpenUnmixConfig(NetworkConfig):
    """Open-Unmix: dense layers on each frame, recurrent layers over time, one such network for each target."""

    base_model: Literal["openunmix"] = "openunmix"
    """Architecture this network is built from."""
    task: Literal["mask", "direct"] = "mask"
    """What is estimated: a mask on the mixture, which may also amplify, or the source's magnitudes themselves."""
    domain: Literal["spectrogram"] = "spectrogram"
    """What the network computes on: magnitudes over bins and frames."""
    max_layers: Annotated[int, Ge(0)] = 3
    """Number of layers that run over time, the same as bottleneck.layers."""
    init_features: Annotated[int, Gt(0)] = 512
    """Features of every hidden layer; recurrent layers share them between their two directions."""
    bottleneck: SequenceConfig = SequenceConfig.defaults()
    unidirectional: bool = False
    """Look into the past only; recurrent layers then have all features in one direction."""
    dropout: Annotated[float, Ge(0), Lt(1)] = 0.4
    """Share of values set to zero in training between one recurrent layer and the next."""
    skip_connections: bool = True
    """Hand each frame's features around the layers that run over time, to what comes after them."""
    mask_activation: MaskActivation = "relu"
    """Function that makes the mask, which is never negative. softmax shares the mixture among the targets."""
    input_norm: bool = True
    """Learn an offset and a scale for each frequency bin of the input."""
    output_norm: bool = True
    """Learn a scale and an offset for each frequency bin of the output."""
    bandwidth: Annotated[float | None, Gt(0)] = None
    """Frequency in Hz above which the network hears nothing, although it answers for all bins; null means none."""
    wiener: WienerConfig = WienerConfig.defaults()

    @property
    def network(self) -> str:
        """Its one name."""
        return "OpenUnmix"

    @classmethod
    def implied(cls, given: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG003  (the hook's signature)
        """max-layers and bottleneck.layers imply each other."""
        one, other = "max-layers", "bottleneck.layers"
        return {
            left: given[right]
            for left, right in ((one, other), (other, one))
            if right in given and left not in given
        }

    @model_validator(mode="after")
    def _one_number_of_layers(self) -> Self:
        """Say on `max-layers` that it is another number than that of the section."""
        if self.max_layers == self.bottleneck.layers:
            return self
        reason = PydanticCustomError(
            "value_error",
            "must be the same number as bottleneck.layers, which is {layers}",
            {"layers": self.bottleneck.layers},
        )
        raise ValidationError.from_exception_data(
            type(self).__name__,
            [{"type": reason, "loc": ("max-layers",), "input": self.max_layers}],
        )

"""The keys of a U-Net from lists."""

from collections.abc import Iterable, Mapping
from numbers import Integral, Real
from typing import Annotated, Any, Literal

from annotated_types import Ge, Gt
from pydantic import ValidationInfo, field_validator

from auralflow.models.lists.entries import read_entries
from auralflow.models.options import FilterBankConfig, Growth, MaskActivation, NetworkConfig

__all__ = ["AdaptiveConfig", "LayerList", "as_plain"]

LayerList = tuple[tuple[Any, ...], ...]


class AdaptiveConfig(NetworkConfig):
    """A U-Net from lists of entries, [layer] or [layer, value]: an encoder level, a decoder level, the bottleneck."""

    base_model: Literal["adaptive"] = "adaptive"
    """Architecture this network is built from."""
    task: Literal["mask", "direct"] = "mask"
    """What is estimated: a soft mask in [0, 1] on the mixture, or the source itself. In the audio domain the default is
    direct, and a mask acts on a learned filter bank."""
    domain: Literal["spectrogram", "audio"] = "spectrogram"
    """What the network computes on: magnitudes over bins and frames, or samples."""
    max_layers: Annotated[int, Gt(0)] = 6
    """Depth: how often the encoder's and the decoder's list are repeated."""
    init_features: Annotated[int, Gt(0)] = 16
    """Feature maps of the first encoder level."""
    growth: Growth = "double"
    """How feature maps grow from level to level: to twice as many, or by init-features."""
    encoder: LayerList = (
        ("conv", {"kernel_size": 5, "stride": 2}),
        ("batch_norm",),
        ("leaky_relu", 0.2),
    )
    """Layers of an encoder level, one of which divides the resolution: max_pool, avg_pool, decimate, or a conv with a
    stride."""
    decoder: LayerList = (("transpose_conv", 5), ("batch_norm",), ("relu",), ("dropout", 0.5))
    """Layers of a decoder level, one of which multiplies the resolution: transpose_conv or upsample. What follows the last
    convolution is left out of the last level."""
    bottleneck: LayerList = ()
    """Layers between encoder and decoder; empty for none."""
    num_dropouts: Annotated[int, Ge(0)] | None = None
    """Decoder levels that keep the dropout of their list, counted from the bottleneck; null keeps all."""
    skip_connections: bool = True
    """Hand what each encoder level knows to the decoder level of the same resolution."""
    mask_activation: MaskActivation = "sigmoid"
    """Function that makes the mask; all are clamped to [0, 1]. softmax shares the mixture among the targets."""
    input_norm: bool = True
    """Standardise the input: the log magnitudes of each frequency bin, or the samples of each example; false feeds
    magnitudes or samples as they are."""
    output_norm: bool = False
    """Learn a scale and an offset for each frequency bin, or for each channel of audio, on the network's output."""
    filter_bank: FilterBankConfig = FilterBankConfig.defaults()

    @property
    def network(self) -> str:
        """The network of the catalogue."""
        return "AdaptiveUNet"

    @classmethod
    def implied(cls, given: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
        """The audio domain implies the direct task."""
        if "domain" in given and "task" not in before:
            return {"task": "direct" if given["domain"] == "audio" else "mask"}
        return {}

    @field_validator("encoder", "decoder", "bottleneck", mode="before")
    @classmethod
    def _layers_exist(cls, value: Any, info: ValidationInfo) -> Any:
        if not isinstance(value, tuple):
            return value
        layers = as_plain(value)
        read_entries(str(info.field_name), layers)
        return layers

    @field_validator("encoder", "decoder", mode="after")
    @classmethod
    def _not_empty(cls, value: LayerList) -> LayerList:
        if not value:
            raise ValueError('must hold layers, such as ["conv", 3]')
        return value


def as_plain(value: Any) -> Any:
    """Lists, their mappings and numbers as a section holds them: tuples, copies, and Python's own numbers.

    So a section shares nothing with what was given, and what was counted by numpy can be written to a file.
    """
    if isinstance(value, str | bool):
        return value
    if isinstance(value, Mapping):
        return {key: as_plain(inner) for key, inner in value.items()}
    if isinstance(value, Iterable):
        return tuple(as_plain(inner) for inner in value)
    if isinstance(value, Integral):
        return int(value)
    return float(value) if isinstance(value, Real) else value

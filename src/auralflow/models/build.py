"""U-Nets from lists of layers, for people who write their own.

    encoder = [["conv", 3], ["batch_norm"], ["leaky_relu", 0.2], ["max_pool", 2]]
    decoder = [["transpose_conv", 2], ["conv", 3], ["batch_norm"], ["relu"], ["dropout", 0.4]]
    model = AdaptiveUNet(max_layers=6, encoder=encoder, decoder=decoder, bottleneck=[["lstm", 3]])

The lists are one level each and are repeated `max_layers` times, by default with twice the features from level to level. What a
list can hold is in `auralflow.models.lists.entries.LAYERS`; where skips leave and join, in `….lists.levels`.

Source: after Ronneberger, Fischer, Brox, "U-Net: Convolutional Networks for Biomedical Image Segmentation", MICCAI
2015, whose order of pooling, skips and joining the example above has. No code of the authors was used. Differs from
it: convolutions are padded, so that nothing is cropped; depth, layers and widths are free, and a decoder level has half
the features of the encoder level beside it; nothing is widened between encoder and decoder; there is a spectrogram or a
waveform around it.
"""

from collections.abc import Mapping, Sequence
from inspect import signature
from typing import Any, Literal, Self

from auralflow.config import Config, Layer, resolve
from auralflow.errors import ModelError
from auralflow.models.adaptive.config import AdaptiveConfig, as_plain
from auralflow.models.lists.design import Design
from auralflow.models.lists.network import ListSeparator
from auralflow.models.options import Growth
from auralflow.models.shipped import load_shipped
from auralflow.models.signal import Signal

__all__ = ["AdaptiveUNet", "UNet"]

Layers = Sequence[Any]
"""Of `[layer]` and `[layer, value]`, which type checkers take for lists of unlike things."""
Domain = Literal["spectrogram", "audio"]
Task = Literal["mask", "direct"]


class AdaptiveUNet(ListSeparator):
    """A U-Net whose levels are lists of layers: `(batch, channels, samples)` to `(batch, targets, channels, samples)`."""

    def __init__(
        self,
        max_layers: int = 6,
        encoder: Layers | None = None,
        decoder: Layers | None = None,
        bottleneck: Layers = (),
        *,
        mask_activation: str = "sigmoid",
        use_skip: bool = True,
        targets: Sequence[str] = ("vocals",),
        init_features: int = 16,
        growth: Growth = "double",
        num_dropouts: int | None = None,
        normalize_input: bool = True,
        normalize_output: bool = False,
        task: Task | None = None,
        domain: Domain = "spectrogram",
        filter_bank: Mapping[str, int] | None = None,
        channels: int = 2,
        sample_rate: int = 44_100,
        num_fft: int = 1024,
        window_size: int = 1024,
        hop_length: int = 768,
        chunk_size: float = 3.0,
    ) -> None:
        """`encoder` and `decoder` None are the paper's U-Net for singing voices; `task` None follows from the domain.

        `num_dropouts` None keeps the dropout of all decoder levels. The three lengths are in samples and concern
        spectrograms; `chunk_size`, in seconds, is what the network is to be trained on, and bounds its depth on audio.
        The lists are not changed.

        Raises `ConfigError` for values and entries that do not exist, and `ModelError` for what does not fit together.
        """
        keys = {
            "max_layers": max_layers,
            "init_features": init_features,
            "growth": growth,
            "bottleneck": bottleneck,
            "encoder": encoder,
            "decoder": decoder,
            "task": task,
            "domain": domain,
            "mask_activation": mask_activation,
            "skip_connections": use_skip,
            "num_dropouts": num_dropouts,
            "input_norm": normalize_input,
            "output_norm": normalize_output,
            "filter_bank": filter_bank,
        }
        given = {key: as_plain(value) for key, value in keys.items() if value is not None}
        config = resolve(AdaptiveConfig, [Layer("AdaptiveUNet", given)]).value
        names = (targets,) if isinstance(targets, str) else tuple(targets)
        signal = Signal(sample_rate, channels, num_fft, window_size, hop_length, chunk_size)
        super().__init__(config, ends=config, design=_design(config), signal=signal, targets=names)

    @classmethod
    def from_config(cls, config: Config, *, signal: Signal, targets: tuple[str, ...]) -> Self:
        """The network of a checked configuration."""
        if not isinstance(config, AdaptiveConfig):
            raise ModelError(
                f"AdaptiveUNet was given {type(config).__name__}: give it an AdaptiveConfig"
            )
        return cls(
            config.max_layers,
            config.encoder,
            config.decoder,
            config.bottleneck,
            mask_activation=config.mask_activation,
            use_skip=config.skip_connections,
            targets=targets,
            init_features=config.init_features,
            growth=config.growth,
            num_dropouts=config.num_dropouts,
            normalize_input=config.input_norm,
            normalize_output=config.output_norm,
            task=config.task,
            domain=config.domain,
            filter_bank=config.filter_bank.model_dump(),
            channels=signal.channels,
            sample_rate=signal.sample_rate,
            num_fft=signal.num_fft,
            window_size=signal.window_size,
            hop_length=signal.hop_length,
            chunk_size=signal.chunk_size,
        )


def UNet(  # noqa: N802  (the name that was promised: it stands for a network)
    max_layers: int = 6,
    init_hidden: int = 16,
    encoder: Layers | None = None,
    decoder: Layers | None = None,
    bottleneck: Layers = (),
    *,
    bottleneck_layers: int = 1,
    num_dropout: int = 3,
    use_skip: bool = True,
    mask_activation: str = "sigmoid",
    normalize_input: bool = True,
    normalize_output: bool = False,
    targets: Sequence[str] = ("vocals",),
    task: Task | None = None,
    domain: Domain = "spectrogram",
    channels: int = 2,
    sample_rate: int = 44_100,
    num_fft: int = 1024,
    window_size: int = 1024,
    hop_length: int = 768,
    chunk_size: float = 3.0,
    pretrained: bool = False,
) -> ListSeparator:
    """An `AdaptiveUNet`, by default that of Jansson et al., ISMIR 2017: dropout in the decoder's first three levels.

    `init_hidden` are the feature maps of the first level, `bottleneck_layers` is how often the bottleneck's list is
    repeated, `num_dropout` how many decoder levels keep their dropout, counted from the bottleneck.

    `pretrained` gives, in eval mode, the network for vocals whose weights come in the package, as it was trained: with it,
    all else is left out.

    Raises what `AdaptiveUNet` raises, and `CheckpointError` if the package came without weights.
    """
    if pretrained:
        return _shipped(locals())
    if not isinstance(bottleneck_layers, int) or bottleneck_layers < 0:
        raise ModelError(
            f"bottleneck_layers is {bottleneck_layers}: give how often the list is repeated, 0 for not at all"
        )
    return AdaptiveUNet(
        max_layers,
        encoder,
        decoder,
        bottleneck if isinstance(bottleneck, str) else tuple(bottleneck) * bottleneck_layers,
        mask_activation=mask_activation,
        use_skip=use_skip,
        targets=targets,
        init_features=init_hidden,
        num_dropouts=num_dropout,
        normalize_input=normalize_input,
        normalize_output=normalize_output,
        task=task,
        domain=domain,
        channels=channels,
        sample_rate=sample_rate,
        num_fft=num_fft,
        window_size=window_size,
        hop_length=hop_length,
        chunk_size=chunk_size,
    )


def _shipped(arguments: Mapping[str, Any]) -> ListSeparator:
    """The network with weights; raise `ModelError` for arguments that would make another one."""
    defaults = {name: parameter.default for name, parameter in signature(UNet).parameters.items()}
    others = [
        name
        for name, default in defaults.items()
        if name != "pretrained" and arguments[name] != default
    ]
    if others:
        raise ModelError(
            f"UNet(pretrained=True) is given {others[0]} too, but is the network as it was trained: leave out "
            f"{', '.join(others)}"
        )
    network = load_shipped("unet-vocals")
    if not isinstance(network, ListSeparator):
        raise ModelError(
            f"the weights that came with auralflow are of {type(network).__name__}: install auralflow anew"
        )
    return network


def _design(config: AdaptiveConfig) -> Design:
    return Design.of(
        encoder=config.encoder,
        decoder=config.decoder,
        bottleneck=config.bottleneck,
        depth=config.max_layers,
        init_features=config.init_features,
        growth=config.growth,
        num_dropouts=config.num_dropouts,
        skips=config.skip_connections,
    )

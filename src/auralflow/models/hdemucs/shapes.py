"""What each level of a hybrid network works on, from the keys; all that does not fit together is refused here.

Of 4096 samples and a hop of 1024, with a stride of 4, the branches are as fine as this after each level:

    level            0      1      2      3      4      5
    bins      2048  512    128    32     8      1  ─┬─ 1        spectrogram, a frame every 1024 samples
    samples   1     4      16     64     256    1024 ┘ 2048     waveform, a place every so many samples

Where the last bins become one, the waveform has come to the resolution of the frames: there it joins the spectrogram.
Levels from then on go along time, and are common to both.
"""

from dataclasses import dataclass, replace
from itertools import pairwise

from auralflow.errors import ModelError
from auralflow.models.hdemucs.config import HybridConfig
from auralflow.models.signal import Signal

__all__ = ["Edge", "LevelShape", "shapes_of"]


@dataclass(frozen=True)
class Edge:
    """How one side of a level meets the next: an encoder's strided convolution, or a decoder's transposed one."""

    inside: int
    """Features on the side of the bottleneck."""
    encoder_outside: int
    decoder_outside: int
    kernel: int
    stride: int
    padding: int
    over_bins: bool
    """Whether the resolution of bins changes, and not that of time."""


@dataclass(frozen=True)
class LevelShape:
    """One level of encoder and decoder."""

    bins: int
    """Of what the encoder takes in; 1 for levels along time."""
    spectral: Edge
    temporal: Edge | None
    """Of the waveform's branch, where it is still on its own."""
    joins: bool
    """The waveform's branch ends here: its level is a convolution without anything else."""
    normed: bool
    bands: tuple[float, ...]
    """Shares of the bins at which the level is cut."""


def shapes_of(
    config: HybridConfig, signal: Signal, *, targets: int, hybrid: bool
) -> list[LevelShape]:
    """The levels from the outside in.

    Raises `ModelError` for keys that do not fit together, or not the signal.
    """
    _check_transform(signal)
    _check_strides(config)
    _check_bands(config)
    levels = _levels(config, signal, targets=targets, hybrid=hybrid)
    _check_chunk(config, signal, levels)
    for index, level in enumerate(levels):
        if level.bands and (level.normed or level.spectral.padding == 0):
            raise ModelError(
                f"multi-freqs-depth is {config.multi_freqs_depth}, but level {index} "
                f"{'has a group norm over all bins' if level.normed else 'is where the last bins become one'}: "
                f"set multi-freqs-depth to {index} or less"
                + (", or norm-starts to more" * level.normed)
            )
    return levels


def _levels(
    config: HybridConfig, signal: Signal, *, targets: int, hybrid: bool
) -> list[LevelShape]:
    parts = 2 if config.complex_as_channels else 1
    spectral = Edge(
        config.init_features,
        signal.channels * parts,
        targets * signal.channels * parts,
        config.kernel_size,
        config.stride,
        config.kernel_size // 4,
        over_bins=True,
    )
    temporal = replace(
        spectral,
        inside=config.init_features_time or config.init_features,
        encoder_outside=signal.channels,
        decoder_outside=targets * signal.channels,
        over_bins=False,
    )
    bins = signal.num_fft // 2
    levels: list[LevelShape] = []
    while len(levels) < config.max_layers:
        index = len(levels)
        joins = 1 < bins <= config.kernel_size
        if joins:
            width = max(spectral.inside, temporal.inside)
            spectral = replace(spectral, inside=width, kernel=bins, padding=0)
            temporal = replace(temporal, inside=width)
            if hybrid:
                _check_joint(config, signal, index)
        elif bins > 1 and bins % config.stride:
            raise _too_deep(
                config,
                index,
                f"the {signal.num_fft // 2} bins of num-fft {signal.num_fft} {_only(config.stride, index)}",
            )
        elif bins == 1:
            spectral = replace(
                spectral,
                kernel=2 * config.time_stride,
                stride=config.time_stride,
                padding=config.time_stride // 2,
                over_bins=False,
            )
        levels.append(
            LevelShape(
                bins=bins,
                spectral=spectral,
                temporal=temporal if hybrid and bins > 1 else None,
                joins=joins,
                normed=config.norm_starts is not None and index >= config.norm_starts,
                bands=config.multi_freqs if index < config.multi_freqs_depth else (),
            )
        )
        spectral, temporal = _next(spectral, config.growth), _next(temporal, config.growth)
        bins = 1 if joins or bins == 1 else bins // config.stride
    return levels


def _next(edge: Edge, growth: float) -> Edge:
    return replace(
        edge,
        inside=int(growth * edge.inside),
        encoder_outside=edge.inside,
        decoder_outside=edge.inside,
    )


def _check_transform(signal: Signal) -> None:
    if signal.num_fft % 8:
        raise ModelError(
            f"num-fft is {signal.num_fft}, but this network wants a multiple of 8: choose a power of 2"
        )
    if signal.window_size != signal.num_fft or 4 * signal.hop_length != signal.num_fft:
        raise ModelError(
            f"num-fft is {signal.num_fft}, window-size {signal.window_size} and hop-length {signal.hop_length}, but this "
            f"network wants a window of the whole num-fft and a quarter of it as the hop: set window-size to "
            f"{signal.num_fft} and hop-length to {signal.num_fft // 4}"
        )


def _check_strides(config: HybridConfig) -> None:
    if config.stride % 2 or config.kernel_size != 2 * config.stride:
        raise ModelError(
            f"kernel-size is {config.kernel_size} and stride is {config.stride}, but levels fit together only where the "
            "stride is even and the kernel twice as long: set kernel-size to "
            f"{2 * (config.stride + config.stride % 2)} and stride to {config.stride + config.stride % 2}"
        )
    if config.time_stride % 2:
        raise ModelError(
            f"time-stride is {config.time_stride}, but levels fit together only where it is even: set it to "
            f"{config.time_stride + 1}"
        )


def _check_bands(config: HybridConfig) -> None:
    if any(low >= high for low, high in pairwise(config.multi_freqs)):
        raise ModelError(
            f"multi-freqs is {list(config.multi_freqs)}: give the shares in rising order, each once"
        )


def _check_joint(config: HybridConfig, signal: Signal, index: int) -> None:
    """The waveform must have come to one place a frame where the last bins become one."""
    places = config.stride ** (index + 1)
    if places != signal.hop_length:
        fitting = [4 * config.stride**levels for levels in (index, index + 1)]
        raise _too_deep(
            config,
            index,
            f"level {index} joins a waveform of one place every {places} samples to a spectrogram of one "
            f"frame every {signal.hop_length}",
            f", or num-fft to {fitting[0]} or {fitting[1]}",
        )


def _check_chunk(config: HybridConfig, signal: Signal, levels: list[LevelShape]) -> None:
    """The training chunk must not be divided more often than it can be."""
    samples = signal.chunk_samples
    frames = -(-samples // signal.hop_length)
    along_time = 0
    for index, level in enumerate(levels):
        if level.temporal is not None:
            size, what, by, times = samples, "samples", config.stride, index
        elif not level.spectral.over_bins:
            size, what, by, times = frames, "frames", config.time_stride, along_time
            along_time += 1
        else:
            continue
        if size < by ** (times + 1):
            raise _too_deep(
                config,
                index,
                f"the {size} {what} of a chunk of {signal.chunk_size:g} s {_only(by, times)}",
            )


def _too_deep(config: HybridConfig, largest: int, why: str, otherwise: str = "") -> ModelError:
    remedy = (
        f"set max-layers to {largest} or less"
        if largest
        else "give it a longer chunk or another num-fft"
    )
    return ModelError(f"max-layers is {config.max_layers}, but {why}: {remedy}{otherwise}")


def _only(by: int, count: int) -> str:
    """How often something can be divided."""
    if count == 0:
        return f"cannot be divided by {by}"
    return f"can be divided by {by} only {'once' if count == 1 else f'{count} times'}"

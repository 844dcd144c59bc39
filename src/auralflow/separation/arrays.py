"""Audio in memory, or a file read whole, to stems in memory."""

from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any, overload

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from torch import Tensor

from auralflow.audio import AudioReader
from auralflow.errors import AudioError
from auralflow.memory import returning_freed_memory
from auralflow.models.base import Separator
from auralflow.models.streaming.options import SeparationOptions
from auralflow.separation.bag import Bag
from auralflow.separation.opening import open_networks
from auralflow.separation.stream import SongStream, StemBlock, open_stream
from auralflow.shapes import Audio

__all__ = ["separate"]

_MAX_CHANNELS = 64
_BLOCK_SAMPLES = 65_536


Song = Float[ndarray, "*C T"] | Tensor | Path | str
Network = Separator | Bag | Path | str


@overload
def separate(
    model: Network,
    audio: Song,
    *,
    sample_rate: int | None = None,
    options: SeparationOptions | None = None,
) -> dict[str, Audio]: ...


@overload
def separate(
    audio: Song,
    /,
    *,
    model: Network,
    sample_rate: int | None = None,
    options: SeparationOptions | None = None,
) -> dict[str, Audio]: ...


def separate(
    *both: Any,
    model: Any = None,
    audio: Any = None,
    sample_rate: int | None = None,
    options: SeparationOptions | None = None,
) -> dict[str, Audio]:
    """The stems of a song, by target: each `(channels, samples)` at the rate, channel count and length of the song.

    It is called as `separate(model, audio)` or `separate(audio, model=model)`. `model` is a network, a bag of them, or
    what `open_networks` takes: a checkpoint, a model's folder, its name or that of pretrained weights. `audio` is an
    audio file, or floats between -1 and 1 as `(channels, samples)` or `(samples,)`, the latter giving stems of one
    channel; for those `sample_rate` must be given, in Hz. What was given is not changed.

    Raises `AudioError` for audio that is empty, transposed, of whole numbers or with samples that are not finite.
    """
    model, audio = _told_apart(both, model, audio)
    network = open_networks(model) if isinstance(model, str | Path) else model
    if isinstance(audio, str | Path):
        if sample_rate is not None:
            raise AudioError(
                f"sample_rate is given as {sample_rate}, but {audio} says its own: leave it out"
            )
        with AudioReader(Path(audio)) as reader:
            return _collect(
                network,
                reader.blocks(_BLOCK_SAMPLES),
                samples=reader.info.samples,
                channels=reader.info.channels,
                sample_rate=reader.info.sample_rate,
                options=options,
            )
    if sample_rate is None:
        raise AudioError(
            "the samples come without their rate: pass sample_rate=44100, or what it is"
        )
    if not isinstance(sample_rate, int) or sample_rate < 1:
        raise AudioError(f"sample_rate is {sample_rate!r}: pass a whole number of Hz above zero")
    mixture = _checked(audio)
    return _collect(
        network,
        np.array_split(mixture, range(_BLOCK_SAMPLES, mixture.shape[1], _BLOCK_SAMPLES), axis=1),
        samples=mixture.shape[1],
        channels=mixture.shape[0],
        sample_rate=sample_rate,
        options=options,
    )


def _told_apart(both: tuple[Any, ...], model: Any, audio: Any) -> tuple[Any, Any]:
    """The network and the song, of which the network comes first where neither is named."""
    given = list(both)
    if len(given) + (model is not None) + (audio is not None) == 2:
        model = given.pop(0) if model is None else model
        audio = given.pop(0) if audio is None else audio
        return model, audio
    raise TypeError(
        "separate takes a network and a song: call separate(model, audio) or separate(audio, model=model)"
    )


def _checked(audio: Any) -> Audio:
    """The samples as `(channels, samples)` in float32, if they are audio."""
    samples = audio.detach().cpu() if isinstance(audio, Tensor) else np.asarray(audio)
    shape = tuple(samples.shape)
    if len(shape) not in (1, 2):
        raise AudioError(
            f"the audio has shape {shape}: give one song as (channels, samples) or (samples,)"
        )
    if 0 in shape:
        raise AudioError(f"the audio has shape {shape}, which is no sample: give at least one")
    if len(shape) == 2 and shape[0] > _MAX_CHANNELS:
        raise AudioError(
            f"the audio has shape {shape}, which would be {shape[0]} channels: give (channels, samples), here"
            " audio.T"
        )
    floating = (
        samples.is_floating_point()
        if isinstance(samples, Tensor)
        else np.issubdtype(samples.dtype, np.floating)
    )
    if not floating:
        raise AudioError(
            f"the samples are {samples.dtype}, whose full scale is not known: convert them to floats between -1"
            " and 1, 16 bit ones by audio / 32768"
        )
    array = (samples.float().numpy() if isinstance(samples, Tensor) else samples).astype(np.float32)
    mixture = array.reshape(-1, shape[-1])
    finite = np.isfinite(mixture).all(axis=0)
    if not finite.all():
        raise AudioError(
            f"the audio is not finite at sample {int(np.argmin(finite))} and"
            f" {int((~finite).sum()) - 1} others: repair it, by numpy.nan_to_num for example"
        )
    return mixture


def _collect(
    network: Separator | Bag,
    blocks: Iterable[Audio],
    *,
    samples: int,
    channels: int,
    sample_rate: int,
    options: SeparationOptions | None,
) -> dict[str, Audio]:
    stream = open_stream(network, sample_rate=sample_rate, channels=channels, options=options)
    stems = np.zeros((len(stream.targets), channels, samples), dtype=np.float32)
    done = 0
    with returning_freed_memory():
        for block in chain.from_iterable(_answers(stream, blocks)):
            stems[..., done : done + block.shape[-1]] = block
            done += block.shape[-1]
    return dict(zip(stream.targets, stems, strict=True))


def _answers(stream: SongStream, blocks: Iterable[Audio]) -> Iterator[list[StemBlock]]:
    for block in blocks:
        yield stream.push(block)
    yield stream.finish()

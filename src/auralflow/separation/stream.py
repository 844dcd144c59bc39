"""A network over a stream of audio of any rate and channel count."""

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

import numpy as np
import torch
from jaxtyping import Float
from numpy import ndarray
from torch import nn

from auralflow.audio import StreamResampler
from auralflow.models.base import Separator
from auralflow.separation.blocks import separate_blocks
from auralflow.separation.channels import fold_channels
from auralflow.separation.options import SeparationOptions
from auralflow.shapes import Audio, Mixture, Stems

__all__ = ["separate_stream"]


def separate_stream(
    model: Separator,
    blocks: Iterable[Audio],
    *,
    sample_rate: int,
    channels: int,
    options: SeparationOptions | None = None,
) -> Iterator[Float[ndarray, "S C T"]]:
    """Stems of the blocks, in the order of `model.targets`, at the rate, channel count and length that came in.

    The blocks may have any lengths, those that come back have others; memory does not grow with their number. The
    network runs where its weights are, in eval mode; each of its modules is put back into the mode it was in.
    Raises `ModelError` for answers of a wrong shape or with samples that are not finite.
    """
    options = options or SeparationOptions()
    options = replace(options, step=math.lcm(options.step, model.step))
    own_rate = model.signal.sample_rate
    counted = _Counted(blocks)
    arriving: Iterable[Audio] = counted
    if own_rate != sample_rate:
        arriving = _resampled(counted, sample_rate, own_rate, channels)
    stems = separate_blocks(
        fold_channels(
            _in_eval_mode(model),
            wanted=model.signal.channels,
            channels=channels,
            max_items=options.batch_size,
        ),
        arriving,
        targets=len(model.targets),
        channels=channels,
        sample_rate=own_rate,
        options=options,
        device=_device_of(model),
    )
    if own_rate == sample_rate:
        return stems
    shape = (len(model.targets), channels)
    flat = (block.reshape(-1, block.shape[-1]) for block in stems)
    back = _resampled(flat, own_rate, sample_rate, shape[0] * shape[1])
    return _of_length(back, shape, counted)


class _Counted:
    """Passes blocks on and knows how many samples they had."""

    def __init__(self, blocks: Iterable[Audio]) -> None:
        self._blocks = blocks
        self.samples = 0

    def __iter__(self) -> Iterator[Audio]:
        for block in self._blocks:
            self.samples += block.shape[-1]
            yield block


def _resampled(blocks: Iterable[Audio], source: int, wanted: int, channels: int) -> Iterator[Audio]:
    resampler = StreamResampler(source, wanted, channels)
    for block in blocks:
        yield resampler.push(block)
    yield resampler.finish()


def _of_length(
    blocks: Iterable[Audio], shape: tuple[int, int], counted: _Counted
) -> Iterator[Float[ndarray, "S C T"]]:
    """The blocks unfolded, and cut or held at the end to the length of what was counted.

    There and back again, a length is off by as many samples as one of the other rate is long, at most and rounded up.
    """
    done = 0
    last = np.zeros((*shape, 1), dtype=np.float32)
    for block in blocks:
        # More than was counted can only come at the end, when everything has been counted.
        stems = block.reshape(*shape, -1)[..., : counted.samples - done]
        if stems.shape[-1]:
            done += stems.shape[-1]
            last = stems[..., -1:]
            yield stems
    if done < counted.samples:
        yield np.repeat(last, counted.samples - done, axis=-1)


def _device_of(model: nn.Module) -> torch.device:
    parameter = next(model.parameters(), None)
    return torch.device("cpu") if parameter is None else parameter.device


def _in_eval_mode(model: nn.Module) -> Callable[[Mixture], Stems]:
    """The network called in eval mode, each of its modules being put back into its own mode after every call.

    A stream may be left half-read; if the mode were changed for the whole of it, it would then stay changed.
    """

    def evaluated(mixture: Mixture) -> Stems:
        training = [module for module in model.modules() if module.training]
        model.eval()
        try:
            stems: Stems = model(mixture)
        finally:
            for module in training:
                module.training = True
        return stems

    return evaluated

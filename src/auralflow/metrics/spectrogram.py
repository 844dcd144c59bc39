"""Magnitudes of estimate and reference, frame by frame as blocks arrive."""

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor

from auralflow.dsp.frames import Frames
from auralflow.dsp.mel import mel_bands

__all__ = ["Magnitudes", "Resolution"]

_PIECE = 1 << 15
"""Samples transformed at once: frames overlap so much that a long block would want ten times its memory."""


@dataclass(frozen=True)
class Resolution:
    """One short-time spectrum, as `torch.stft` counts it: not scaled by its length."""

    num_fft: int
    hop_length: int
    window_size: int
    window: Literal["hann", "none"] = "hann"
    edges: Literal["mirror", "silence"] = "mirror"
    power_floor: float = 0.0
    """Least power of a bin."""
    mels: int = 0
    """Bands that the magnitudes are added up in; 0 keeps the bins."""


class Magnitudes:
    """The magnitudes of audio in blocks, at one resolution; more may come after the rest was asked for."""

    def __init__(self, resolution: Resolution, sample_rate: int) -> None:
        self._resolution = resolution
        self._rate = sample_rate
        self._frames = Frames(resolution.num_fft, resolution.hop_length, edges=resolution.edges)

    def add(self, audio: Float[Tensor, "*B T"]) -> Iterator[Float[Tensor, "*B N F"]]:
        """Those of the frames that are complete with this block."""
        for piece in audio.split(_PIECE, -1):
            yield from self._of(self._frames.add(piece))

    def rest(self, last: Float[Tensor, "*B T"] | None = None) -> Iterator[Float[Tensor, "*B N F"]]:
        """Those of the frames still due, if the audio ends here or with this last block, which is not kept."""
        frames = copy.copy(self._frames)
        if last is not None:
            yield from self._of(frames.add(last))
        yield from self._of(frames.rest())

    def _of(self, frames: Float[Tensor, "*B N W"]) -> Iterator[Float[Tensor, "*B N F"]]:
        if not frames.shape[-2]:
            return
        resolution = self._resolution
        spectrum = torch.fft.rfft(frames * _window(resolution).to(frames.device))
        power = torch.view_as_real(spectrum).square().sum(-1)
        magnitudes = power.clamp_min(resolution.power_floor).sqrt()
        if resolution.mels:
            bands = _bands(self._rate, resolution.num_fft, resolution.mels)
            magnitudes = magnitudes @ bands.to(frames.device).T
        yield magnitudes


@lru_cache(maxsize=16)
def _window(resolution: Resolution) -> Float[Tensor, " W"]:
    """The window, with silence around it where it is shorter than the transform."""
    size, length = resolution.window_size, resolution.num_fft
    window = torch.hann_window(size) if resolution.window == "hann" else torch.ones(size)
    before = (length - size) // 2
    return torch.nn.functional.pad(window, (before, length - size - before))


@lru_cache(maxsize=16)
def _bands(sample_rate: int, num_fft: int, mels: int) -> Float[Tensor, "M F"]:
    return mel_bands(sample_rate, num_fft, mels)

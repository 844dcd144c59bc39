"""From samples as they lie in a file to audio, one recording at a time, while it is in the processor's cache."""

import sys

import numpy as np
from jaxtyping import Float, Int, Shaped
from numpy import ndarray

from auralflow.datasets.spans import Span
from auralflow.shapes import Audio

__all__ = ["Converter"]


class Converter:
    """Memory for one span, raw, that is used again for the next; for one thread."""

    def __init__(self, samples: int) -> None:
        """Convert spans of this length."""
        self._raw = np.empty((samples, 2), np.int16)
        self._words = np.empty(samples, np.int32)

    def room_for(self, span: Span) -> Shaped[ndarray, "T C"]:
        """What the span is to be read into, with its own channels and, if that can be, in its own order."""
        samples, channels = len(self._raw), min(2, span.audio.channels)
        if not span.is_short:
            return np.empty((channels, samples), np.float32).T
        raw = self._raw.reshape(-1)[: samples * channels]
        if span.audio.is_planar:
            return raw.reshape(channels, samples).T
        return raw.reshape(samples, channels)

    def convert(
        self,
        raw: Shaped[ndarray, "T C"],
        target: Audio,
        *,
        factor: np.float32,
        is_swapped: bool = False,
    ) -> None:
        """Fill `target` with the samples times the factor: two channels are averaged into one, one fills both."""
        planes = raw.T
        if len(planes) > len(target):
            np.copyto(target, planes[:1])
            np.add(target, planes[1:], out=target)
            np.multiply(target, np.float32(0.5) * factor, out=target)
            return
        planes = planes[::-1] if is_swapped else planes
        if raw.dtype == np.int16 and len(planes) == 2 and raw.flags.c_contiguous:
            self._part(raw, target[::-1] if is_swapped else target, factor)
            return
        if len(planes) < len(target):
            planes = np.broadcast_to(planes, target.shape)
        for plane, into in zip(planes, target, strict=True):
            _scaled(plane, factor, into)

    def _part(
        self, raw: Int[ndarray, "T 2"], target: Float[ndarray, "2 T"], factor: np.float32
    ) -> None:
        """Two interleaved channels.

        Both of a moment are one word of 32 bits. Shifts of words are vectorised and steps of two samples are not, so
        that this takes three quarters of the time. A 65,536th of the factor differs from it in the exponent alone.
        """
        pairs = raw.view(np.int32)[:, 0]
        high, low = (1, 0) if sys.byteorder == "little" else (0, 1)
        words = self._words
        np.left_shift(pairs, 16, out=words)
        _scaled(words, factor / np.float32(65536), target[low])
        np.right_shift(pairs, 16, out=words)
        _scaled(words, factor, target[high])


def _scaled(samples: Shaped[ndarray, " T"], factor: np.float32, into: Float[ndarray, " T"]) -> None:
    """In two steps, the second of which finds its numbers in the cache: a product of two types goes through small buffers."""
    np.copyto(into, samples)
    np.multiply(into, factor, out=into)

"""Decoding one recording into a file of the cache, in constant memory."""

import math
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

import numpy as np

from auralflow.audio import AudioReader, Backend, StreamResampler
from auralflow.datasets.store.stored import header
from auralflow.datasets.tracks import Recording
from auralflow.shapes import Audio

__all__ = ["decode"]

_BLOCK = 1 << 18  # samples; 2 MB of stereo


def decode(recording: Recording, target: Path, *, sample_rate: int, backend: Backend) -> None:
    """Write `target` whole or not at all; another process may write the same one at the same time.

    The samples are int16, half of float32's size on disk and in the page cache. They are scaled by the power of two
    that just holds the loudest of them: nothing clips, though lossy formats and resampling overshoot full scale; a
    quiet stem keeps its 16 bits; and what was 16-bit at this rate is kept bit for bit. So the loudness has to be known
    before the first sample is written, and the audio waits for it in a temporary file.

    Raises:
        AudioError: the recording cannot be decoded, or holds samples that are not finite.
        OSError: the cache cannot be written.
    """
    temporary = target.with_name(f"{uuid4().hex}.part")
    try:
        with tempfile.TemporaryFile(dir=target.parent) as waiting:
            length, low, high = 0, 0.0, 0.0
            for block in _resampled(recording, sample_rate, backend):
                length += block.shape[1]
                low, high = min(low, float(block.min())), max(high, float(block.max()))
                waiting.write(np.ascontiguousarray(block.T).data)
            waiting.seek(0)
            scale = _scale(low, high)
            channels = recording.info.channels
            with temporary.open("xb") as file:
                file.write(header(channels=channels, length=length, scale=scale))
                _quantise(waiting, file, np.float32(1 / scale), shape=(length, channels))
                file.flush()
                os.fsync(file.fileno())
        temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


def _resampled(recording: Recording, sample_rate: int, backend: Backend) -> Iterator[Audio]:
    with AudioReader(recording.path, stream=recording.stream, backend=backend) as reader:
        info, start = reader.info, recording.start or 0
        stop = None if recording.start is None else start + recording.info.samples
        resampler = StreamResampler(info.sample_rate, sample_rate, info.channels)
        for block in reader.blocks(_BLOCK, start=start, stop=stop):
            ready = resampler.push(block)
            if ready.shape[1]:
                yield ready
        rest = resampler.finish()
        if rest.shape[1]:
            yield rest


def _scale(low: float, high: float) -> float:
    """The smallest power of two by which int16 reaches from `low` to `high`."""
    loudest = max(-low / 32768, high / 32767)
    # Silence has no scale of its own; far below 16 bits under full scale there is nothing left to keep.
    return 2.0 ** max(-40, math.ceil(math.log2(loudest))) if loudest > 0 else 2.0**-15


def _quantise(
    source: BinaryIO, target: BinaryIO, gain: np.float32, *, shape: tuple[int, int]
) -> None:
    """Write channel after channel, as a network wants them, of what comes interleaved."""
    length, channels = shape
    begin, done = target.tell(), 0
    while data := source.read(_BLOCK * channels * 4):
        planes = np.frombuffer(data, np.float32).reshape(-1, channels).T
        words = np.rint(planes * gain).astype("<i2", order="C")
        for channel, plane in enumerate(words):
            target.seek(begin + 2 * (channel * length + done))
            target.write(plane.data)
        done += words.shape[1]

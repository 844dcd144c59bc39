"""A sound as the loggers take it: a WAV file in memory."""

import wave
from dataclasses import dataclass
from io import BytesIO

import numpy as np

from auralflow.shapes import Audio

__all__ = ["Clip", "clip_of"]

_FULL_SCALE = 32767


@dataclass(frozen=True)
class Clip:
    """A WAV file of 16 bits."""

    wav: bytes
    sample_rate: int
    channels: int
    samples: int


def clip_of(audio: Audio, sample_rate: int) -> Clip:
    """The audio, which must lie within full scale, rounded to 16 bits."""
    channels, samples = audio.shape
    content = BytesIO()
    with wave.open(content, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(sample_rate)
        file.writeframes(np.rint(audio.T * _FULL_SCALE).astype("<i2").tobytes())
    return Clip(content.getvalue(), sample_rate, channels, samples)

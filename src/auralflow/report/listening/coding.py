"""Audio small enough for a page, and in step: Opus, which starts where it should in every browser.

A lossy codec keeps what is heard, not the wave: the difference of two coded signals is mostly coding noise. So a
difference is taken first and coded like any other signal. See docs/decisions/0012-listening-report.md.
"""

from io import BytesIO

import av
import numpy as np

from auralflow.audio import resample
from auralflow.shapes import Audio

__all__ = ["PAGE_RATE", "encode", "page_length"]

PAGE_RATE = 48_000
"""Opus knows no other in its decoder; a page at this rate decodes without resampling."""
_BITS_PER_CHANNEL = 64_000
_FRAME = 960


def page_length(samples: int, sample_rate: int) -> int:
    """Samples at the page's rate."""
    return int(
        resample(np.zeros((1, samples), np.float32), source=sample_rate, wanted=PAGE_RATE).shape[1]
    )


def encode(audio: Audio, sample_rate: int) -> bytes:
    """The audio as a WebM file of Opus, 64 kbit/s a channel."""
    at_rate = resample(np.asarray(audio, np.float32), source=sample_rate, wanted=PAGE_RATE)
    channels, samples = at_rate.shape
    interleaved = np.ascontiguousarray(at_rate.T, np.float32)
    target = BytesIO()
    with av.open(
        target, "w", format="webm", container_options={"fflags": "+bitexact"}
    ) as container:
        stream = container.add_stream("libopus", rate=PAGE_RATE)
        stream.layout = "mono" if channels == 1 else "stereo"
        stream.format = "flt"
        stream.bit_rate = _BITS_PER_CHANNEL * channels
        for start in range(0, samples, _FRAME):
            block = interleaved[start : start + _FRAME].reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(block, format="flt", layout=stream.layout.name)
            frame.sample_rate, frame.pts = PAGE_RATE, start
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return target.getvalue()

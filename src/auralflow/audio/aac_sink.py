"""Encoding AAC with PyAV (FFmpeg) into MP4, one stream or several."""

from fractions import Fraction

import av
import numpy as np
from jaxtyping import Float
from numpy import ndarray

from auralflow.audio.sink import Refusal
from auralflow.audio.target import Target

__all__ = ["BRAND", "AacSink"]

BRAND = "M4A "
"""What an MP4 with nothing but audio calls itself."""

_LAYOUTS = {1: "mono", 2: "stereo", 3: "3.0", 4: "4.0", 5: "5.0", 6: "5.1"}
# A frame of 1024 samples has at most 6144 bits a channel.
_BITS_A_CHANNEL, _BITS_A_SAMPLE = 128_000, 6


class AacSink:
    """An MP4 file. Its edit lists state the encoder's delay and the length, so that decoders give both back exactly."""

    def __init__(
        self, target: Target, *, sample_rate: int, channels: int, streams: int = 1
    ) -> None:
        # The default time scale counts lengths in milliseconds.
        options = {"movie_timescale": str(sample_rate)}
        if streams == 1:
            options["brand"] = BRAND
        self._target = target
        self._rate = sample_rate
        self._layout = _LAYOUTS[channels]
        self._position = 0
        self._container = av.open(target, "w", format="mp4", options=options)
        self._streams = [
            self._container.add_stream("aac", rate=sample_rate, layout=self._layout)
            for _ in range(streams)
        ]
        for stream in self._streams:
            stream.bit_rate = channels * min(_BITS_A_CHANNEL, _BITS_A_SAMPLE * sample_rate)
            stream.time_base = Fraction(1, sample_rate)

    def write(self, streams: Float[ndarray, "S C T"]) -> None:
        """Add a block to each stream."""
        for stream, block in zip(self._streams, streams, strict=True):
            samples = np.ascontiguousarray(block, dtype=np.float32)
            frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout=self._layout)
            frame.sample_rate, frame.pts = self._rate, self._position
            self._encode(stream, frame)
        self._position += streams.shape[-1]

    def close(self) -> None:
        """Complete the file."""
        for stream in self._streams:
            self._encode(stream, None)
        try:
            self._container.close()
        except (av.FFmpegError, OSError) as error:
            raise Refusal(str(error)) from error

    def _encode(self, stream: "av.AudioStream", frame: "av.AudioFrame | None") -> None:
        try:
            for packet in stream.encode(frame):
                self._container.mux(packet)
        except (av.FFmpegError, OSError, ValueError) as error:
            raise Refusal(str(error)) from error

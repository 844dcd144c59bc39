"""Decoding with PyAV (FFmpeg): AAC, MP4 and its several streams, MP3 of unstated length, sound tracks of videos."""

from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

import av
import numpy as np

from auralflow.audio.info import AudioInfo
from auralflow.audio.source import Unreadable
from auralflow.errors import AudioError
from auralflow.shapes import Audio

__all__ = ["PyavSource"]

_SCALES = {"u8": 2.0**7, "s16": 2.0**15, "s32": 2.0**31, "s64": 2.0**63, "flt": 1.0, "dbl": 1.0}


class PyavSource:
    """One audio stream of a file that FFmpeg reads.

    Sample 0 is the first sample that the decoder gives once the encoder's delay is dropped; FFmpeg drops it, from what
    the container says, in the same way for every stream. The length is what an MP4 declares, to which the padding of
    the last frame is cut; elsewhere declarations are guesses, and the samples are counted by decoding them once.

    A seek decodes from the start. FFmpeg could jump, but AAC's noise substitution draws random numbers that go on from
    frame to frame, so a span would not be the slice of the whole; at some 500 times real time it is seldom felt.
    """

    info: AudioInfo

    def __init__(self, path: Path, stream: int | None) -> None:
        """Open stream `stream` of `path`, counted from 0 among the audio streams; None is the first.

        Raises:
            Unreadable: it is nothing that FFmpeg reads.
            AudioError: it holds no such stream, or nothing that can be decoded.
        """
        self._path = path
        self._index = stream or 0
        self._open()
        try:
            self.streams = len(self._container.streams.audio)
            self.info = self._describe()
        except BaseException:
            self._container.close()
            raise

    def _open(self) -> None:
        try:
            # The scheme keeps a colon in the name from being taken for one.
            self._container = av.open(f"file:{self._path}", metadata_errors="ignore")
        except (av.FFmpegError, OSError, ValueError) as error:
            # Its number and the name again say nothing more.
            raise Unreadable(getattr(error, "strerror", None) or str(error)) from error
        count = len(self._container.streams.audio)
        if self._index >= count:
            self._container.close()
            if count == 0:
                raise Unreadable("no audio stream in it")
            raise AudioError(
                f"{self._path} has {count} audio streams and stream {self._index} was asked for: "
                f"choose one from 0 to {count - 1}"
            )
        self._stream = self._container.streams.audio[self._index]
        self._position = 0
        self._frames = self._decode()
        self._left: Audio | None = None

    def _describe(self) -> AudioInfo:
        context = self._stream.codec_context
        rate, channels = context.sample_rate, context.channels
        if not rate or not channels:
            raise Unreadable("no audio that can be decoded in it")
        self._rate, self._channels = rate, channels
        if "mp4" in self._container.format.name.split(",") and self._stream.duration:
            unit = self._stream.time_base or Fraction(1, rate)
            samples = round(self._stream.duration * unit * rate)
            return AudioInfo(rate, channels, samples, self._bits())
        status = self._path.stat()
        samples = _count(self._path, self._index, status.st_size, status.st_mtime_ns)
        return AudioInfo(rate, channels, samples, self._bits())

    def _bits(self) -> int | None:
        context = self._stream.codec_context
        if not context.name.startswith(("pcm_", "alac", "flac", "wavpack", "tta")):
            return None
        if context.name.startswith("pcm_"):
            return context.format.bits
        # What is wider than 16 is kept in words of 32, of which these codecs hardly ever use more than 24.
        return 16 if context.format.bits <= 16 else 24

    def seek(self, start: int) -> None:
        """Make `start` the next sample to be read; one before the last one read opens the file anew."""
        if start < self._position:
            self._container.close()
            self._open()
        while self._position < start and self.read(min(start - self._position, 65536)).shape[1]:
            pass

    def read(self, samples: int) -> Audio:
        """The next `samples`; fewer where decoding ends before."""
        end = min(self._position + samples, self.info.samples)
        parts: list[Audio] = []
        while self._position < end:
            block = self._left if self._left is not None else next(self._frames, None)
            self._left = None
            if block is None:
                parts.append(self._rounding(end))
                break
            wanted = end - self._position
            if block.shape[1] > wanted:
                self._left = block[:, wanted:]
                block = block[:, :wanted]
            parts.append(block)
            self._position += block.shape[1]
        if not parts:
            return np.zeros((self._channels, 0), np.float32)
        return np.concatenate(parts, axis=1)

    def close(self) -> None:
        """Give the file back."""
        self._container.close()

    def _rounding(self, end: int) -> Audio:
        """Silence for the fraction of a frame by which a container may promise more than there is."""
        frame = max(self._stream.codec_context.frame_size or 1024, self._rate // 1000)
        missing = end - self._position
        if self.info.samples - self._position > frame:
            missing = 0
        self._position += missing
        return np.zeros((self._channels, missing), np.float32)

    def _decode(self) -> Iterator[Audio]:
        try:
            for frame in self._container.decode(self._stream):
                yield self._samples(frame)
        except (av.FFmpegError, OSError) as error:
            raise self._damaged(error) from error

    def _samples(self, frame: av.AudioFrame) -> Audio:
        name = frame.format.name
        if (frame.sample_rate, len(frame.layout.channels)) != (self._rate, self._channels):
            raise AudioError(
                f"{self._path} changes its rate or channels at {self._position / self._rate:.3f} s: "
                "convert it to one format throughout"
            )
        array = frame.to_ndarray()
        if not frame.format.is_planar:
            array = array.reshape(-1, self._channels).T
        kind = name.removesuffix("p")
        if kind not in _SCALES:
            raise AudioError(
                f"{self._path} holds samples of type {name}: convert it to wav or flac"
            )
        if kind == "flt":
            return array
        shift = 128.0 if kind == "u8" else 0.0
        return ((array - np.float32(shift)) / np.float32(_SCALES[kind])).astype(np.float32)

    def _damaged(self, error: Exception) -> AudioError:
        seconds = self._position / self._rate
        return AudioError(
            f"{self._path} is damaged: decoding fails at {seconds:.3f} s ({error}): "
            "replace it with a whole copy"
        )


# The identity is in the key so that a file that changes is counted again.
@lru_cache(maxsize=4096)
def _count(path: Path, index: int, size: int, modified_ns: int) -> int:  # noqa: ARG001 - see above
    """Samples of a stream, counted by decoding all of it."""
    try:
        with av.open(f"file:{path}", metadata_errors="ignore") as container:
            return sum(f.samples for f in container.decode(container.streams.audio[index]))
    except (av.FFmpegError, OSError) as error:
        raise AudioError(
            f"{path} is damaged: decoding it fails ({error}): replace it with a whole copy"
        ) from error

"""Reading: what a file is, a span of it, or all of it block by block."""

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from auralflow.audio.backend import Backend
from auralflow.audio.completeness import missing_bytes
from auralflow.audio.ffmpeg import PyavSource
from auralflow.audio.info import AudioInfo
from auralflow.audio.libsndfile import SoundfileSource
from auralflow.audio.source import Source, Unreadable
from auralflow.errors import AudioError
from auralflow.shapes import Audio

__all__ = ["AudioReader", "count_streams", "probe", "read"]


def probe(path: Path, *, stream: int | None = None, backend: Backend = "soundfile") -> AudioInfo:
    """Rate, channels and exact length of a recording.

    `stream` counts the audio streams of a container from 0; None is the first. Headers are enough for most files; an
    MP3 that does not state its length, and a container other than MP4 that libsndfile does not read, are decoded.

    Raises:
        AudioError: the file is missing, is not audio, is damaged as far as its headers tell, or has no samples.
    """
    with AudioReader(path, stream=stream, backend=backend) as reader:
        return reader.info


def count_streams(path: Path) -> int:
    """How many audio streams a file has: 5 in a `.stem.mp4`, 1 in most others.

    Raises:
        AudioError: as for `probe`.
    """
    source = _open(Path(path), None, "soundfile")
    try:
        return source.streams
    finally:
        source.close()


def read(
    path: Path,
    *,
    start: int = 0,
    samples: int | None = None,
    stream: int | None = None,
    backend: Backend = "soundfile",
) -> Audio:
    """Decode the `samples` from `start` on, at the file's own rate; None means to the end.

    The span is exact: it equals that slice of the whole recording, in every format. As with a slice, what reaches
    beyond the end is left off. Values are as the file has them, floating point beyond ±1 included.

    Raises:
        AudioError: as for `probe`; and where the span cannot be decoded, or holds samples that are not finite.
        ValueError: `start` or `samples` is negative.
    """
    if start < 0 or (samples is not None and samples < 0):
        raise ValueError(f"a span starts at 0 or later and is not negative: {start}, {samples}")
    with AudioReader(path, stream=stream, backend=backend) as reader:
        return reader.span(start, samples)


class AudioReader:
    """A recording that stays open, for reading it in blocks or in several spans."""

    info: AudioInfo

    def __init__(
        self, path: Path, *, stream: int | None = None, backend: Backend = "soundfile"
    ) -> None:
        """Open a recording.

        Raises:
            AudioError: as for `probe`.
        """
        self.path = Path(path)
        self._source = _open(self.path, stream, backend)
        self.info = self._source.info
        if self.info.samples == 0:
            self._source.close()
            raise AudioError(f"{path} is audio of no length, 0 samples: replace or remove it")

    def blocks(self, samples: int, *, start: int = 0, stop: int | None = None) -> Iterator[Audio]:
        """The recording from `start` to `stop`, or its end, `samples` at a time; the last block may be shorter.

        Raises:
            AudioError: a block cannot be decoded, or holds samples that are not finite.
        """
        if samples < 1:
            raise ValueError(f"a block has at least one sample, not {samples}")
        stop = self.info.samples if stop is None else min(stop, self.info.samples)
        self._source.seek(start)
        for place in range(start, stop, samples):
            yield self._next(place, min(samples, stop - place))

    def span(self, start: int, samples: int | None = None) -> Audio:
        """The `samples` from `start` on, as `read` gives them."""
        rest = max(0, self.info.samples - start)
        length = rest if samples is None else min(samples, rest)
        if length == 0:
            return np.zeros((self.info.channels, 0), np.float32)
        self._source.seek(start)
        return self._next(start, length)

    def close(self) -> None:
        """Give the file back."""
        self._source.close()

    def _next(self, start: int, samples: int) -> Audio:
        block = self._source.read(samples)
        if block.shape[1] < samples:
            found, promised = (
                self._seconds(start + block.shape[1]),
                self._seconds(self.info.samples),
            )
            raise AudioError(
                f"{self.path} is cut off or damaged: it ends at {found} instead of {promised}: "
                "replace it with a whole copy"
            )
        finite = np.isfinite(block).all(axis=0)
        if not finite.all():
            at = int(np.argmin(finite))
            value = next(value for value in block[:, at] if not np.isfinite(value))
            raise AudioError(
                f"{self.path} holds a sample that is no finite number ({value}) at "
                f"{self._seconds(start + at)}: repair or replace it"
            )
        return block

    def _seconds(self, samples: int) -> str:
        return f"{samples / self.info.sample_rate:.3f} s"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _open(path: Path, stream: int | None, backend: Backend) -> Source:
    """Let the libraries try in the order that `backend` asks for."""
    if stream is not None and stream < 0:
        raise ValueError(f"streams are counted from 0, not {stream}")
    _require_whole_file(path)
    libraries = (SoundfileSource, PyavSource) if backend == "soundfile" else (PyavSource,)
    cause: Unreadable | None = None
    for library in libraries:
        try:
            return library(path, stream)
        except Unreadable as error:
            cause = error
    raise AudioError(
        f"{path} is not audio that can be read ({cause}): convert it to wav or flac, or remove it"
    ) from cause


def _require_whole_file(path: Path) -> None:
    """Tell apart what a decoder would report as one failure, or not at all."""
    if path.is_dir():
        raise AudioError(f"{path} is a folder and an audio file was expected: name a file in it")
    try:
        with path.open("rb") as file:
            empty = not file.read(1)
    except FileNotFoundError as error:
        raise AudioError(f"there is no file {path}: check the name") from error
    except PermissionError as error:
        raise AudioError(f"{path} may not be read by this user: change its permissions") from error
    except OSError as error:
        raise AudioError(
            f"{path} cannot be opened ({error.strerror}): check the name and the disk"
        ) from error
    if empty:
        raise AudioError(f"{path} is an empty file, 0 bytes: replace or remove it")
    if missing := missing_bytes(path):
        raise AudioError(
            f"{path} is cut off, {missing} bytes short of what its header says: "
            "replace it with a whole copy"
        )

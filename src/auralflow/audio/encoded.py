"""A file of one or more streams that is either whole or not there."""

from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import uuid4

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from auralflow.audio.aac_sink import AacSink
from auralflow.audio.encoding import Encoding
from auralflow.audio.libsndfile_sink import SoundfileSink
from auralflow.audio.resampling import StreamResampler
from auralflow.audio.sink import Refusal, Sink
from auralflow.audio.stem_box import add_stem_box
from auralflow.audio.tagging import write_tags
from auralflow.audio.tags import Tags
from auralflow.audio.target import Target, refused
from auralflow.errors import OutputError

__all__ = ["EncodedFile"]

# The sizes in a WAV file's header are 32-bit numbers; a kilobyte is left for the header itself.
_LARGEST_WAV = 2**32 - 1024
# libsndfile's Vorbis encoder takes a whole write on the stack and crashes on long ones.
_PIECE = 8192


class EncodedFile:
    """Encodes blocks into a hidden temporary file in the same folder, as a context manager.

    It takes the wanted name when the context ends without an exception, flushed to the disk before, and is removed when
    there was one.
    """

    def __init__(
        self,
        path: Path,
        *,
        sample_rate: int,
        channels: int,
        encoding: Encoding,
        force: bool,
        samples: int | None,
        tags: Tags,
        stems: tuple[str, ...] = (),
    ) -> None:
        """`samples` are those to come, if that is known. `stems` names the streams behind the first.

        Raises `OutputError` if the file exists, or the format cannot hold such audio.
        """
        self.path = Path(path)
        self.clipped = 0
        self._encoding = encoding
        self._rate = sample_rate
        self._channels = channels
        self._force = force
        self._tags = tags
        self._stems = stems
        self._bytes = 0
        self._sample_bytes = channels * encoding.bits // 8
        self._is_long = (
            encoding.format == "wav" and (samples or 0) * self._sample_bytes > _LARGEST_WAV
        )
        self._refuse_existing()
        if objection := encoding.objection(sample_rate, channels):
            raise OutputError(f"{self.path} cannot be written: {objection}")
        # Short, whatever the length of the wanted name, which may be as long as the file system allows.
        self._temporary = self.path.with_name(f".auralflow-{uuid4().hex}.part")

    def __enter__(self) -> Self:
        """Make the temporary file.

        Raises `OutputError` if the folder is missing, read-only or full.
        """
        try:
            self._target = Target(self._temporary.open("xb", buffering=0))
        except OSError as error:
            raise refused(self.path, error) from error
        try:
            self._sink = self._open()
        except BaseException as error:
            self._discard()
            cause = self._target.failure or error
            if isinstance(cause, OSError):
                raise refused(self.path, cause) from error
            raise cause from None
        return self

    def write(self, streams: Float[ndarray, "S C T"]) -> None:
        """Add a block to each stream.

        Raises `OutputError` if the disk is full or gone, a sample is not finite, or the format can hold no more.
        """
        expected = (1 + len(self._stems), self._channels)
        if streams.ndim != 3 or streams.shape[:2] != expected:
            raise ValueError(f"streams and channels are {expected}, the block is {streams.shape}")
        if not np.isfinite(streams).all():
            raise OutputError(
                f"{self.path} was given samples that are no finite numbers: "
                "look for NaN in what made them"
            )
        self._bytes += streams.shape[-1] * self._sample_bytes
        if self._encoding.format == "wav" and not self._is_long and self._bytes > _LARGEST_WAV:
            raise OutputError(f"{self.path} would grow beyond the 4 GiB of a wav file: choose flac")
        if self._encoding.clips:
            self.clipped += int(np.count_nonzero(np.abs(streams) > 1))
            streams = np.clip(streams, -1, 1)
        self._put(streams if self._resampler is None else self._resampler.push(streams[0])[None])

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give the file its name, or remove it when the context ends with an exception."""
        try:
            if error is None:
                self._publish()
            else:
                with suppress(Refusal):
                    self._sink.close()
        except OSError as failure:
            raise refused(self.path, failure) from failure
        finally:
            self._discard()

    def _open(self) -> Sink:
        rate = self._encoding.rate_for(self._rate)
        self._resampler = (
            None if rate == self._rate else StreamResampler(self._rate, rate, self._channels)
        )
        if self._encoding.format in ("m4a", "stem.mp4"):
            streams = 1 + len(self._stems)
            return AacSink(self._target, sample_rate=rate, channels=self._channels, streams=streams)
        return SoundfileSink(
            self._target,
            self._encoding,
            sample_rate=rate,
            channels=self._channels,
            is_long=self._is_long,
            strings=self._tags.text if self._encoding.format == "wav" else {},
        )

    def _put(self, streams: Float[ndarray, "S C T"]) -> None:
        for start in range(0, streams.shape[-1], _PIECE):
            failure: Refusal | None = None
            try:
                self._sink.write(streams[..., start : start + _PIECE])
            except Refusal as error:
                failure = error
            self._complain(failure, "cannot be written")

    def _complain(self, failure: Refusal | None, what: str) -> None:
        """Raise what went wrong, the disk's reason before the library's."""
        try:
            self._target.complain()
        except OSError as error:
            raise refused(self.path, error) from error
        if failure is not None:
            raise OutputError(f"{self.path} {what} ({failure}): choose another encoding")

    def _publish(self) -> None:
        if self._resampler is not None:
            self._put(np.clip(self._resampler.finish(), -1, 1)[None])
        failure: Refusal | None = None
        try:
            self._sink.close()
        except Refusal as error:
            failure = error
        self._complain(failure, "cannot be finished")
        self._target.sync()
        write_tags(self._temporary, self._tags, self._encoding.format)
        if self._stems:
            add_stem_box(self._temporary, self._stems)
        self._refuse_existing()
        self._temporary.replace(self.path)

    def _discard(self) -> None:
        self._target.close()
        self._temporary.unlink(missing_ok=True)

    def _refuse_existing(self) -> None:
        try:
            folder, exists = self.path.is_dir(), self.path.exists()
        except OSError as error:
            raise refused(self.path, error) from error
        if folder:
            raise OutputError(f"{self.path} is a folder: choose another name for the file")
        if exists and not self._force:
            raise OutputError(f"{self.path} exists already: pass --force to replace it")

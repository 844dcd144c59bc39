"""Writing: an audio file that is either whole or not there."""

import errno
import io
import os
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import uuid4

import numpy as np
import soundfile
from jaxtyping import Shaped
from numpy import ndarray

from auralflow.audio.encoding import Encoding
from auralflow.errors import OutputError
from auralflow.shapes import Audio

__all__ = ["AudioWriter"]

_SUBTYPES = {("wav", 16): "PCM_16", ("wav", 24): "PCM_24", ("wav", 32): "FLOAT"} | {
    ("flac", 16): "PCM_16",
    ("flac", 24): "PCM_24",
}
# The sizes in a WAV file's header are 32-bit numbers; a kilobyte is left for the header itself.
_LARGEST_WAV = 2**32 - 1024
# libsndfile's Vorbis encoder takes a whole write on the stack and crashes on long ones.
_PIECE = 8192


class AudioWriter:
    """Writes a recording block by block, as a context manager.

    The samples go to a hidden temporary file in the same folder. It takes the wanted name when the context ends
    without an exception, flushed to the disk before, and is removed when there was one.
    """

    clipped: int
    """Samples so far that were beyond ±1 and were cut to it; floating point keeps such samples and counts none."""

    def __init__(
        self,
        path: Path,
        *,
        sample_rate: int,
        channels: int,
        encoding: Encoding | None = None,
        force: bool = False,
    ) -> None:
        """Prepare to write `path`; without an encoding, as 16-bit wav. `force` allows replacing a file.

        Raises:
            OutputError: the file exists, or the format cannot hold such audio.
        """
        self.path = Path(path)
        self.encoding = encoding or Encoding()
        self.clipped = 0
        self._sample_rate = sample_rate
        self._channels = channels
        self._force = force
        self._bytes = 0
        self._refuse_existing()
        if objection := self.encoding.objection(sample_rate, channels):
            raise OutputError(f"{self.path} cannot be written: {objection}")
        # Short, whatever the length of the wanted name, which may be as long as the file system allows.
        self._temporary = self.path.with_name(f".auralflow-{uuid4().hex}.part")

    def __enter__(self) -> Self:
        """Make the temporary file.

        Raises:
            OutputError: the folder is missing, read-only or full.
        """
        try:
            self._target = _Target(self._temporary.open("xb", buffering=0))
        except OSError as error:
            raise _refused(self.path, error) from error
        try:
            self._file = self._open()
        except BaseException as error:
            self._discard()
            cause = self._target.failure or error
            if isinstance(cause, OSError):
                raise _refused(self.path, cause) from error
            raise cause from None
        return self

    def write(self, block: Audio) -> None:
        """Add a block of float audio, shaped (channels, samples).

        Raises:
            OutputError: the disk is full or gone, a sample is not finite, or the format can hold no more.
        """
        if block.ndim != 2 or block.shape[0] != self._channels:
            raise ValueError(f"the file has {self._channels} channels, the block is {block.shape}")
        if not np.isfinite(block).all():
            raise OutputError(
                f"{self.path} was given samples that are no finite numbers: "
                "look for NaN in what made them"
            )
        self._bytes += block.size * self.encoding.bits // 8
        if self.encoding.format == "wav" and self._bytes > _LARGEST_WAV:
            raise OutputError(f"{self.path} would grow beyond the 4 GiB of a wav file: choose flac")
        if self.encoding.clips:
            self.clipped += int(np.count_nonzero(np.abs(block) > 1))
            block = np.clip(block, -1, 1)
        for start in range(0, block.shape[1], _PIECE):
            self._put(block[:, start : start + _PIECE])

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
                with suppress(soundfile.SoundFileError):
                    self._file.close()
        except OSError as failure:
            raise _refused(self.path, failure) from failure
        finally:
            self._discard()

    def _open(self) -> soundfile.SoundFile:
        name = self.encoding.format
        mp3, ogg = name == "mp3", name == "ogg"
        return soundfile.SoundFile(
            self._target,
            "w",
            self._sample_rate,
            self._channels,
            format=name.upper(),
            subtype=_SUBTYPES.get((name, self.encoding.bits)),
            # Stems are mixed again, where coding noise adds up: mp3 at about 250 kbit/s, ogg at quality 8 of 10.
            compression_level=0.0 if mp3 else 0.2 if ogg else None,
            bitrate_mode="VARIABLE" if mp3 else None,
        )

    def _put(self, piece: Audio) -> None:
        failure: Exception | None = None
        try:
            self._file.write(self._words(piece))
        except (soundfile.SoundFileError, AssertionError) as error:
            # The assertion is soundfile's own, for fewer samples written than given.
            failure = error
        try:
            self._target.complain()
        except OSError as error:
            raise _refused(self.path, error) from error
        if failure is not None:
            raise OutputError(
                f"{self.path} cannot be written ({failure}): choose another encoding"
            ) from failure

    def _words(self, piece: Audio) -> Shaped[ndarray, "T C"]:
        """Interleaved, and as integers where the format has them: libsndfile would round down, which adds an offset."""
        interleaved = np.ascontiguousarray(piece.T, dtype=np.float32)
        bits = self.encoding.bits
        if (self.encoding.format, bits) not in _SUBTYPES or bits == 32:
            return interleaved
        full = 2 ** (bits - 1)
        words = np.clip(np.rint(interleaved * np.float32(full)), -full, full - 1)
        # libsndfile takes the upper bits of a wider word.
        integers: Shaped[ndarray, "T C"] = words.astype(np.int32) << (32 - bits)
        return integers

    def _publish(self) -> None:
        try:
            self._file.close()
        except soundfile.SoundFileError as error:
            self._target.complain()
            raise OutputError(
                f"{self.path} cannot be finished ({error}): choose another encoding"
            ) from error
        self._target.complain()
        self._target.sync()
        self._refuse_existing()
        self._temporary.replace(self.path)

    def _discard(self) -> None:
        self._target.close()
        self._temporary.unlink(missing_ok=True)

    def _refuse_existing(self) -> None:
        try:
            folder, exists = self.path.is_dir(), self.path.exists()
        except OSError as error:
            raise _refused(self.path, error) from error
        if folder:
            raise OutputError(f"{self.path} is a folder: choose another name for the file")
        if exists and not self._force:
            raise OutputError(f"{self.path} exists already: pass --force to replace it")


class _Target:
    """The temporary file as libsndfile sees it.

    libsndfile calls from C, where an exception would be printed and lost; so it is kept here until Python is back.
    The file has no buffer of its own, so that nothing but a write can find the disk full.
    """

    def __init__(self, file: io.FileIO) -> None:
        self._file = file
        self.failure: BaseException | None = None
        self.seek = file.seek
        self.tell = file.tell

    def write(self, data: bytes) -> int:
        done = 0
        # A disk that fills up takes a part, and refuses the rest when it is asked again.
        while done < len(data) and self.failure is None:
            try:
                done += self._file.write(data[done:])
            except BaseException as error:
                self.failure = error
        return done

    def complain(self) -> None:
        """Raise what went wrong in C."""
        if self.failure is not None:
            raise self.failure

    def sync(self) -> None:
        os.fsync(self._file.fileno())

    def close(self) -> None:
        self._file.close()


def _refused(path: Path, error: OSError) -> OutputError:
    remedies = {
        errno.ENOSPC: "free some space or choose another disk",
        errno.EDQUOT: "free some of your quota or choose another disk",
        errno.EROFS: "choose a folder that can be written",
        errno.EACCES: "choose a folder that you may write to",
        errno.EPERM: "choose a folder that you may write to",
        errno.ENOENT: "make the folder first",
        errno.ENOTDIR: "choose a folder, not a file",
        errno.ENAMETOOLONG: "choose a shorter name",
    }
    remedy = remedies.get(error.errno or 0, "choose another place")
    return OutputError(f"{path} cannot be written ({error.strerror or error}): {remedy}")

"""Decoding with soundfile (libsndfile): WAV, AIFF, FLAC, MP3, Ogg, Opus and more."""

from pathlib import Path

import numpy as np
import soundfile

from auralflow.audio.completeness import has_mp3_length
from auralflow.audio.info import AudioInfo
from auralflow.audio.source import Unreadable
from auralflow.errors import AudioError
from auralflow.shapes import Audio

__all__ = ["SoundfileSource"]

# After a seek, libsndfile 1.2.2 gives Vorbis's first block without the one that overlaps it, and a block is at most
# 8192 samples. Starting two blocks early and dropping them makes every seek exact; the tests hold it to that.
_VORBIS_LEAD = 16384

_BITS = {
    "PCM_S8": 8, "PCM_U8": 8, "PCM_16": 16, "PCM_24": 24, "PCM_32": 32, "FLOAT": 32, "DOUBLE": 64,
    "ALAC_16": 16, "ALAC_20": 24, "ALAC_24": 24, "ALAC_32": 32,
}  # fmt: skip


class SoundfileSource:
    """An audio file that libsndfile reads."""

    info: AudioInfo

    def __init__(self, path: Path, stream: int | None) -> None:
        """Open `path`.

        Raises:
            Unreadable: it is nothing that libsndfile reads with certainty; another library may.
            AudioError: it is, but damaged or without the stream asked for.
        """
        self._path = path
        try:
            self._file = soundfile.SoundFile(path)
        except (
            soundfile.SoundFileError,
            TypeError,
        ) as error:  # TypeError: raw samples want a format
            raise Unreadable(str(error)) from error
        try:
            self._check(stream)
        except BaseException:
            self._file.close()
            raise
        self.info = AudioInfo(
            self._file.samplerate,
            self._file.channels,
            self._file.frames,
            _BITS.get(self._file.subtype),
        )
        self._lead = _VORBIS_LEAD if self._file.subtype == "VORBIS" else 0

    streams = 1

    def _check(self, stream: int | None) -> None:
        if self._file.format == "MP3" and not has_mp3_length(self._path):
            raise Unreadable("an MP3 file that does not state its length")
        if not self._file.seekable():
            raise AudioError(
                f"{self._path} is no regular file that can be read twice: copy it to the disk"
            )
        if stream:
            raise AudioError(
                f"{self._path} has 1 audio stream and stream {stream} was asked for: "
                "count from 0, or name no stream"
            )

    def seek(self, start: int) -> None:
        """Make `start` the next sample to be read."""
        lead = min(start, self._lead)
        try:
            self._file.seek(start - lead)
        except soundfile.SoundFileError as error:
            raise self._damaged(start, error) from error
        if lead:
            self.read(lead)

    def read(self, samples: int) -> Audio:
        """The next `samples`; fewer where decoding ends before."""
        position = self._file.tell()
        try:
            block = self._file.read(samples, dtype="float32", always_2d=True)
        except soundfile.SoundFileError as error:
            raise self._damaged(position, error) from error
        return np.ascontiguousarray(block.T)

    def close(self) -> None:
        """Give the file back."""
        self._file.close()

    def _damaged(self, position: int, error: Exception) -> AudioError:
        seconds = position / self._file.samplerate
        return AudioError(
            f"{self._path} is damaged: decoding fails at or after {seconds:.3f} s ({error or 'no reason given'}): "
            "replace it with a whole copy"
        )

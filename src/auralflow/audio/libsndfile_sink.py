"""Encoding with soundfile (libsndfile): WAV, FLAC, MP3, Ogg Vorbis and Opus."""

import contextlib
from collections.abc import Mapping

import numpy as np
import soundfile
from jaxtyping import Float, Shaped
from numpy import ndarray

from auralflow.audio.encoding import Encoding
from auralflow.audio.sink import Refusal
from auralflow.audio.target import Target

__all__ = ["SoundfileSink"]

_SUBTYPES: dict[tuple[str, int], str] = {
    ("wav", 16): "PCM_16",
    ("wav", 24): "PCM_24",
    ("wav", 32): "FLOAT",
    ("flac", 16): "PCM_16",
    ("flac", 24): "PCM_24",
}
_CONTAINERS = {"opus": ("OGG", "OPUS")}
# Stems are mixed again, where coding noise adds up: mp3 at about 250 kbit/s, ogg at quality 8 of 10, opus at 130 kbit/s a
# channel.
_COMPRESSION = {"mp3": 0.0, "ogg": 0.2, "opus": 0.5}
# What the INFO chunk of a WAV file has a place for, by the names of libsndfile.
_STRINGS = {"title", "artist", "album", "date", "genre", "comment", "copyright"}


class SoundfileSink:
    """A file of one stream that libsndfile writes."""

    def __init__(
        self,
        target: Target,
        encoding: Encoding,
        *,
        sample_rate: int,
        channels: int,
        is_long: bool,
        strings: Mapping[str, str],
    ) -> None:
        """`is_long` makes a wav file RF64, whose sizes have no limit. `strings` are tags, and for wav only."""
        self._bits = encoding.bits if (encoding.format, encoding.bits) in _SUBTYPES else 32
        name, subtype = _CONTAINERS.get(
            encoding.format,
            (encoding.format.upper(), _SUBTYPES.get((encoding.format, encoding.bits))),
        )
        self._file = soundfile.SoundFile(
            target,
            "w",
            sample_rate,
            channels,
            format="RF64" if is_long else name,
            subtype=subtype,
            compression_level=_COMPRESSION.get(encoding.format),
            bitrate_mode="VARIABLE" if encoding.format == "mp3" else None,
        )
        for key in _STRINGS & strings.keys():
            # A tag that does not fit is no reason to lose the stem.
            with contextlib.suppress(soundfile.SoundFileError):
                setattr(self._file, key, strings[key])

    def write(self, streams: Float[ndarray, "1 C T"]) -> None:
        """Add a block."""
        try:
            self._file.write(self._words(streams[0].T))
        except (soundfile.SoundFileError, AssertionError) as error:
            # The assertion is soundfile's own, for fewer samples written than given.
            raise Refusal(str(error)) from error

    def close(self) -> None:
        """Complete the file."""
        try:
            self._file.close()
        except soundfile.SoundFileError as error:
            raise Refusal(str(error)) from error

    def _words(self, interleaved: Float[ndarray, "T C"]) -> Shaped[ndarray, "T C"]:
        """As integers where the format has them: libsndfile would round down, which adds an offset."""
        interleaved = np.ascontiguousarray(interleaved, dtype=np.float32)
        if self._bits == 32:
            return interleaved
        full = 2 ** (self._bits - 1)
        words = np.clip(np.rint(interleaved * np.float32(full)), -full, full - 1)
        # libsndfile takes the upper bits of a wider word.
        integers: Shaped[ndarray, "T C"] = words.astype(np.int32) << (32 - self._bits)
        return integers

"""Writing: a recording to a file that is either whole or not there."""

from pathlib import Path
from types import TracebackType
from typing import Self

from jaxtyping import Float
from numpy import ndarray

from auralflow.audio.encoded import EncodedFile
from auralflow.audio.encoding import Encoding
from auralflow.audio.tags import Tags
from auralflow.shapes import Audio

__all__ = ["AudioWriter", "StemWriter"]


class AudioWriter:
    """Writes a recording block by block, as a context manager.

    The samples go to a hidden temporary file in the same folder. It takes the wanted name when the context ends
    without an exception, flushed to the disk before, and is removed when there was one.
    """

    def __init__(
        self,
        path: Path,
        *,
        sample_rate: int,
        channels: int,
        encoding: Encoding | None = None,
        force: bool = False,
        samples: int | None = None,
        tags: Tags | None = None,
    ) -> None:
        """Prepare to write `path`; without an encoding, as 16-bit wav. `force` allows replacing a file.

        `samples` is how many will come, if that is known: a wav file that they do not fit into becomes RF64, which has no
        such limit and which most programs read. Opus has few rates, and gets audio of others at 48 kHz.

        Raises:
            OutputError: the file exists, or the format cannot hold such audio.
        """
        self.path = Path(path)
        self.encoding = encoding or Encoding()
        if self.encoding.format == "stem.mp4":
            raise ValueError("a stem file has several streams: write it with StemWriter")
        self._file = EncodedFile(
            self.path,
            sample_rate=sample_rate,
            channels=channels,
            encoding=self.encoding,
            force=force,
            samples=samples,
            tags=tags or Tags(),
        )

    @property
    def clipped(self) -> int:
        """Samples so far that were beyond ±1 and were cut to it; floating point keeps such samples and counts none."""
        return self._file.clipped

    def __enter__(self) -> Self:
        """Make the temporary file.

        Raises:
            OutputError: the folder is missing, read-only or full.
        """
        self._file.__enter__()
        return self

    def write(self, block: Audio) -> None:
        """Add a block of float audio, shaped (channels, samples).

        Raises:
            OutputError: the disk is full or gone, a sample is not finite, or the format can hold no more.
        """
        if block.ndim != 2:
            raise ValueError(f"a block is (channels, samples), not {block.shape}")
        self._file.write(block[None])

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give the file its name, or remove it when the context ends with an exception."""
        self._file.__exit__(kind, error, trace)


class StemWriter:
    """Writes a song and its four stems into one `.stem.mp4`, as `AudioWriter` writes a recording."""

    STEMS = ("drums", "bass", "other", "vocals")
    """The streams behind the mixture, in the order of MUSDB18's files and of most DJ programs."""

    def __init__(
        self,
        path: Path,
        *,
        sample_rate: int,
        channels: int,
        force: bool = False,
        tags: Tags | None = None,
    ) -> None:
        """Prepare to write `path`.

        Raises:
            OutputError: the file exists, or the format cannot hold such audio.
        """
        self._file = EncodedFile(
            path,
            sample_rate=sample_rate,
            channels=channels,
            encoding=Encoding("stem.mp4"),
            force=force,
            samples=None,
            tags=tags or Tags(),
            stems=tuple(name.capitalize() for name in self.STEMS),
        )

    def __enter__(self) -> Self:
        """Make the temporary file."""
        self._file.__enter__()
        return self

    def write(self, streams: Float[ndarray, "5 C T"]) -> None:
        """Add a block to the mixture and each stem."""
        self._file.write(streams)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Give the file its name, or remove it when the context ends with an exception."""
        self._file.__exit__(kind, error, trace)

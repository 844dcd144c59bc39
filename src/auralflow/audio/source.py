"""What a decoding library looks like to the rest of the room."""

from typing import Protocol

from auralflow.audio.info import AudioInfo
from auralflow.shapes import Audio

__all__ = ["Source", "Unreadable"]


class Unreadable(Exception):  # noqa: N818 - not an error of the user's: it hands the file to the next library
    """A library cannot read a file that another may."""


class Source(Protocol):
    """One recording, open for decoding."""

    @property
    def info(self) -> AudioInfo:
        """Rate, channels and exact length."""
        ...

    @property
    def streams(self) -> int:
        """Audio streams in the file."""
        ...

    def seek(self, start: int) -> None:
        """Make `start` the next sample to be read."""
        ...

    def read(self, samples: int) -> Audio:
        """The next `samples`; fewer where decoding ends before."""
        ...

    def close(self) -> None:
        """Give the file back."""
        ...

"""What an encoding library looks like to the rest of the room."""

from typing import Protocol

from jaxtyping import Float
from numpy import ndarray

__all__ = ["Refusal", "Sink"]


class Refusal(Exception):  # noqa: N818 - not an error of the user's: whoever knows the file's name says what it means
    """A library does not take what it was given."""


class Sink(Protocol):
    """One or more streams of a file, open for encoding into a target.

    Both methods raise `Refusal`, unless the target's own failure is the reason.
    """

    def write(self, streams: Float[ndarray, "S C T"]) -> None:
        """Add a short block to each stream."""
        ...

    def close(self) -> None:
        """Encode what is left and complete the file."""
        ...

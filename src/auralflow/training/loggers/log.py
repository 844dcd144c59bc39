"""What a place that a run is logged to takes."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass

from auralflow.session import ModelFolder
from auralflow.training.loggers.sound import Clip
from auralflow.training.loggers.spread import Spread

__all__ = ["Log", "Run"]


@dataclass(frozen=True)
class Run:
    """What a log is opened for."""

    folder: ModelFolder
    settings: Mapping[str, str]
    """All keys, dotted, with their values as YAML has them."""
    step: int
    """Steps that are done: 0 for a new run. What a log has of later steps, from before a kill, is void."""
    identity: str | None = None
    """What the log called this run before it was interrupted."""


class Log(ABC):
    """One place, open. After a resumption no point is there twice.

    Names have parts with slashes between them; `step` counts the steps of the optimiser that are done.
    """

    @property
    @abstractmethod
    def identity(self) -> str | None:
        """What the place calls the run, if that is needed to go on with it."""

    @abstractmethod
    def scalars(self, values: Mapping[str, float], step: int) -> None:
        """Numbers by name."""

    @abstractmethod
    def histogram(self, name: str, spread: Spread, step: int) -> None:
        """How the values of a tensor are spread."""

    @abstractmethod
    def audio(self, name: str, clip: Clip, step: int) -> None:
        """A sound."""

    @abstractmethod
    def picture(self, name: str, png: bytes, step: int) -> None:
        """An image."""

    @abstractmethod
    def flush(self) -> None:
        """Let nothing that was logged be lost if the process is killed now."""

    @abstractmethod
    def close(self, *, finished: bool) -> None:
        """The run is over, or interrupted."""

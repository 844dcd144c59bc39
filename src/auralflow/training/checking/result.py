"""What a check has found out."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

__all__ = ["Check", "Room"]


@dataclass(frozen=True)
class Room:
    """Disk that a run takes in one place."""

    what: str
    place: str
    bytes: int
    free: int
    """Of the disk that the place is on."""


@dataclass(frozen=True)
class Check:
    """What one real step of everything took, and what the run will take by that. All seconds but those of a step are estimates."""

    model: str
    network: str
    targets: tuple[str, ...]
    parameters: int
    device: str
    train_tracks: int
    valid_tracks: int
    decode_seconds: float
    """Until all that must be decoded once is."""
    batch_size: int
    memory: int
    """Bytes in use at the most: of the GPU, or of the training process and those that read."""
    memory_limit: int
    """Bytes there are for that."""
    measured: Mapping[int, int]
    """Bytes by batch size, of the training process alone, on a processor."""
    largest_batch: int | None
    """Chunks; None where chunks take too little to be measured."""
    step_seconds: float
    first_step_seconds: float
    steps_counted: int
    waiting_share: float
    """Of the time of a step, that it waits for data."""
    steps: int
    """In an epoch."""
    epochs: int
    """That are left, at most."""
    epoch_seconds: float
    validation_seconds: float
    rooms: tuple[Room, ...]
    remarks: tuple[str, ...]

    @property
    def run_seconds(self) -> float:
        """Of all epochs, each with its validation, after all is decoded."""
        return self.decode_seconds + self.epochs * (self.epoch_seconds + self.validation_seconds)

    def as_plain(self) -> dict[str, Any]:
        """All of it as JSON can hold it."""
        return {**asdict(self), "run_seconds": self.run_seconds}

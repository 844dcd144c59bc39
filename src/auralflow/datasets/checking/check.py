"""What a check looks like."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from auralflow.datasets.checking.findings import Finding
from auralflow.datasets.checking.listener import Heard
from auralflow.datasets.checking.listening import HeardTrack

__all__ = ["Check", "finding_on"]


@dataclass(frozen=True)
class Check:
    """One way in which a dataset may be wrong."""

    name: str
    """As `--skip` and the JSON have it."""
    summary: str
    """What is found, in a line."""
    find: Callable[[Sequence[HeardTrack]], Iterator[Finding]]
    """All findings among the tracks."""


def finding_on(track: HeardTrack, heard: Heard | None = None) -> dict[str, str]:
    """The fields of a finding that say where it is: the track and, where it is about one, the recording."""
    place = {"track": track.track.name, "split": track.split}
    if heard is not None:
        place |= {"stem": heard.label, "path": str(heard.recording.path)}
    return place

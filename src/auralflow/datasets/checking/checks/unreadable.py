"""Files that end early or cannot be decoded, and samples that are no numbers."""

from collections.abc import Iterator, Sequence

from auralflow.datasets.checking.check import Check, finding_on
from auralflow.datasets.checking.findings import Finding
from auralflow.datasets.checking.listening import HeardTrack

__all__ = ["BROKEN", "NOT_FINITE"]


def _broken(tracks: Sequence[HeardTrack]) -> Iterator[Finding]:
    return _failures(tracks, "broken")


def _not_finite(tracks: Sequence[HeardTrack]) -> Iterator[Finding]:
    return _failures(tracks, "not-finite")


def _failures(tracks: Sequence[HeardTrack], kind: str) -> Iterator[Finding]:
    for track in tracks:
        for heard in track.recordings:
            failure = heard.failure
            if failure is not None and failure.kind == kind:
                message = failure.message.removeprefix(f"{heard.recording.path} ")
                yield Finding(
                    kind,
                    "error",
                    message,
                    **finding_on(track, heard),
                    numbers={"read_seconds": round(failure.seconds, 3)},
                )


BROKEN = Check("broken", "files that cannot be read, or not to their end", _broken)
NOT_FINITE = Check("not-finite", "samples that are NaN or infinite", _not_finite)

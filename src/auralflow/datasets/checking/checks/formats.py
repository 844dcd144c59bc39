"""Rates, lengths and channel counts that differ within a track or from the rest of the dataset."""

from collections import Counter
from collections.abc import Iterator, Sequence

from auralflow.datasets.checking.check import Check, finding_on
from auralflow.datasets.checking.findings import Finding
from auralflow.datasets.checking.listening import HeardTrack

__all__ = ["CHANNELS", "LENGTH", "RATE"]

_TOLERANCE_SECONDS = 0.1
_MUCH = 0.1
"""Share of the longest recording that may be missing before it is a warning."""


def _rates(tracks: Sequence[HeardTrack]) -> Iterator[Finding]:
    counts = Counter(track.track.sample_rate for track in tracks)
    common = counts.most_common(1)[0][0] if counts else 0
    for track in tracks:
        rates = Counter(heard.recording.info.sample_rate for heard in track.recordings)
        if len(rates) > 1:
            told = ", ".join(
                f"{heard.label} {heard.recording.info.sample_rate} Hz" for heard in track.recordings
            )
            yield Finding(
                "rate",
                "warning",
                f"has recordings of differing rates ({told}): make sure that none is only declared wrongly, and convert them to one",
                **finding_on(track),
                numbers={
                    f"hz_{heard.label}": heard.recording.info.sample_rate
                    for heard in track.recordings
                },
            )
        elif track.track.sample_rate != common:
            yield Finding(
                "rate",
                "hint",
                f"is at {track.track.sample_rate} Hz, most tracks are at {common} Hz: it will be resampled",
                **finding_on(track),
                numbers={"hz": track.track.sample_rate, "most_hz": common},
            )


def _lengths(tracks: Sequence[HeardTrack]) -> Iterator[Finding]:
    for track in tracks:
        longest = track.track.seconds
        for heard in track.recordings:
            seconds = heard.recording.info.seconds
            missing = longest - seconds
            if missing <= _TOLERANCE_SECONDS:
                continue
            yield Finding(
                "length",
                "warning" if missing > _MUCH * longest else "hint",
                f"lasts {seconds:.3f} s and the longest recording {longest:.3f} s: export all to one end, or take the "
                "rest for silence",
                **finding_on(track, heard),
                numbers={"seconds": round(seconds, 3), "longest_seconds": round(longest, 3)},
            )


def _channels(tracks: Sequence[HeardTrack]) -> Iterator[Finding]:
    for track in tracks:
        counts = {heard.recording.info.channels for heard in track.recordings}
        if len(counts) < 2:
            continue
        few = [h for h in track.recordings if h.recording.info.channels < track.track.channels]
        told = ", ".join(f"{heard.label} {heard.recording.info.channels}" for heard in few)
        yield Finding(
            "channels",
            "hint",
            f"has recordings of fewer channels than its {track.track.channels} ({told}): they will be repeated, so that "
            "mono sounds in the middle",
            **finding_on(track),
            numbers={
                "most_channels": track.track.channels,
                **{f"channels_{heard.label}": heard.recording.info.channels for heard in few},
            },
        )


RATE = Check("rate", "sample rates that differ in a track or from most tracks", _rates)
LENGTH = Check("length", "recordings that end before others of their track", _lengths)
CHANNELS = Check("channels", "channel counts that differ in a track", _channels)

"""Recordings that were cut off at full scale, and those that go beyond it."""

import math
from collections.abc import Iterator, Sequence

from auralflow.datasets.checking.check import Check, finding_on
from auralflow.datasets.checking.findings import Finding, Severity
from auralflow.datasets.checking.listening import HeardTrack

__all__ = ["CLIPPING"]

_FEW = 10
"""Places up to which it is a hint."""
_BEYOND_DB = 0.1
"""Peak from which on it is told: what a lossy encoder adds to a song at full scale is nothing to act on."""


def _find(tracks: Sequence[HeardTrack]) -> Iterator[Finding]:
    for track in tracks:
        for heard in track.recordings:
            if heard.measures is None:
                continue
            tops, levels = heard.measures.flat_tops, heard.measures.levels
            peak_db = round(20 * math.log10(max(levels.peak, 1e-10)), 2)
            severity: Severity = "hint"
            if tops.runs:
                severity = "warning" if tops.runs > _FEW else "hint"
                places = "one place" if tops.runs == 1 else f"{tops.runs} places"
                message = (
                    f"is clipped in {places}, first at {tops.first_seconds:.3f} s: "
                    "export it anew with more headroom"
                )
            elif peak_db > _BEYOND_DB:
                samples = "one sample" if levels.overs == 1 else f"{levels.overs} samples"
                message = (
                    f"has {samples} beyond full scale, peak {peak_db:+.1f} dBFS: "
                    "lower it with its track if integers are wanted"
                )
            else:
                continue
            yield Finding(
                "clipping",
                severity,
                message,
                **finding_on(track, heard),
                numbers={
                    "places": tops.runs,
                    "clipped_samples": tops.samples,
                    "first_seconds": round(tops.first_seconds, 3),
                    "peak_dbfs": peak_db,
                    "samples_beyond": levels.overs,
                },
            )


CLIPPING = Check("clipping", "flat tops at full scale, and samples beyond it", _find)

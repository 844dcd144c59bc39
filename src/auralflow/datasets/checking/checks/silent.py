"""Stems in which there is nothing to learn from."""

from collections.abc import Iterator, Sequence

from auralflow.datasets.checking.check import Check, finding_on
from auralflow.datasets.checking.findings import Finding
from auralflow.datasets.checking.listening import HeardTrack

__all__ = ["SILENT"]

_NEARLY_DB = -60.0
_SELDOM = 0.01
"""Share of its time that a stem sounds, below which it is told."""


def _find(tracks: Sequence[HeardTrack]) -> Iterator[Finding]:
    for track in tracks:
        for heard in track.recordings:
            if heard.measures is None:
                continue
            levels, seconds = heard.measures.levels, heard.recording.info.seconds
            share = levels.active_seconds / seconds
            if levels.energy == 0:
                message = (
                    "is digital silence throughout: remove it if the song should have this stem"
                )
            elif levels.rms_db < _NEARLY_DB:
                message = f"is near-silent, {levels.rms_db:.1f} dBFS RMS: listen whether this is the right file"
            elif share < _SELDOM:
                message = f"sounds for {levels.active_seconds:.1f} of {seconds:.1f} s: listen whether this is the right file"
            else:
                continue
            yield Finding(
                "silent",
                "warning" if heard.stem == "mixture" else "hint",
                message,
                **finding_on(track, heard),
                numbers={"rms_dbfs": levels.rms_db, "active_share": round(share, 4)},
            )


SILENT = Check("silent", "silent and near-silent stems", _find)

"""Recordings with nothing in the upper part of their band: upsampled, or from a file of low bitrate."""

from collections.abc import Iterator, Sequence

import numpy as np

from auralflow.datasets.checking.check import Check, finding_on
from auralflow.datasets.checking.findings import Finding
from auralflow.datasets.checking.listening import HeardTrack
from auralflow.datasets.checking.measures.tone import Tone

__all__ = ["BANDWIDTH"]

_UPPERMOST = 0.6
"""Edges above this share of half the rate are not told: AAC and MP3 at usual bitrates end at 16 kHz."""
_LOWEST_HZ = 3000.0
_DROP_DB = 30.0
"""How far the spectrum falls at the edge. Instruments and their filters fall by some 10 dB over as small a step."""


def _find(tracks: Sequence[HeardTrack]) -> Iterator[Finding]:
    for track in tracks:
        for heard in track.recordings:
            edge = _edge_hz(heard.measures.tone) if heard.measures else None
            # A synthesised bass has as many partials as it was given; where its file is at fault, so are others'.
            if edge is None or "bass" in (heard.stem or ""):
                continue
            rate = heard.recording.info.sample_rate
            yield Finding(
                "bandwidth",
                "hint",
                f"has nothing above {edge / 1000:.1f} kHz at a rate of {rate} Hz, as if it came from a lower rate or a "
                "low bitrate: look for a better copy",
                **finding_on(track, heard),
                numbers={"edge_hz": round(edge), "hz": rate},
            )


def _edge_hz(tone: Tone) -> float | None:
    """Where the spectrum ends as if cut off; None where it does not, or far up."""
    if not tone.windows:
        return None
    half = tone.sample_rate / 2
    hertz = np.linspace(0, half, len(tone.power))
    # Averaged over 3 % of the band, so that single lines of a spectrum are no edges.
    width = max(3, len(hertz) * 3 // 100)
    smooth = np.convolve(tone.power, np.full(width, 1 / width), mode="same")
    levels = 10 * np.log10(smooth + 1e-20)
    loudest_above = np.maximum.accumulate(levels[::-1])[::-1]
    best: tuple[float, float] | None = None
    for edge in np.arange(_LOWEST_HZ, _UPPERMOST * half, half / 200):
        below = levels[(hertz >= 0.85 * edge) & (hertz <= 0.95 * edge)]
        above = loudest_above[np.searchsorted(hertz, 1.08 * edge)]
        drop = float(below.mean() - above) if len(below) else 0.0
        if drop > _DROP_DB and (best is None or drop > best[0] + 1):
            best = drop, float(edge)
    return best[1] if best else None


BANDWIDTH = Check("bandwidth", "recordings that end far below half their rate", _find)

"""Small listening pages whose sound is known."""

import numpy as np

from auralflow.report.listening import ListeningPage, ListeningTrack, MetricRow

RATE = 48_000
SECONDS = 2.0
HOSTILE = '</script><script>document.title = "taken over"</script> & "a" \'b\''


def row(model: str, track: str, value: float, *, target: str = "vocals", metric: str = "SDR", higher: bool = True) -> MetricRow:  # fmt: skip
    """One number, in dB."""
    return MetricRow(model, track, target, metric, "dB", higher, value)


def noise(seed: int, *, channels: int = 2, seconds: float = SECONDS) -> np.ndarray:
    """Sound in which no place is like another, as loud as music, and without what a codec drops first."""
    white = np.random.default_rng(seed).standard_normal((channels, round(seconds * RATE)))
    smooth = np.apply_along_axis(np.convolve, 1, white, np.hanning(9) / 4, "same")
    return (0.08 * smooth).astype(np.float32)


def track(name: str = "A song") -> ListeningTrack:
    """Two stems and two models: one has the truth, the other half of it."""
    truth = {"vocals": noise(1), "drums": noise(2)}
    return ListeningTrack(
        name,
        RATE,
        truth["vocals"] + truth["drums"],
        truth,
        {"perfect": truth, "half": {target: audio / 2 for target, audio in truth.items()}},
        start_seconds=30.0,
    )


def page(**changes: object) -> ListeningPage:
    """Numbers of two tracks and two metrics, and the first track to hear."""
    rows = [
        row(model, name, value, target=target)
        for target in ("vocals", "drums")
        for model, values in (("half", (6.0, 5.0)), ("perfect", (40.0, 30.0)))
        for name, value in zip(("A song", "B song"), values, strict=True)
    ]
    rows += [row("half", "A song", 0.5, metric="error", higher=False), row("perfect", "A song", 0.1, metric="error", higher=False)]  # fmt: skip
    parts = {"title": "A page", "models": ("half", "perfect"), "rows": rows, "tracks": [track()]}
    return ListeningPage(**(parts | changes))  # type: ignore[arg-type]

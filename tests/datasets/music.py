"""Small music files for the tests of this room."""

from pathlib import Path

import av
import numpy as np
import soundfile
from numpy import ndarray

RATE = 8000


def noise(seconds: float, *, channels: int = 2, rate: int = RATE, seed: int = 0) -> ndarray:
    """(channels, samples), on the grid of 16-bit integers, so that PCM files hold it exactly."""
    samples = round(seconds * rate)
    levels = np.random.default_rng(seed).integers(-8000, 8000, (channels, samples))
    return (levels / 32768).astype(np.float32)


def write(path: Path, audio: ndarray, *, rate: int = RATE, subtype: str | None = None) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, audio.T, rate, subtype=subtype)
    return path


def write_track(folder: Path, *stems: str, seconds: float = 0.25, suffix: str = "wav") -> Path:
    """A track folder; every stem has its own noise."""
    for seed, stem in enumerate(stems):
        write(folder / f"{stem}.{suffix}", noise(seconds, seed=seed))
    return folder


def write_stem_mp4(path: Path, streams: list[ndarray], *, rate: int = 44100) -> Path:
    """A container with one AAC stream for each array."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w", format="mp4") as container:
        encoders = [container.add_stream("aac", rate=rate, layout="stereo") for _ in streams]
        for encoder, audio in zip(encoders, streams, strict=True):
            for start in range(0, audio.shape[1], 1024):
                block = np.ascontiguousarray(audio[:, start : start + 1024])
                frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="stereo")
                frame.sample_rate, frame.pts = rate, start
                container.mux(encoder.encode(frame))
            container.mux(encoder.encode(None))
    return path

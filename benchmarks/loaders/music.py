"""Tracks of four minutes as WAV, FLAC and .stem.mp4, composed here: filtered noise and a tone for each stem."""

import json
import os
import shutil
import struct
from collections.abc import Sequence
from pathlib import Path

import av
import numpy as np
import soundfile
from jaxtyping import Int16
from numpy import ndarray

__all__ = ["RATE", "STEMS", "compose", "probe_json", "write_tiny_tracks"]

RATE = 44_100
STEMS = ("drums", "bass", "other", "vocals")
"""In the order of the streams of a .stem.mp4, behind the mixture."""
Audio = Int16[ndarray, "T C"]


def compose(root: Path, *, tracks: int, seconds: int, formats: Sequence[str]) -> None:
    """A folder for each of `wav`, `flac` and `stem.mp4`, with tracks in its folder `train`.

    Encoding takes long: one track is encoded, and the others are copies of its files.
    """
    song = _song(seconds)
    for kind in formats:
        place = root / kind / "train"
        place.mkdir(parents=True, exist_ok=True)
        names = [f"track {number:02}" for number in range(tracks)]
        if kind == "stem.mp4":
            first = place / f"{names[0]}.stem.mp4"
            _write_stem_mp4(first, list(song.values()))
            for name in names[1:]:
                shutil.copy(first, place / f"{name}.stem.mp4")
            continue
        (place / names[0]).mkdir()
        for stem, audio in song.items():
            soundfile.write(place / names[0] / f"{stem}.{kind}", audio, RATE)
        for name in names[1:]:
            shutil.copytree(place / names[0], place / name)


def _song(seconds: int) -> dict[str, Audio]:
    """The mixture and the four stems."""
    generator = np.random.default_rng(0)
    time = np.arange(seconds * RATE)[:, None] / RATE
    stems = {}
    for number, name in enumerate(STEMS):
        noise = generator.standard_normal((len(time), 2)).astype(np.float32)
        noise = 0.02 * (noise + np.roll(noise, 1, 0) + np.roll(noise, 2, 0))
        tone = 0.1 * np.sin(2 * np.pi * 110.0 * (number + 1) * time)
        stems[name] = (np.clip(noise + tone, -0.24, 0.24) * 32767).astype(np.int16)
    mixture = sum(stems.values(), start=np.zeros_like(stems[STEMS[0]]))
    return {"mixture": mixture, **stems}


def _write_stem_mp4(path: Path, streams: Sequence[Audio]) -> None:
    with av.open(str(path), "w", format="mp4") as container:
        encoders = [container.add_stream("aac", rate=RATE, layout="stereo") for _ in streams]
        for encoder, audio in zip(encoders, streams, strict=True):
            planes = np.ascontiguousarray(audio.T).astype(np.float32) / 32768
            for start in range(0, planes.shape[1], 1024):
                block = np.ascontiguousarray(planes[:, start : start + 1024])
                frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="stereo")
                frame.sample_rate, frame.pts = RATE, start
                container.mux(encoder.encode(frame))
            container.mux(encoder.encode(None))


def probe_json(path: Path) -> str:
    """What ffprobe would print of the streams, as far as stempeg looks at it."""
    with av.open(str(path)) as container:
        streams = [
            {
                "index": stream.index,
                "codec_type": "audio",
                "sample_rate": str(stream.rate),
                "channels": stream.channels,
                "duration_ts": stream.duration,
                "duration": str(float((stream.duration or 0) * (stream.time_base or 0))),
                "tags": {"handler_name": "SoundHandler"},
            }
            for stream in container.streams.audio
        ]
    return json.dumps({"streams": streams})


def write_tiny_tracks(root: Path, *, tracks: int, seconds: int) -> None:
    """Tracks of four WAV files whose samples take no room on the disk: they are silence that was never written."""
    size = seconds * RATE * 4
    header = struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        *(b"RIFF", size + 36, b"WAVE", b"fmt ", 16, 1, 2, RATE, RATE * 4, 4, 16, b"data", size),
    )
    for number in range(tracks):
        folder = root / "train" / f"track {number:05}"
        folder.mkdir(parents=True)
        for stem in STEMS:
            path = folder / f"{stem}.wav"
            path.write_bytes(header)
            os.truncate(path, len(header) + size)

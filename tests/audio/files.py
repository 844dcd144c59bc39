"""Audio files for the tests of this room, made on the spot."""

from pathlib import Path

import av
import numpy as np
import soundfile

from auralflow.shapes import Audio

SOUNDFILE_FORMATS = {
    "wav8.wav": {"subtype": "PCM_U8"},
    "wav16.wav": {"subtype": "PCM_16"},
    "wav24.wav": {"subtype": "PCM_24"},
    "wav32.wav": {"subtype": "PCM_32"},
    "float.wav": {"subtype": "FLOAT"},
    "double.wav": {"subtype": "DOUBLE"},
    "extensible.wav": {"format": "WAVEX", "subtype": "PCM_24"},
    "rf64.wav": {"format": "RF64", "subtype": "PCM_16"},
    "a.aiff": {"subtype": "PCM_24"},
    "a.flac": {"subtype": "PCM_24"},
    "a.mp3": {},
    "a.ogg": {"format": "OGG", "subtype": "VORBIS"},
    "a.opus": {"format": "OGG", "subtype": "OPUS"},
}


def noise(*, seed: int = 0, channels: int = 2, samples: int = 48_000, level: float = 0.1) -> Audio:
    """Coloured noise below full scale: no codec can hide a shift of one sample in it."""
    white = np.random.default_rng(seed).standard_normal((channels, samples + 8))
    smooth = sum(white[:, k : k + samples] for k in range(8)) / np.sqrt(8)
    clipped: Audio = np.clip(level * smooth, -0.99, 0.99).astype(np.float32)
    return clipped


def write_with_soundfile(folder: Path, name: str, audio: Audio, rate: int = 48_000) -> Path:
    path = folder / name
    options = SOUNDFILE_FORMATS[name]
    with soundfile.SoundFile(path, "w", rate, audio.shape[0], **options) as file:
        for start in range(0, audio.shape[1], 4096):
            file.write(audio[:, start : start + 4096].T)
    return path


def write_with_ffmpeg(
    path: Path, *streams: Audio, rate: int = 44_100, codec: str = "aac", **options: str
) -> Path:
    """A container with one stream an array, as a `.stem.mp4` has five."""
    with av.open(str(path), "w", options=options) as container:
        encoders = []
        for audio in streams:
            layout = {1: "mono", 2: "stereo"}[audio.shape[0]]
            encoder = container.add_stream(codec, rate=rate, layout=layout)
            assert isinstance(encoder, av.AudioStream)
            encoders.append(encoder)
        for encoder, audio in zip(encoders, streams, strict=True):
            layout = {1: "mono", 2: "stereo"}[audio.shape[0]]
            for start in range(0, audio.shape[1], 1024):
                block = np.ascontiguousarray(audio[:, start : start + 1024])
                frame = av.AudioFrame.from_ndarray(block, format="fltp", layout=layout)
                frame.sample_rate, frame.pts = rate, start
                for packet in encoder.encode(frame):
                    container.mux(packet)
            for packet in encoder.encode(None):
                container.mux(packet)
    return path


def without_length(path: Path) -> Path:
    """Blank the tag that states an MP3's length, as old encoders left it out."""
    content = path.read_bytes()
    at = max(content.find(b"Xing", 0, 200), content.find(b"Info", 0, 200))
    # The frame that holds the tag starts 36 bytes before it in stereo; the next frame has the same first two bytes.
    after = content.index(content[:2], at + 120)
    path.write_bytes(content[after:])
    return path

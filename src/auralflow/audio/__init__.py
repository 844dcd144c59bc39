"""Files ↔ arrays: probe, read a span or a stream of blocks, write, resample.

Audio is a float32 array shaped (channels, samples), between -1 and 1 at full scale. The libraries that decode are
loaded when a name is first used, so that configuration files and `--help` do not wait for them.
"""

from typing import TYPE_CHECKING

from auralflow.audio.backend import AUDIO_SUFFIXES, Backend
from auralflow.audio.info import AudioInfo
from auralflow.lazy import load_lazily

if TYPE_CHECKING:
    from auralflow.audio.encoding import Encoding
    from auralflow.audio.reading import AudioReader, count_streams, probe, read
    from auralflow.audio.resampling import StreamResampler, resample, resampled_length
    from auralflow.audio.writing import AudioWriter

__all__ = [
    "AUDIO_SUFFIXES",
    "AudioInfo",
    "AudioReader",
    "AudioWriter",
    "Backend",
    "Encoding",
    "StreamResampler",
    "count_streams",
    "probe",
    "read",
    "resample",
    "resampled_length",
]

_HOMES = {
    "AudioReader": "auralflow.audio.reading",
    "AudioWriter": "auralflow.audio.writing",
    "Encoding": "auralflow.audio.encoding",
    "StreamResampler": "auralflow.audio.resampling",
    "count_streams": "auralflow.audio.reading",
    "probe": "auralflow.audio.reading",
    "read": "auralflow.audio.reading",
    "resample": "auralflow.audio.resampling",
    "resampled_length": "auralflow.audio.resampling",
}

__getattr__, __dir__ = load_lazily(__name__, _HOMES, __all__)

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
    from auralflow.audio.tags import Tags, read_tags
    from auralflow.audio.writing import AudioWriter, StemWriter

__all__ = [
    "AUDIO_SUFFIXES",
    "AudioInfo",
    "AudioReader",
    "AudioWriter",
    "Backend",
    "Encoding",
    "StemWriter",
    "StreamResampler",
    "Tags",
    "count_streams",
    "probe",
    "read",
    "read_tags",
    "resample",
    "resampled_length",
]

_HOMES = {
    "AudioReader": "auralflow.audio.reading",
    "AudioWriter": "auralflow.audio.writing",
    "Encoding": "auralflow.audio.encoding",
    "StemWriter": "auralflow.audio.writing",
    "StreamResampler": "auralflow.audio.resampling",
    "Tags": "auralflow.audio.tags",
    "count_streams": "auralflow.audio.reading",
    "probe": "auralflow.audio.reading",
    "read": "auralflow.audio.reading",
    "read_tags": "auralflow.audio.tags",
    "resample": "auralflow.audio.resampling",
    "resampled_length": "auralflow.audio.resampling",
}

__getattr__, __dir__ = load_lazily(__name__, _HOMES, __all__)

"""Spans of a track's stems, cut from the sample store as they lie there."""

from collections import OrderedDict
from dataclasses import dataclass

import numpy as np
from jaxtyping import Shaped
from numpy import ndarray

from auralflow.datasets.store import Store, StoredAudio
from auralflow.datasets.tracks import RESIDUAL, Recording, Track
from auralflow.errors import DataError

__all__ = ["Span", "SpanReader"]

_OPEN_AT_ONCE = 64


@dataclass(frozen=True)
class Span:
    """What a recording holds of a chunk."""

    samples: Shaped[ndarray, "T C"]
    offset: int
    """Where in the chunk they begin; before and behind them is silence."""
    scale: float
    """What the samples are to be multiplied with to be audio."""

    @property
    def is_short(self) -> bool:
        """Whether the samples are int16, the form in which most of them lie in the store."""
        return self.samples.dtype == np.int16


class SpanReader:
    """Cuts spans of one length and keeps the recordings used last open.

    Each memory map holds a file descriptor, of which a process has few (256 on macOS), so not all can stay open.
    """

    def __init__(self, store: Store, *, samples: int) -> None:
        self.store = store
        self.samples = samples
        self._open: OrderedDict[Recording, StoredAudio] = OrderedDict()

    def read(self, track: Track, name: str, start: int) -> Span | None:
        """The samples of a stem from `start` on; None where the track lacks it or it is over by then.

        The stem `residual` of a track that has one is its mixture minus its only stem, in float32.

        Raises:
            DataError: the recording cannot be read any more.
        """
        if name in track.stems:
            return self._cut(track.stems[name], start)
        if name == RESIDUAL and track.has_residual and track.mixture is not None:
            mixture = self._cut(track.mixture, start)
            (stem,) = track.stems.values()
            return _difference(mixture, self._cut(stem, start), self.samples)
        return None

    def _cut(self, recording: Recording, start: int) -> Span | None:
        begin = max(start, 0)
        try:
            audio = self._stored(recording)
            samples = audio.samples[begin : max(start + self.samples, begin)]
        except OSError as error:
            raise DataError(
                f"{recording.path} cannot be read any more ({error.strerror}): "
                "leave the data in place while training runs, then go on with --resume"
            ) from error
        if len(samples) == 0:
            return None
        if samples.shape[1] > 2:
            # More than two channels are only ever wanted as their average.
            mean = samples.mean(axis=1, keepdims=True, dtype=np.float32) * np.float32(audio.scale)
            return Span(mean, begin - start, 1.0)
        return Span(samples, begin - start, audio.scale)

    def _stored(self, recording: Recording) -> StoredAudio:
        if recording in self._open:
            self._open.move_to_end(recording)
            return self._open[recording]
        audio = self._open[recording] = self.store.open(recording)
        if len(self._open) > _OPEN_AT_ONCE:
            self._open.popitem(last=False)
        return audio


def _difference(mixture: Span | None, stem: Span | None, samples: int) -> Span | None:
    if mixture is None and stem is None:
        return None
    spans = [(span, sign) for span, sign in ((mixture, 1.0), (stem, -1.0)) if span is not None]
    channels = max(span.samples.shape[1] for span, _ in spans)
    total = np.zeros((samples, channels), np.float32)
    for span, sign in spans:
        place = slice(span.offset, span.offset + len(span.samples))
        total[place] += span.samples * np.float32(sign * span.scale)
    return Span(total, 0, 1.0)

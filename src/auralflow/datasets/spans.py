"""Spans of a track's stems, to be read from the sample store into the batch they are wanted in."""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from threading import Lock

import numpy as np
from jaxtyping import Shaped
from numpy import ndarray

from auralflow.datasets.store.stored import Samples
from auralflow.datasets.tracks import RESIDUAL, Recording, Track
from auralflow.errors import AudioError

__all__ = ["Span", "SpanReader"]

_OPEN_AT_ONCE = 64


@dataclass(frozen=True)
class Span:
    """What a recording holds of a chunk."""

    recording: Recording
    audio: Samples
    begin: int
    """Its first sample that is in the chunk."""
    offset: int
    """Where in the chunk that is; before and behind the span is silence."""
    length: int
    scale: float
    """What the samples are to be multiplied with to be audio; negative where they are to be taken away."""

    @property
    def is_short(self) -> bool:
        """Whether the samples are int16, the form in which most of them lie in the store."""
        return self.audio.dtype == "<i2" and self.audio.channels <= 2

    def read_into(self, row: Shaped[ndarray, "T C"]) -> None:
        """Fill a row with the span, silence around it; a mono recording fills both channels.

        Raises:
            AudioError: the recording cannot be read any more.
        """
        end = self.offset + self.length
        row[: self.offset] = 0
        row[end:] = 0
        target = row[self.offset : end]
        try:
            if self.audio.channels <= 2:
                self.audio.read_into(target, self.begin)
                return
            samples = self.audio.read(self.begin, self.begin + self.length)
        except OSError as error:
            raise unreadable(self.recording, error) from error
        # More than two channels are only ever wanted as their average.
        target[:] = samples.mean(axis=1, keepdims=True, dtype=np.float32)


class SpanReader:
    """Finds spans of one length and keeps the recordings read last open, since a process has few file descriptors.

    Several threads may use it.
    """

    def __init__(self, opened: Callable[[Recording], Samples], *, samples: int) -> None:
        """Find spans of `samples` in what `opened` gives for a recording."""
        self.samples = samples
        self._opened = opened
        self._open: OrderedDict[Recording, Samples] = OrderedDict()
        self._lock = Lock()

    def spans(self, track: Track, name: str, start: int) -> Iterator[Span]:
        """What sounds in a stem from `start` on: nothing where the track lacks it or it is over by then.

        The stem `residual` of a track that has one is its mixture minus its only stem.

        Raises:
            AudioError: a recording cannot be read any more.
        """
        parts = [(recording, 1.0) for recording in track.stems.get(name, ())]
        if name == RESIDUAL and track.has_residual and track.mixture is not None:
            (only,) = track.stems.values()
            parts = [(track.mixture, 1.0), *((recording, -1.0) for recording in only)]
        for recording, sign in parts:
            audio = self._samples(recording)
            begin = max(start, 0)
            length = min(audio.length, start + self.samples) - begin
            if length > 0:
                yield Span(recording, audio, begin, begin - start, length, sign * audio.scale)

    def read(self, span: Span, row: Shaped[ndarray, "T C"]) -> None:
        """Fill a row with a span, silence around it; a mono recording fills both channels.

        Raises:
            AudioError: the recording cannot be read any more.
        """
        span.read_into(row)
        with self._lock:
            before = self._open.get(span.recording)
            if before is None:
                self._open[span.recording] = span.audio
            self._open.move_to_end(span.recording)
            left = self._open.popitem(last=False)[1] if len(self._open) > _OPEN_AT_ONCE else None
        # What another thread opened meanwhile, too, and what has not been wanted for longest.
        for audio in (None if before is span.audio or before is None else span.audio, left):
            if audio is not None:
                audio.close()

    def _samples(self, recording: Recording) -> Samples:
        with self._lock:
            if (audio := self._open.get(recording)) is not None:
                return audio
        try:
            return self._opened(recording)
        except OSError as error:
            raise unreadable(recording, error) from error


def unreadable(recording: Recording, error: OSError) -> AudioError:
    """What to say of a recording that could be read before."""
    return AudioError(
        f"{recording.path} cannot be read any more ({error.strerror or error}): "
        "leave the data in place while training runs, then go on with --resume"
    )

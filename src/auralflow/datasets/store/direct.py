"""Recordings that are decoded anew each time a chunk of them is wanted: `store: off`."""

from fractions import Fraction
from threading import Lock

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from auralflow.audio import AudioReader, Backend, resample, resampled_length
from auralflow.datasets.tracks import FileState, Recording

__all__ = ["DirectAudio"]

_MARGIN_SECONDS = 0.05
"""What is read before and behind a span that is resampled, so that the filter has settled within it."""


class DirectAudio:
    """One recording at a rate, read from its own file, which is opened when samples are first asked for."""

    dtype, scale, is_planar = "<f4", 1.0, True

    def __init__(
        self, recording: Recording, sample_rate: int, backend: Backend = "soundfile"
    ) -> None:
        """Read the recording with a backend."""
        self._recording = recording
        self._backend: Backend = backend
        self._reader: AudioReader | None = None
        self._lock = Lock()
        self._start = recording.start or 0
        self._samples = recording.info.samples
        self._rate, self._source = sample_rate, recording.info.sample_rate
        self._ratio = Fraction(sample_rate, self._source)
        self.channels = recording.info.channels
        self.length = resampled_length(self._samples, source=self._source, wanted=sample_rate)

    def read(self, start: int, stop: int) -> Float[ndarray, "T C"]:
        """The samples from `start` to `stop`, both within the recording.

        Raises:
            AudioError: they cannot be decoded.
            OSError: the file is gone, or has changed since it was looked into.
        """
        if self._ratio == 1:
            return self._own(start, stop).T
        # The span begins where samples of both rates fall together, so that it is resampled as the whole would be.
        unit = self._ratio.numerator
        margin = round(_MARGIN_SECONDS * self._rate)
        begin = max(0, start - margin) // unit * unit
        first = int(begin / self._ratio)
        last = min(self._samples, int((stop + margin) / self._ratio) + 1)
        heard = resample(self._own(first, last), source=self._source, wanted=self._rate)
        result = np.zeros((stop - start, self.channels), np.float32)
        piece = heard[:, start - begin : stop - begin]
        result[: piece.shape[1]] = piece.T
        return result

    def read_into(self, target: Float[ndarray, "T C"], start: int) -> None:
        """Fill `target` from sample `start` on.

        Raises:
            AudioError: the samples cannot be decoded.
            OSError: the file is gone, or has changed since it was looked into.
        """
        target[:] = self.read(start, start + len(target))

    def close(self) -> None:
        """Give the file back; reading opens it again."""
        with self._lock:
            if self._reader is not None:
                self._reader.close()
                self._reader = None

    def _own(self, start: int, stop: int) -> Float[ndarray, "C T"]:
        """At the file's own rate."""
        with self._lock:
            if self._reader is None:
                self._reader = self._open()
            return self._reader.span(self._start + start, stop - start)

    def _open(self) -> AudioReader:
        recording = self._recording
        state = FileState.of(recording.path.stat())
        if recording.state is not None and state != recording.state:
            raise OSError(None, "it has changed meanwhile", str(recording.path))
        return AudioReader(recording.path, stream=recording.stream, backend=self._backend)

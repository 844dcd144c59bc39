"""Recordings that are decoded anew each time a chunk of them is wanted: `store: off`."""

from fractions import Fraction
from functools import partial

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from auralflow.audio import AudioReader, Backend, resample, resampled_length
from auralflow.datasets.tracks import FileState, Recording

__all__ = ["DirectAudio"]

_MARGIN_SECONDS = 0.05
"""What is read before and behind a span that is resampled, so that the filter has settled within it."""


class DirectAudio:
    """One recording at a rate, read from its own file."""

    def __init__(
        self, recording: Recording, sample_rate: int, backend: Backend = "soundfile"
    ) -> None:
        """Open the file.

        Raises:
            AudioError: it cannot be decoded.
            OSError: it is gone, or has changed since it was looked into.
        """
        state = FileState.of(recording.path.stat())
        if recording.state is not None and state != recording.state:
            raise OSError(None, "it has changed meanwhile", str(recording.path))
        self._open = partial(AudioReader, recording.path, stream=recording.stream, backend=backend)
        self._reader: AudioReader | None = self._open()
        self._start = recording.start or 0
        self._samples = recording.info.samples
        self._rate, self._source = sample_rate, recording.info.sample_rate
        self._ratio = Fraction(sample_rate, self._source)
        self.dtype, self.scale = "<f4", 1.0
        self.channels = recording.info.channels
        self.length = resampled_length(self._samples, source=self._source, wanted=sample_rate)

    def read(self, start: int, stop: int) -> Float[ndarray, "T C"]:
        """The samples from `start` to `stop`, both within the recording.

        Raises:
            AudioError: they cannot be decoded.
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
        """
        target[:] = self.read(start, start + len(target))

    def close(self) -> None:
        """Give the file back; reading opens it again."""
        if self._reader is not None:
            self._reader.close()
            self._reader = None

    def _own(self, start: int, stop: int) -> Float[ndarray, "C T"]:
        """At the file's own rate."""
        if self._reader is None:
            self._reader = self._open()
        return self._reader.span(self._start + start, stop - start)

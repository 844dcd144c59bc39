"""One pass over all recordings of a track at once, block by block."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass

import numpy as np

from auralflow.audio import AudioReader, Backend, StreamResampler
from auralflow.datasets.checking.listener import Failure, FailureKind, Heard, Listener
from auralflow.datasets.checking.measures.fingerprint import Fingerprinter, Print
from auralflow.datasets.checking.measures.mixing import Mixing, MixingMeter
from auralflow.datasets.tracks import Recording, Track
from auralflow.errors import AudioError
from auralflow.shapes import Audio

__all__ = ["HeardTrack", "listen"]

_TENTHS = 20
"""Tenths of a second in a block."""


@dataclass(frozen=True)
class HeardTrack:
    """A track and what its recordings were found to be."""

    track: Track
    split: str
    """What it is for: train, valid or test."""
    recordings: tuple[Heard, ...]
    """Those of the stems in their order, then the mixture."""
    mixing: Mixing | None
    """None where there is no mixture, fewer than two stems, or a recording could not be read."""
    sum_print: Print | None
    """Fingerprint of the sum of the stems, where there is no mixture."""

    @property
    def whole_print(self) -> Print | None:
        """Fingerprint of the music: of the mixture, else of the sum, else of the only recording."""
        for heard in self.recordings:
            if heard.measures and (heard.stem == "mixture" or len(self.recordings) == 1):
                return heard.measures.fingerprint
        return self.sum_print


def listen(track: Track, split: str, backend: Backend = "soundfile") -> HeardTrack:
    """Measure every recording of a track, and how the mixture is related to the stems.

    A recording that cannot be read ends there, and the others go on. What memory it takes does not depend on the track's
    length but for the fingerprints, 86 bytes a second.
    """
    with ExitStack() as stack:
        voices = [
            _Voice(stack, recording, track, backend, stem=stem, part=part)
            for stem, recording, part in _named(track)
        ]
        mixer = _Mixer(track, voices)
        going = True
        while going:
            # A list: every one of them is to advance, and `any` would stop at the first that does.
            advanced = [voice.advance() for voice in voices]
            mixer.take()
            going = any(advanced)
    return HeardTrack(
        track, split, tuple(voice.heard() for voice in voices), mixer.mixing(), mixer.sum_print()
    )


def _named(track: Track) -> Iterator[tuple[str, Recording, int]]:
    for stem, parts in track.stems.items():
        for number, recording in enumerate(parts, start=1):
            yield stem, recording, number if len(parts) > 1 else 0
    if track.mixture is not None:
        yield "mixture", track.mixture, 0


class _Voice:
    """A recording that is read, measured as it is, and kept at the track's rate until the others are as far."""

    def __init__(
        self,
        stack: ExitStack,
        recording: Recording,
        track: Track,
        backend: Backend,
        *,
        stem: str,
        part: int,
    ) -> None:
        info = recording.info
        self._recording, self.stem, self._part = recording, stem, part
        self._listener = Listener(info.sample_rate, info.channels)
        self._resampler = StreamResampler(info.sample_rate, track.sample_rate, info.channels)
        self._places = np.arange(track.channels) % info.channels
        self._block = _TENTHS * max(1, info.sample_rate // 10)
        self._read = 0
        self._blocks: Iterator[Audio] = iter(())
        self.failure: Failure | None = None
        self.ended = False
        self._pending: list[Audio] = []
        try:
            reader = AudioReader(recording.path, stream=recording.stream, backend=backend)
        except AudioError as error:
            self._fail(error)
            return
        stack.callback(reader.close)
        start = recording.start or 0
        self._blocks = reader.blocks(self._block, start=start, stop=start + info.samples)

    def _fail(self, error: AudioError) -> None:
        # The reader has one kind of error, and its sentence tells which.
        kind: FailureKind = "not-finite" if "no finite number" in str(error) else "broken"
        seconds = self._read / self._recording.info.sample_rate
        self.failure = Failure(kind, str(error), seconds)
        self.ended = True

    def advance(self) -> bool:
        """Read the next block; whether there was one."""
        if self.ended:
            return False
        try:
            block = next(self._blocks, None)
        except AudioError as error:
            self._fail(error)
            return False
        if block is None:
            self.ended = True
            self._pending.append(self._resampler.finish()[self._places])
            return False
        self._read += block.shape[1]
        self._listener.push(block)
        self._pending.append(self._resampler.push(block)[self._places])
        return True

    @property
    def ready(self) -> int:
        """Samples at the track's rate that were not taken yet."""
        return sum(piece.shape[1] for piece in self._pending)

    def take(self, samples: int) -> Audio:
        """The next samples, silent after the end."""
        joined = np.concatenate(
            [*self._pending, np.zeros((len(self._places), 0), np.float32)], axis=1
        )
        self._pending = [joined[:, samples:]]
        missing = max(0, samples - joined.shape[1])
        return np.pad(joined[:, :samples], ((0, 0), (0, missing)))

    def drop(self) -> None:
        """Forget what was not taken."""
        self._pending = []

    def heard(self) -> Heard:
        """What is known at the end."""
        measures = None if self.failure else self._listener.result()
        return Heard(self._recording, self.stem, self._part, measures, self.failure)


class _Mixer:
    """Lines the recordings up, for what is about all of them."""

    def __init__(self, track: Track, voices: Sequence[_Voice]) -> None:
        self._voices = voices
        self._stems = tuple(track.stems)
        together = len(self._stems) > 1 and not track.plays_alone
        has_mixture = track.mixture is not None
        rate = track.sample_rate
        self._meter = MixingMeter(self._stems, rate) if together and has_mixture else None
        self._print = Fingerprinter(rate) if together and not has_mixture else None

    @property
    def _is_idle(self) -> bool:
        failed = any(voice.failure for voice in self._voices)
        return failed or (self._meter is None and self._print is None)

    def take(self) -> None:
        """Use what all recordings that go on have ready."""
        if self._is_idle:
            for voice in self._voices:
                voice.drop()
            return
        going = [voice.ready for voice in self._voices if not voice.ended]
        samples = min(going) if going else max(voice.ready for voice in self._voices)
        if not samples:
            return
        parts: dict[str, Audio] = {}
        for voice in self._voices:
            audio = voice.take(samples)
            parts[voice.stem] = parts[voice.stem] + audio if voice.stem in parts else audio
        stems = [parts[name] for name in self._stems]
        if self._meter is not None:
            self._meter.push(np.stack([parts["mixture"], *stems]))
        if self._print is not None:
            self._print.push(np.sum(stems, axis=0).mean(axis=0))

    def mixing(self) -> Mixing | None:
        """How the mixture is related to the stems."""
        return None if self._is_idle or self._meter is None else self._meter.result()

    def sum_print(self) -> Print | None:
        """The fingerprint of the sum."""
        return None if self._is_idle or self._print is None else self._print.result()

"""One recording, measured while it goes by."""

from dataclasses import dataclass, field
from typing import Literal

from auralflow.datasets.checking.measures.digest import Digester
from auralflow.datasets.checking.measures.fingerprint import Fingerprinter, Print
from auralflow.datasets.checking.measures.flat_tops import FlatTopCounter, FlatTops
from auralflow.datasets.checking.measures.levels import LevelMeter, Levels
from auralflow.datasets.checking.measures.tone import Tone, ToneMeter
from auralflow.datasets.tracks import Recording
from auralflow.shapes import Audio

__all__ = ["Failure", "FailureKind", "Heard", "Listener", "Measures"]

FailureKind = Literal["broken", "not-finite"]


@dataclass(frozen=True)
class Measures:
    """Everything that is measured of a recording that could be read to its end."""

    levels: Levels
    flat_tops: FlatTops
    tone: Tone
    digest: bytes
    """Equal for recordings with the same samples in 16 bits, whatever the file's format."""
    fingerprint: Print = field(repr=False)

    @property
    def is_silent(self) -> bool:
        """Whether no sample differs from zero."""
        return self.levels.energy == 0


@dataclass(frozen=True)
class Failure:
    """Why a recording could not be read to its end."""

    kind: FailureKind
    message: str
    seconds: float
    """The reading stopped at most two seconds after this."""


@dataclass(frozen=True)
class Heard:
    """A recording of a track with what is known of it: measures or a failure."""

    recording: Recording
    stem: str
    """The stem that it is part of, or `mixture`."""
    part: int
    """Its number among the recordings of the stem, from 1 on; 0 where it is the only one."""
    measures: Measures | None = None
    failure: Failure | None = None

    @property
    def label(self) -> str:
        """How a message names it."""
        return f"{self.stem}, recording {self.part}" if self.part else self.stem


class Listener:
    """Hands each block to every measure."""

    def __init__(self, sample_rate: int, channels: int) -> None:
        self._levels = LevelMeter(sample_rate)
        self._flat_tops = FlatTopCounter(sample_rate, channels)
        self._tone = ToneMeter(sample_rate)
        self._digest = Digester()
        self._print = Fingerprinter(sample_rate)

    def push(self, block: Audio) -> None:
        """Take the next block."""
        self._levels.push(block)
        self._flat_tops.push(block)
        mono = block.mean(axis=0)
        self._tone.push(mono)
        self._digest.push(mono)
        self._print.push(mono)

    def result(self) -> Measures:
        """What was measured."""
        return Measures(
            self._levels.result(),
            self._flat_tops.result(),
            self._tone.result(),
            self._digest.result(),
            self._print.result(),
        )

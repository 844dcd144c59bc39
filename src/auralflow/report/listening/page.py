"""What a listening report is made of."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from auralflow.errors import DataError
from auralflow.shapes import Audio

__all__ = ["ListeningPage", "ListeningTrack", "MetricRow"]


@dataclass(frozen=True)
class MetricRow:
    """One number: how well a model separated a target of a track, by one metric."""

    model: str
    track: str
    target: str
    metric: str
    """As tables head it: `SDR`."""
    unit: str
    """`dB`, or empty for a plain number."""
    higher_is_better: bool
    value: float
    """NaN where nothing could be measured."""


@dataclass(frozen=True)
class ListeningTrack:
    """The same excerpt of a track in every version that can be heard.

    Raises `DataError` if there is nothing to hear, or if the versions differ in length or have more than two channels.
    """

    name: str
    sample_rate: int
    """Of all versions, in Hz."""
    mixture: Audio
    truth: Mapping[str, Audio]
    """By target; empty where nobody knows the stems."""
    estimates: Mapping[str, Mapping[str, Audio]]
    """By model, then by target. A model need not have all targets."""
    start_seconds: float = 0.0
    """Where the excerpt begins in the track."""

    def __post_init__(self) -> None:
        if not self.targets:
            raise DataError(
                f"{self.name} has no stem to listen to: give the truth or an estimate of one"
            )
        samples = self.mixture.shape[-1]
        for what, audio in self.versions():
            if audio.ndim != 2 or audio.shape[0] not in (1, 2) or not 0 < audio.shape[1] == samples:
                raise DataError(
                    f"{what} of {self.name} has shape {audio.shape} beside a mixture of {samples} samples: "
                    "give one or two channels and one length above 0"
                )

    @property
    def targets(self) -> tuple[str, ...]:
        """Those of the truth, then those that only models have, each once."""
        named = [*self.truth, *(target for stems in self.estimates.values() for target in stems)]
        return tuple(dict.fromkeys(named))

    def versions(self) -> Iterable[tuple[str, Audio]]:
        """Everything that can be heard, each with words for it."""
        yield "the mixture", self.mixture
        for target, audio in self.truth.items():
            yield f"the true {target}", audio
        for model, stems in self.estimates.items():
            for target, audio in stems.items():
                yield f"the {target} by {model}", audio


@dataclass(frozen=True)
class ListeningPage:
    """A whole report."""

    title: str
    models: Sequence[str]
    """In the order of their colours and keys; all that rows and tracks name."""
    rows: Sequence[MetricRow] = ()
    """All numbers of all tracks, also of those that cannot be heard; without any, the report is players alone."""
    tracks: Iterable[ListeningTrack] = field(default=())
    """Taken one at a time, so that a generator holds one track's audio in memory."""
    facts: Sequence[str] = ()
    """Short statements for the head of the page: the dataset, the split, a date."""

    def check_model(self, model: str, where: str) -> None:
        """Raise `DataError` for a model that the page does not list."""
        if model not in self.models:
            raise DataError(
                f"{where} names the model {model!r}, the page lists {', '.join(self.models) or 'none'}: "
                "add it to the page's models"
            )

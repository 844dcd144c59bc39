"""What a batch of chunks is read from: a row for each recording that sounds in one of its stems."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float, Shaped
from numpy import ndarray
from torch import Tensor

from auralflow.datasets.draw import Plan
from auralflow.datasets.spans import Span, SpanReader
from auralflow.datasets.tracks import Track
from auralflow.errors import AudioError

__all__ = ["Row", "Rows"]


@dataclass(frozen=True)
class Row:
    """A recording that sounds in a stem of a chunk."""

    chunk: int
    place: int
    """Number of the stem, counted through the stems of all chunks."""
    span: Span


class Rows:
    """The rows of some plans, in the order of their places, and what becomes known while they are read."""

    def __init__(
        self,
        plans: Sequence[Plan],
        tracks: Sequence[Track],
        stem_names: Sequence[str],
        spans: SpanReader,
    ) -> None:
        """Find what sounds in the stems of plans; nothing is read yet."""
        self.chunks = len(plans)
        self.failed: set[int] = set()
        """Numbers of the chunks that cannot be read."""
        self.broken: dict[str, str] = {}
        """Files that could not be read, with the reason."""
        self._plans = plans
        self._spans = spans
        self._rows: list[Row] = []
        for chunk, plan in enumerate(plans):
            places = zip(stem_names, plan.tracks, plan.starts, strict=True)
            for stem, (name, track, start) in enumerate(places):
                try:
                    found = list(spans.spans(tracks[track], name, start))
                except AudioError as error:
                    self._fail(chunk, error)
                    continue
                place = chunk * len(stem_names) + stem
                self._rows += [Row(chunk, place, span) for span in found]

    def __iter__(self) -> Iterator[Row]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def read(self, row: Row, target: Shaped[ndarray, "T C"]) -> bool:
        """Fill `target` with a row; False where its chunk cannot be read."""
        if row.chunk in self.failed:
            return False
        try:
            self._spans.read(row.span, target)
        except AudioError as error:
            self._fail(row.chunk, error)
            return False
        return True

    @property
    def scales(self) -> Float[Tensor, " R"]:
        """What the samples of each row are to be multiplied with to be audio."""
        return torch.tensor([row.span.scale for row in self._rows], dtype=torch.float32)

    @property
    def numbers(self) -> Mapping[str, Float[Tensor, "B S K"]]:
        """What the plans drew."""
        return {
            name: torch.tensor([plan.numbers[name] for plan in self._plans], dtype=torch.float32)
            for name in self._plans[0].numbers
        }

    def _fail(self, chunk: int, error: AudioError) -> None:
        # What tells errors of one file from those of others.
        self.broken[str(error).partition(" cannot be read")[0]] = str(error)
        self.failed.add(chunk)

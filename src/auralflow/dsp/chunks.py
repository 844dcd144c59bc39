"""Where a long signal is cut, and how much each chunk is trusted at each of its samples.

    chunk 0   |-----------------\\
    chunk 1             /-----------------\\
    chunk 2                       /-----------------\\
    last                              /------------------|
              0         hop       2·hop                 end

A chunk starts every `hop` samples. The last one is moved back so that it ends where the signal ends: no zeros are
ever given to the network. A signal shorter than a chunk is one chunk of its own length. At the two true ends of the
signal nothing is tapered, since there is no better chunk to turn to.

A network that halves its frames six times answers differently when the signal is moved by less than 64 frames. So
chunks start at multiples of its `step`, the last one too, which is then shorter by up to a step: seams that could be
heard, above -40 dB, fall below -80 dB.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import ceil

import torch
from jaxtyping import Float
from torch import Tensor

from auralflow.dsp.windows import MAX_OVERLAP, WINDOWS, Window
from auralflow.errors import ConfigError

__all__ = ["Chunking"]


@dataclass(frozen=True)
class Chunking:
    """Chunk length, distance between chunks and unreliable margin, all in samples."""

    length: int
    hop: int
    context: int = 0
    """Samples at either side of a chunk that get no weight at all, because the network cannot know them."""
    step: int = 1
    """Every chunk starts at a multiple of it."""
    window: Window = "cubic"
    """By what weights chunks are cross-faded."""
    offset: int = 0
    """Samples by which every chunk but the first is moved to the front, from 0 to below `hop`. What chunks of different
    offsets say can be averaged, since they were cut in different places."""

    def __post_init__(self) -> None:
        if self.window not in WINDOWS:
            raise ConfigError(
                f"window is {self.window}, which is none: choose one of {', '.join(WINDOWS)}"
            )
        if not 0 <= self.offset < max(1, self.hop):
            raise ConfigError(
                f"chunks that start every {self.hop} samples are moved by {self.offset}: move them by less than that"
            )
        if self.step < 1 or self.hop % self.step:
            raise ConfigError(
                f"chunks that start every {self.hop} samples do not start at multiples of {self.step}: change either"
            )
        if not 0 < self.hop <= self.length - 2 * self.context:
            raise ConfigError(
                f"chunks of {self.length} samples with {self.context} unreliable ones at either side cannot be"
                f" set {self.hop} samples apart: take longer chunks"
            )

    @classmethod
    def with_overlap(
        cls,
        length: int,
        overlap: float,
        *,
        context: int = 0,
        step: int = 1,
        window: Window = "cubic",
    ) -> "Chunking":
        """Chunks of which neighbours share the given fraction, or more where context and step need it.

        A chunk that could not hold a step and that overlap is made long enough for it. Raises `ConfigError` for an
        overlap outside 0 to 0.95 and for chunks no longer than twice the context.
        """
        if not 0 <= overlap <= MAX_OVERLAP:
            raise ConfigError(
                f"overlap is {overlap}, but must be between 0 and {MAX_OVERLAP}: change it"
            )
        if context < 0:
            raise ConfigError(f"context is {context} samples, but cannot be negative: change it")
        if length <= 2 * context:
            raise ConfigError(
                f"a chunk is {length} samples long, but {context} at either side are unreliable: take chunks"
                f" of more than {2 * context} samples"
            )
        hop = min(round(length * (1 - overlap)), length - 2 * context)
        hop = max(step, hop // step * step)
        if hop > length - 2 * context:
            length = max(ceil(hop / (1 - overlap)), hop + 2 * context)
        return cls(length, hop, context, step, window)

    def weights(self, *, first: bool, last: bool) -> Float[Tensor, " T"]:
        """The trust in each sample of a chunk, by its distance to the nearest edge that was cut.

        Positive everywhere but in the context, where it is zero. An edge that is a true end of the signal counts
        as far away. `triangle` is the distance itself, as demucs's `apply_model` has it; `hann` is a Hann window's half;
        `flat` trusts all alike, so that overlapping chunks are averaged.

        `cubic` is the third power, since what a network says beside a cut edge is much worse than what it says a
        little further in: with dilated convolutions that see a quarter of the chunk, overlapping by a quarter, the
        energy of the deviation from the signal in one piece was 8e-2 unweighted, 6e-3 with the distance, 8e-4
        with its square and 2e-4 with its cube; with higher powers, short overlaps get worse again.
        """
        position = torch.arange(self.length, dtype=torch.float64)
        after_start = position + 1 - self.context
        before_end = self.length - position - self.context
        distance = torch.full_like(position, self.length)
        if not first:
            distance = torch.minimum(distance, after_start)
        if not last:
            distance = torch.minimum(distance, before_end)
        return _TRUST[self.window](distance.clamp(min=0) / self.length).float()

    def last_start(self, samples: int) -> int:
        """Where the last chunk of a signal begins; it ends where the signal does."""
        beyond = max(0, samples - self.length)
        # Chunks of an offset keep to their own multiples of the step.
        moved = -self.offset % self.step if beyond else 0
        return moved + -(-(beyond - moved) // self.step) * self.step

    def start_after(self, start: int) -> int:
        """Where the chunk that follows one begins, if it is not the last."""
        return start + self.hop - (0 if start else self.offset)

    def starts(self, samples: int) -> list[int]:
        """Where the chunks of a signal of known length begin."""
        if not samples:
            return []
        starts = [0]
        while starts[-1] < samples - self.length:
            starts.append(self.start_after(starts[-1]))
        return [*starts[:-1], self.last_start(samples)]


def _hann(distance: Tensor) -> Tensor:
    """Over the half of a window; 0 only where the distance is."""
    return torch.sin(torch.pi / 2 * (2 * distance).clamp(max=1)).square()


_TRUST: Mapping[Window, Callable[[Tensor], Tensor]] = {
    "cubic": lambda distance: distance.pow(3),
    "triangle": lambda distance: distance,
    "hann": _hann,
    "flat": lambda distance: (distance > 0).to(distance),
}
"""From the distance to the nearest cut, as a share of the chunk, to the weight."""

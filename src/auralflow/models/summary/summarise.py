"""A network in numbers."""

from copy import deepcopy
from dataclasses import asdict, dataclass
from typing import Any

from auralflow.errors import ModelError
from auralflow.models.base import Separator
from auralflow.models.summary.counting import Visit, observe
from auralflow.models.summary.reach import ReceptiveField, receptive_field

__all__ = ["LevelSummary", "Summary", "summarise"]


@dataclass(frozen=True)
class LevelSummary:
    """One part of a network."""

    name: str
    shape: tuple[int, ...]
    """Of the first tensor it gives, without the batch; empty if it is not called, or is no single part."""
    parameters: int
    multiply_adds: int
    """For the mixture of the summary. What counts is told in `auralflow.models.summary.counting`."""


@dataclass(frozen=True)
class Summary:
    """What a network is made of, what it costs, and how far it hears."""

    network: str
    """Its class."""
    targets: tuple[str, ...]
    levels: tuple[LevelSummary, ...]
    """In the order a mixture meets them."""
    rest: LevelSummary
    """What lies outside the levels."""
    weight_bytes: int
    """Of all parameters and buffers that a file of weights holds."""
    samples: int
    """Length of the mixture that shapes and multiply-adds are for."""
    channels: int
    sample_rate: int
    receptive_field: ReceptiveField
    step: int
    """Samples by which a signal can be moved without changing the answer but for the move."""

    @property
    def parameters(self) -> int:
        """Of the whole network."""
        return sum(part.parameters for part in (*self.levels, self.rest))

    @property
    def multiply_adds(self) -> int:
        """Of the whole network, for the mixture of the summary."""
        return sum(part.multiply_adds for part in (*self.levels, self.rest))

    def as_plain(self) -> dict[str, Any]:
        """All of it with the totals, as JSON holds it."""
        return {
            **asdict(self),
            "parameters": self.parameters,
            "multiply_adds": self.multiply_adds,
            "receptive_field": {
                "samples": self.receptive_field.samples,
                **asdict(self.receptive_field),
            },
        }


def summarise(network: Separator, samples: int | None = None) -> Summary:
    """A network in numbers, for a mixture of so many samples, by default a training example's.

    A copy of the network is looked at, on the CPU and in eval mode, while noise goes through it, some times also back.

    Raises `ModelError` if `samples` is below one.
    """
    length = network.signal.chunk_samples if samples is None else samples
    if length < 1:
        raise ModelError(f"samples is {length}: give a length of one sample at least")
    # On CPUs convolutions sum plainly; fast algorithms of GPUs spread the NaN that the receptive field is found with.
    network = deepcopy(network).cpu().eval().requires_grad_(False)
    passage = observe(network, length)
    seen: set[int] = set()
    levels = []
    for name, module in network.levels():
        weights = [weight for weight in module.parameters() if id(weight) not in seen]
        seen |= {id(weight) for weight in weights}
        visit = passage.visits.get(name, Visit((), 0))
        count = sum(weight.numel() for weight in weights)
        levels.append(LevelSummary(name, visit.shape, count, visit.multiply_adds))
    rest = LevelSummary(
        "the rest",
        (),
        sum(weight.numel() for weight in network.parameters() if id(weight) not in seen),
        passage.multiply_adds - sum(level.multiply_adds for level in levels),
    )
    return Summary(
        network=type(network).__name__,
        targets=network.targets,
        levels=tuple(levels),
        rest=rest,
        weight_bytes=sum(value.nbytes for value in network.state_dict().values()),
        samples=length,
        channels=network.signal.channels,
        sample_rate=network.signal.sample_rate,
        receptive_field=receptive_field(network, length, passage),
        step=network.step,
    )

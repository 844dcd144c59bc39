"""What a network promises: a mixture in, its stems out."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

from torch import Tensor, nn

from auralflow.config import Config
from auralflow.errors import ModelError
from auralflow.models.graph import MIXTURE, STEMS, Graph
from auralflow.models.signal import Signal
from auralflow.shapes import Mixture, Stems

if TYPE_CHECKING:
    from auralflow.models.streaming.options import SeparationOptions
    from auralflow.models.streaming.stream import Stream

__all__ = ["Estimate", "Separator"]


@dataclass(frozen=True)
class Estimate:
    """What a network says about a mixture, in the domain it computes in.

    Training compares `values` with `Separator.reference` of the true stems; nobody pays for audio who does not call
    `audio`.
    """

    values: Tensor
    """Magnitudes `B S C F N` or samples `B S C T`."""
    audio: Callable[[], Stems]
    """Computes the stems."""
    penalties: Mapping[str, Tensor] = field(default_factory=dict)
    """Further scalar terms to be added to the loss, already weighted, by name."""


class Separator(nn.Module, ABC):
    """Base of all networks: `(batch, channels, samples)` in, `(batch, targets, channels, samples)` out.

    Audio is float32 at `signal.sample_rate`. Any number of samples from one on is taken and given back. In eval mode
    the items of a batch do not influence one another, and nothing is random.
    """

    def __init__(self, config: Config, *, signal: Signal, targets: tuple[str, ...]) -> None:
        super().__init__()
        if not targets:
            raise ModelError("the list of targets is empty: name at least one stem, such as vocals")
        if len(set(targets)) < len(targets):
            raise ModelError(f"the targets {', '.join(targets)} hold a name twice: name each once")
        self.step = 1
        """Samples by which a signal can be moved without changing the answer but for the move."""
        self.config = config
        self.signal = signal
        self.targets = targets

    @classmethod
    def from_config(cls, config: Config, *, signal: Signal, targets: tuple[str, ...]) -> Self:
        """The network a configuration describes; one whose constructor takes other arguments overrides this."""
        return cls(config, signal=signal, targets=targets)

    @abstractmethod
    def estimate(self, mixture: Mixture) -> Estimate:
        """What the network says about a mixture."""

    @abstractmethod
    def reference(self, stems: Stems) -> Tensor:
        """The true stems in the domain of `Estimate.values`."""

    def levels(self) -> Iterator[tuple[str, nn.Module]]:
        """The parts that do the work, in the order a mixture meets them, with names for people; by default the children.

        Summaries list them, and `torch.compile` is applied to each: what lies between them, such as Fourier
        transforms, stays as it is. Each is called as a module.
        """
        return self.named_children()

    def graph(self) -> Graph:
        """What can be exported of it: the network without Fourier transforms. By default it is taken to have none."""
        return Graph((MIXTURE,), (STEMS,), lambda mixture: (self.estimate(mixture).values,))

    def recomputed(self) -> Iterator[nn.Module]:
        """The parts whose insides training may forget and compute again, in place of keeping them; none by default.

        None lies within another, each is called as a module, and what it gives follows from what it is given, from its
        weights and from torch's random numbers.
        """
        yield from ()

    def forward(self, mixture: Mixture) -> Stems:
        """The stems of a mixture, in the order of `targets`."""
        self.check_input(mixture)
        return self.estimate(mixture.float()).audio()

    def stream(
        self, *, channels: int | None = None, options: "SeparationOptions | None" = None
    ) -> "Stream":
        """Start to separate a signal that comes in blocks, at the network's rate, in constant memory.

            stream = network.stream()
            for block in blocks:                      # (channels, samples), of any length
                for stems in stream.push(block):      # (targets, channels, samples)
                    …
            rest = stream.finish()

        A sample comes back at the latest once `stream.latency` further ones have been pushed. Any number of channels is
        taken, by default the network's own. `auralflow.separation.separate_stream` takes other rates too.
        """
        from auralflow.models.streaming.stream import Stream

        return Stream(self, channels=channels or self.signal.channels, options=options)

    def check_input(self, mixture: Tensor) -> None:
        """Raise `ModelError` unless the tensor is a mixture this network can take."""
        shape = tuple(mixture.shape)
        wanted = f"(batch, {self.signal.channels}, samples)"
        if mixture.dim() != 3 or shape[1] != self.signal.channels:
            raise ModelError(
                f"the mixture has shape {shape}, the network takes {wanted}: reshape it, or call "
                "auralflow.separate, which takes any number of channels"
            )
        if shape[2] == 0:
            raise ModelError("the mixture has no samples: give at least one")
        if not mixture.is_floating_point():
            raise ModelError(f"the mixture is {mixture.dtype}: give floats between -1 and 1")

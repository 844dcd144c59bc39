"""What an augmentation is: a pure function of a batch and of numbers that were drawn elsewhere."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from auralflow.augment.numbers import Numbers
from auralflow.augment.options import AugmentationConfig
from auralflow.shapes import Mixture, Stems

__all__ = ["Augmentation", "MixtureAugmentation"]

C = TypeVar("C", bound=AugmentationConfig)


@dataclass(frozen=True)
class Augmentation(Generic[C]):
    """What is done to the stems, which then make the mixture."""

    config: type[C]
    change: Callable[[Stems, Numbers, C, int], Stems]
    """Stems, numbers, configuration and sample rate to stems of the same shape. Its input is not changed; what is not
    chosen comes back bit for bit."""

    @property
    def numbers(self) -> int:
        """How many numbers each stem wants."""
        return self.config.numbers


@dataclass(frozen=True)
class MixtureAugmentation(Generic[C]):
    """What is done to the mixture alone."""

    config: type[C]
    change_mixture: Callable[[Mixture, Numbers, C, int], Mixture]
    """As `Augmentation.change`; the numbers of an item's first stem count."""

    @property
    def numbers(self) -> int:
        """How many numbers each stem wants."""
        return self.config.numbers

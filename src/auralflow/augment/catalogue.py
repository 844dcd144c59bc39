"""The augmentations by name, and a batch taken through them."""

from collections.abc import Callable, Mapping

from jaxtyping import Float
from torch import Tensor

from auralflow.augment.gain import change_gain
from auralflow.augment.polarity import flip_polarity
from auralflow.augment.swap import swap_channels
from auralflow.shapes import Stems

__all__ = ["AUGMENTATIONS", "Augmentation", "augment"]

Augmentation = Callable[[Stems, Float[Tensor, "B S"]], Stems]
"""Changes each stem by the number drawn for it; 0 leaves it as it is. Its input is not changed."""

AUGMENTATIONS: Mapping[str, Augmentation] = {
    "gain_db": change_gain,
    "swap_channels": swap_channels,
    "flip_polarity": flip_polarity,
}


def augment(stems: Stems, numbers: Mapping[str, Float[Tensor, "B S"]]) -> Stems:
    """The stems after every augmentation for which there are numbers, in the order of the catalogue.

    The numbers were drawn with the chunks, so that nothing here is random.

    Raises:
        ValueError: numbers for an augmentation that does not exist.
    """
    unknown = sorted(set(numbers) - set(AUGMENTATIONS))
    if unknown:
        raise ValueError(f"there is no augmentation {', '.join(unknown)}")
    for name, change in AUGMENTATIONS.items():
        if name in numbers:
            stems = change(stems, numbers[name])
    return stems

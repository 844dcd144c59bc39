"""Silent stems: a network that always hears every instrument learns to find it where it is not."""

from auralflow.augment.numbers import Numbers, chosen
from auralflow.augment.options import DropStemConfig
from auralflow.shapes import Stems

__all__ = ["drop_stems"]


def drop_stems(stems: Stems, numbers: Numbers, config: DropStemConfig, _sample_rate: int) -> Stems:
    """Silence for each chosen stem; where all of an item are chosen, the one with the largest number stays."""
    dropped = chosen(numbers, config.probability)
    last = numbers[..., 0].argmax(dim=1, keepdim=True)
    dropped = dropped.scatter(1, last, dropped.gather(1, last) & ~dropped.all(dim=1, keepdim=True))
    return stems.masked_fill(dropped.to(stems.device)[:, :, None, None], 0.0)

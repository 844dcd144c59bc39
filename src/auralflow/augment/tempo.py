"""Faster or slower music at the same pitch."""

from auralflow.augment.numbers import Numbers, between, chosen_items
from auralflow.augment.options import TempoConfig
from auralflow.augment.stretching import stretch
from auralflow.shapes import Stems

__all__ = ["change_tempo"]


def change_tempo(stems: Stems, numbers: Numbers, config: TempoConfig, sample_rate: int) -> Stems:
    """The stems of each chosen item played faster or slower together, on the CPU."""
    tempos = between(numbers[:, 0, 1], config.low, config.high)
    items = chosen_items(numbers, config.probability).nonzero()[:, 0].tolist()
    changed = stems.clone() if items else stems
    for item in items:
        changed[item] = stretch(stems[item], sample_rate=sample_rate, tempo=float(tempos[item]))
    return changed

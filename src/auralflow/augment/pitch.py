"""Higher or lower music at the same tempo."""

from auralflow.augment.numbers import Numbers, between, chosen_items
from auralflow.augment.options import PitchConfig
from auralflow.augment.stretching import stretch
from auralflow.shapes import Stems

__all__ = ["change_pitch"]


def change_pitch(stems: Stems, numbers: Numbers, config: PitchConfig, sample_rate: int) -> Stems:
    """The stems of each chosen item shifted in pitch together, on the CPU."""
    semitones = between(numbers[:, 0, 1], -config.semitones, config.semitones)
    items = chosen_items(numbers, config.probability).nonzero()[:, 0].tolist()
    changed = stems.clone() if items else stems
    for item in items:
        changed[item] = stretch(
            stems[item], sample_rate=sample_rate, semitones=float(semitones[item])
        )
    return changed

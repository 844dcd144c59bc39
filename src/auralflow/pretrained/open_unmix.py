"""Open-Unmix's files: the state dict of one target's network each."""

from collections.abc import Sequence
from pathlib import Path

from auralflow.models.layers.keys import key_of_target
from auralflow.pretrained.catalogue import Pretrained
from auralflow.pretrained.imported import Imported, tensors_of
from auralflow.pretrained.inert import read_inert

__all__ = ["import_open_unmix"]


def import_open_unmix(entry: Pretrained, files: Sequence[Path]) -> Imported:
    """All targets' weights as those of one network; files are in the order of the targets."""
    state = {
        f"target_models.{key_of_target(target)}.{name}": value
        for target, path in zip(entry.targets, files, strict=True)
        for name, value in tensors_of(read_inert(path), path).items()
    }
    return Imported(entry.settings, entry.targets, state)

"""A name to the network that separates, or to the several that do so together."""

from pathlib import Path

from auralflow.checkpoints import load_model, pretrained_of
from auralflow.models.base import Separator
from auralflow.pretrained.fetching import Progress
from auralflow.separation.bag import Bag, Member

__all__ = ["open_networks"]


def open_networks(
    model: str | Path, *, cuda: bool = True, progress: Progress | None = None
) -> Separator | Bag:
    """What `load_model` gives, or a bag for pretrained weights that are several networks."""
    entry = pretrained_of(model)
    if entry is None or not entry.members:
        return load_model(model, cuda=cuda, progress=progress)
    return Bag(
        [
            Member(load_model(name, cuda=cuda, progress=progress), weights)
            for name, weights in entry.members
        ]
    )

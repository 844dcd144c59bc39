"""Any number of channels through a network that wants a fixed number of them."""

from collections.abc import Callable

import torch

from auralflow.shapes import Mixture, Stems

__all__ = ["fold_channels"]


def fold_channels(
    model: Callable[[Mixture], Stems], *, wanted: int, channels: int, max_items: int
) -> Callable[[Mixture], Stems]:
    """The model as a function of mixtures with `channels` channels, where it takes `wanted` itself.

    The channels are taken in groups of `wanted`, each group an item of the batch. The last group is filled up by
    repeating the last channel, and what the network says about the copies is averaged. So a mono network separates
    the left and the right of a song on their own, and a stereo network hears a mono file as the same on both sides.
    The model sees at most `max_items` items at once, so that many channels do not take more memory than few.
    """
    if channels == wanted:
        return model
    groups = -(-channels // wanted)
    source = torch.arange(groups * wanted).clamp(max=channels - 1)
    copies = torch.bincount(source, minlength=channels)

    def folded(mixture: Mixture) -> Stems:
        items, _, samples = mixture.shape
        grouped = mixture[:, source].reshape(items * groups, wanted, samples)
        stems = torch.cat([model(part) for part in torch.split(grouped, max_items)])
        targets = stems.shape[1]
        spread = (
            stems.reshape(items, groups, targets, wanted, samples)
            .transpose(1, 2)
            .reshape(items, targets, groups * wanted, samples)
        )
        summed = spread.new_zeros(items, targets, channels, samples)
        summed.index_add_(2, source.to(spread.device), spread)
        return summed / copies.to(spread)[:, None]

    return folded

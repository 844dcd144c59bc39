"""Stems of different songs in one mixture."""

import torch
from torch.nn.functional import pad

from auralflow.augment.numbers import Numbers, chosen
from auralflow.augment.options import RemixConfig
from auralflow.shapes import Stems

__all__ = ["remix"]


def remix(stems: Stems, numbers: Numbers, config: RemixConfig, _sample_rate: int) -> Stems:
    """The stems exchanged between the items of each group of neighbours.

    The vocals that take part are dealt out anew among the items they came from, in the order of their numbers: the
    first of these items gets those with the smallest number. So do the drums, and so on. A last group may be smaller.
    What a group becomes depends on its own items alone, and so not on how groups are shared out among processes.

    Source: Uhlich et al., "Improving music source separation based on deep neural networks through data augmentation
    and network blending", ICASSP 2017, which mixes instruments of different songs.
    """
    items, names = numbers.shape[:2]
    group = config.group
    fill = (0, 0, 0, -items % group)
    taking = pad(chosen(numbers, config.probability), fill).unflatten(0, (-1, group))
    keys = pad(numbers[..., 1], fill).unflatten(0, (-1, group))
    place = torch.arange(group, device=numbers.device)[:, None].expand_as(taking)
    # In both orders, who stays comes last and in the same order, and so is given to himself.
    receivers = torch.where(taking, place, place + group).argsort(dim=1)
    givers = torch.where(taking, keys, place + 2.0).argsort(dim=1, stable=True)
    first = group * torch.arange(len(taking), device=numbers.device)[:, None, None]
    sources = torch.empty_like(givers).scatter_(1, receivers, givers) + first
    sources = sources.flatten(0, 1)[:items].to(stems.device)
    return stems[sources, torch.arange(names, device=stems.device)]

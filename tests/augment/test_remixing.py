"""Stems exchanged between items."""

import torch

from auralflow.augment.options import RemixConfig
from auralflow.augment.remixing import remix
from tests.augment.cases import RATE


def labelled(items: int, stems: int) -> torch.Tensor:
    """Stems whose samples say where they come from: the item's number times ten, plus the stem's."""
    item, stem = torch.arange(items)[:, None], torch.arange(stems)
    return (item * 10.0 + stem)[:, :, None, None].expand(-1, -1, 2, 5).contiguous()


def sources(items: int, stems: int, numbers: torch.Tensor, **options) -> list[list[int]]:
    """From which item each stem of each item comes."""
    remixed = remix(labelled(items, stems), numbers, RemixConfig(**options), RATE)
    assert torch.equal(remixed % 10, labelled(items, stems) % 10)
    return (remixed[:, :, 0, 0] // 10).int().tolist()


def all_taking(keys: list[float]) -> torch.Tensor:
    return torch.tensor([[[0.0, key]] for key in keys])


def test_items_are_given_the_stems_in_the_order_of_their_numbers():
    # The smallest number is item 2's, then 0's, 3's and 1's.
    numbers = all_taking([0.3, 0.9, 0.1, 0.5])
    assert sources(4, 1, numbers, probability=1.0) == [[2], [0], [3], [1]]


def test_stems_move_independently_of_each_other():
    numbers = torch.zeros(3, 2, 2)
    numbers[:, 0, 1] = torch.tensor([0.3, 0.2, 0.1])
    numbers[:, 1, 1] = torch.tensor([0.1, 0.2, 0.3])
    assert sources(3, 2, numbers, probability=1.0, group=3) == [[2, 0], [1, 1], [0, 2]]


def test_who_does_not_take_part_keeps_his_stem_and_the_others_exchange_among_themselves():
    numbers = all_taking([0.9, 0.5, 0.3, 0.1])
    numbers[1, 0, 0] = 0.8
    # Taking part: 0, 2 and 3, whose numbers rise from 3 over 2 to 0.
    assert sources(4, 1, numbers, probability=0.5) == [[3], [1], [2], [0]]


def test_groups_are_neighbours_and_the_last_may_be_smaller():
    numbers = all_taking([0.9, 0.1, 0.9, 0.1, 0.5])
    remixed = sources(5, 1, numbers, probability=1.0, group=2)
    assert remixed == [[1], [0], [3], [2], [4]]


def test_every_stem_of_a_group_is_used_exactly_once_whatever_is_drawn():
    generator = torch.Generator().manual_seed(0)
    for _ in range(50):
        numbers = torch.rand(10, 3, 2, generator=generator)
        remixed = torch.tensor(sources(10, 3, numbers, probability=0.7, group=4))
        for first, last in ((0, 4), (4, 8), (8, 10)):
            part = remixed[first:last].sort(dim=0).values
            assert torch.equal(part, torch.arange(first, last)[:, None].expand(-1, 3).int())


def test_equal_numbers_are_no_reason_to_lose_a_stem():
    numbers = torch.zeros(4, 1, 2)
    assert sources(4, 1, numbers, probability=1.0) == [[0], [1], [2], [3]]


def test_each_item_of_a_group_is_as_likely_a_source_as_any_other():
    generator = torch.Generator().manual_seed(0)
    numbers = torch.rand(4000, 1, 2, generator=generator)
    remixed = torch.tensor(sources(4000, 1, numbers, probability=1.0))[:, 0] % 4
    for place in range(4):
        share = torch.bincount(remixed[place::4], minlength=4) / 1000
        # Of 1000 draws a quarter, with a standard deviation of 0.014.
        assert (share - 0.25).abs().max() < 0.05

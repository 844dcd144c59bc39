"""Which process loads which chunk."""

import pytest

from auralflow.datasets.sampler import ChunkSampler


def batches(sampler: ChunkSampler) -> list[list[tuple[int, int]]]:
    keys = list(sampler)
    return [keys[at : at + sampler.batch_size] for at in range(0, len(keys), sampler.batch_size)]


@pytest.mark.parametrize("load_size", [24, 23, 1])
@pytest.mark.parametrize("ranks", [1, 2, 3])
def test_the_ranks_of_a_step_load_what_one_process_with_their_joint_batch_would(load_size, ranks):
    joint = batches(ChunkSampler(load_size, 4 * ranks))
    each = [
        batches(ChunkSampler(load_size, 4, rank=rank, world_size=ranks)) for rank in range(ranks)
    ]
    steps = [[key for batch in step for key in batch] for step in zip(*each, strict=True)]
    assert steps == joint


def test_the_last_batch_is_filled():
    sampler = ChunkSampler(10, 4)
    assert sampler.steps == 3
    assert len(sampler) == 12
    assert list(sampler) == [(0, index) for index in range(12)]


def test_a_resumed_epoch_goes_on_at_its_batch_and_the_next_is_whole():
    whole, resumed = ChunkSampler(16, 4), ChunkSampler(16, 4)
    whole.set_epoch(5)
    resumed.set_position(5, 2)
    resumed.set_epoch(5)
    assert batches(resumed) == batches(whole)[2:]
    assert len(resumed) == len(whole)
    for sampler in (whole, resumed):
        sampler.set_epoch(6)
    assert batches(resumed) == batches(whole)
    assert next(iter(whole)) == (6, 0)

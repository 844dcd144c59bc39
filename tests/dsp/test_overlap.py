"""Chunked processing against the signal in one piece."""

from collections.abc import Callable
from itertools import pairwise

import pytest
import torch
from torch import Tensor, nn

from auralflow.dsp.chunks import Chunking
from auralflow.dsp.overlap import OverlapAdd
from auralflow.errors import ConfigError, ModelError

LENGTH = 60


def noise(samples: int, channels: int = 2, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.rand(channels, samples, generator=generator) * 2 - 1


def run(
    process: Callable[[Tensor], Tensor],
    signal: Tensor,
    *,
    chunking: Chunking,
    batch_size: int = 1,
    block: int | None = None,
) -> Tensor:
    overlap_add = OverlapAdd(process, chunking=chunking, batch_size=batch_size)
    parts = []
    for piece in torch.split(signal, block or max(1, signal.shape[-1]), dim=-1):
        parts += overlap_add.push(piece)
    parts += overlap_add.finish()
    return torch.cat(parts, dim=-1)


def same_for_two_targets(mixture: Tensor) -> Tensor:
    return torch.stack([mixture, -mixture], dim=1)


@pytest.mark.parametrize("batch_size", [1, 2, 3, 8])
@pytest.mark.parametrize("overlap", [0, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95])
@pytest.mark.parametrize(
    "samples", [1, 2, LENGTH - 1, LENGTH, LENGTH + 1, 2 * LENGTH, 5 * LENGTH // 2, 997]
)
def test_a_network_that_returns_its_input_gives_the_input_back(samples, overlap, batch_size):
    signal = noise(samples)
    chunking = Chunking.with_overlap(LENGTH, overlap)
    stems = run(same_for_two_targets, signal, chunking=chunking, batch_size=batch_size)
    assert stems.shape == (2, 2, samples)
    assert (stems[0] - signal).abs().max() <= 1e-6
    assert (stems[1] + signal).abs().max() <= 1e-6


def test_the_input_comes_back_at_the_length_of_a_real_segment():
    signal = noise(1_000_003, channels=1)
    chunking = Chunking.with_overlap(352_800, 0.25)
    stems = run(same_for_two_targets, signal, chunking=chunking, batch_size=2, block=65_536)
    assert (stems[0] - signal).abs().max() <= 1e-6


@pytest.mark.parametrize("block", [1, 7, LENGTH, 250])
def test_the_size_of_the_pushed_blocks_does_not_matter(block):
    signal = noise(251)
    chunking = Chunking.with_overlap(LENGTH, 0.4)
    whole = run(same_for_two_targets, signal, chunking=chunking, batch_size=3)
    assert torch.equal(
        run(same_for_two_targets, signal, chunking=chunking, batch_size=3, block=block), whole
    )


def test_nothing_pushed_gives_nothing():
    overlap_add = OverlapAdd(same_for_two_targets, chunking=Chunking(8, 4))
    assert overlap_add.push(torch.zeros(2, 0)) == []
    assert overlap_add.finish() == []


@pytest.mark.parametrize("samples", [LENGTH + 1, 2 * LENGTH, 200, 1000])
def test_the_network_sees_whole_chunks_of_the_signal_and_never_zeros(samples):
    seen = []

    def watch(mixture):
        seen.extend(mixture)
        return mixture[:, None]

    signal = torch.arange(1.0, samples + 1)[None]
    chunking = Chunking.with_overlap(LENGTH, 0.3)
    run(watch, signal, chunking=chunking, batch_size=4, block=11)
    assert [len(chunk[0]) for chunk in seen] == [LENGTH] * len(seen)
    assert [int(chunk[0, 0]) - 1 for chunk in seen] == chunking.starts(samples)
    assert seen[-1][0, -1] == samples


def test_input_is_held_for_a_few_chunks_only():
    overlap_add = OverlapAdd(
        same_for_two_targets, chunking=Chunking.with_overlap(100, 0.25), batch_size=3
    )
    came_in = came_out = 0
    for _ in range(500):
        came_in += 37
        came_out += sum(part.shape[-1] for part in overlap_add.push(noise(37)))
        # A full batch and the chunk whose successor is not known yet.
        assert came_in - came_out <= 100 + 4 * 75


def test_a_chunk_is_trusted_less_towards_the_edges_that_were_cut():
    middle = Chunking(1000, 750).weights(first=False, last=False)
    assert middle.min() > 0
    assert torch.equal(middle, middle.flip(0))
    assert (middle[:500].diff() > 0).all()
    # Beside the joint of two chunks that share 250 samples, the outermost tenth of what they share has a share of
    # at most 1 / (1 + 9³) = 1/730 in the result.
    share = middle[:25] / (middle[:25] + middle[750:775])
    assert share.max() <= 1 / 730


def test_a_true_end_is_trusted_fully():
    chunking = Chunking(1000, 750)
    assert (chunking.weights(first=True, last=True) == 1).all()
    first = chunking.weights(first=True, last=False)
    assert first[0] == first.max()
    assert torch.equal(chunking.weights(first=False, last=True), first.flip(0))


class Dilated(nn.Module):
    """Convolutions with zero padding that see 30 samples to either side."""

    reach = 30

    def __init__(self) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(3)
        sizes = [(1, 6, 1), (6, 6, 2), (6, 6, 4), (6, 6, 8), (6, 1, 15)]
        self.layers = nn.ModuleList(
            nn.Conv1d(i, o, 3, padding=d, dilation=d, dtype=torch.float64) for i, o, d in sizes
        )
        for parameter in self.parameters():
            parameter.data = (
                torch.rand(parameter.shape, generator=generator, dtype=torch.float64) - 0.5
            )

    def forward(self, mixture):
        x = mixture.double()
        for layer in self.layers:
            x = torch.tanh(2 * layer(x))
        return x[:, None].float()


@pytest.mark.parametrize("overlap", [0, 0.25, 0.6, 0.9])
@pytest.mark.parametrize("samples", [200, 201, 263, 400, 1001, 1153])
@torch.inference_mode()
def test_seams_cannot_be_measured_where_the_networks_reach_is_known(samples, overlap):
    network = Dilated()
    signal = noise(samples, channels=1)
    chunking = Chunking.with_overlap(200, overlap, context=network.reach)
    chunked = run(network, signal, chunking=chunking, batch_size=2, block=64)
    assert (chunked - network(signal[None])[0]).abs().max() <= 1e-5


class Strided(nn.Module):
    """Halves the rate three times and doubles it again: moving its input by 8 samples moves its output, by 1 not."""

    step = 8
    reach = 2 * (1 + 2 + 4) + 8 + 4 + 2

    def __init__(self) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(4)
        self.down = nn.ModuleList(nn.Conv1d(4 if i else 1, 4, 4, 2, 1) for i in range(3))
        self.up = nn.ModuleList(
            nn.ConvTranspose1d(4, 1 if i == 2 else 4, 4, 2, 1) for i in range(3)
        )
        for parameter in self.parameters():
            parameter.data = 2 * torch.rand(parameter.shape, generator=generator) - 1

    def forward(self, mixture: Tensor) -> Tensor:
        samples = mixture.shape[-1]
        x = nn.functional.pad(mixture, (0, -samples % self.step))
        for layer in (*self.down, *self.up):
            x = torch.tanh(layer(x))
        return x[..., None, :, :samples].reshape(len(x), 1, 1, samples)


@pytest.mark.parametrize("batch_size", [1, 3])
@pytest.mark.parametrize("overlap", [0, 0.25, 0.6, 0.9])
@pytest.mark.parametrize("samples", [200, 201, 263, 400, 1001, 1153])
@torch.inference_mode()
def test_seams_of_a_network_with_strides_cannot_be_measured_at_multiples_of_its_step(
    samples, overlap, batch_size
):
    network = Strided()
    signal = noise(samples, channels=1)
    chunking = Chunking.with_overlap(203, overlap, context=network.reach, step=network.step)
    chunked = run(network, signal, chunking=chunking, batch_size=batch_size, block=64)
    whole = network(signal[None])[0]
    assert (chunked - whole).abs().max() <= 1e-5
    if samples > 203:
        unaligned = Chunking(203, 91, network.reach)
        assert (run(network, signal, chunking=unaligned) - whole).abs().max() > 0.1


@pytest.mark.parametrize("step", [1, 7, 40, 59, 60, 200])
@pytest.mark.parametrize("overlap", [0, 0.25, 0.9])
@pytest.mark.parametrize("samples", [1, LENGTH, LENGTH + 1, 997])
def test_the_input_comes_back_whatever_the_step(samples, overlap, step):
    signal = noise(samples)
    chunking = Chunking.with_overlap(LENGTH, overlap, step=step)
    stems = run(same_for_two_targets, signal, chunking=chunking, batch_size=2, block=50)
    assert stems.shape == (2, 2, samples)
    assert (stems[0] - signal).abs().max() <= 1e-6


def test_a_step_rounds_the_hop_down_and_lengthens_chunks_that_cannot_hold_it():
    assert Chunking.with_overlap(100, 0.25, step=20) == Chunking(100, 60, 0, 20)
    assert Chunking.with_overlap(100, 0.25, step=90) == Chunking(100, 90, 0, 90)
    assert Chunking.with_overlap(100, 0.25, step=120) == Chunking(160, 120, 0, 120)
    assert Chunking.with_overlap(100, 0, context=20, step=90) == Chunking(130, 90, 20, 90)
    with pytest.raises(ConfigError, match="do not start at multiples of 7"):
        Chunking(100, 60, step=7)


@torch.inference_mode()
def test_where_the_reach_is_not_known_the_taper_keeps_seams_far_down():
    network = Dilated()
    signal = noise(4001, channels=1)
    whole = network(signal[None])[0]

    def deviation_db(chunking: Chunking) -> float:
        deviation = run(network, signal, chunking=chunking) - whole
        return float(10 * torch.log10(deviation.square().sum() / whole.square().sum()))

    # Measured: −51 dB; trusting both chunks alike up to their edges leaves −21 dB, and no overlap −17 dB.
    assert deviation_db(Chunking.with_overlap(400, 0.25)) < -50
    assert deviation_db(Chunking.with_overlap(400, 0)) > -20


@pytest.mark.parametrize("overlap", [-0.1, 0.96, 1, float("nan")])
def test_an_overlap_out_of_bounds_is_refused(overlap):
    with pytest.raises(ConfigError, match=r"must be between 0 and 0\.95"):
        Chunking.with_overlap(100, overlap)


def test_a_chunk_of_nothing_but_context_is_refused():
    with pytest.raises(ConfigError, match="more than 100 samples"):
        Chunking.with_overlap(100, 0.25, context=50)
    with pytest.raises(ConfigError, match="cannot be negative"):
        Chunking.with_overlap(100, 0.25, context=-1)
    with pytest.raises(ConfigError, match="longer chunks"):
        Chunking(100, 60, 25)


def test_context_shortens_the_hop_until_trusted_parts_touch():
    assert Chunking.with_overlap(100, 0, context=20).hop == 60
    assert Chunking.with_overlap(100, 0.5, context=20).hop == 50


@pytest.mark.parametrize("samples", [0, 1, 100, 101, 340])
def test_the_chunks_of_a_signal_cover_it(samples):
    starts = Chunking(100, 75).starts(samples)
    assert all(0 < later - earlier <= 75 for earlier, later in pairwise(starts))
    assert not samples or starts[-1] + 100 == max(samples, 100)


def test_a_network_that_changes_the_length_is_named_as_the_cause():
    overlap_add = OverlapAdd(lambda mixture: mixture[:, None, :, 1:], chunking=Chunking(8, 4))
    with pytest.raises(ModelError, match="correct its forward"):
        overlap_add.push(noise(20))

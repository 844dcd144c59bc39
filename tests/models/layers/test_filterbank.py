"""The learned filter bank."""

import math

import pytest
import torch
from torch import Tensor

from auralflow.errors import ModelError
from auralflow.models.layers.filterbank import FilterBank


def ratio_db(reference: Tensor, other: Tensor) -> float:
    """Level of a signal over that of what is wrong with another."""
    return float(20 * torch.log10(reference.norm() / (reference - other).norm()))


@torch.no_grad()
@pytest.mark.parametrize(
    ("filters", "size"), [(2, 2), (8, 8), (9, 8), (13, 8), (16, 16), (24, 16), (64, 16), (61, 10)]
)
def test_a_fresh_bank_of_enough_filters_gives_the_audio_back(filters, size):
    # As many filters as samples are pairs of opposite sign of a cosine transform that is its own inverse (MDCT, by
    # Princen and Bradley, 1986). What is left is rounding: float32 has 144 dB, of which sums cost some 20.
    bank = FilterBank(filters, size)
    audio = torch.randn(2, 3, 1000)
    features = bank.analyse(audio)
    assert features.shape == (2, 3, filters, bank.frames(1000))
    again = bank.synthesise(features[:, None], 1000)
    assert again.shape == (2, 1, 3, 1000)
    assert ratio_db(audio[:, None], again) > 110


@torch.no_grad()
def test_audio_of_every_length_comes_back_and_silence_stays_silent():
    bank = FilterBank(8, 8)
    for samples in range(1, 101):
        audio = torch.randn(1, 1, samples)
        audio = torch.cat([audio, torch.zeros_like(audio)])
        features = bank.analyse(audio)
        again = bank.synthesise(features[:, None], samples)
        assert ratio_db(audio[:1, None], again[:1]) > 110
        assert features[1].eq(0).all()
        assert again[1].eq(0).all()


@torch.no_grad()
def test_a_fresh_bank_of_fewer_filters_lacks_the_highest_frequencies_first():
    # 8 of 16: cosines of the lower half of the band, which ends at a quarter of the sample rate.
    bank = FilterBank(8, 16)
    time = torch.arange(4000.0)
    found = {}
    for name, cycles in {"low": 0.05, "high": 0.45}.items():
        tone = torch.sin(2 * math.pi * cycles * time)[None, None]
        again = bank.synthesise(bank.analyse(tone)[:, None], 4000)[:, 0]
        found[name] = ratio_db(tone, again)
    assert found["low"] > 20
    assert found["high"] < 1


@torch.no_grad()
def test_filter_outputs_are_never_below_zero():
    assert FilterBank(12, 8).analyse(torch.randn(2, 2, 300)).ge(0).all()


@torch.no_grad()
def test_all_channels_are_seen_through_the_same_filters():
    bank = FilterBank(12, 8)
    audio = torch.randn(1, 1, 100)
    features = bank.analyse(torch.cat([audio, -audio, audio], 1))
    assert torch.equal(features[:, 0], features[:, 2])
    assert not torch.equal(features[:, 0], features[:, 1])


@torch.no_grad()
def test_every_sample_lies_under_two_filters():
    # Their squared windows, sines of half a turn, sum to one at every sample, at the ends as well.
    bank = FilterBank(16, 16)
    for samples in (1, 7, 8, 9, 50):
        clicks = torch.eye(samples)[:, None]
        assert bank.analyse(clicks)[:, 0].sum(1).gt(0).sum(1).eq(2).all()


@torch.no_grad()
def test_half_precision_is_not_heard():
    bank = FilterBank(16, 16)
    audio = torch.randn(1, 1, 1000)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        features = bank.analyse(audio)
        again = bank.synthesise(features[:, None], 1000)
    assert features.dtype == again.dtype == torch.float32
    # With 8 bits it would be 50.
    assert ratio_db(audio, again[:, 0]) > 110


def test_both_sides_are_learned_also_from_silence():
    bank = FilterBank(8, 8)
    audio = torch.randn(1, 1, 100)
    audio[..., :50] = 0
    again = bank.synthesise(0.5 * bank.analyse(audio)[:, None], 100)
    torch.autograd.backward((again - audio[:, None]).square().sum())
    for weights in bank.parameters():
        assert weights.grad is not None
        assert weights.grad.isfinite().all()
        assert weights.grad.abs().sum() > 0


@pytest.mark.parametrize("size", [3, 7, 15])
def test_filters_that_cannot_overlap_by_half_are_refused(size):
    with pytest.raises(ModelError, match=rf"filter-bank\.size is {size}: give an even number"):
        FilterBank(8, size)

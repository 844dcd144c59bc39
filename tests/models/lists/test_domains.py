"""Between audio and planes: what a network sees of a mixture, and what its answer means."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from auralflow.models.lists.domains import SpectrogramDomain, WaveDomain, WaveMaskDomain
from auralflow.models.signal import Signal

SIGNAL = Signal(8000, 2, num_fft=64, window_size=64, hop_length=48)
TARGETS = 3


def spectrogram(activation: str | None = "sigmoid", **keys: Any) -> SpectrogramDomain:
    ends = {"input_norm": False, "output_norm": False, **keys}
    return SpectrogramDomain(SIGNAL, TARGETS, activation=activation, **ends)


def wave(**keys: Any) -> WaveDomain:
    return WaveDomain(SIGNAL, TARGETS, **{"input_norm": False, "output_norm": False, **keys})


def masked(activation: str = "sigmoid", **keys: Any) -> WaveMaskDomain:
    ends = {"input_norm": False, "output_norm": False, "filters": 16, "size": 16, **keys}
    return WaveMaskDomain(SIGNAL, TARGETS, activation=activation, **ends)


ALL: dict[str, Callable[..., Any]] = {"spectrogram": spectrogram, "wave": wave, "masked": masked}


@pytest.fixture(params=ALL)
def domain(request) -> Any:
    return ALL[request.param]()


def answer(domain: Any, mixture: Tensor, planes: Tensor | float) -> Tensor:
    """Stems, if the network says these planes of the mixture, or this number everywhere."""
    seen, heard = domain.listen(mixture)
    if not isinstance(planes, Tensor):
        planes = torch.full((len(seen), domain.planes_out, *seen.shape[2:]), planes)
    stems: Tensor = domain.answer(planes, heard).audio()
    return stems


@torch.no_grad()
def test_planes_are_as_many_and_as_large_as_was_said(domain):
    for samples in range(1, 120, 7):
        planes, _ = domain.listen(torch.randn(4, 2, samples))
        sizes = [] if domain.bins is None else [domain.bins]
        assert planes.shape == (4, domain.planes_in, *sizes, domain.places(samples))
        assert answer(domain, torch.randn(4, 2, samples), 0.5).shape == (4, TARGETS, 2, samples)


@torch.no_grad()
def test_estimates_and_true_stems_are_of_one_shape(domain):
    mixture = torch.randn(4, 2, 200)
    planes, heard = domain.listen(mixture)
    said = torch.randn(4, domain.planes_out, *planes.shape[2:])
    truth = domain.reference(torch.randn(4, TARGETS, 2, 200))
    assert domain.answer(said, heard).values.shape == truth.shape


@torch.no_grad()
@pytest.mark.parametrize("name", ["spectrogram", "masked"])
def test_masks_of_one_give_the_mixture_and_masks_of_zero_silence(name):
    domain = ALL[name]("hardtanh")
    for samples in (1, 15, 16, 47, 48, 49, 300):
        mixture = torch.randn(2, 2, samples)
        whole = answer(domain, mixture, 1.0)
        assert torch.allclose(whole, mixture[:, None].expand_as(whole), atol=1e-5)
        assert answer(domain, mixture, 0.0).eq(0).all()


@torch.no_grad()
def test_planes_out_are_the_targets_in_their_order_with_the_channels_of_each(domain):
    mixture = torch.randn(1, 2, 300)
    each = domain.planes_out // (TARGETS * 2)
    planes, heard = domain.listen(mixture)
    silent = torch.full((1, domain.planes_out, *planes.shape[2:]), -1e4 if heard.signal.dim() > 3 else 0.0)  # fmt: skip
    for target in range(TARGETS):
        for channel in range(2):
            first = (target * 2 + channel) * each
            said = silent.clone()
            said[:, first : first + each] = 1e4
            stems = domain.answer(said, heard).audio()
            loud = stems.abs().amax((0, 3)) > 1e-3
            assert loud.nonzero().tolist() == [[target, channel]]


@torch.no_grad()
def test_direct_magnitudes_take_the_mixture_s_phase_and_are_never_below_zero():
    domain = spectrogram(None)
    mixture = torch.randn(1, 2, 480)
    planes, heard = domain.listen(mixture)
    # The mixture's own magnitudes are its samples again, but for the top bin, which is the neighbour's.
    top = heard.signal.clone()
    top[..., -1, :] = top[..., -2, :].abs() * top[..., -1, :] / top[..., -1, :].abs()
    expected = domain.stft.inverse(top, 480)
    stems = answer(domain, mixture, planes.repeat(1, TARGETS, 1, 1))
    assert torch.allclose(stems, expected[:, None].expand_as(stems), atol=1e-5)
    assert answer(domain, mixture, -1.0).eq(0).all()


@torch.no_grad()
def test_the_top_bin_is_treated_as_its_neighbour():
    domain = spectrogram("hardtanh")
    mixture = torch.randn(1, 2, 480)
    planes, heard = domain.listen(mixture)
    said = torch.rand(1, domain.planes_out, *planes.shape[2:])
    masks = domain.answer(said, heard).values / heard.signal.abs()[:, None]
    expected = said.reshape(1, TARGETS, 2, *planes.shape[2:])
    assert torch.allclose(masks[..., :-1, :], expected, atol=1e-5)
    assert torch.allclose(masks[..., -1, :], expected[..., -1, :], atol=1e-5)


@torch.no_grad()
def test_samples_pass_as_they_are_without_a_norm_and_keep_their_level_with_one():
    mixture = 0.01 * torch.randn(3, 2, 100) + 0.2
    for norm in (True, False):
        domain = wave(input_norm=norm)
        planes, heard = domain.listen(mixture)
        assert torch.equal(planes, mixture) == (not norm)
        stems = domain.answer(planes.repeat(1, TARGETS, 1), heard).values
        expected = mixture - mixture.mean((1, 2), keepdim=True) if norm else mixture
        assert torch.allclose(stems, expected[:, None].expand_as(stems), atol=1e-6)


@torch.no_grad()
@pytest.mark.parametrize("name", ["wave", "masked"])
def test_examples_are_standardised_each_by_itself(name):
    domain = ALL[name](input_norm=True)
    audio = torch.randn(3, 2, 400)
    mixture = audio * torch.tensor([1.0, 0.1, 0.01])[:, None, None]
    planes, _ = domain.listen(mixture)
    assert planes.mean((1, 2)).abs().max() < 1e-4
    assert (planes.var((1, 2), unbiased=False) - 1).abs().max() < 1e-3
    assert torch.allclose(planes, domain.listen(audio)[0], atol=1e-3)


@pytest.mark.parametrize("name", ["wave", "masked"])
def test_silence_has_no_level_and_harms_no_gradient(name):
    domain = ALL[name](input_norm=True)
    mixture = torch.zeros(2, 2, 100)
    mixture[1] = torch.randn(2, 100)
    mixture.requires_grad_()
    planes, heard = domain.listen(mixture)
    assert planes[0].eq(0).all()
    said = planes.repeat(1, TARGETS, *([1] * (planes.dim() - 2)))
    estimate = domain.answer(said, heard).values
    assert estimate[0].eq(0).all()
    torch.autograd.backward(estimate.square().sum())
    for weights in (mixture, *domain.parameters()):
        assert weights.grad is not None
        assert weights.grad.isfinite().all()


@torch.no_grad()
def test_a_mixture_below_100_db_is_not_made_louder_than_one_at_100():
    domain = wave(input_norm=True)
    audio = torch.randn(1, 2, 1000)
    levels = [float(domain.listen(level * audio)[0].std()) for level in (1.0, 1e-5, 1e-6, 1e-7)]
    # Over √(σ² + 1e-10): one half of the variance is left at -100 dB, then a tenth, a hundredth of the level.
    assert levels == pytest.approx([1.0, 0.5**0.5, 0.1, 0.01], rel=0.05)


@torch.no_grad()
@pytest.mark.parametrize("name", ALL)
def test_the_output_norm_starts_as_nothing_and_then_scales_and_shifts_what_it_is_told(name):
    plain, normed = (ALL[name](output_norm=norm) for norm in (False, True))
    mixture = torch.randn(1, 2, 300)
    planes, _ = plain.listen(mixture)
    said = torch.rand(1, plain.planes_out, *planes.shape[2:])
    assert torch.equal(answer(normed, mixture, said), answer(plain, mixture, said))
    normed.output_norm.scale.fill_(0.5)
    normed.output_norm.offset.fill_(0.1)
    assert torch.allclose(
        answer(normed, mixture, said), answer(plain, mixture, 0.5 * said + 0.1), atol=1e-6
    )

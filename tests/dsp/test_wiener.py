"""The Wiener filter: as its reference answers, within its windows, and finite where there is nothing."""

from functools import partial

import pytest
import torch
from torch import Tensor

from auralflow.dsp.wiener import wiener
from tests.dsp.wiener_cases import WINDOW, every_case, spectra
from tests.models.golden_files import golden

plain = partial(wiener, softmask=False, residual=False)


@pytest.mark.parametrize("case", every_case(golden=True), ids=str)
def test_sources_are_those_of_the_reference(case):
    magnitudes, mixture = spectra(case.channels)
    sources = wiener(
        magnitudes.float(),
        mixture.to(torch.complex64),
        iterations=case.iterations,
        softmask=case.softmask,
        residual=case.residual,
        window=WINDOW,
    )
    stored = golden(case.golden)
    assert sources.dtype == torch.complex64
    assert (torch.view_as_real(sources) - stored).abs().max() <= 1e-5 * stored.abs().max()


def test_without_a_step_magnitudes_get_the_mixture_s_phase():
    magnitudes, mixture = spectra(2)
    sources = plain(magnitudes, mixture, iterations=0)
    assert torch.allclose(sources.abs(), magnitudes)
    assert torch.allclose(sources / magnitudes, (mixture / mixture.abs()).unsqueeze(1))


def test_a_soft_mask_shares_out_the_mixture():
    magnitudes, mixture = spectra(2)
    sources = wiener(magnitudes, mixture, iterations=0, softmask=True, residual=False)
    assert torch.allclose(sources.sum(1), mixture)
    # Magnitudes count by their ratios only.
    assert torch.allclose(
        sources, wiener(7 * magnitudes, mixture, iterations=0, softmask=True, residual=False)
    )


@pytest.mark.parametrize("channels", [1, 2, 3])
@pytest.mark.parametrize("iterations", [0, 1, 3])
def test_sources_and_residual_add_up_to_the_mixture(channels, iterations):
    magnitudes, mixture = spectra(channels)
    sources = wiener(magnitudes, mixture, iterations=iterations, softmask=False, residual=True)
    assert sources.shape[1] == magnitudes.shape[1] + 1
    # Up to the noise that the model has beside them: 1e-5, of a loudest power of 100.
    assert (sources.sum(1) - mixture).abs().max() <= 1e-4 * mixture.abs().max()


@pytest.mark.parametrize("window", [1, 3, 7])
def test_windows_know_nothing_of_one_another(window):
    magnitudes, mixture = spectra(2)
    whole = plain(magnitudes, mixture, iterations=2, window=window)
    parts = [
        plain(loud, heard, iterations=2, window=0)
        for loud, heard in zip(magnitudes.split(window, -1), mixture.split(window, -1), strict=True)
    ]
    assert torch.equal(whole, torch.cat(parts, -1))


def test_items_of_a_batch_know_nothing_of_one_another():
    magnitudes, mixture = spectra(2)
    both = plain(magnitudes, mixture, iterations=2)
    for item in (slice(0, 1), slice(1, 2)):
        alone = plain(magnitudes[item], mixture[item], iterations=2)
        assert torch.allclose(both[item], alone, rtol=1e-12)


def test_bins_are_filtered_the_same_however_many_there_are():
    # 45000 bins of 7 frames are more than are computed at a time.
    loud, heard = spectra(2)
    many = plain(loud.repeat_interleave(9000, -2), heard.repeat_interleave(9000, -2), iterations=1)
    few = plain(loud, heard, iterations=1)
    assert torch.allclose(many[..., ::9000, :], few, rtol=1e-12)
    assert torch.allclose(many[..., 8999::9000, :], few, rtol=1e-12)


@pytest.mark.parametrize("channels", [1, 2])
def test_one_more_channel_that_is_silent_changes_nothing(channels):
    magnitudes, mixture = spectra(channels)
    silent = [torch.zeros_like(part.narrow(-3, 0, 1)) for part in (magnitudes, mixture)]
    more = plain(
        torch.cat([magnitudes, silent[0]], -3), torch.cat([mixture, silent[1]], -3), iterations=2
    )
    sources = plain(magnitudes, mixture, iterations=2)
    # The mean power is less and the covariance more by the same factor, but for a floor of 1e-10.
    assert (more[:, :, :channels] - sources).abs().max() <= 1e-8 * sources.abs().max()
    assert more[:, :, channels].abs().max() <= 1e-8 * sources.abs().max()


def test_channels_that_are_the_same_are_no_harder_than_one():
    """A song in mono on two channels: each model's covariance has no inverse but for the floor."""
    magnitudes, mixture = spectra(1)
    magnitudes, mixture = magnitudes[:1].float(), mixture[:1].to(torch.complex64)
    stereo = plain(
        magnitudes.expand(-1, -1, 2, -1, -1), mixture.expand(-1, 2, -1, -1), iterations=1
    )
    level = mixture.abs().max().double() / 10
    power = (magnitudes.double() / level).square()
    # Along (1, 1) the covariance is twice the power, and so the floor of 1e-5 counts half.
    expected = power / (power.sum(1, keepdim=True) + 0.5e-5) * mixture.unsqueeze(1)
    assert (stereo - expected).abs().max() <= 1e-6 * expected.abs().max()


@pytest.mark.parametrize("channels", [1, 2, 3])
@pytest.mark.parametrize("softmask", [False, True])
@pytest.mark.parametrize("residual", [False, True])
def test_silence_stays_silent_and_so_do_its_gradients(channels, softmask, residual):
    magnitudes = torch.zeros(1, 2, channels, 4, 6, requires_grad=True)
    mixture = torch.zeros(1, channels, 4, 6, dtype=torch.complex64, requires_grad=True)
    sources = wiener(
        magnitudes, mixture, iterations=2, softmask=softmask, residual=residual, window=4
    )
    assert sources.eq(0).all()
    torch.view_as_real(sources).sum().backward()
    for given in (magnitudes, mixture):
        assert given.grad is not None
        assert given.grad.isfinite().all()


@pytest.mark.parametrize("channels", [1, 2, 3])
def test_gradients_are_those_of_finite_differences(channels):
    magnitudes, mixture = (part[:1, ..., :2, :3].clone() for part in spectra(channels))

    def filtered(loud: Tensor) -> Tensor:
        sources = wiener(loud, mixture, iterations=2, softmask=False, residual=True, window=2)
        return torch.view_as_real(sources)

    assert torch.autograd.gradcheck(filtered, (magnitudes.requires_grad_(),), atol=1e-4)

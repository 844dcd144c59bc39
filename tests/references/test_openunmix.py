"""Open-Unmix and its Wiener filter against the package openunmix 1.3.0."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from auralflow.dsp.wiener import wiener
from auralflow.models import create
from tests.dsp.wiener_cases import WINDOW, WienerCase, every_case, spectra
from tests.models.golden_files import keep_or_compare
from tests.models.openunmix_cases import CASES, OpenUnmixCase, network
from tests.models.weights import fill, mixture

GOLDEN = every_case(golden=True)


def package(case: OpenUnmixCase) -> Any:
    """The package's network of a case, with the weights that all share."""
    from openunmix.model import OpenUnmix, Separator

    core = partial(OpenUnmix, nb_bins=case.num_fft // 2 + 1, nb_channels=case.channels, **case.core)
    return fill(
        Separator(
            {target: core() for target in case.targets},
            n_fft=case.num_fft,
            n_hop=case.hop_length,
            nb_channels=case.channels,
            sample_rate=case.sample_rate,
            **case.separator,
        )
    )


def heard_by(case: OpenUnmixCase) -> Tensor:
    return mixture(case.batch, case.channels, case.samples)


@torch.no_grad()
@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_package_s_weights_give_the_package_s_output(case):
    theirs, ours = package(case), network(case)
    ours.load_state_dict(theirs.state_dict())
    stems = ours.eval()(heard_by(case))
    # In float64, as the package's own documentation of its filter advises.
    expected = theirs.double()(heard_by(case).double())[:, : len(case.targets)].float()
    assert stems.shape == expected.shape
    assert (stems - expected).abs().max() <= 1e-5 * expected.abs().max()
    keep_or_compare(case.golden, expected)


@torch.no_grad()
@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_package_takes_our_weights(case):
    theirs, ours = package(case), fill(network(case))
    for value in theirs.target_models.parameters():
        value.zero_()
    rest = theirs.load_state_dict(ours.state_dict(), strict=False)
    assert set(rest.missing_keys) == {"sample_rate", "stft.window", "istft.window"}
    assert rest.unexpected_keys == []
    stems, expected = ours(heard_by(case)), theirs(heard_by(case))[:, : len(case.targets)]
    # The package's filter in float32 is itself this far from the package's filter in float64.
    assert (stems - expected).abs().max() <= 3e-5 * expected.abs().max()


@pytest.mark.parametrize("bandwidth", [1.0, 1000.0, 15_999.9, 16_000.0, 22_050.0, 30_000.0])
@pytest.mark.parametrize(
    ("sample_rate", "num_fft"), [(44_100, 4096), (16_000, 1024), (48_000, 2048)]
)
def test_a_bandwidth_holds_as_many_bins_as_in_the_package(bandwidth, sample_rate, num_fft):
    from openunmix.utils import bandwidth_to_max_bin

    ours = create(
        "openunmix",
        init_features=2,
        channels=1,
        sample_rate=sample_rate,
        num_fft=num_fft,
        window_size=num_fft,
        hop_length=num_fft // 4,
        bandwidth=bandwidth,
    )
    heard = ours.get_parameter("target_models.vocals.input_mean").numel()
    assert heard == bandwidth_to_max_bin(sample_rate, num_fft, bandwidth)


def test_a_published_file_of_one_target_fits_a_network_of_that_bandwidth():
    from openunmix.model import OpenUnmix

    theirs = fill(OpenUnmix(nb_bins=2049, nb_channels=2, hidden_size=512, max_bin=1487))
    # What the published files umxhq and umxl hold beside the weights.
    published = {
        **theirs.state_dict(),
        "sample_rate": torch.tensor(44_100),
        "stft.window": torch.hann_window(4096),
        "transform.0.window": torch.hann_window(4096),
    }
    ours = create("openunmix", bandwidth=16_000.0).eval()
    result = ours.load_state_dict(published)
    assert not result.missing_keys
    assert not result.unexpected_keys
    with torch.no_grad():
        heard = mixture(1, 2, 20_000)
        expected = theirs(ours.reference(heard.unsqueeze(1))[:, 0])
        values = ours.estimate(heard).values[:, 0]
    assert (values - expected).abs().max() <= 1e-5 * expected.abs().max()


@pytest.mark.parametrize("case", [case for case in CASES if len(case.targets) == 1], ids=str)
def test_training_has_the_gradients_and_the_statistics_of_the_package(case):
    theirs = package(case).target_models["vocals"].train()
    ours: Any = fill(network(case)).train()
    for part in (*theirs.modules(), *ours.modules()):
        if isinstance(part, nn.LSTM):
            part.dropout = 0.0
    heard = heard_by(case)
    magnitudes = ours.reference(heard.unsqueeze(1))[:, 0]
    wanted = 0.5 * magnitudes.roll(1, -1)
    theirs_loss = (theirs(magnitudes) - wanted).square().mean()
    ours_loss = (ours.estimate(heard).values[:, 0] - wanted).square().mean()
    assert torch.allclose(ours_loss, theirs_loss, rtol=1e-5)
    torch.autograd.backward(theirs_loss)
    torch.autograd.backward(ours_loss)
    core = ours.get_submodule("target_models.vocals")
    expected = {name: value.grad for name, value in theirs.named_parameters()}
    largest = max(gradient.abs().max() for gradient in expected.values())
    gradients = {name: value.grad for name, value in core.named_parameters()}
    assert gradients.keys() == expected.keys()
    for name, gradient in gradients.items():
        allowed = 1e-4 * expected[name].abs().max() + 1e-6 * largest
        assert (gradient - expected[name]).abs().max() <= allowed, name
    statistics = dict(core.named_buffers())
    for name, value in theirs.named_buffers():
        assert torch.allclose(statistics[name], value, rtol=1e-4, atol=1e-6), name


def filtered_by_the_package(magnitudes: Tensor, mixture: Tensor, case: WienerCase) -> Tensor:
    """Item by item and window by window, as the package's Separator calls it."""
    from openunmix import filtering

    items = []
    for loud, heard in zip(magnitudes, torch.view_as_real(mixture), strict=True):
        windows = [
            filtering.wiener(
                some_loud.permute(3, 2, 1, 0).clone(),
                some_heard.permute(2, 1, 0, 3).clone(),
                iterations=case.iterations,
                softmask=case.softmask,
                residual=case.residual,
            )
            for some_loud, some_heard in zip(
                loud.split(WINDOW, -1), heard.split(WINDOW, -2), strict=True
            )
        ]
        items.append(torch.cat(windows).permute(4, 2, 1, 0, 3))
    return torch.view_as_complex(torch.stack(items).contiguous())


@pytest.mark.parametrize("case", every_case(), ids=str)
def test_the_filter_is_that_of_the_package(case, monkeypatch):
    from openunmix import filtering

    # The package's own angle has π in float32.
    monkeypatch.setattr(filtering, "atan2", torch.atan2)
    arguments: dict[str, Any] = {
        "iterations": case.iterations,
        "softmask": case.softmask,
        "residual": case.residual,
        "window": WINDOW,
    }
    magnitudes, heard = spectra(case.channels)
    expected = filtered_by_the_package(magnitudes, heard, case)
    exact = wiener(magnitudes, heard, **arguments)
    assert exact.dtype == torch.complex128
    assert (exact - expected).abs().max() <= 1e-9 * expected.abs().max()
    single = wiener(magnitudes.float(), heard.to(torch.complex64), **arguments)
    assert single.dtype == torch.complex64
    assert (single - expected).abs().max() <= 1e-5 * expected.abs().max()
    if case in GOLDEN:
        keep_or_compare(case.golden, torch.view_as_real(expected))


def test_the_filter_s_gradients_are_those_of_the_package():
    case = WienerCase(channels=2, iterations=2)
    magnitudes, heard = spectra(2)
    gradients = []
    runs: list[Callable[[Tensor], Tensor]] = [
        lambda loud: filtered_by_the_package(loud, heard, case),
        lambda loud: wiener(
            loud, heard, iterations=2, softmask=False, residual=False, window=WINDOW
        ),
    ]
    for run in runs:
        loud = magnitudes.clone().requires_grad_()
        weights = torch.from_numpy(np.arange(1.0, 3.0))
        loss = (torch.view_as_real(run(loud)) * weights).sum()
        gradients.append(torch.autograd.grad(loss, loud)[0])
    theirs, ours = gradients
    assert (ours - theirs).abs().max() <= 1e-5 * theirs.abs().max()

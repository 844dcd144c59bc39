"""What is compared: nothing is computed that no loss asks for, and nothing twice."""

from collections import Counter

import pytest
import torch

from auralflow.dsp.stft import Stft
from auralflow.errors import ModelError
from auralflow.losses import Pair, create_loss
from tests.losses.signals import RESOLUTION, SAMPLE_RATE, STFT, estimates, pair, stems


@pytest.fixture
def calls(monkeypatch):
    """How often the forward and inverse transforms ran."""
    counter: Counter[str] = Counter()
    forward, inverse = Stft.forward, Stft.inverse

    def counted_forward(self, audio):
        counter["forward"] += 1
        return forward(self, audio)

    def counted_inverse(self, spectrum, samples):
        counter["inverse"] += 1
        return inverse(self, spectrum, samples)

    monkeypatch.setattr(Stft, "forward", counted_forward)
    monkeypatch.setattr(Stft, "inverse", counted_inverse)
    return counter


def of_magnitudes(magnitudes: torch.Tensor, truth: torch.Tensor) -> Pair:
    return Pair.of(
        magnitudes,
        lambda: STFT.inverse(torch.polar(magnitudes, torch.zeros_like(magnitudes)), 12_000),
        stems=truth,
        mixture=truth.sum(1),
        represent=lambda audio: STFT(audio).abs(),
        resolution=RESOLUTION,
        sample_rate=SAMPLE_RATE,
    )


@pytest.mark.parametrize(
    ("loss", "forward", "inverse"),
    [
        ("l1", 1, 0),  # magnitudes of the reference
        ("l1-magnitude", 1, 0),
        ({"l1": 1.0, "l2": 1.0, "l1-log-magnitude": 1.0}, 1, 0),
        ("mask", 3, 0),  # of reference, residual and mixture
        ({"mask": 1.0, "component": 1.0, "l1": 1.0}, 3, 0),
        ("si-sdr", 0, 1),
        ({"si-sdr": 1.0, "l1-waveform": 1.0, "log-wmse": 1.0}, 0, 1),
        ({"l1-complex": 1.0, "l2-complex": 1.0}, 2, 1),
        ("multi-resolution-stft", 6, 1),
    ],
)
def test_a_network_of_magnitudes_pays_for_what_its_losses_ask_for_once(
    calls, loss, forward, inverse
):
    magnitudes = STFT(estimates()).abs()
    calls.clear()
    create_loss(loss)(of_magnitudes(magnitudes, stems()))
    assert calls == Counter({"forward": forward, "inverse": inverse})


@pytest.mark.parametrize(
    ("loss", "forward"),
    [
        ({"l1": 1.0, "sdr": 1.0, "l1-waveform": 1.0}, 0),
        ({"l1-magnitude": 1.0, "l2-complex": 1.0, "l1-log-magnitude": 1.0}, 2),
    ],
)
def test_a_network_of_samples_pays_for_spectra_only_where_a_loss_asks_for_them(
    calls, loss, forward
):
    create_loss(loss)(pair())
    assert calls == Counter({"forward": forward} if forward else {})


def test_the_plain_names_compare_magnitudes_or_samples_whichever_the_network_computes_in():
    magnitudes, truth = STFT(estimates()).abs(), stems()
    of_spectrum = create_loss("l1")(of_magnitudes(magnitudes, truth))[0]
    of_samples = create_loss("l1")(pair())[0]
    torch.testing.assert_close(of_spectrum, (magnitudes - STFT(truth).abs()).abs().mean())
    torch.testing.assert_close(of_samples, (estimates() - truth).abs().mean())


def test_magnitudes_of_a_network_of_samples_are_those_of_its_resolution():
    found = create_loss("l1-magnitude")(pair())[0]
    torch.testing.assert_close(found, (STFT(estimates()).abs() - STFT(stems()).abs()).abs().mean())


def test_a_mixture_of_another_length_is_an_error():
    with pytest.raises(ModelError, match=r"mixture has shape \(2, 2, 100\)"):
        Pair.of_audio(
            estimates(),
            stems(),
            mixture=torch.zeros(2, 2, 100),
            resolution=RESOLUTION,
            sample_rate=SAMPLE_RATE,
        )

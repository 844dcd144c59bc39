"""The short-time Fourier transform: exact at every length, scaled as documented, float32 throughout."""

import math

import pytest
import torch

from auralflow.dsp.stft import Stft

SHAPES = [(1024, 1024, 768), (4096, 4096, 1024), (2048, 2048, 512), (1024, 512, 256)]
"""num-fft, window-size, hop-length: the original U-Net's, OpenUnmix's, a common one, and a window shorter than its
transform."""


def stft_of(shape) -> Stft:
    num_fft, window_size, hop_length = shape
    return Stft(num_fft=num_fft, window_size=window_size, hop_length=hop_length)


@pytest.mark.parametrize("shape", SHAPES)
def test_audio_comes_back_at_every_length(shape):
    stft = stft_of(shape)
    _, window, hop = shape
    lengths = {
        1,
        2,
        hop - 1,
        hop,
        hop + 1,
        window - 1,
        window,
        window + 1,
        5 * hop,
        5 * hop + 1,
        44_101,
    }
    for samples in sorted(lengths):
        audio = torch.rand(2, 3, samples) * 2 - 1
        back = stft.inverse(stft(audio), samples)
        assert back.shape == audio.shape
        # At the least favourable hop the squared windows sum to some 0.25, which costs two bits of float32.
        assert (back - audio).abs().max() <= 1e-5 * audio.abs().max(), samples


@pytest.mark.parametrize("shape", SHAPES)
def test_the_spectrogram_has_the_frames_and_bins_it_is_said_to_have(shape):
    stft = stft_of(shape)
    num_fft, _, hop = shape
    assert stft.bins == num_fft // 2 + 1
    # One frame at sample 0, and one at each further hop that begins before the end: 1 + ⌈T/hop⌉.
    for samples, frames in [
        (1, 2),
        (hop - 1, 2),
        (hop, 2),
        (hop + 1, 3),
        (10 * hop, 11),
        (10 * hop + 1, 12),
    ]:
        assert stft.frames(samples) == frames
        assert stft(torch.zeros(1, samples)).shape == (1, stft.bins, frames)


@pytest.mark.parametrize("shape", SHAPES)
def test_a_sine_on_a_bin_has_the_magnitude_of_the_closed_form(shape):
    stft = stft_of(shape)
    num_fft, window, hop = shape
    amplitude, bin_number = 0.8, num_fft // 8
    time = torch.arange(8 * window, dtype=torch.float64)
    sine = (amplitude * torch.sin(2 * math.pi * bin_number / num_fft * time)).float()
    # |X| = A/2 · Σw / √num_fft, and a periodic Hann window sums to half its length.
    expected = amplitude / 2 * (window / 2) / math.sqrt(num_fft)
    magnitude = stft(sine).abs()
    inside = slice(window // hop + 1, -(window // hop) - 2)
    assert torch.allclose(
        magnitude[bin_number, inside], torch.tensor(expected), rtol=1e-4, atol=0.0
    )
    assert magnitude[:, inside].argmax(0).eq(bin_number).all()


def test_spectra_are_those_of_the_definition():
    # One frame computed from the sum itself: window of 8, centred on sample 4 in a signal of 12.
    stft = Stft(num_fft=8, window_size=8, hop_length=4)
    audio = torch.linspace(-1, 1, 12).square()
    window = [0.5 - 0.5 * math.cos(2 * math.pi * n / 8) for n in range(8)]
    for k in range(5):
        value = sum(
            window[n]
            * float(audio[n])
            * complex(math.cos(math.pi * k * n / 4), -math.sin(math.pi * k * n / 4))
            for n in range(8)
        ) / math.sqrt(8)
        assert complex(stft(audio)[k, 1]) == pytest.approx(value, abs=1e-6)


def test_half_precision_around_it_does_not_reach_it():
    stft = stft_of(SHAPES[0])
    audio = torch.rand(2, 5000) * 2 - 1
    exact = stft(audio)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        spectrum = stft(audio)
        back = stft.inverse(spectrum, 5000)
    assert spectrum.dtype == torch.complex64
    assert back.dtype == torch.float32
    assert torch.equal(spectrum, exact)
    assert (back - audio).abs().max() <= 1e-5


def test_half_precision_audio_is_transformed_in_float32():
    audio = torch.rand(1, 3000).to(torch.bfloat16)
    assert torch.equal(stft_of(SHAPES[0])(audio), stft_of(SHAPES[0])(audio.float()))


def test_the_window_is_no_part_of_the_weights():
    assert dict(stft_of(SHAPES[0]).state_dict()) == {}


def test_gradients_pass_both_ways():
    audio = torch.rand(1, 2000, requires_grad=True)
    stft = stft_of(SHAPES[0])
    (gradient,) = torch.autograd.grad(stft.inverse(stft(audio), 2000).square().sum(), audio)
    # The whole is the identity, so the gradient of the squared sum is twice the audio.
    assert torch.allclose(gradient, 2 * audio.detach(), atol=1e-4)


@pytest.mark.parametrize("edges", ["silence", "mirror"])
def test_magnitudes_are_absolute_values_with_a_gradient_and_without(edges):
    transform = Stft(num_fft=64, window_size=64, hop_length=16, edges=edges)
    torch.manual_seed(0)
    audio = torch.cat([torch.zeros(2, 200), torch.randn(2, 303)], dim=-1)
    wanted = transform(audio).abs()
    plain = transform.magnitude(audio)
    torch.testing.assert_close(plain, wanted, rtol=1e-6, atol=1e-7)
    audio.requires_grad_()
    magnitude = transform.magnitude(audio)
    assert torch.equal(magnitude, wanted)
    (gradient,) = torch.autograd.grad(magnitude.sum(), audio)
    assert torch.isfinite(gradient).all()

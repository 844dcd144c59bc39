"""Stems that any platform makes alike, from sines only, silent at both ends: how edges are padded does not matter."""

import torch
from torch import Tensor

from auralflow.dsp.stft import Stft
from auralflow.losses import Pair, Resolution

SAMPLES = 12_000
EDGE = 2_400
RESOLUTION = Resolution(num_fft=512, window_size=512, hop_length=128)
STFT = Stft(num_fft=512, window_size=512, hop_length=128)
SAMPLE_RATE = 44_100


def chirp(rate: float, phase: float) -> Tensor:
    """One second's quarter of a rising tone between two silences."""
    time = torch.arange(SAMPLES - 2 * EDGE, dtype=torch.float64)
    wave = torch.sin(rate * time**1.5 + phase)
    return torch.nn.functional.pad(wave, (EDGE, EDGE)).float()


def stems() -> Tensor:
    """Two items of two stereo stems, `2 2 2 T`, different in level and pitch."""
    first = torch.stack([chirp(0.01, 0), 0.5 * chirp(0.01, 1)])
    second = torch.stack([0.7 * chirp(0.003, 2), 0.2 * chirp(0.004, 3)])
    one = torch.stack([first, second])
    return 0.3 * torch.stack([one, 0.5 * one.flip(0, 1)])


def estimates() -> Tensor:
    """The same with a tenth of the other stem, and a little that neither has."""
    truth = stems()
    foreign = torch.stack([chirp(0.02, 4), chirp(0.03, 5)])
    return truth + 0.1 * truth.flip(1) + 0.02 * foreign


def pair(estimate: Tensor | None = None, truth: Tensor | None = None) -> Pair:
    """Samples against samples; the mixture is the sum of the stems."""
    truth = stems() if truth is None else truth
    return Pair.of_audio(
        estimates() if estimate is None else estimate,
        truth,
        mixture=truth.sum(1),
        resolution=RESOLUTION,
        sample_rate=SAMPLE_RATE,
    )


def spectral_pair(magnitudes: Tensor, truth: Tensor) -> Pair:
    """As of a network that computes in magnitudes and takes the mixture's phase."""
    mixture = truth.sum(1)
    spectrum = STFT(mixture)
    phase = spectrum / spectrum.abs().clamp_min(1e-12)

    def audio() -> Tensor:
        return STFT.inverse(magnitudes.float() * phase.unsqueeze(1), mixture.shape[-1])

    return Pair.of(
        magnitudes,
        audio,
        stems=truth,
        mixture=mixture,
        represent=lambda audio: STFT(audio).abs(),
        resolution=RESOLUTION,
        sample_rate=SAMPLE_RATE,
    )

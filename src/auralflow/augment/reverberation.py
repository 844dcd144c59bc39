"""A room for each stem: noise that decays exponentially, behind the direct sound.

Source of the decay: Moorer, "About this reverberation business", Computer Music Journal, 1979, who found such noise to sound
as concert halls do. Real rooms swallow high frequencies sooner; these do not.
"""

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from auralflow.augment.fourier import fast_length
from auralflow.augment.numbers import Numbers, between, chosen
from auralflow.augment.options import ReverbConfig
from auralflow.shapes import Stems

__all__ = ["reverberate", "room_tails"]


def reverberate(stems: Stems, numbers: Numbers, config: ReverbConfig, sample_rate: int) -> Stems:
    """Each chosen stem with a decaying tail added; the direct sound stays as it is, and ends are cut off."""
    rows = chosen(numbers, config.probability).nonzero(as_tuple=True)
    if len(rows[0]) == 0:
        return stems
    dry, drawn = stems[rows], numbers[rows]
    tails = room_tails(
        between(drawn[:, 1], config.low_seconds, config.high_seconds),
        drawn[:, 3],
        channels=dry.shape[1],
        samples=round(config.high_seconds * sample_rate),
        sample_rate=sample_rate,
    ).to(stems)
    wet = between(drawn[:, 2], config.low_wet, config.high_wet).to(stems)
    length = fast_length(dry.shape[-1] + tails.shape[-1])
    spectrum = torch.fft.rfft(dry, length) * torch.fft.rfft(tails, length)
    echo = torch.fft.irfft(spectrum, length)[..., : dry.shape[-1]]
    changed = stems.clone()
    changed[rows] = dry + wet[:, None, None] * echo
    return changed


def room_tails(
    seconds: Float[Tensor, " R"],
    keys: Float[Tensor, " R"],
    *,
    channels: int,
    samples: int,
    sample_rate: int,
) -> Float[Tensor, "R C L"]:
    """The tail of each room as its impulse response, of energy 1 in each channel; its first sample is 0.

    Args:
        seconds: the reverberation time of each, in which its level falls by 60 dB.
        keys: numbers in [0, 1), each standing for one noise, which differs from channel to channel.
        channels: how many channels.
        samples: length of the tails, at least one; those that decay more slowly are cut there.
        sample_rate: in Hz.
    """
    noise = np.stack([_noise(key, channels, samples) for key in keys.tolist()])
    time = torch.arange(samples, dtype=torch.float32, device=seconds.device) / sample_rate
    envelope = 10.0 ** (-3.0 * time / seconds.to(torch.float32)[:, None])
    tails = torch.from_numpy(noise).to(envelope) * envelope[:, None]
    tails = tails / tails.square().sum(dim=-1, keepdim=True).sqrt()
    return torch.nn.functional.pad(tails, (1, 0))


def _noise(key: float, channels: int, samples: int) -> Float[np.ndarray, "C L"]:
    """White noise, keyed by a number: 16 bits a value of Philox's raw words, which no version of numpy changes."""
    words = np.random.Philox(key=int(key * 2.0**53)).random_raw(-(-channels * samples // 4))
    values = words.astype("<u8").view("<i2")[: channels * samples]
    # Half a step up, so that it has no mean and is nowhere zero.
    return values.reshape(channels, samples).astype(np.float32) + np.float32(0.5)

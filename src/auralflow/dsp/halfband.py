"""Resampling by two, up and down.

Source: J. O. Smith, "Digital Audio Resampling", ccrma.stanford.edu/~jos/resample: a sinc under a squared cosine, here
with 24 zero crossings on either side and its edge at 0.945 of the Nyquist frequency. The answers are those of
`julius.resample_frac` (MIT licence), with which Demucs resamples; written anew.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

__all__ = ["Halfband"]

_ZEROS = 24
_EDGE = 0.945
_UP_REACH = math.ceil(_ZEROS / _EDGE)
_DOWN_REACH = math.ceil(2 * _ZEROS / _EDGE)
_BLOCK = 64


class Halfband(nn.Module):
    """Audio to twice the rate and back; the first and the last sample are taken to go on for ever.

    A convolution of one channel leaves most of a processor idle, a product of matrices does not. So audio is cut into
    blocks, and what an output block takes from two neighbouring blocks is one matrix for each of the two:

        output block = input block · now + next input block · then
    """

    up_now: Tensor
    up_then: Tensor
    down_now: Tensor
    down_then: Tensor

    def __init__(self) -> None:
        super().__init__()
        reach = range(-_UP_REACH, _UP_REACH + 1)
        phases = torch.stack([_taps(reach, 1.0, shift) for shift in (0.0, 0.5)])
        self._keep("up", _blocks(phases, _BLOCK, stride=1))
        reach = range(-_DOWN_REACH, _DOWN_REACH + 2)
        self._keep("down", _blocks(_taps(reach, 0.5, 0.0)[None], 2 * _BLOCK, stride=2))

    def up(self, audio: Tensor) -> Tensor:
        """Audio `… T` at twice the rate, `… 2T`."""
        samples = 2 * audio.shape[-1]
        return _resample(audio, samples, self.up_now, self.up_then, _UP_REACH)

    def down(self, audio: Tensor) -> Tensor:
        """Audio `… T` at half the rate, `… T // 2`, without what lies above its new Nyquist frequency."""
        samples = audio.shape[-1] // 2
        return _resample(audio, samples, self.down_now, self.down_then, _DOWN_REACH)

    def _keep(self, name: str, matrices: tuple[Tensor, Tensor]) -> None:
        for part, matrix in zip(("now", "then"), matrices, strict=True):
            self.register_buffer(f"{name}_{part}", matrix, persistent=False)


def _taps(places: range, rate: float, shift: float) -> Tensor:
    """The windowed sinc at some places, `rate` zero crossings apart; they sum to one, so that a constant stays."""
    place = (torch.tensor(list(places), dtype=torch.float64) * rate - shift) * _EDGE
    place = place.clamp(-_ZEROS, _ZEROS)
    taps = torch.sinc(place) * torch.cos(torch.pi * place / (2 * _ZEROS)).square()
    return taps / taps.sum()


def _blocks(phases: Tensor, block: int, *, stride: int) -> tuple[Tensor, Tensor]:
    """What `phases` filters, `stride` samples further for each output, take from a block of input and from the next."""
    count, length = phases.shape
    steps = block // stride
    matrix = torch.zeros(steps, count, 2 * block, dtype=phases.dtype)
    for step in range(steps):
        matrix[step, :, step * stride : step * stride + length] = phases
    now, then = matrix.reshape(steps * count, 2, block).float().transpose(0, 2).unbind(1)
    return now.contiguous(), then.contiguous()


def _resample(audio: Tensor, samples: int, now: Tensor, then: Tensor, reach: int) -> Tensor:
    block, made = now.shape
    blocks = -(-samples // made) + 1
    flat = audio.reshape(-1, 1, audio.shape[-1])
    after = blocks * block - reach - flat.shape[-1]
    cut = F.pad(flat, (reach, after), mode="replicate").reshape(len(flat), blocks, block)
    with torch.autocast(audio.device.type, enabled=False):
        # Whole products and then slices: slices of `cut` would be copied.
        answer = torch.matmul(cut, now)[:, :-1] + torch.matmul(cut, then)[:, 1:]
    return answer.reshape(len(flat), -1)[:, :samples].reshape(*audio.shape[:-1], samples)

"""The short-time Fourier transform that every spectrogram network listens through."""

from typing import Literal

import torch
from torch import Tensor, nn

__all__ = ["Stft", "with_real_ends"]

_COVERED = 0.45
"""Share of a window between its centre and a sample that it still hears well: a periodic Hann window is 0.02 there."""


class Stft(nn.Module):
    """Audio to complex spectrogram and back, exact at every length.

    Windows are periodic Hann, centred on multiples of the hop, by default with silence assumed before and after the
    audio. The end is padded to a whole hop, so that the last samples lie under as much window as all others:

        window     ╭─╮   ╭─╮   ╭─╮   ╭─╮
        centre     0     hop   2·hop ⌈T/hop⌉·hop
        audio      ├──────────────────┤

    The inverse is the least-squares one: it divides by the summed squared windows, so any hop below the window size
    reconstructs. Spectra are scaled by 1/√num_fft, which makes the transform orthonormal. Both directions compute in
    float32 whatever the autocast type is: half precision loses the quiet bins.

    `edges="mirror"` is for weights trained elsewhere: it mirrors the audio at both ends, as `torch.stft` does by
    default, and pads the end only where the last samples would else lie under next to no window. Audio too short to be
    mirrored gets silence at its end first. `scale="sum"` leaves out the scaling.
    """

    window: Tensor

    def __init__(
        self,
        *,
        num_fft: int,
        window_size: int,
        hop_length: int,
        edges: Literal["silence", "mirror"] = "silence",
        scale: Literal["orthonormal", "sum"] = "orthonormal",
    ) -> None:
        super().__init__()
        self.edges = edges
        self.orthonormal = scale == "orthonormal"
        self.num_fft = num_fft
        self.window_size = window_size
        self.hop_length = hop_length
        self.register_buffer("window", torch.hann_window(window_size), persistent=False)

    @property
    def bins(self) -> int:
        """Frequency bins of a spectrum, the mean (0 Hz) and the Nyquist bin included."""
        return self.num_fft // 2 + 1

    def frames(self, samples: int) -> int:
        """Frames of the spectrogram of so many samples."""
        return 1 + self._padded(samples) // self.hop_length

    def _padded(self, samples: int) -> int:
        """Samples after padding the end."""
        whole_hops = -(-samples // self.hop_length) * self.hop_length
        if self.edges == "silence":
            return whole_hops
        # The last window reaches half its size beyond its centre, where it fades to nothing.
        sparse = 2 * self.hop_length > self.window_size
        uncovered = samples % self.hop_length > _COVERED * self.window_size
        padded = whole_hops if sparse or uncovered else samples
        # A mirror image of half a transform takes one sample more than that.
        return max(padded, self.num_fft // 2 + 1)

    def forward(self, audio: Tensor) -> Tensor:
        """Spectrogram `… F N` of audio `… T`."""
        *leading, samples = audio.shape
        padding = self._padded(samples) - samples
        with torch.autocast(audio.device.type, enabled=False):
            flat = audio.float().reshape(-1, samples)
            spectrum = torch.stft(
                nn.functional.pad(flat, (0, padding)) if padding else flat,
                self.num_fft,
                hop_length=self.hop_length,
                win_length=self.window_size,
                window=self.window,
                center=True,
                pad_mode="constant" if self.edges == "silence" else "reflect",
                normalized=self.orthonormal,
                return_complex=True,
            )
        return spectrum.reshape(*leading, *spectrum.shape[-2:])

    def magnitude(self, audio: Tensor) -> Tensor:
        """How loud each bin of audio `… T` is: the absolute values `… F N` of its spectrogram.

        On a processor and without a gradient they are roots of sums of squares, in half the time of `abs`, which also
        gets magnitudes beyond 10^±19 right.
        """
        spectrum: Tensor = self(audio)
        if spectrum.requires_grad or spectrum.device.type != "cpu":
            return spectrum.abs()
        return spectrum.real.square().addcmul_(spectrum.imag, spectrum.imag).sqrt_()

    def inverse(self, spectrum: Tensor, samples: int) -> Tensor:
        """Audio `… T` of a spectrogram `… F N`, `samples` long."""
        *leading, bins, frames = spectrum.shape
        with torch.autocast(spectrum.device.type, enabled=False):
            audio = torch.istft(
                with_real_ends(
                    spectrum.to(torch.complex64).reshape(-1, bins, frames), self.num_fft, dim=-2
                ),
                self.num_fft,
                hop_length=self.hop_length,
                win_length=self.window_size,
                window=self.window,
                center=True,
                normalized=self.orthonormal,
                length=samples,
            )
        return audio.reshape(*leading, samples)


def with_real_ends(spectrum: Tensor, num_fft: int, *, dim: int) -> Tensor:
    """A spectrum whose lowest and highest bin are real, as those of real audio are, if it lies on a GPU; `dim` are the bins.

    A network may say anything there. Inverse transforms on processors leave the imaginary part out; cuFFT does so for few
    frames at a time, and from some number on mixes it into all samples.
    """
    if not spectrum.is_cuda:
        return spectrum
    spectrum = spectrum.clone()
    # A transform of odd length has no bin at half the sample rate.
    for place in (0,) if num_fft % 2 else (0, -1):
        spectrum.imag.select(dim, place).zero_()
    return spectrum

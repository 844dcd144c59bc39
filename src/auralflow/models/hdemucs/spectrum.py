"""The spectrogram beside a waveform: a frame for each hop, in line with what strided convolutions make of samples."""

from typing import Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from auralflow.dsp.stft import Stft, with_real_ends
from auralflow.models.graph import Transform
from auralflow.models.layers.blocks import wants_blocks
from auralflow.models.signal import Signal

__all__ = ["AlignedSpectrum", "CentredSpectrum", "Spectrum"]


class Spectrum(Protocol):
    """Audio `… T` to a spectrogram `… F N` without its highest bin, and back."""

    def __call__(self, audio: Tensor) -> Tensor:
        """Spectrogram of audio."""
        ...

    def inverse(self, spectrum: Tensor, samples: int) -> Tensor:
        """Audio of a spectrogram, `samples` long."""
        ...

    def frames(self, samples: int) -> int:
        """Frames of the spectrogram of so many samples."""
        ...

    def transform(self) -> Transform:
        """The same in numbers."""
        ...


class AlignedSpectrum(nn.Module):
    """One frame for each hop that was begun, and none besides.

        audio          ├──────────────┤▒▒        ▒ as far as the last hop goes
        window  ├───·───┤
                    ├───·───┤                    its middle is the middle of its hop
                        ├───·───┤
                            ├───·───┤

    So a strided convolution sees audio, which is why both can be joined. What windows see beyond the audio is its mirror
    image, and silence where that is too short. `shifted` is a bug that some weights were trained with: silence beyond the
    audio, and an inverse that begins 1½ hops too early.
    """

    window: Tensor

    def __init__(self, signal: Signal, *, shifted: bool) -> None:
        super().__init__()
        self.num_fft = signal.num_fft
        self.hop = signal.hop_length
        self.before = self.hop // 2 * 3
        self.shifted = shifted
        self.register_buffer("window", torch.hann_window(signal.num_fft), persistent=False)

    def forward(self, audio: Tensor) -> Tensor:
        """Spectrogram of audio."""
        *leading, samples = audio.shape
        with torch.autocast(audio.device.type, enabled=False):
            spectrum = torch.stft(
                self._surrounded(audio.float().reshape(-1, 1, samples)).squeeze(1),
                self.num_fft,
                hop_length=self.hop,
                window=self.window,
                center=False,
                normalized=True,
                return_complex=True,
            )
        return spectrum[:, :-1].reshape(*leading, self.num_fft // 2, -1)

    def _surrounded(self, audio: Tensor) -> Tensor:
        samples = audio.shape[-1]
        after = self.before + -samples % self.hop
        if self.shifted:
            return F.pad(audio, (self.before, after))
        # A mirror image takes one sample more than that.
        silence = max(0, after + 1 - samples)
        return F.pad(F.pad(audio, (0, silence)), (self.before, after - silence), mode="reflect")

    def inverse(self, spectrum: Tensor, samples: int) -> Tensor:
        """Audio of a spectrogram, `samples` long."""
        start = 0 if self.shifted else self.before
        with torch.autocast(spectrum.device.type, enabled=False):
            coverage = self._coverage(spectrum)[start : start + samples]
            if not wants_blocks(spectrum, spectrum.numel()):
                return self._waves_added(spectrum)[..., start : start + samples] / coverage
            # Frames of one signal at a time: of all stems together they are what a song takes most memory for.
            audio = spectrum.real.new_empty(*spectrum.shape[:-2], samples)
            for signal, place in zip(spectrum.flatten(0, -3), audio.flatten(0, -2), strict=True):
                torch.div(self._waves_added(signal)[start : start + samples], coverage, out=place)
            return audio

    def frames(self, samples: int) -> int:
        """Frames of the spectrogram of so many samples."""
        return -(-samples // self.hop)

    def transform(self) -> Transform:
        """The same in numbers."""
        return Transform(
            self.num_fft,
            self.num_fft,
            self.hop,
            framing="shifted" if self.shifted else "aligned",
            scale="orthonormal",
            bins=self.num_fft // 2,
        )

    def _waves_added(self, spectrum: Tensor) -> Tensor:
        """Overlapping frames, each under its window, not yet divided by what windows cover."""
        # The highest bin is zero; a frame's bins lie together, as the transform wants them.
        whole = with_real_ends(F.pad(spectrum.mT, (0, 1)), self.num_fft, dim=-1)
        waves = torch.fft.irfft(whole, n=self.num_fft, norm="ortho")
        windowed = waves * self.window if waves.requires_grad else waves.mul_(self.window)
        return self._added(windowed)

    def _added(self, waves: Tensor) -> Tensor:
        """Samples `… T` of overlapping frames `… N W`: the same as `torch.istft` does, and the gradient of `unfold`."""
        *leading, frames, width = waves.shape
        shape = (*leading, (frames - 1) * self.hop + width)
        samples: Tensor = torch.ops.aten.unfold_backward(waves, shape, -1, width, self.hop)
        return samples

    def _coverage(self, spectrum: Tensor) -> Tensor:
        """Sum of squared windows over the samples, two frames of silence on either side included."""
        squares = self.window.square().expand(spectrum.shape[-1] + 4, -1)
        return self._added(squares.contiguous())[2 * self.hop :]


class CentredSpectrum(nn.Module):
    """The usual transform, for networks on the spectrogram alone."""

    def __init__(self, signal: Signal) -> None:
        super().__init__()
        self.stft = Stft(
            num_fft=signal.num_fft,
            window_size=signal.window_size,
            hop_length=signal.hop_length,
            edges="mirror",
        )

    def forward(self, audio: Tensor) -> Tensor:
        """Spectrogram of audio."""
        spectrum: Tensor = self.stft(audio)
        return spectrum[..., :-1, :]

    def inverse(self, spectrum: Tensor, samples: int) -> Tensor:
        """Audio of a spectrogram, `samples` long."""
        return self.stft.inverse(F.pad(spectrum, (0, 0, 0, 1)), samples)

    def frames(self, samples: int) -> int:
        """Frames of the spectrogram of so many samples."""
        return self.stft.frames(samples)

    def transform(self) -> Transform:
        """The same in numbers."""
        stft = self.stft
        return Transform(
            stft.num_fft,
            stft.window_size,
            stft.hop_length,
            framing="mirror",
            scale="orthonormal",
            bins=stft.bins - 1,
        )

"""Overlapping frames of audio that arrives in blocks, as a spectrogram of the whole would have them."""

from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor

__all__ = ["Frames"]


class Frames:
    """Frames of `size` samples, centred on multiples of `hop`, the edges filled as `torch.stft` fills them.

        frames     |-----^-----|
                      |-----^-----|
                         |-----^-----|
        blocks           |---------------|---------------|--------|
        edge       mirror of the audio, or silence                ...

    Blocks give the same frames however they are cut, in memory for one frame and one block. Audio too short to be
    mirrored gets silence at its end first. `size` is even and `hop` at most half of it.
    """

    def __init__(self, size: int, hop: int, *, edges: Literal["mirror", "silence"]) -> None:
        self.size = size
        self.hop = hop
        self._mirrors = edges == "mirror"
        self._kept: Tensor | None = None
        self._started = False

    def add(self, audio: Float[Tensor, "*B T"]) -> Float[Tensor, "*B N size"]:
        """The frames that are complete with this block; often none."""
        audio = audio if self._kept is None else torch.cat([self._kept, audio], -1)
        half = self.size // 2
        if not self._started and audio.shape[-1] > half:
            audio = torch.cat([self._edge(audio[..., 1 : half + 1]), audio], -1)
            self._started = True
        # One sample beyond the last frame is kept: the end is mirrored around it.
        spare = audio.shape[-1] - self.size - 1
        count = spare // self.hop + 1 if self._started and spare >= 0 else 0
        self._kept = audio[..., count * self.hop :]
        return self._cut(audio, count)

    def rest(self) -> Float[Tensor, "*B N size"]:
        """The frames that reach beyond the end, if the audio ends here; more may be added all the same."""
        if self._kept is None:
            raise ValueError("no audio was added")
        audio, half = self._kept, self.size // 2
        if not self._started:
            missing = max(0, half + 1 - audio.shape[-1]) if self._mirrors else 0
            audio = torch.nn.functional.pad(audio, (0, missing))
            start = audio[..., 1 : half + 1] if self._mirrors else audio.new_zeros(half)
            audio = torch.cat([self._edge(start.expand(*audio.shape[:-1], half)), audio], -1)
        end = audio[..., -half - 1 : -1]
        audio = torch.cat([audio, self._edge(end)], -1)
        return self._cut(audio, (audio.shape[-1] - self.size) // self.hop + 1)

    def _edge(self, inside: Tensor) -> Tensor:
        return inside.flip(-1) if self._mirrors else torch.zeros_like(inside)

    def _cut(self, audio: Tensor, count: int) -> Tensor:
        if not count:
            return audio.new_zeros(*audio.shape[:-1], 0, self.size)
        return audio[..., : (count - 1) * self.hop + self.size].unfold(-1, self.size, self.hop)

"""What an estimate has too much of and what it lacks, each by itself."""

from collections.abc import Sequence

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from auralflow.metrics.meter import Readings
from auralflow.metrics.metric import Metric
from auralflow.metrics.spectrogram import Magnitudes, Resolution

__all__ = ["BLEEDLESS", "BLEEDLESS_MR", "FULLNESS", "FULLNESS_MR", "BleedMeter"]

_QUIETEST = 1e-10
_RANGE_DB = 80.0
"""Bands more than this below the loudest count as being just this far below it."""


class BleedMeter:
    """Mel spectrograms of the track, which take half the audio's memory: the loudest band is known at the end only."""

    def __init__(
        self, sources: int, sample_rate: int, *, resolutions: Sequence[Resolution]
    ) -> None:
        self._spectra = tuple(Magnitudes(each, sample_rate) for each in resolutions)
        self._kept: tuple[list[Float[Tensor, "2 S C N M"]], ...] = tuple([] for _ in resolutions)
        self._heard: Bool[Tensor, " S"] = torch.zeros(sources, dtype=torch.bool)
        self._excesses: Float[Tensor, "2 S"] | None = None

    def update(
        self,
        estimate: Float[Tensor, "S C T"],
        reference: Float[Tensor, "S C T"],
        _mixture: Float[Tensor, "C T"],
    ) -> None:
        """Add the next block of the track."""
        self._excesses = None
        self._heard |= (reference != 0).flatten(1).any(-1).cpu()
        audio = torch.stack([estimate, reference]).float()
        for kept, spectra in zip(self._kept, self._spectra, strict=True):
            kept.extend(spectra.add(audio))

    def bleedless(self) -> Readings:
        """100 / (1 + mean of what is too much, in dB)."""
        return self._marks(0)

    def fullness(self) -> Readings:
        """100 / (1 + mean of what is missing, in dB)."""
        return self._marks(1)

    def _marks(self, row: int) -> Readings:
        if not self._heard.any():
            return Readings(torch.full((len(self._heard), 1), torch.nan))
        if self._excesses is None:
            self._excesses = torch.stack(
                [self._marks_at(index) for index in range(len(self._spectra))]
            ).mean(0)
        return Readings(torch.where(self._heard, self._excesses[row], torch.nan).unsqueeze(-1))

    def _marks_at(self, index: int) -> Float[Tensor, "2 S"]:
        parts = [*self._kept[index], *self._spectra[index].rest()]
        columns = []
        for source in range(len(self._heard)):
            mels = torch.cat([part[:, source] for part in parts], dim=-2)
            estimate, reference = (_decibels(each) for each in mels)
            too_much = estimate - reference
            columns.append(torch.stack([_mark(too_much), _mark(-too_much)]))
        return torch.stack(columns, -1).cpu()


def _decibels(mels: Float[Tensor, "C N M"]) -> Float[Tensor, "C N M"]:
    levels = 20 * mels.clamp_min(_QUIETEST).log10()
    return levels.clamp_min(levels.max() - _RANGE_DB)


def _mark(difference: Tensor) -> Tensor:
    """100 over 1 + the mean of those above zero; 100 where there are none."""
    above = difference > 0
    total = difference[above].sum(dtype=torch.float64)
    return 100 / (1 + total / above.sum().clamp_min(1))


def _mel(num_fft: int) -> Resolution:
    return Resolution(
        num_fft=num_fft,
        hop_length=num_fft // 4,
        window_size=num_fft,
        edges="silence",
        mels=num_fft // 8,
    )


def _one(sources: int, sample_rate: int) -> BleedMeter:
    return BleedMeter(sources, sample_rate, resolutions=[_mel(4096)])


def _four(sources: int, sample_rate: int) -> BleedMeter:
    resolutions = [_mel(size) for size in (1024, 2048, 4096, 8192)]
    return BleedMeter(sources, sample_rate, resolutions=resolutions)


_MSST = "Music-Source-Separation-Training (msst 0.1.0)"

BLEEDLESS = Metric(
    name="bleedless",
    label="bleedless",
    explanation="how little the estimate has too much of, in mel bands, as a mark out of 100",
    source=f"jarredou, auraloss issue 79, 2024; {_MSST}, bleedless",
    unit="",
    has_gain=False,
    meter=_one,
    read=lambda meter: meter.bleedless(),
)

FULLNESS = Metric(
    name="fullness",
    label="fullness",
    explanation="how little the estimate lacks, in mel bands, as a mark out of 100",
    source=f"jarredou, auraloss issue 79, 2024; {_MSST}, fullness",
    unit="",
    has_gain=False,
    meter=_one,
    read=lambda meter: meter.fullness(),
)

BLEEDLESS_MR = Metric(
    name="bleedless-mr",
    label="bleedless-mr",
    explanation="bleedless, mean of four resolutions",
    source=f"{_MSST}, bleedless_mr",
    unit="",
    has_gain=False,
    meter=_four,
    read=lambda meter: meter.bleedless(),
)

FULLNESS_MR = Metric(
    name="fullness-mr",
    label="fullness-mr",
    explanation="fullness, mean of four resolutions",
    source=f"{_MSST}, fullness_mr",
    unit="",
    has_gain=False,
    meter=_four,
    read=lambda meter: meter.fullness(),
)

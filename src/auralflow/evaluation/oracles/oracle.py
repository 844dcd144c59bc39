"""Which oracles there are, and a track through one."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from auralflow.audio import Backend
from auralflow.config.layers import did_you_mean
from auralflow.datasets.reading import track_blocks
from auralflow.datasets.tracks import RESIDUAL, Track
from auralflow.dsp.stft import Stft
from auralflow.errors import ConfigError
from auralflow.evaluation.contender import Blocks
from auralflow.evaluation.oracles.filtering import multichannel_wiener
from auralflow.evaluation.oracles.masks import binary_mask, ratio_mask
from auralflow.separation.tracks import TrackBlock
from auralflow.shapes import Spectrum, StemSpectrum

__all__ = ["MIXTURE", "ORACLES", "Oracle", "parse_oracles"]

MIXTURE = "mixture"

ORACLES: dict[str, Callable[[StemSpectrum, Spectrum], StemSpectrum]] = {
    "irm": ratio_mask,
    "ibm": binary_mask,
    "mwf": multichannel_wiener,
}
"""From the spectra of all sources and of the mixture to the estimates."""

_WINDOW = 2048
_HOP = 1024
"""Those of the oracles of SiSEC 2018, at any sample rate."""
_BLOCK_SECONDS = 8


def parse_oracles(names: str | Sequence[str]) -> list[str]:
    """The oracles of these names, as a text with commas or a list, `all` among them: the mixture first, then the others.

    Raises `ConfigError` for a name that is none.
    """
    listed = names.split(",") if isinstance(names, str) else list(names)
    keys = [name.strip().lower() for name in listed if name.strip()]
    known = (MIXTURE, *ORACLES, "all")
    for key in keys:
        if key not in known:
            raise ConfigError(f"oracles has {key}{did_you_mean(key, known)}: correct the name")
    return (
        [name for name in (MIXTURE, *ORACLES) if "all" in keys or name in (*keys, MIXTURE)]
        if keys
        else []
    )


@dataclass(frozen=True)
class Oracle:
    """An oracle for some targets; `mixture` answers with the mixture for each of them."""

    kind: str
    targets: tuple[str, ...]
    backend: Backend

    @property
    def name(self) -> str:
        """What tables call it."""
        return MIXTURE if self.kind == MIXTURE else self.kind.upper()

    def identity(self, track: Track) -> object:  # noqa: ARG002  (the same for every track)
        """Its kind and transform."""
        return [self.kind, list(self.targets), _WINDOW, _HOP, self.backend]

    def open(self) -> Blocks:
        """Computes on whole tracks; the mixture goes through in constant memory."""
        return self._mixture if self.kind == MIXTURE else self._computed

    def _mixture(self, track: Track) -> Iterator[TrackBlock]:
        samples = _BLOCK_SECONDS * track.sample_rate
        for mixture, stems in track_blocks(
            track, self.targets, block_samples=samples, backend=self.backend
        ):
            yield TrackBlock(mixture, stems, np.broadcast_to(mixture, stems.shape))

    @torch.inference_mode()
    def _computed(self, track: Track) -> Iterator[TrackBlock]:
        """The sources are all stems of the track; a target's estimate is the sum of its stems'."""
        sources = (*track.stems, *((RESIDUAL,) if track.has_residual else ()))
        names = (*self.targets, *sources)
        ((mixture, stems),) = track_blocks(
            track, names, block_samples=track.samples, backend=self.backend
        )
        truth, parts = stems[: len(self.targets)], stems[len(self.targets) :]
        stft = Stft(num_fft=_WINDOW, window_size=_WINDOW, hop_length=_HOP)
        spectra = ORACLES[self.kind](
            stft(torch.from_numpy(parts)).unsqueeze(0), stft(torch.from_numpy(mixture)).unsqueeze(0)
        )
        separated = stft.inverse(spectra.squeeze(0), track.samples).numpy()
        estimate = np.zeros_like(truth)
        for row, target in enumerate(self.targets):
            for part in track.sums.get(target, (target,)):
                if part in sources:
                    estimate[row] += separated[sources.index(part)]
        yield from _in_blocks(mixture, truth, estimate, _BLOCK_SECONDS * track.sample_rate)


def _in_blocks(
    mixture: np.ndarray, truth: np.ndarray, estimate: np.ndarray, samples: int
) -> Iterator[TrackBlock]:
    for start in range(0, mixture.shape[-1], samples):
        span = slice(start, start + samples)
        yield TrackBlock(mixture[..., span], truth[..., span], estimate[..., span])

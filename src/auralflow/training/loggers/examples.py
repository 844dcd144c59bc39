"""The same few validation tracks, heard and seen again and again while a network learns."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import pytorch_lightning as pl
import torch.distributed
from jaxtyping import Float
from numpy import ndarray

from auralflow.audio import Backend
from auralflow.datasets.tracks import Track
from auralflow.report import spectrogram_comparison, waveform_comparison
from auralflow.shapes import Audio
from auralflow.training.excerpts import Excerpt, Span, fullest_span
from auralflow.training.loggers.log import Log
from auralflow.training.loggers.logs import Logs
from auralflow.training.loggers.sound import Clip, clip_of
from auralflow.training.module import SeparationModule

__all__ = ["LogExamples", "gain_within_full_scale"]

_PICTURES = {"spectrogram": spectrogram_comparison, "waveform": waveform_comparison}


class LogExamples(pl.Callback):
    """Writes audio and pictures of excerpts of some tracks, taken from what validation separates anyway.

    Names are `<track>/<target>/estimate`, `truth` and `estimate-minus-truth`, and `<track>/mixture`. Mixture and truth do
    not change, and each log gets them once. Where anything exceeds full scale, all sounds of a track are turned down
    together, and `<track>/gain-db` says by how much.
    """

    def __init__(
        self,
        logs: Logs,
        tracks: Sequence[Track],
        *,
        seconds: float,
        audio_every: int,
        pictures_every: int,
        backend: Backend,
    ) -> None:
        self._logs = logs
        self._tracks = tracks
        self._seconds = seconds
        self._audio_every = audio_every
        self._pictures_every = pictures_every
        self._backend = backend
        self._spans: dict[str, Span] = {}
        self._given: dict[str, list[str]] = {}
        """For each log the tracks whose mixture and truth it has."""

    def state_dict(self) -> dict[str, Any]:
        """What need not be written again."""
        return {"given": self._given}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Take it up."""
        self._given = {name: list(tracks) for name, tracks in state_dict["given"].items()}

    def on_validation_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Ask for the excerpts, if it is their turn."""
        module = _ours(pl_module)
        module.excerpts.clear()
        module.spans = {}
        if not _is_due(trainer, self._audio_every) and not _is_due(trainer, self._pictures_every):
            return
        if not self._spans:
            self._spans = {
                track.name: fullest_span(
                    track, module.model.targets, seconds=self._seconds, backend=self._backend
                )
                for track in self._tracks
            }
        module.spans = self._spans

    def on_validation_end(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """Write them."""
        module = _ours(pl_module)
        if not module.spans:
            return
        excerpts = _of_all_processes(trainer, module.excerpts)
        module.excerpts = {}
        for track in self._tracks:
            if track.name in excerpts:
                self._write(trainer, track, excerpts[track.name], module.model.targets)

    def _write(
        self, trainer: pl.Trainer, track: Track, excerpt: Excerpt, targets: Sequence[str]
    ) -> None:
        step, rate = trainer.global_step, track.sample_rate
        place = track.name.replace("/", "_")
        if _is_due(trainer, self._audio_every):
            self._write_audio(place, excerpt, targets, rate, step)
        if _is_due(trainer, self._pictures_every):
            start = self._spans[track.name].start / rate
            for target, estimate, truth in _by_target(excerpt, targets):
                for kind, draw in _PICTURES.items():
                    png = draw(
                        estimate=estimate,
                        truth=truth,
                        sample_rate=rate,
                        title=f"{target} of {track.name}, epoch {trainer.current_epoch + 1}",
                        start_seconds=start,
                    )
                    name = f"{place}/{target}/{kind}"
                    self._logs.each(partial(_picture, name=name, png=png, step=step))

    def _write_audio(
        self, place: str, excerpt: Excerpt, targets: Sequence[str], rate: int, step: int
    ) -> None:
        once: dict[str, Audio] = {f"{place}/mixture": excerpt.mixture}
        each_time: dict[str, Audio] = {}
        for target, estimate, truth in _by_target(excerpt, targets):
            once[f"{place}/{target}/truth"] = truth
            each_time[f"{place}/{target}/estimate"] = estimate
            each_time[f"{place}/{target}/estimate-minus-truth"] = estimate - truth
        gain = gain_within_full_scale([*once.values(), *each_time.values()])
        fresh = [name for name in self._logs.names if place not in self._given.get(name, [])]
        for sounds, only in ((once, fresh), (each_time, None)):
            for name, audio in sounds.items():
                clip = clip_of(gain * audio, rate)
                self._logs.each(partial(_audio, name=name, clip=clip, step=step), only=only)
        for name in fresh:
            self._given.setdefault(name, []).append(place)
        gain_db = {f"{place}/gain-db": 20 * float(np.log10(gain))}
        heard = [name for name in self._logs.names if name != "csv"]
        self._logs.each(lambda log: log.scalars(gain_db, step), only=heard)


def gain_within_full_scale(sounds: Sequence[Audio]) -> float:
    """What to multiply all of them with so that none exceeds 1: 1 where none does."""
    peak = max((float(np.abs(audio).max(initial=0.0)) for audio in sounds), default=0.0)
    return 1.0 / peak if peak > 1.0 else 1.0


def _audio(log: Log, *, name: str, clip: Clip, step: int) -> None:
    log.audio(name, clip, step)


def _picture(log: Log, *, name: str, png: bytes, step: int) -> None:
    log.picture(name, png, step)


def _by_target(
    excerpt: Excerpt, targets: Sequence[str]
) -> Iterator[tuple[str, Float[ndarray, "C T"], Float[ndarray, "C T"]]]:
    return zip(targets, excerpt.estimate, excerpt.reference, strict=True)


def _of_all_processes(trainer: pl.Trainer, mine: Mapping[str, Excerpt]) -> dict[str, Excerpt]:
    """The excerpts of all processes in the first one, nothing in the others: each validates some of the tracks."""
    if trainer.world_size == 1:
        return dict(mine)
    gathered: list[Any] | None = [None] * trainer.world_size if trainer.is_global_zero else None
    torch.distributed.gather_object(dict(mine), gathered)
    return {name: excerpt for part in gathered or [] for name, excerpt in part.items()}


def _is_due(trainer: pl.Trainer, every: int) -> bool:
    return bool(every) and (trainer.current_epoch + 1) % every == 0


def _ours(module: pl.LightningModule) -> SeparationModule:
    if not isinstance(module, SeparationModule):
        raise TypeError(f"a SeparationModule is wanted, not {type(module).__name__}")
    return module

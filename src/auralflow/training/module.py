"""One training step and one validated track, as Lightning calls them."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytorch_lightning as pl
import torch
from numpy.random import SeedSequence
from torch import Tensor

from auralflow.datasets.batches import ChunkBatch, StemBatch
from auralflow.datasets.tracks import Track
from auralflow.errors import DataError
from auralflow.losses import create_loss
from auralflow.models.base import Separator
from auralflow.separation import SeparationOptions
from auralflow.settings import Settings
from auralflow.training.comparing import pair_of
from auralflow.training.excerpts import Excerpt, Span
from auralflow.training.hearing import hear
from auralflow.training.means import EpochMeans
from auralflow.training.optimisers import create_optimiser
from auralflow.training.schedules import create_schedule
from auralflow.training.validation import TrackResult, validate_track

__all__ = ["SeparationModule"]

log = logging.getLogger(__name__)


class SeparationModule(pl.LightningModule):
    """Trains a network of any architecture: it knows no more of it than `Separator` promises."""

    def __init__(
        self,
        model: Separator,
        settings: Settings,
        *,
        parts: Sequence[Sequence[int]],
        options: SeparationOptions,
        steps_per_epoch: int,
        reduction: Callable[[], float] = lambda: 1.0,
        leaves_track: Callable[[], bool] = lambda: False,
    ) -> None:
        """Train `model`, each of whose targets is the sum of the stems whose numbers `parts` has.

        `reduction` is what the learning rate is multiplied with besides its schedule. `leaves_track` is asked, every few
        seconds of a validation track, whether it and the rest are to be left out.
        """
        super().__init__()
        self.model = model
        self.train_config = settings.train
        self.options = options
        self.loss = create_loss(settings.train.loss, settings.train.loss_options)
        self.broken: dict[str, str] = {}
        """Files that broke since training began, with the reason."""
        self.chunks_of_step: list[tuple[int, int]] = []
        """Epoch and index of the chunks whose gradients are in the step that comes next."""
        self.spans: dict[str, Span] = {}
        """Of which validation tracks, by name, an excerpt is wanted."""
        self.excerpts: dict[str, Excerpt] = {}
        """What the latest validation separated there."""
        self._data = settings.data
        self._means = EpochMeans()
        self._are_means_told = False
        self._steps_per_epoch = steps_per_epoch
        self._reduction = reduction
        self._leaves_track = leaves_track
        self._parts = [list(places) for places in parts]
        self._validated: list[TrackResult] = []

    def on_train_batch_start(self, batch: ChunkBatch | StemBatch, batch_idx: int) -> None:
        """Seed what is random inside the network, so that a resumed run draws as the undisturbed one does."""
        # Several batches may make one step: each has a number of its own.
        key: tuple[int, ...] = (self.train_config.seed, self.global_step, self.global_rank)
        if self.train_config.accumulate > 1:
            key = (*key, batch_idx)
        torch.manual_seed(int(SeedSequence(key).generate_state(1)[0]))
        if batch_idx % self.train_config.accumulate == 0:
            self.chunks_of_step.clear()
        self.chunks_of_step += batch.keys

    def training_step(self, batch: ChunkBatch | StemBatch, batch_idx: int) -> Tensor:
        """The loss of one batch: mix the augmented stems, estimate, compare in the network's domain."""
        self._count_broken(batch.broken)
        stems, mixture = hear(
            batch,
            self._data.augment,
            sample_rate=self._data.sample_rate,
            samples=self._data.chunk_samples,
        )
        estimate = self.model.estimate(mixture)
        pair = pair_of(self.model, estimate, stems=self._targets(stems), mixture=mixture)
        loss, parts = self.loss(pair)
        for name, term in {**(parts if len(parts) > 1 else {}), **estimate.penalties}.items():
            self._means.add(f"train/{name}", term)
        loss = loss + sum(estimate.penalties.values())
        self._means.add("train/loss", loss)
        return loss

    def on_train_epoch_start(self) -> None:
        """Begin new means; within a resumed epoch this is not called, and those of before go on."""
        self._means, self._are_means_told = EpochMeans(), False

    def on_train_batch_end(self, outputs: Any, batch: Any, batch_idx: int) -> None:
        """Log the means over the epoch and over all processes when it is over."""
        if batch_idx + 1 == self.trainer.num_training_batches:
            self._tell_means()

    def _tell_means(self) -> None:
        self._are_means_told = True
        for name, mean in self._means.result(self.device).items():
            value = self.trainer.strategy.reduce(mean, reduce_op="mean")
            self.log(name, value, on_step=False, on_epoch=True, batch_size=1)

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Add what the running epoch has behind it on each rank."""
        mine = self._means.state_dict()
        means: list[Any] = [mine] * self.trainer.world_size
        if self.trainer.world_size > 1:
            torch.distributed.all_gather_object(means, mine)
        checkpoint["epoch_means"] = means

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        """Take it up."""
        self._means = EpochMeans()
        means = checkpoint.get("epoch_means", {})
        # Earlier files have those of the first rank alone; with other ranks than before, each begins with the first's.
        if isinstance(means, list):
            means = means[self.global_rank if len(means) == self.trainer.world_size else 0]
        self._means.load_state_dict(means)

    def _targets(self, stems: Tensor) -> Tensor:
        """Each target as the sum of its stems."""
        if all(len(places) == 1 for places in self._parts):
            return stems[:, [place for (place,) in self._parts]]
        return torch.stack([stems[:, places].sum(1) for places in self._parts], 1)

    def _count_broken(self, broken: Mapping[str, str]) -> None:
        """Tell of files that could not be read, each once; stop where there are too many."""
        for file, reason in broken.items():
            if file not in self.broken:
                self.broken[file] = reason
                log.warning("Training goes on without what it wanted there: %s", reason)
        limit = self._data.max_broken
        if len(self.broken) > limit:
            raise DataError(
                f"{len(self.broken)} files broke while training ran, more than max-broken, which is {limit}; the last: "
                f"{list(self.broken.values())[-1]}"
            )

    def validation_step(self, batch: Track | None, batch_idx: int) -> None:
        """Separate one whole track as `auralflow separate` does, and measure it."""
        if batch is None or self._leaves_track():
            return
        span = self.spans.get(batch.name) if batch.name not in self.excerpts else None
        result = validate_track(
            self.model,
            batch,
            loss=self.loss,
            options=self.options,
            backend=self._data.backend,
            span=span,
            leaves=self._leaves_track,
        )
        if result is None:
            return
        if result.excerpt is not None:
            self.excerpts[batch.name] = result.excerpt
        self._validated.append(replace(result, excerpt=None))

    def on_validation_epoch_end(self) -> None:
        """Log the mean loss, and the mean SDR over the targets that are not silent, of all tracks of all ranks."""
        totals = _Totals.of(self._validated, targets=len(self.model.targets))
        self._validated.clear()
        if not self._are_means_told:  # in an epoch that is resumed in its validation
            self._tell_means()
        summed = self.trainer.strategy.reduce(totals.as_tensor(self.device), reduce_op="sum")
        totals = _Totals.from_tensor(summed)
        self.log("valid/loss", totals.mean_loss, sync_dist=False, rank_zero_only=False)
        self.log("valid/sdr", totals.mean_sdr, sync_dist=False, rank_zero_only=False)
        if len(self.model.targets) > 1:
            for place, target in enumerate(self.model.targets):
                self.log(f"valid/sdr/{target}", totals.sdr_of(place))

    def configure_optimizers(self) -> Any:
        """The optimiser that `optim` names, with its schedule."""
        config = self.train_config
        optimiser = create_optimiser(config, self.model.named_parameters())
        schedule = create_schedule(
            config.schedule,
            optimiser,
            steps=config.epochs * self._steps_per_epoch,
            steps_per_epoch=self._steps_per_epoch,
            reduction=self._reduction,
        )
        return {"optimizer": optimiser, "lr_scheduler": schedule}


@dataclass(frozen=True)
class _Totals:
    """Sums over tracks that add up over ranks: the loss, and the SDR of each target with how often it was heard."""

    loss: float
    tracks: float
    sdr_sums: tuple[float, ...]
    sdr_counts: tuple[float, ...]

    @classmethod
    def of(cls, results: list[TrackResult], *, targets: int) -> "_Totals":
        heard = [
            [result.sdr[place] for result in results if result.sdr[place] is not None]
            for place in range(targets)
        ]
        return cls(
            sum(result.loss for result in results),
            float(len(results)),
            tuple(float(sum(value or 0.0 for value in values)) for values in heard),
            tuple(float(len(values)) for values in heard),
        )

    def as_tensor(self, device: torch.device) -> Tensor:
        values = [self.loss, self.tracks, *self.sdr_sums, *self.sdr_counts]
        # MPS has no float64; nothing else that is computed on needs the width here.
        kind = torch.float32 if device.type == "mps" else torch.float64
        return torch.tensor(values, dtype=kind, device=device)

    @classmethod
    def from_tensor(cls, values: Any) -> "_Totals":
        loss, tracks, *rest = (float(value) for value in values)
        half = len(rest) // 2
        return cls(loss, tracks, tuple(rest[:half]), tuple(rest[half:]))

    @property
    def mean_loss(self) -> float:
        return self.loss / self.tracks if self.tracks else float("nan")

    @property
    def mean_sdr(self) -> float:
        count = sum(self.sdr_counts)
        return sum(self.sdr_sums) / count if count else float("nan")

    def sdr_of(self, place: int) -> float:
        count = self.sdr_counts[place]
        return self.sdr_sums[place] / count if count else float("nan")

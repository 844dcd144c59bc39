"""What a resumed run does otherwise than the one before: refused, taken into force, or told."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytorch_lightning as pl

from auralflow.checkpoints import Checkpoint
from auralflow.config.files import show_value
from auralflow.config.layers import flatten
from auralflow.errors import CheckpointError
from auralflow.settings import SECTIONS, Settings, TrainConfig

__all__ = ["Change", "Changes", "ResumeWithChanges"]

log = logging.getLogger(__name__)

Part = Literal["network", "optimiser", "data", "rest"]
"""What a key changes."""

_SHOWN = 5
_SHAPING = ("mono", "sample-rate", "num-fft", "window-size", "hop-length", "targets")
"""Data keys that change the network."""
_INDIFFERENT = ("backend", "skip-broken", "store", "store-limit", "max-broken")
"""Data keys that change how samples are come by, and not which."""
_DRAWING = ("seed", "batch-size", "accumulate", "num-gpus", "num-nodes")
"""Keys of train that decide which chunks make a step."""
_STATE = ("optim", "freeze")
"""Keys of train that decide what an optimiser remembers, and of which weights."""


@dataclass(frozen=True)
class Change:
    """One key with its value in the checkpoint and its value now."""

    key: str
    then: Any
    now: Any
    touches: Part

    def __str__(self) -> str:
        return f"{self.key} was {show_value(self.then)} and is {show_value(self.now)}"


@dataclass(frozen=True)
class Changes:
    """All that differ from a checkpoint's settings, those of the network first."""

    keys: tuple[Change, ...]
    tracks: Mapping[str, Sequence[str]]
    """Names of the tracks that the run had before."""

    @classmethod
    def since(cls, before: Checkpoint, settings: Settings, targets: tuple[str, ...]) -> "Changes":
        """Every key of every section is compared."""
        keys: list[Change] = []
        for name in SECTIONS:
            old, new = before.settings.section(name), settings.section(name)
            then = flatten(type(old), before.settings.as_plain()[name])
            now = flatten(type(new), settings.as_plain()[name])
            if name == "data":
                # As they were found: `all` is other stems in another dataset.
                then["targets"], now["targets"] = list(before.targets), list(targets)
            for key in dict.fromkeys([*now, *then]):
                if then.get(key) != now.get(key):
                    touches = _touches(name, key, then.get(key), now.get(key))
                    keys.append(Change(key, then.get(key), now.get(key), touches))
        return cls(tuple(keys), before.progress.get("tracks", {}))

    def refuse(self, latest: Path) -> None:
        """Raise `CheckpointError` for what no run can go on with: another network, or an optimiser of other things."""
        if network := self._listed("network"):
            raise CheckpointError(
                f"{latest.name} is of another network ({network}): take these changes back, or train under another name"
            )
        if optimiser := self._listed("optimiser"):
            raise CheckpointError(
                f"{latest.name} has what the optimiser remembers under other settings ({optimiser}): take these changes "
                "back, or begin anew from its weights under another name with --start-from"
            )

    def tell(self, tracks: Mapping[str, Sequence[str]]) -> None:
        """Say what differs, and warn where that changes what is heard, so that the run is not the undisturbed one."""
        if self.keys:
            lines = "\n".join(f"  {change}" for change in self.keys)
            log.info("Going on with other settings than before:\n%s", lines)
        reasons = [change.key for change in self.keys if change.touches == "data"]
        reasons += _changed_tracks(self.tracks, tracks)
        if reasons:
            log.warning(
                "From now on other chunks are heard than in a run that was never stopped, for these have changed: %s",
                "; ".join(reasons),
            )

    def _listed(self, touched: Part) -> str:
        return "; ".join(str(change) for change in self.keys if change.touches == touched)


def _touches(section: str, key: str, then: Any, now: Any) -> Part:
    shapes = key.startswith("lora.") if section == "train" else key in _SHAPING
    if section == "model" or shapes:
        return "network"
    if section == "data":
        return "rest" if key in _INDIFFERENT else "data"
    # Where some weights decay and others do not, the optimiser has two groups of them.
    if key in _STATE or (key == "weight-decay" and bool(then) != bool(now)):
        return "optimiser"
    return "data" if key in _DRAWING else "rest"


def _changed_tracks(
    before: Mapping[str, Sequence[str]], now: Mapping[str, Sequence[str]]
) -> Iterator[str]:
    for split, what in (("train", "to train on"), ("valid", "to validate on")):
        if split not in before:
            continue
        then, names = set(before[split]), set(now[split])
        for which, word in ((names - then, "new"), (then - names, "gone")):
            if which:
                some = sorted(which)
                more = f" and {len(some) - _SHOWN} more" if len(some) > _SHOWN else ""
                yield f"tracks {what} that are {word}: {', '.join(some[:_SHOWN])}{more}"


class ResumeWithChanges(pl.Callback):
    """Puts rate, decay and momentum of the settings in the place of those that the checkpoint's optimiser has."""

    def __init__(self, config: TrainConfig) -> None:
        self._config = config

    def on_train_start(self, trainer: pl.Trainer, pl_module: pl.LightningModule) -> None:
        """States are restored by now, and no step is done."""
        config = self._config
        for optimiser in trainer.optimizers:
            for group in optimiser.param_groups:
                before = group.get("initial_lr", config.lr)
                if before != config.lr:
                    group["lr"] = group["lr"] / before * config.lr
                    group["initial_lr"] = config.lr
                if group["weight_decay"]:
                    group["weight_decay"] = config.weight_decay
                if "momentum" in group:
                    group["momentum"] = config.momentum
        for entry in trainer.lr_scheduler_configs:
            entry.scheduler.base_lrs = [config.lr] * len(entry.scheduler.base_lrs)

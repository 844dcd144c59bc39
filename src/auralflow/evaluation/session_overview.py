"""All models of a session side by side: what differs, how long each was trained, how good it is."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import torch

from auralflow.checkpoints import best_or_latest, build_network, read_checkpoint
from auralflow.config.files import show_value
from auralflow.datasets.targets import STANDARD_STEMS, parse_targets
from auralflow.errors import AuralflowError, CheckpointError, SessionError
from auralflow.metrics import METRICS
from auralflow.session import ModelFolder, load_settings
from auralflow.session.folder import models_in
from auralflow.settings import SECTIONS, Settings

__all__ = ["ModelOverview", "SessionOverview", "look_at_session"]

_LEFT_OUT = ("train.checkpoint", "train.metrics")
"""Places, which differ without making a difference."""


@dataclass(frozen=True)
class ModelOverview:
    """One model; what is not known of it is None."""

    name: str
    parameters: int | None = None
    epochs: int | None = None
    """How many are done; None before training."""
    best_epoch: int | None = None
    valid_loss: float | None = None
    """That of validation after the best epoch."""
    valid_sdr: float | None = None
    """Likewise, in dB."""
    size_bytes: int | None = None
    """Of the checkpoint that separates."""
    tracks: int | None = None
    """How many it was measured on."""
    medians: Mapping[str, float | None] = field(default_factory=dict)
    """Test numbers by target and metric, such as `vocals SDR`, as metrics.json has them; None for silence."""
    problem: str | None = None
    """Why something of the above could not be read."""


@dataclass(frozen=True)
class SessionOverview:
    """A session."""

    path: Path
    models: tuple[ModelOverview, ...]
    differences: Mapping[str, tuple[str | None, ...]]
    """The keys whose values are not the same in all models, each with the values in the order of `models`, as a YAML
    file has them; None where the network has no such key or its settings cannot be read."""

    def as_plain(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "session": str(self.path),
            "models": [asdict(model) for model in self.models],
            "differences": {key: list(values) for key, values in self.differences.items()},
        }


def look_at_session(path: Path) -> SessionOverview:
    """Read what the files of a session tell, without loading any network's weights.

    A model that cannot be read is told of in its `problem`. Raises `SessionError` where there is no model.
    """
    folders = models_in(path)
    if not folders:
        raise SessionError(
            f"{path} holds no models: give the folder of a session, or make a model with "
            "`auralflow config --model BASE --name NAME`"
        )
    looked = [_look_at(folder) for folder in folders]
    return SessionOverview(
        path,
        tuple(model for model, _ in looked),
        _differences([settings for _, settings in looked]),
    )


def _look_at(folder: ModelFolder) -> tuple[ModelOverview, Settings | None]:
    found: dict[str, Any] = {}
    settings: Settings | None = None
    problems: list[str] = []
    try:
        settings = load_settings(folder)
        targets = _targets(settings)
        place = Path(settings.train.checkpoint) if settings.train.checkpoint else folder.checkpoint
        try:
            path = best_or_latest(folder, place)
        except CheckpointError:
            # Not trained yet, which is no problem.
            path = None
        if path is not None:
            checkpoint = read_checkpoint(path, mapped=True)
            settings, targets = checkpoint.settings, checkpoint.targets
            found |= _progress(checkpoint.progress, place / f"{folder.name}_latest.pth")
            found["size_bytes"] = path.stat().st_size
        with torch.device("meta"):
            network = build_network(settings, targets)
        found["parameters"] = sum(parameter.numel() for parameter in network.parameters())
        data = settings.data.model_copy(update={"targets": targets})
        settings = replace(settings, data=data)
    except (AuralflowError, OSError) as error:
        problems.append(str(error))
        if not any(folder.found_config_file(section) for section in SECTIONS):
            settings = None
    record = Path(settings.train.metrics) if settings and settings.train.metrics else folder.path
    try:
        found |= _numbers(record if record.suffix == ".json" else record / "metrics.json")
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        problems.append(f"metrics.json of {folder.name} cannot be read ({error}): evaluate anew")
    return ModelOverview(folder.name, **found, problem="; ".join(problems) or None), settings


def _targets(settings: Settings) -> tuple[str, ...]:
    words = settings.data.targets
    everything = "all" in (words if isinstance(words, tuple) else (words,))
    return parse_targets(words, STANDARD_STEMS if everything else None)


def _progress(progress: Mapping[str, Any], latest: Path) -> dict[str, Any]:
    """How far training came, by the latest checkpoint where it can be read."""
    done = progress.get("epoch")
    scores = progress.get("scores", {})
    if latest.is_file():
        try:
            done = read_checkpoint(latest, mapped=True).progress.get("epoch")
        except CheckpointError:
            done = progress.get("epoch")
    return {
        "epochs": done,
        "best_epoch": progress.get("best_epoch"),
        "valid_loss": scores.get("valid/loss"),
        "valid_sdr": scores.get("valid/sdr"),
    }


def _numbers(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    summary = json.loads(path.read_text(encoding="utf-8"))["summary"]
    medians = {
        f"{target} {METRICS[name].label if name in METRICS else name}": total["median"]
        for target, totals in summary["targets"].items()
        for name, total in totals.items()
    }
    return {"tracks": summary["tracks"], "medians": medians}


def _differences(models: Sequence[Settings | None]) -> dict[str, tuple[str | None, ...]]:
    flat = [{} if settings is None else _flat(settings.as_plain()) for settings in models]
    known = [values for values in flat if values]
    keys = dict.fromkeys(key for values in known for key in values)
    return {
        key: tuple(values.get(key) for values in flat)
        for key in keys
        if key not in _LEFT_OUT and len({values.get(key) for values in known}) > 1
    }


def _flat(content: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Dotted keys and their values as text."""
    found: dict[str, str] = {}
    for key, value in content.items():
        if isinstance(value, Mapping) and value:
            found |= _flat(value, f"{prefix}{key}.")
        else:
            found[f"{prefix}{key}"] = "none" if value is None else show_value(value)
    return found

"""Who is measured on what: checkpoints, folders and oracles opened, and the tracks that all of them get."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from auralflow.audio import Backend
from auralflow.checkpoints import Checkpoint, find_checkpoint, pretrained_of, read_checkpoint
from auralflow.datasets.config import DataConfig
from auralflow.datasets.sources import names_of, open_data
from auralflow.datasets.targets import parse_targets
from auralflow.datasets.tracks import Dataset, Track
from auralflow.errors import ConfigError
from auralflow.evaluation.choice import choose_tracks, named_tracks, notes_on
from auralflow.evaluation.contender import Contender
from auralflow.evaluation.estimates import find_estimates
from auralflow.evaluation.oracles import Oracle, parse_oracles
from auralflow.evaluation.trained import Trained, digest_of
from auralflow.separation import SeparationOptions
from auralflow.session import ModelFolder

__all__ = ["Entry", "Lineup", "line_up"]


@dataclass(frozen=True)
class Entry:
    """A contender, and what stands above and below its table."""

    contender: Contender
    facts: Mapping[str, str]
    notes: tuple[str, ...] = ()
    place: Path | None = None
    """Where its own metrics go; None for what is no network."""
    session: Path | None = None

    @property
    def is_reference(self) -> bool:
        """Whether it is an oracle or the mixture, which nobody has to beat."""
        return isinstance(self.contender, Oracle)


@dataclass(frozen=True)
class Lineup:
    """What is to be measured."""

    entries: tuple[Entry, ...]
    tracks: tuple[Track, ...]
    skipped: tuple[str, ...]
    """Files of the dataset that cannot be read."""
    skip_broken: bool


def line_up(
    models: Sequence[str | Path],
    *,
    data: str | Path | Sequence[str | Path],
    estimates: Sequence[str | Path] = (),
    oracles: str | Sequence[str] = (),
    split: str | None = None,
    tracks: Sequence[str] | None = None,
    skip_broken: bool | None = None,
    options: SeparationOptions | None = None,
) -> Lineup:
    """Open everything but the networks, and choose the tracks; see `compare` for what the arguments mean.

    Raises the errors of reading a checkpoint, `ConfigError` where models cannot be compared, and `DataError`.
    """
    wanted = parse_oracles(oracles)
    paths = [find_checkpoint(model) for model in models]
    if not (paths or estimates):
        raise ConfigError(
            "nothing to measure is named: give a model, or a folder of stems as --estimates"
        )
    checkpoints = [_without_weights(read_checkpoint(path)) for path in paths]
    config = _data_config(paths, checkpoints, skip_broken)
    dataset = open_data(data, config)
    for checkpoint in checkpoints:
        parse_targets(checkpoint.targets, dataset.target_names)
    known = _known(checkpoints)
    chosen = choose_tracks(
        dataset, config, split=split if split or tracks is None else "all", known=known
    )
    if tracks is not None:
        chosen = named_tracks(chosen, tracks)
    entries = [
        *_trained(
            models,
            paths,
            checkpoints,
            chosen,
            data=names_of(data),
            options=options or SeparationOptions(),
        ),
        *_estimates(estimates, dataset, names_of(data), config.backend),
    ]
    targets = tuple(dict.fromkeys(t for entry in entries for t in entry.contender.targets))
    references = [
        Entry(Oracle(kind, targets, config.backend), {"data": names_of(data)}) for kind in wanted
    ]
    _require_distinct([*entries, *references])
    return Lineup(
        (*references[:1], *entries, *references[1:]),
        chosen,
        tuple(f"{entry.path}: {entry.reason}" for entry in dataset.skipped),
        config.skip_broken,
    )


def _without_weights(checkpoint: Checkpoint) -> Checkpoint:
    """The part that describes; each network is loaded when it is its turn."""
    return replace(checkpoint, state={}, training=None)


def _data_config(
    paths: Sequence[Path], checkpoints: Sequence[Checkpoint], skip_broken: bool | None
) -> DataConfig:
    """One reading of the data that suits all checkpoints."""
    if not checkpoints:
        return DataConfig().model_copy(update={"targets": (), "skip_broken": bool(skip_broken)})
    first = checkpoints[0].settings.data
    stems: dict[str, tuple[str, ...]] = {}
    for path, checkpoint in zip(paths, checkpoints, strict=True):
        for name, parts in checkpoint.settings.data.stems.items():
            if stems.setdefault(name, parts) != parts:
                raise ConfigError(
                    f"{path} takes the stem {name} for {', '.join(parts)}, and {paths[0]} for {', '.join(stems[name])}: "
                    "evaluate them one by one"
                )
    skips = any(checkpoint.settings.data.skip_broken for checkpoint in checkpoints)
    return first.model_copy(
        update={
            "targets": tuple(dict.fromkeys(t for c in checkpoints for t in c.targets)),
            "stems": stems,
            "skip_broken": skips if skip_broken is None else skip_broken,
            "test_tracks": tuple(
                dict.fromkeys(name for c in checkpoints for name in c.settings.data.test_tracks)
            ),
        }
    )


def _known(checkpoints: Sequence[Checkpoint]) -> dict[str, list[str]]:
    """Tracks that the training of any of them used."""
    known: dict[str, list[str]] = {"train": [], "valid": []}
    for checkpoint in checkpoints:
        for part, names in checkpoint.progress.get("tracks", {}).items():
            known.setdefault(part, []).extend(names)
    return known


def _trained(
    models: Sequence[str | Path],
    paths: Sequence[Path],
    checkpoints: Sequence[Checkpoint],
    tracks: Sequence[Track],
    *,
    data: str,
    options: SeparationOptions,
) -> list[Entry]:
    entries = []
    names = _distinct_names(paths)
    for model, path, checkpoint, name in zip(models, paths, checkpoints, names, strict=True):
        progress: Mapping[str, Any] = checkpoint.progress
        folder = _folder_of(path)
        configured = checkpoint.settings.train.metrics
        own = folder.path if folder else path.absolute().parent
        if published := pretrained_of(model):
            own = Path(published.name)  # not into the cache
        entries.append(
            Entry(
                Trained(
                    name,
                    checkpoint.targets,
                    path,
                    digest_of(path),
                    options,
                    checkpoint.settings.data.backend,
                ),
                {
                    "checkpoint": path.name,
                    "data": data,
                    "epoch": str(progress.get("best_epoch") or progress.get("epoch", "?")),
                },
                notes_on(tracks, progress.get("tracks", {})),
                Path(configured).expanduser() if configured else own,
                folder.session if folder else None,
            )
        )
    return entries


def _estimates(
    folders: Sequence[str | Path], dataset: Dataset, data: str, backend: Backend
) -> list[Entry]:
    entries = []
    for folder in (Path(folder).expanduser() for folder in folders):
        name = folder.absolute().name
        found = find_estimates(folder, dataset.target_names, name=name, backend=backend)
        entries.append(Entry(found, {"estimates": str(folder), "data": data}))
    return entries


def _folder_of(checkpoint: Path) -> ModelFolder | None:
    """The model folder that a checkpoint lies in, if it does."""
    folder = ModelFolder(checkpoint.absolute().parent.parent)
    return folder if folder.checkpoint == checkpoint.absolute().parent else None


def _distinct_names(paths: Sequence[Path]) -> list[str]:
    """The models' names; those of files, or paths, where several would be called the same."""
    candidates = (
        [_model_name(path) for path in paths],
        [path.stem for path in paths],
        [str(path.parent.parent / path.stem) for path in paths],
    )
    for names in candidates:
        if len(set(names)) == len(names):
            return names
    return [str(path) for path in paths]


def _model_name(checkpoint: Path) -> str:
    for suffix in ("_best", "_latest"):
        if checkpoint.stem.endswith(suffix):
            return checkpoint.stem.removesuffix(suffix)
    return checkpoint.stem


def _require_distinct(entries: Sequence[Entry]) -> None:
    names = [entry.contender.name for entry in entries]
    for name in names:
        if names.count(name) > 1:
            raise ConfigError(
                f"{name} is named {names.count(name)} times: name each model and each folder once, and rename a folder "
                "that is called like a model or an oracle"
            )

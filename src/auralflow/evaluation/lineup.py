"""Who is measured on what: checkpoints, folders and oracles opened, and the tracks that all of them get."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

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
from auralflow.evaluation.trained import Trained, Weights, digest_of
from auralflow.separation import SeparationOptions
from auralflow.separation.bag import blended_targets
from auralflow.separation.opening import Part, list_parts
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
    cuda: bool = True,
) -> Lineup:
    """Open everything but the networks, and choose the tracks; see `compare` for what the arguments mean.

    Raises the errors of reading a checkpoint, `ConfigError` where models cannot be compared, and `DataError`.
    """
    wanted = parse_oracles(oracles)
    named = [_named(model) for model in models]
    if not (named or estimates):
        raise ConfigError(
            "nothing to measure is named: give a model, or a folder of stems as --estimates"
        )
    checkpoints = {path: checkpoint for model in named for path, checkpoint in model.checkpoints}
    config = _data_config(named, checkpoints, skip_broken)
    dataset = open_data(data, config)
    for model in named:
        parse_targets(model.targets, dataset.target_names)
    known = _known(checkpoints.values())
    chosen = choose_tracks(
        dataset, config, split=split if split or tracks is None else "all", known=known
    )
    if tracks is not None:
        chosen = named_tracks(chosen, tracks)
    entries = [
        *_trained(
            named, chosen, data=names_of(data), options=options or SeparationOptions(), cuda=cuda
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


@dataclass(frozen=True)
class _Named:
    """A model as it was named: a checkpoint, or several that answer together."""

    name: str | Path
    parts: tuple[Part, ...]
    checkpoints: tuple[tuple[Path, Checkpoint], ...]
    """The file of each part, and what describes it: each network is loaded when it is its turn."""

    @property
    def targets(self) -> tuple[str, ...]:
        """What it separates into; raises `ModelError` for weights that no bag takes."""
        return blended_targets(
            [
                (checkpoint.targets, part.weights)
                for part, (_, checkpoint) in zip(self.parts, self.checkpoints, strict=True)
            ]
        )

    @property
    def is_bag(self) -> bool:
        """Whether it is a name of its own for networks that have theirs."""
        return len(self.parts) > 1 or bool(self.parts[0].weights)

    @property
    def title(self) -> Path:
        """A file that is called like it: its checkpoint, or the list of its networks."""
        return Path(self.name) if self.is_bag else self.checkpoints[0][0]


def _named(model: str | Path) -> _Named:
    parts = list_parts(model)
    paths = [find_checkpoint(part.model) for part in parts]
    return _Named(
        model,
        parts,
        tuple((path, replace(read_checkpoint(path), state={}, training=None)) for path in paths),
    )


def _data_config(
    named: Sequence[_Named], checkpoints: Mapping[Path, Checkpoint], skip_broken: bool | None
) -> DataConfig:
    """One reading of the data that suits all checkpoints."""
    if not checkpoints:
        return DataConfig().model_copy(update={"targets": (), "skip_broken": bool(skip_broken)})
    configs = {path: checkpoint.settings.data for path, checkpoint in checkpoints.items()}
    first = next(iter(configs))
    stems: dict[str, tuple[str, ...]] = {}
    for path, config in configs.items():
        for name, parts in config.stems.items():
            if stems.setdefault(name, parts) != parts:
                raise ConfigError(
                    f"{path} takes the stem {name} for {', '.join(parts)}, and {first} for {', '.join(stems[name])}: "
                    "evaluate them one by one"
                )
    skips = any(config.skip_broken for config in configs.values())
    return configs[first].model_copy(
        update={
            "targets": tuple(dict.fromkeys(t for model in named for t in model.targets)),
            "stems": stems,
            "skip_broken": skips if skip_broken is None else skip_broken,
            "test_tracks": tuple(
                dict.fromkeys(name for config in configs.values() for name in config.test_tracks)
            ),
        }
    )


def _known(checkpoints: Iterable[Checkpoint]) -> dict[str, list[str]]:
    """Tracks that the training of any of them used."""
    known: dict[str, list[str]] = {"train": [], "valid": []}
    for checkpoint in checkpoints:
        for part, names in checkpoint.progress.get("tracks", {}).items():
            known.setdefault(part, []).extend(names)
    return known


def _trained(
    named: Sequence[_Named],
    tracks: Sequence[Track],
    *,
    data: str,
    options: SeparationOptions,
    cuda: bool,
) -> list[Entry]:
    entries = []
    for model, name in zip(named, _distinct_names([m.title for m in named]), strict=True):
        path, checkpoint = model.checkpoints[0]
        folder = None if model.is_bag else _folder_of(path)
        contender = Trained(
            name,
            model.targets,
            tuple(
                Weights(path, digest_of(path), part.weights)
                for part, (path, _) in zip(model.parts, model.checkpoints, strict=True)
            ),
            options,
            checkpoint.settings.data.backend,
            cuda,
        )
        entries.append(
            Entry(
                contender,
                _facts(model, data),
                notes_on(tracks, _known(checkpoint for _, checkpoint in model.checkpoints)),
                _place(model, folder),
                folder.session if folder else None,
            )
        )
    return entries


def _facts(model: _Named, data: str) -> dict[str, str]:
    if model.is_bag:
        networks = ", ".join(path.name for path, _ in model.checkpoints)
        return {"networks": networks, "data": data}
    ((path, checkpoint),) = model.checkpoints
    epoch = checkpoint.progress.get("best_epoch") or checkpoint.progress.get("epoch", "?")
    return {"checkpoint": path.name, "data": data, "epoch": str(epoch)}


def _place(model: _Named, folder: ModelFolder | None) -> Path:
    """Where a model's own metrics go: to where it is configured or trained, else to a folder of its name."""
    if published := pretrained_of(model.name):
        return Path(published.name)  # not into the cache
    if model.is_bag:
        return model.title.expanduser().with_suffix("")
    path, checkpoint = model.checkpoints[0]
    configured = checkpoint.settings.train.metrics
    if configured:
        return Path(configured).expanduser()
    return folder.path if folder else path.absolute().parent


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

"""What `--data` names: a folder, a manifest, several of them, or a YAML file that describes several.

datasets:
- path: musdb18hq
weight: 2
- path: moisesdb
stems: {other: [other, guitar, piano, wind]}
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal

from annotated_types import Gt
from pydantic import Field, field_validator

from auralflow.config import Config, Layer, read_config_file
from auralflow.config.layers import did_you_mean, resolve
from auralflow.datasets.config import DataConfig, LayoutName, as_definitions
from auralflow.datasets.layouts import open_dataset
from auralflow.datasets.tracks import Dataset, Track
from auralflow.errors import DataError

__all__ = ["SourceConfig", "names_of", "open_data"]

_SUFFIXES = (".yaml", ".yml")


class SourceConfig(Config):
    """One of several datasets that are trained on together."""

    path: str
    """Folder or manifest; relative to the file that names it."""
    weight: Annotated[float, Gt(0)] = 1.0
    """Share of the training chunks, in relation to the other datasets' weights."""
    layout: LayoutName = "auto"
    """How the music lies in its folder; auto looks."""
    stems: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Stems to rename or to sum, for this dataset alone; they go before the data section's."""
    split: Literal["auto", "train", "valid", "test"] = "auto"
    """What all its tracks are for; auto goes by its folders."""

    @field_validator("stems", mode="before")
    @classmethod
    def _one_stem_is_a_list_of_one(cls, value: Any) -> Any:
        return as_definitions(value)


def open_data(data: Path | str | Sequence[Path | str], config: DataConfig) -> Dataset:
    """The dataset, or the datasets as one, with the stems that the settings define.

    Tracks of one name in several datasets get the name of their dataset behind their own.

    Raises:
        DataError: as for `open_dataset`, or a description without datasets.
        ConfigError: a description has wrong keys or values.
    """
    places = [data] if isinstance(data, str | Path) else list(data)
    if not places:
        raise DataError("no dataset is named: give at least one folder as --data")
    sources = [source for place in places for source in _sources(Path(place).expanduser(), config)]
    if len(sources) == 1 and not sources[0].path.endswith(_SUFFIXES):
        return _opened(sources[0], config, is_one_of_several=False)
    datasets = [_opened(source, config, is_one_of_several=True) for source in sources]
    return _joined(Path(places[0]), sources, datasets)


def _sources(place: Path, config: DataConfig) -> list[SourceConfig]:
    if place.suffix.lower() not in _SUFFIXES or place.is_dir():
        return [SourceConfig(path=str(place), layout=config.layout)]
    content: Mapping[str, Any] = read_config_file(place)
    unknown = [str(key) for key in content if key != "datasets"]
    if unknown:
        raise DataError(
            f"{place} has the key {unknown[0]}{did_you_mean(unknown[0], ['datasets'])}: a description of data holds a "
            "list `datasets:` and nothing else"
        )
    entries = content.get("datasets")
    if not isinstance(entries, list) or not entries:
        raise DataError(
            f"{place} lists no datasets: write `datasets:` and below it `- path: FOLDER` for each"
        )
    found = []
    for number, entry in enumerate(entries, start=1):
        values = {"path": entry} if isinstance(entry, str) else entry
        if not isinstance(values, Mapping):
            raise DataError(f"{place}, dataset {number} is {entry!r}: write `- path: FOLDER`")
        source = resolve(SourceConfig, [Layer(f"{place}, dataset {number}", values)]).value
        path = place.parent / Path(source.path).expanduser()
        found.append(source.model_copy(update={"path": str(path)}))
    return found


def _opened(source: SourceConfig, config: DataConfig, *, is_one_of_several: bool) -> Dataset:
    dataset = open_dataset(
        Path(source.path),
        layout=source.layout,
        stems={**config.stems, **source.stems},
        optional=config.stems if is_one_of_several else (),
        targets=config.targets,
        skip_broken=config.skip_broken,
        backend=config.backend,
    )
    if source.split == "auto":
        return dataset
    return replace(dataset, splits={source.split: dataset.tracks})


def _joined(root: Path, sources: Sequence[SourceConfig], datasets: Sequence[Dataset]) -> Dataset:
    names = Counter(
        name for dataset in datasets for name in {track.name for track in dataset.tracks}
    )
    splits: dict[str, list[Track]] = {}
    for number, (source, dataset) in enumerate(zip(sources, datasets, strict=True)):
        for split, tracks in dataset.splits.items():
            splits.setdefault(split, []).extend(
                replace(
                    track,
                    name=track.name
                    if names[track.name] == 1
                    else f"{track.name} ({_label(source)})",
                    source=number,
                )
                for track in tracks
            )
    return Dataset(
        root,
        ", ".join(dict.fromkeys(dataset.layout for dataset in datasets)),
        {
            split: tuple(sorted(splits[split], key=lambda track: track.name))
            for split in ("train", "valid", "test")
            if split in splits
        },
        tuple(skipped for dataset in datasets for skipped in dataset.skipped),
        tuple(source.weight for source in sources),
    )


def _label(source: SourceConfig) -> str:
    return Path(source.path).resolve().name


def names_of(data: Path | str | Sequence[Path | str]) -> str:
    """What `--data` named, for messages."""
    return str(data) if isinstance(data, str | Path) else ", ".join(map(str, data))

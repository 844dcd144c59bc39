"""A dataset to check: what can be opened of it, and what cannot as findings."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from auralflow.audio import probe
from auralflow.datasets.checking.findings import Finding
from auralflow.datasets.config import DataConfig
from auralflow.datasets.layouts.candidates import Candidate
from auralflow.datasets.layouts.finding import find_tracks
from auralflow.datasets.layouts.musdb_stem import is_stem_file
from auralflow.datasets.sources import open_data
from auralflow.datasets.split import split_dataset
from auralflow.datasets.tracks import Dataset, Track
from auralflow.errors import AudioError, DataError

__all__ = ["open_for_checking"]

_SPLITS = ("train", "valid", "test")


def open_for_checking(
    data: Sequence[Path | str], config: DataConfig
) -> tuple[list[tuple[Track, str]], list[Finding]]:
    """The tracks with what they are for, and a finding for each file that keeps its track from being used.

    A dataset in which no track is whole is found broken, file by file, and does not keep others from being checked.

    Raises:
        DataError: a folder is not there or holds no music, or there is nothing to check in it.
    """
    config = config.model_copy(update={"skip_broken": True})
    usable: list[Path | str] = []
    findings: list[Finding] = []
    for place in data:
        try:
            open_data(place, config)
        except DataError:
            broken = list(_all_broken(Path(place).expanduser(), config))
            if not broken:
                raise
            findings += broken
        else:
            usable.append(place)
    if not usable:
        return [], findings
    dataset = open_data(usable if len(usable) > 1 else usable[0], config)
    places = dict(_places(usable, config))
    for skipped in dataset.skipped:
        track, split = places.get(skipped.path, (skipped.path.parent.name, ""))
        findings.append(_broken(skipped.path, skipped.reason, split=split, track=track))
    return list(_with_uses(dataset, config)), findings


def _all_broken(root: Path, config: DataConfig) -> Iterator[Finding]:
    """Every file of a folder of music that cannot be read."""
    for split, candidate in _candidates(root, config):
        for path, stream in dict.fromkeys((s.path, s.stream) for s in candidate.sources):
            try:
                probe(path, stream=stream, backend=config.backend)
            except AudioError as error:
                yield _broken(path, str(error), split=split, track=candidate.name)
                # A container is told once, and not for each of its streams.
                if stream is not None:
                    break


def _places(
    data: Sequence[Path | str], config: DataConfig
) -> Iterator[tuple[Path, tuple[str, str]]]:
    """For each file and each folder of a track the track and its folder's split."""
    for place in data:
        for split, candidate in _candidates(Path(place).expanduser(), config):
            for path in (candidate.path, *(source.path for source in candidate.sources)):
                yield path, (candidate.name, split)


def _candidates(root: Path, config: DataConfig) -> Iterator[tuple[str, Candidate]]:
    if root.suffix.lower() in (".yaml", ".yml") and root.is_file():
        return
    for split, candidates in find_tracks(root, config.layout).splits.items():
        for candidate in candidates:
            yield split, candidate


def _broken(path: Path, reason: str, *, split: str, track: str) -> Finding:
    return Finding(
        "broken",
        "error",
        f"{reason.removeprefix(f'{path} ')} (the rest of its track was not checked)",
        track=track,
        split=split,
        stem="" if path.is_dir() or is_stem_file(path) else path.stem,
        path=str(path),
    )


def _with_uses(dataset: Dataset, config: DataConfig) -> Iterator[tuple[Track, str]]:
    """Each track with the split that training will have it in, by its folder, its name in the settings, or its hash."""
    train, valid = split_dataset(dataset, config)
    uses: Mapping[int, str] = {
        **{id(track): "train" for track in train},
        **{id(track): "valid" for track in valid},
    }
    found = [(track, uses.get(id(track), "test")) for track in dataset.tracks]
    yield from sorted(found, key=lambda one: (_SPLITS.index(one[1]), one[0].name))

"""A folder of music as a dataset whose every file has been looked into."""

import logging
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from auralflow.audio import AudioInfo, Backend, probe
from auralflow.datasets.layouts.candidates import Candidate, Source
from auralflow.datasets.layouts.finding import find_tracks
from auralflow.datasets.tracks import Dataset, Recording, Skipped, Track
from auralflow.errors import AudioError, DataError

__all__ = ["open_dataset"]

logger = logging.getLogger(__name__)

_THREADS = 16
_SHOWN = 5


def open_dataset(
    root: Path, *, skip_broken: bool = False, backend: Backend = "soundfile"
) -> Dataset:
    """Find the tracks below a folder and probe each of their files; nothing is decoded that need not be.

    Args:
        root: the folder; see `find_tracks` for how music may lie in it.
        skip_broken: leave out tracks with a file that cannot be read, and tracks that have only a mixture, rather
            than raise; they are listed in the dataset's `skipped`.
        backend: the library that is asked first.

    Raises:
        DataError: there is no such folder or no usable track in it; a track cannot be used and `skip_broken` is off;
            or all that the tracks have is one stem, without any mixture.
    """
    root = Path(root)
    found = find_tracks(root)
    candidates = [track for tracks in found.splits.values() for track in tracks]
    infos, failures = _probe_all(candidates, backend)
    skipped: list[Skipped] = []
    splits: dict[str, tuple[Track, ...]] = {}
    for split, tracks in found.splits.items():
        usable = []
        for candidate in tracks:
            problems = _problems(candidate, failures)
            skipped += problems
            if not problems:
                usable.append(_track(candidate, infos))
        if usable:
            splits[split] = tuple(sorted(usable, key=lambda track: track.name))
    if skipped and not (skip_broken and splits):
        raise DataError(_complaint(root, skipped, kept=sum(map(len, splits.values()))))
    dataset = Dataset(root, found.layout, splits, tuple(skipped))
    _require_something_to_separate(dataset)
    if skipped:
        logger.warning(
            "%d files of %s cannot be used; their tracks are left out", len(skipped), root
        )
    return dataset


def _probe_all(
    candidates: Sequence[Candidate], backend: Backend
) -> tuple[dict[Source, AudioInfo], dict[Source, AudioError]]:
    sources = [source for candidate in candidates for source in _sources(candidate)]

    def look(source: Source) -> AudioInfo | AudioError:
        try:
            return probe(source.path, stream=source.stream, backend=backend)
        except AudioError as error:
            return error

    infos: dict[Source, AudioInfo] = {}
    failures: dict[Source, AudioError] = {}
    with ThreadPoolExecutor(_THREADS) as pool:
        for source, answer in zip(sources, pool.map(look, sources), strict=True):
            if isinstance(answer, AudioError):
                failures[source] = answer
            else:
                infos[source] = answer
    return infos, failures


def _sources(candidate: Candidate) -> list[Source]:
    mixture = [] if candidate.mixture is None else [candidate.mixture]
    return [*candidate.stems.values(), *mixture]


def _problems(candidate: Candidate, failures: Mapping[Source, AudioError]) -> list[Skipped]:
    # By path, so that a damaged container is named once and not for each of its streams.
    reasons = {
        source.path: str(failures[source]) for source in _sources(candidate) if source in failures
    }
    if not candidate.stems and not reasons:
        reasons[candidate.path] = (
            f"{candidate.path} has a mixture and no stem: add the stems, or remove the folder"
        )
    return [Skipped(path, reason) for path, reason in reasons.items()]


def _track(candidate: Candidate, infos: Mapping[Source, AudioInfo]) -> Track:
    def recording(source: Source) -> Recording:
        return Recording(source.path, source.stream, infos[source])

    return Track(
        candidate.name,
        {name: recording(source) for name, source in candidate.stems.items()},
        None if candidate.mixture is None else recording(candidate.mixture),
    )


def _complaint(root: Path, skipped: Sequence[Skipped], *, kept: int) -> str:
    remedy = (
        "pass --skip-broken to leave such tracks out" if kept else "no track is left without them"
    )
    if len(skipped) == 1:
        return f"{skipped[0].reason} ({remedy})"
    lines = [f"  - {problem.reason}" for problem in skipped[:_SHOWN]]
    if len(skipped) > _SHOWN:
        lines.append(f"  and {len(skipped) - _SHOWN} more")
    return f"{len(skipped)} files of {root} cannot be used ({remedy}):\n" + "\n".join(lines)


def _require_something_to_separate(dataset: Dataset) -> None:
    if len(dataset.stem_names) == 1 and all(track.mixture is None for track in dataset.tracks):
        raise DataError(
            f"the tracks of {dataset.root} have only {dataset.stem_names[0]} and no mixture, so that there is "
            "nothing to separate it from: add the other stems, or a mixture"
        )

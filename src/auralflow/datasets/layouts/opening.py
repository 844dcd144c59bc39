"""A folder of music as a dataset whose every file has been looked into."""

import logging
from collections.abc import Container, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from auralflow.audio import Backend, probe
from auralflow.audio.wave_header import read_wave_header
from auralflow.datasets.arranging import Sums, arrange
from auralflow.datasets.facts import Fact, Facts
from auralflow.datasets.layouts.candidates import Candidate, Source
from auralflow.datasets.layouts.finding import find_tracks
from auralflow.datasets.store.cache import facts_folder
from auralflow.datasets.tracks import (
    Dataset,
    FileState,
    RawSamples,
    Recording,
    Skipped,
    Track,
)
from auralflow.errors import AudioError, DataError

__all__ = ["open_dataset"]

logger = logging.getLogger(__name__)

_THREADS = 16
_SHOWN = 5

Looked = Mapping[Source, Recording | AudioError]


def open_dataset(
    root: Path,
    *,
    layout: str = "auto",
    stems: Sums | None = None,
    optional: Container[str] = (),
    targets: Iterable[str] = (),
    skip_broken: bool = False,
    backend: Backend = "soundfile",
) -> Dataset:
    """Find the tracks below a folder and probe each of their files; nothing is decoded that need not be.

    Files that an earlier run looked into and that have not changed since are not opened again.

    Args:
        root: the folder; see `find_tracks` for how music may lie in it. Or a manifest.
        layout: the name of a layout, or `auto`.
        stems: stems to rename or to sum: `{"accompaniment": ("drums", "bass", "other")}`.
        optional: names among `stems` whose parts need not be there.
        targets: what is to be estimated: such stems can be told apart though they are part of sums, too.
        skip_broken: leave out tracks with a file that cannot be read, and tracks that have only a mixture, rather
            than raise; they are listed in the dataset's `skipped`.
        backend: the library that is asked first.

    Raises:
        DataError: there is no such folder or no usable track in it; a track cannot be used and `skip_broken` is off;
            or all that the tracks have is one stem, without any mixture.
    """
    root = Path(root)
    found = find_tracks(root, layout)
    arranged, sums = arrange(found.splits, stems or {}, targets, optional=optional)
    looked = _look_into(root, arranged, backend)
    skipped: list[Skipped] = []
    splits: dict[str, tuple[Track, ...]] = {}
    for split, tracks in arranged.items():
        usable = []
        for candidate in tracks:
            problems = _problems(candidate, looked)
            skipped += problems
            if not problems:
                usable.append(_track(candidate, looked, sums))
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


def _look_into(
    root: Path, splits: Mapping[str, Sequence[Candidate]], backend: Backend
) -> dict[Source, Recording | AudioError]:
    """Each recording with what is known of it, or why it cannot be read."""
    facts = Facts(facts_folder(), root, backend=backend)
    looked: dict[Source, Recording | AudioError] = {}
    unknown: list[Source] = []
    for tracks in splits.values():
        for source in (source for track in tracks for source in track.sources):
            known = _known(source, facts)
            if known is None:
                unknown.append(source)
            else:
                looked[source] = known
    if unknown:
        with ThreadPoolExecutor(_THREADS) as pool:
            answers = pool.map(lambda source: _look(source, backend), unknown)
            for source, answer in zip(unknown, answers, strict=True):
                if isinstance(answer, AudioError):
                    looked[source] = answer
                else:
                    state, fact = answer
                    facts.add(source.path, source.stream, state, fact)
                    looked[source] = _recording(source, state, fact)
        facts.save()
    return looked


def _known(source: Source, facts: Facts) -> Recording | AudioError | None:
    try:
        state = FileState.of(source.path.stat())
    except OSError:
        return None
    fact = facts.get(source.path, source.stream, state)
    return None if fact is None else _recording(source, state, fact)


def _look(source: Source, backend: Backend) -> tuple[FileState, Fact] | AudioError:
    try:
        # Before it is looked into: what changes meanwhile is found to have changed.
        status = source.path.stat() if source.path.exists() else None
        info = probe(source.path, stream=source.stream, backend=backend)
        if status is None:
            return AudioError(f"{source.path} was not there a moment ago: run this again")
        return FileState.of(status), (info, None if source.stream else _raw(source.path))
    except AudioError as error:
        return error
    except OSError as error:
        return AudioError(f"{source.path} cannot be read ({error.strerror}): check its permissions")


def _raw(path: Path) -> RawSamples | None:
    with path.open("rb") as file:
        header = read_wave_header(file)
    if header is None or header.dtype is None or header.missing:
        return None
    return RawSamples(header.offset, header.dtype)


def _recording(source: Source, state: FileState, fact: Fact) -> Recording | AudioError:
    info, raw = fact
    whole = Recording(source.path, source.stream, info, state=state, raw=raw)
    if source.start is None and source.end is None:
        return whole
    start = round((source.start or 0.0) * info.sample_rate)
    end = info.samples if source.end is None else round(source.end * info.sample_rate)
    if start >= info.samples or end > info.samples + info.sample_rate // 10:
        span = (
            f"from {source.start or 0} to {source.end if source.end is not None else 'its end'} s"
        )
        return AudioError(
            f"{source.path} lasts {info.seconds:.3f} s, and an excerpt {span} is wanted: correct start and end"
        )
    length = min(end, info.samples) - start
    return replace(whole, info=replace(info, samples=length), start=start)


def _problems(candidate: Candidate, looked: Looked) -> list[Skipped]:
    # By path, so that a damaged container is named once and not for each of its streams.
    reasons = {
        source.path: str(found)
        for source in candidate.sources
        if isinstance(found := looked[source], AudioError)
    }
    if not candidate.stems and not reasons:
        reasons[candidate.path] = (
            f"{candidate.path} has a mixture and no stem: add the stems, or remove the folder"
        )
    return [Skipped(path, reason) for path, reason in reasons.items()]


def _track(candidate: Candidate, looked: Looked, sums: Sums) -> Track:
    def recording(source: Source) -> Recording:
        found = looked[source]
        if isinstance(found, AudioError):
            raise found
        return found

    return Track(
        candidate.name,
        {name: tuple(map(recording, parts)) for name, parts in candidate.stems.items()},
        None if candidate.mixture is None else recording(candidate.mixture),
        candidate.plays_alone,
        sums,
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

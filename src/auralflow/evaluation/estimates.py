"""Stems that something separated already, as they lie in a folder.

<folder>/<track>/<target>.wav                any audio suffix
<folder>/<track>/mixture/<target>.wav        as `auralflow separate` leaves a folder of tracks
<folder>/test/<track>/<target>.wav           either of them below any other folders
"""

import os
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from auralflow.audio import AUDIO_SUFFIXES, AudioReader, Backend, probe
from auralflow.config.layers import did_you_mean
from auralflow.datasets.reading import track_blocks
from auralflow.datasets.tracks import FileState, Track
from auralflow.errors import AudioError, DataError
from auralflow.evaluation.contender import Blocks
from auralflow.separation.tracks import TrackBlock
from auralflow.shapes import Audio

__all__ = ["Estimates", "find_estimates"]

_MIXTURES = ("mixture", "mix")
_STEM_MP4 = ".stem"
_TOLERANCE_SECONDS = 0.1
_BLOCK_SECONDS = 8

Files = Mapping[str, Path]
"""The file of each target."""


@dataclass(frozen=True)
class Estimates:
    """A folder of separated stems."""

    name: str
    targets: tuple[str, ...]
    folder: Path
    files: Mapping[str, Files]
    """By track and target."""
    backend: Backend

    def identity(self, track: Track) -> object:
        """The files of the track and the state that they are in."""
        return [[str(path), *FileState.of(path.stat())] for path in self._files(track)]

    def open(self) -> Blocks:
        """Reads the stems beside the track."""
        return self._blocks

    def _files(self, track: Track) -> list[Path]:
        found = self.files.get(_plain(track.name))
        if found is None:
            hint = did_you_mean(track.name, list(self.files))
            raise AudioError(
                f"{self.folder} holds no estimates of {track.name}{hint}: put them into "
                f"{self.folder / track.name}, or choose tracks with --tracks"
            )
        missing = [target for target in self.targets if target not in found]
        if missing:
            raise AudioError(
                f"{self.folder} holds no {', '.join(missing)} of {track.name}, but {', '.join(sorted(found))}: "
                "add the files, or leave the track out with --skip-broken"
            )
        return [found[target] for target in self.targets]

    def _blocks(self, track: Track) -> Iterator[TrackBlock]:
        samples = _BLOCK_SECONDS * track.sample_rate
        with ExitStack() as stack:
            readers = [
                stack.enter_context(_Estimate(path, track, self.backend))
                for path in self._files(track)
            ]
            blocks = track_blocks(track, self.targets, block_samples=samples, backend=self.backend)
            start = 0
            for mixture, stems in blocks:
                estimate = np.stack([r.take(start, mixture.shape[-1]) for r in readers])
                start += mixture.shape[-1]
                yield TrackBlock(mixture, stems, estimate)


class _Estimate(AudioReader):
    """A stem that must fit its track, but for a short difference at the end, which is cut or filled with silence."""

    def __init__(self, path: Path, track: Track, backend: Backend) -> None:
        info = probe(path, backend=backend)
        if info.sample_rate != track.sample_rate:
            raise AudioError(
                f"{path} is {info.sample_rate} Hz, and the track is {track.sample_rate} Hz: resample the estimates"
            )
        if info.channels not in (1, track.channels):
            raise AudioError(
                f"{path} has {info.channels} channels, and the track has {track.channels}: give as many, or one, "
                "which then counts for all"
            )
        difference = (info.samples - track.samples) / track.sample_rate
        if abs(difference) > _TOLERANCE_SECONDS:
            longer = "longer" if difference > 0 else "shorter"
            raise AudioError(
                f"{path} is {abs(difference):.2f} s {longer} than the track, which lasts {track.seconds:.2f} s: "
                f"separate the whole track, since more than {_TOLERANCE_SECONDS} s is no padding"
            )
        super().__init__(path, backend=backend)
        self._channels = track.channels

    def take(self, start: int, samples: int) -> Audio:
        """The samples from `start` on, for every channel of the track; silence after the end."""
        length = max(0, min(samples, self.info.samples - start))
        audio: Float[ndarray, "C T"] = (
            self.span(start, length) if length else np.zeros((self.info.channels, 0), np.float32)
        )
        padded = np.pad(audio, ((0, 0), (0, samples - length)))
        return np.broadcast_to(padded, (self._channels, samples))


def find_estimates(
    folder: Path, targets: Sequence[str], *, name: str, backend: Backend
) -> Estimates:
    """The estimates of a folder, of those `targets` that it has at least once.

    Raises `DataError` where there are none, and where a track's lie in two places.
    """
    if not folder.is_dir():
        raise DataError(f"{folder} is no folder: give the one that holds <track>/<stem>.wav")
    tracks: dict[str, dict[str, Path]] = {}
    for place, _, names in sorted(os.walk(folder)):
        for path in (Path(place) / name for name in sorted(names)):
            if path.name.startswith(".") or path.suffix.lower() not in AUDIO_SUFFIXES:
                continue
            stem = path.stem.strip().lower()
            if stem not in targets:
                continue
            home = path.parent
            if home.name.lower() in _MIXTURES and home != folder:
                home = home.parent
            files = tracks.setdefault(_plain(home.name), {})
            if stem in files:
                raise DataError(
                    f"{folder} holds {stem} of {home.name} twice, as {files[stem]} and {path}: keep one of them"
                )
            files[stem] = path
    found = tuple(t for t in targets if any(t in files for files in tracks.values()))
    if not found:
        raise DataError(
            f"{folder} holds no estimates of {', '.join(targets)}: looked for <track>/<stem>.wav, such as "
            f"{folder / 'Song' / targets[0]}.wav"
        )
    return Estimates(name, found, folder, tracks, backend)


def _plain(name: str) -> str:
    """A track's name as folders may spell it."""
    return unicodedata.normalize("NFC", name.strip()).removesuffix(_STEM_MP4)

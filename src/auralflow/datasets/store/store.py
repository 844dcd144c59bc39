"""Recordings as raw samples: read where they lie, or decoded once into a cache."""

import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import UInt8
from numpy import ndarray

from auralflow.audio import Backend, resampled_length
from auralflow.datasets.store.cache import cache_folder, cache_name, place_of, unwritable
from auralflow.datasets.store.decoding import decode
from auralflow.datasets.store.direct import DirectAudio
from auralflow.datasets.store.loudness import measure, read_levels, write_levels
from auralflow.datasets.store.room import make_room
from auralflow.datasets.store.sharing import do_shared
from auralflow.datasets.store.stored import (
    HEADER_BYTES,
    Samples,
    StoredAudio,
    find_in_cache,
    find_in_wave,
)
from auralflow.datasets.tracks import Recording
from auralflow.errors import AudioError

__all__ = ["Store", "Work"]

_CHECK_BLOCK = 1 << 20
# A temporary file older than this belongs to no process that still runs.
_ABANDONED_SECONDS = 24 * 3600
_ENDINGS = (".pcm", ".finite", ".levels", ".lock")


@dataclass(frozen=True)
class Work:
    """What is to be done before recordings can be used."""

    recordings: int
    """That are decoded, looked through or measured."""
    seconds: float
    """Of music in those that are decoded."""
    bytes: int
    """That the folder grows by."""


class Store:
    """Gives every recording as raw samples at one rate.

    WAV files of 16- or 32-bit integers or 32-bit floating point at that rate are used where they lie. All else is
    decoded and resampled once into files that later runs and other processes find again, by the recording's place, size
    and times: a recording that was replaced is decoded anew. The store itself holds nothing open.
    """

    def __init__(
        self,
        folder: Path | None = None,
        *,
        sample_rate: int,
        backend: Backend = "soundfile",
        limit_bytes: int | None = None,
        keeps: bool = True,
        levels: bool = False,
    ) -> None:
        """Keep decoded samples at `sample_rate` Hz in `folder`; None is `cache_folder()`.

        `limit_bytes` is what the folder may hold: what was not used for longest makes room. `levels` has how loud each
        recording is over time measured while it is prepared. Without `keeps` nothing is decoded before it is wanted, and
        then each time anew.
        """
        self.folder = cache_folder() if folder is None else Path(folder)
        self.sample_rate = sample_rate
        self.backend = backend
        self.limit_bytes = limit_bytes
        self.keeps = keeps
        self.levels = levels

    def work(self, recordings: Iterable[Recording]) -> Work:
        """What `prepare` would do for these; known before anything is decoded."""
        waiting = self._unprepared(recordings)
        decoded = [recording for recording in waiting if not self._is_usable(recording)]
        return Work(
            len(waiting),
            sum(recording.info.seconds for recording in decoded),
            sum(self._bytes_of(recording) for recording in decoded),
        )

    def cost(self, recordings: Iterable[Recording]) -> int:
        """Bytes that `prepare` would add to the folder for these."""
        return self.work(recordings).bytes

    def prepare(
        self,
        recordings: Iterable[Recording],
        *,
        workers: int = 1,
        progress: Callable[[int, int], object] | None = None,
    ) -> dict[Recording, AudioError]:
        """Decode what must be decoded, and look through floating point once for samples that are not finite.

        `workers` threads share the work: decoders let go of Python's lock. So do several processes that prepare the same
        recordings at once. Interrupted, it goes on where it was. `progress` is called with how many recordings are done
        and how many there are to do, from the thread that called.

        Returns:
            The recordings that cannot be used, each with its error; the others are ready.

        Raises:
            OutputError: the folder cannot be written, or has no room for what is to be decoded.
        """
        every = list(dict.fromkeys(recordings))
        waiting = self._unprepared(every)
        if not waiting:
            return {}
        self._make_folder(self.folder)
        needed = sum(self._bytes_of(entry) for entry in waiting if not self._is_usable(entry))
        if needed:
            make_room(self.folder, needed, limit=self.limit_bytes, keep=lambda: self._names(every))
        return do_shared(
            waiting,
            self._prepare,
            is_done=self._is_prepared,
            lock=lambda recording: self._place(recording, "lock"),
            workers=workers,
            progress=progress,
        )

    def open(self, recording: Recording) -> Samples:
        """The samples of a recording; one that is not prepared is, here and now.

        Raises:
            AudioError: it cannot be decoded.
            OSError: its file is gone.
            OutputError: the folder cannot be written.
        """
        if wave := find_in_wave(recording, self.sample_rate):
            return wave
        if not self.keeps:
            return DirectAudio(recording, self.sample_rate, self.backend)
        return find_in_cache(self._place(recording)) or self._decode(recording)

    def levels_of(self, recording: Recording) -> UInt8[ndarray, " N"]:
        """How loud a recording is over time, as `measure` gives it; measured now where it has not been.

        Raises:
            AudioError: it cannot be decoded.
            OSError: its file is gone.
            OutputError: the folder cannot be written.
        """
        place = self._place(recording, "levels")
        levels = read_levels(place)
        if levels is None:
            audio = self.open(recording)
            levels = measure(audio, self.sample_rate)
            audio.close()
            self._make_folder(place.parent)
            try:
                write_levels(place, levels)
            except OSError as error:
                raise unwritable(self.folder, error) from error
        return levels

    def size(self) -> int:
        """Bytes that the folder holds, for all rates and datasets."""
        total = 0
        for path in self._files():
            try:
                total += path.stat().st_size
            except FileNotFoundError:
                continue  # another process made room meanwhile
        return total

    def clear(self, recordings: Iterable[Recording] | None = None) -> int:
        """Remove what is kept of these recordings, or everything; what a process still has open stays usable to it.

        It is removed for all rates. What other processes are writing at the moment stays.

        Returns:
            Bytes that have become free.

        Raises:
            OutputError: the folder cannot be written.
        """
        places = None
        if recordings is not None:
            places = {place_of(recording, backend=self.backend) for recording in recordings}
        freed = 0
        try:
            for path in list(self._files()):
                try:
                    status = path.stat()
                except FileNotFoundError:
                    continue  # another process has removed it meanwhile
                size = status.st_size
                if path.suffix == ".part":
                    ours = time.time() - status.st_mtime > _ABANDONED_SECONDS
                else:
                    ours = places is None or path.name.partition("-")[0] in places
                if ours:
                    freed += size
                    path.unlink(missing_ok=True)
        except OSError as error:
            raise unwritable(self.folder, error) from error
        return freed

    def _unprepared(self, recordings: Iterable[Recording]) -> Sequence[Recording]:
        present = {path.name for path in self._files()}
        return [
            entry for entry in dict.fromkeys(recordings) if not self._is_prepared(entry, present)
        ]

    def _is_prepared(self, recording: Recording, present: set[str] | None = None) -> bool:
        """Whether nothing is to be done; `present` are the names in the folder, where they are known already."""
        try:
            wave = find_in_wave(recording, self.sample_rate)
            wanted = [] if wave or not self.keeps else ["pcm"]
            if wave and wave.dtype == "<f4":
                wanted.append("finite")
            if self.levels:
                wanted.append("levels")
            if not wanted:
                return True
            place = self._place(recording, "pcm")
        except OSError:
            return False  # it is gone, which preparing it will say
        places = [place.with_suffix(f".{ending}") for ending in wanted]
        if present is not None and any(path.name not in present for path in places):
            return False
        if "pcm" in wanted and present is None and find_in_cache(place) is None:
            return False
        return present is not None or all(path.exists() for path in places)

    def _is_usable(self, recording: Recording) -> bool:
        """Whether its samples can be read without being decoded before."""
        try:
            return (
                not self.keeps
                or find_in_wave(recording, self.sample_rate) is not None
                or find_in_cache(self._place(recording)) is not None
            )
        except OSError:
            return True  # it is gone and takes no room

    def _bytes_of(self, recording: Recording) -> int:
        info = recording.info
        length = resampled_length(info.samples, source=info.sample_rate, wanted=self.sample_rate)
        return HEADER_BYTES + 2 * info.channels * length

    def _prepare(self, recording: Recording) -> None:
        try:
            wave = find_in_wave(recording, self.sample_rate)
            if wave is None and self.keeps:
                if find_in_cache(self._place(recording)) is None:
                    self._decode(recording)
            elif wave is not None and wave.dtype == "<f4":
                self._check(recording, wave)
            if self.levels:
                self.levels_of(recording)
        except FileNotFoundError as error:
            raise AudioError(f"there is no file {recording.path} any more: put it back") from error

    def _decode(self, recording: Recording) -> StoredAudio:
        place = self._place(recording)
        self._make_folder(place.parent)
        try:
            decode(recording, place, sample_rate=self.sample_rate, backend=self.backend)
        except OSError as error:
            raise unwritable(self.folder, error) from error
        self._remove_others(place)
        stored = find_in_cache(place)
        if stored is None:
            raise unwritable(self.folder, OSError("what was written is gone again"))
        return stored

    def _check(self, recording: Recording, wave: StoredAudio) -> None:
        """Look for samples that are not finite in floating point that no decoder looks at."""
        mark = self._place(recording, "finite")
        if mark.exists():
            return
        for start in range(0, wave.length, _CHECK_BLOCK):
            samples = wave.read(start, min(start + _CHECK_BLOCK, wave.length))
            finite = np.isfinite(samples).all(axis=1)
            if not finite.all():
                seconds = (start + int(np.argmin(finite))) / self.sample_rate
                raise AudioError(
                    f"{recording.path} holds a sample that is no finite number at {seconds:.3f} s: "
                    "repair or replace it"
                )
        wave.close()
        self._make_folder(mark.parent)
        try:
            mark.touch()
        except OSError as error:
            raise unwritable(self.folder, error) from error
        self._remove_others(mark)

    def _place(self, recording: Recording, ending: str = "pcm") -> Path:
        folder, name = cache_name(recording, sample_rate=self.sample_rate, backend=self.backend)
        return self.folder / folder / f"{name}.{ending}"

    def _names(self, recordings: Iterable[Recording]) -> set[str]:
        """What the recordings are called in the folder, without the ending."""
        names = set()
        for recording in recordings:
            try:
                names.add(self._place(recording).stem)
            except OSError:
                continue
        return names

    def _remove_others(self, current: Path) -> None:
        """Remove what the same recording was before it was replaced."""
        place, _, state = current.stem.rpartition("-")
        for path in current.parent.glob(f"{place}-*"):
            if path.stem.rpartition("-")[2] != state:
                path.unlink(missing_ok=True)

    def _make_folder(self, folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise unwritable(self.folder, error) from error

    def _files(self) -> Iterator[Path]:
        """What the store has written, without what else may lie in the folder."""
        for folder, _, names in os.walk(self.folder):
            for name in names:
                if name.endswith((*_ENDINGS, ".part")):
                    yield Path(folder, name)

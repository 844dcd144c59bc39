"""Recordings as raw samples: mapped where they lie, or decoded once into a cache."""

import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

import numpy as np

from auralflow.audio import Backend, resampled_length
from auralflow.datasets.store.cache import cache_folder, cache_name, unwritable
from auralflow.datasets.store.decoding import decode
from auralflow.datasets.store.stored import (
    HEADER_BYTES,
    StoredAudio,
    find_in_cache,
    find_in_wave,
)
from auralflow.datasets.tracks import Recording
from auralflow.errors import AudioError

__all__ = ["Store"]

_CHECK_BLOCK = 1 << 20
# A temporary file older than this belongs to no process that still runs.
_ABANDONED_SECONDS = 24 * 3600


class Store:
    """Gives every recording as a memory map of raw samples at one rate.

    WAV files of 16- or 32-bit integers or 32-bit floating point at that rate are used where they lie. All else is
    decoded and resampled once into files that later runs and other processes find again, by the recording's place, size
    and time of modification: a recording that was replaced is decoded anew. The store itself holds nothing open and is
    cheap to send to a worker process.
    """

    def __init__(
        self, folder: Path | None = None, *, sample_rate: int, backend: Backend = "soundfile"
    ) -> None:
        """Keep decoded samples at `sample_rate` Hz in `folder`; None is `cache_folder()`."""
        self.folder = cache_folder() if folder is None else Path(folder)
        self.sample_rate = sample_rate
        self.backend = backend

    def cost(self, recordings: Iterable[Recording]) -> int:
        """Bytes that `prepare` would add to the folder for these; known before anything is decoded."""
        total = 0
        for recording in self._unprepared(recordings):
            if self._mapped(recording) is None:
                info = recording.info
                length = resampled_length(
                    info.samples, source=info.sample_rate, wanted=self.sample_rate
                )
                total += HEADER_BYTES + 2 * info.channels * length
        return total

    def prepare(
        self,
        recordings: Iterable[Recording],
        *,
        workers: int = 1,
        progress: Callable[[int, int], object] | None = None,
    ) -> dict[Recording, AudioError]:
        """Decode what must be decoded, and look through floating point once for samples that are not finite.

        `workers` threads share the work: decoders let go of Python's lock. `progress` is called with how many recordings
        are done and how many there are to do, from the thread that called.

        Returns:
            The recordings that cannot be used, each with its error; the others are ready.

        Raises:
            OutputError: the folder cannot be written.
        """
        waiting = self._unprepared(recordings)
        failures: dict[Recording, AudioError] = {}
        if not waiting:
            return failures
        pool = ThreadPoolExecutor(max_workers=max(1, workers), thread_name_prefix="decode")
        try:
            jobs = {pool.submit(self._prepare, recording): recording for recording in waiting}
            for done, job in enumerate(as_completed(jobs), start=1):
                try:
                    job.result()
                except AudioError as error:
                    failures[jobs[job]] = error
                if progress is not None:
                    progress(done, len(waiting))
        finally:
            pool.shutdown(cancel_futures=True)
        return failures

    def open(self, recording: Recording) -> StoredAudio:
        """The samples of a recording; one that is not prepared is, here and now.

        Raises:
            AudioError: it cannot be decoded.
            OSError: its file is gone.
            OutputError: the folder cannot be written.
        """
        return (
            self._mapped(recording)
            or find_in_cache(self._place(recording))
            or self._decode(recording)
        )

    def size(self) -> int:
        """Bytes that the folder holds, for all rates and datasets."""
        return sum(path.stat().st_size for path in self._files("*.pcm", "*.part"))

    def clear(self) -> None:
        """Remove all decoded samples, for all rates and datasets; what a process still has mapped stays usable to it.

        Raises:
            OutputError: the folder cannot be written.
        """
        try:
            for path in self._files("*.pcm", "*.finite"):
                path.unlink(missing_ok=True)
            for path in self._files("*.part"):
                if time.time() - path.stat().st_mtime > _ABANDONED_SECONDS:
                    path.unlink(missing_ok=True)
        except OSError as error:
            raise unwritable(self.folder, error) from error

    def _unprepared(self, recordings: Iterable[Recording]) -> Sequence[Recording]:
        return [entry for entry in dict.fromkeys(recordings) if not self._is_prepared(entry)]

    def _is_prepared(self, recording: Recording) -> bool:
        try:
            mapped = self._mapped(recording)
            if mapped is None:
                return find_in_cache(self._place(recording)) is not None
            return mapped.dtype != "<f4" or self._place(recording, "finite").exists()
        except OSError:
            return False  # it is gone, which preparing it will say

    def _prepare(self, recording: Recording) -> None:
        try:
            mapped = self._mapped(recording)
            if mapped is not None:
                self._check(recording, mapped)
            else:
                self._decode(recording)
        except FileNotFoundError as error:
            raise AudioError(f"there is no file {recording.path} any more: put it back") from error

    def _decode(self, recording: Recording) -> StoredAudio:
        place = self._place(recording)
        self._make_folder()
        try:
            decode(recording, place, sample_rate=self.sample_rate, backend=self.backend)
        except OSError as error:
            raise unwritable(self.folder, error) from error
        self._remove_others(place)
        stored = find_in_cache(place)
        if stored is None:
            raise unwritable(self.folder, OSError("what was written is gone again"))
        return stored

    def _check(self, recording: Recording, mapped: StoredAudio) -> None:
        """Look for samples that are not finite in floating point that no decoder looks at."""
        for start in range(0, mapped.length, _CHECK_BLOCK):
            finite = np.isfinite(mapped.samples[start : start + _CHECK_BLOCK]).all(axis=1)
            if not finite.all():
                seconds = (start + int(np.argmin(finite))) / self.sample_rate
                raise AudioError(
                    f"{recording.path} holds a sample that is no finite number at {seconds:.3f} s: "
                    "repair or replace it"
                )
        self._make_folder()
        try:
            mark = self._place(recording, "finite")
            mark.touch()
        except OSError as error:
            raise unwritable(self.folder, error) from error
        self._remove_others(mark)

    def _mapped(self, recording: Recording) -> StoredAudio | None:
        """The samples where they lie, if they can be used there."""
        return None if recording.stream else find_in_wave(recording.path, self.sample_rate)

    def _place(self, recording: Recording, ending: str = "pcm") -> Path:
        place, state = cache_name(recording, sample_rate=self.sample_rate, backend=self.backend)
        return self.folder / f"{place}-{state}.{ending}"

    def _remove_others(self, current: Path) -> None:
        """Remove what the same recording was before it was replaced."""
        place = current.name.partition("-")[0]
        for path in self._files(f"{place}-*"):
            if path != current:
                path.unlink(missing_ok=True)

    def _make_folder(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise unwritable(self.folder, error) from error

    def _files(self, *patterns: str) -> list[Path]:
        return [path for pattern in patterns for path in self.folder.glob(pattern)]

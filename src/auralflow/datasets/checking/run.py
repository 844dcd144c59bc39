"""Checking a dataset: every file is listened to once, and every check looks at what was heard."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from auralflow.datasets.checking.catalogue import CHECKS, choose_checks
from auralflow.datasets.checking.findings import SEVERITIES, Finding
from auralflow.datasets.checking.listening import HeardTrack, listen
from auralflow.datasets.checking.opening import open_for_checking
from auralflow.datasets.checking.report import Report
from auralflow.datasets.config import DataConfig
from auralflow.errors import ConfigError

__all__ = ["Progress", "check_dataset"]

Progress = Callable[[int, int, str], None]
"""Is told tracks done, tracks in all, and the name of the one done last."""

_MOST_WORKERS = 8


def check_dataset(
    data: Path | str | Sequence[Path | str],
    config: DataConfig | None = None,
    *,
    skip: Sequence[str] = (),
    workers: int | None = None,
    progress: Progress | None = None,
) -> Report:
    """Look for what is wrong with a dataset, or with several as one.

    Args:
        data: folders, manifests, or descriptions of several datasets.
        config: how the music lies there and which tracks are held out; `skip-broken` is taken to be on.
        skip: names of checks to leave out, see `CHECKS`.
        workers: tracks that are listened to at once; by default one a processor, at most 8.
        progress: is told after each track.

    Raises:
        DataError: there is no music to check, or a folder is not there.
        ConfigError: a check is named that does not exist, or there are no workers.
    """
    checks = choose_checks(skip)
    if workers is not None and workers < 1:
        raise ConfigError(f"there are {workers} workers: give at least 1")
    places = [data] if isinstance(data, str | Path) else list(data)
    tracks, unopened = open_for_checking(places, config or DataConfig())
    backend = (config or DataConfig()).backend
    heard: list[HeardTrack | None] = [None] * len(tracks)
    pool = ThreadPoolExecutor(workers or min(_MOST_WORKERS, os.cpu_count() or 1))
    try:
        futures = {
            pool.submit(listen, track, split, backend): number
            for number, (track, split) in enumerate(tracks)
        }
        for done, future in enumerate(as_completed(futures), start=1):
            number = futures[future]
            heard[number] = future.result()
            if progress is not None:
                progress(done, len(tracks), tracks[number][0].name)
    finally:
        # An interruption does not wait for all the tracks that have not begun.
        pool.shutdown(cancel_futures=True)
    whole = [track for track in heard if track is not None]
    names = tuple(check.name for check in checks)
    found = [finding for finding in unopened if finding.check in names]
    found += [finding for check in checks for finding in check.find(whole)]
    return Report(
        len(tracks),
        sum(len(track.recordings) for track, _ in tracks),
        sum(track.seconds for track, _ in tracks),
        names,
        tuple(sorted(found, key=_order)),
    )


_PLACES = {check.name: place for place, check in enumerate(CHECKS)}


def _order(finding: Finding) -> tuple[int, int, str, str, str]:
    return (
        _PLACES[finding.check],
        SEVERITIES.index(finding.severity),
        finding.split,
        finding.track,
        finding.stem,
    )

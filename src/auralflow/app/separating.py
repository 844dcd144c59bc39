"""A song through a network, to the files and the player that the page shows."""

import math
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from auralflow.app.results import PLAYER, Result
from auralflow.audio import AudioReader, StemWriter, read, resample
from auralflow.models.base import Separator
from auralflow.report.listening import ListeningPage, ListeningTrack, write_listening_report
from auralflow.separation import Bag, FileResult, SeparationConfig, separate_file
from auralflow.shapes import Audio

__all__ = ["Progress", "separate_song"]

Progress = Callable[[float, str], None]
"""Told which share of the work is done, and what is being done; what it raises ends the work."""

_SEPARATING = 0.85
"""The share of the work that is separation; the rest makes the player."""


def separate_song(
    network: Separator | Bag,
    song: Path,
    folder: Path,
    *,
    name: str,
    config: SeparationConfig,
    truth: Mapping[str, Path],
    progress: Progress,
) -> Result:
    """Write the stems and the player to a folder that is not there yet; `name` is the network's.

    `truth` are the stems of a song that was composed. Raises what `separate_file` does, and what `progress` raises;
    the caller removes the folder then.
    """

    def separated(_: Path, done: int, total: int) -> None:
        progress(_SEPARATING * done / total, f"Separating {song.name}")

    progress(0.0, f"Separating {song.name}")
    made = separate_file(
        network,
        song,
        folder,
        encoding=config.encoding(),
        residual=config.residual,
        overs=config.overs,
        options=config.options(),
        progress=separated,
    )
    progress(_SEPARATING, "Making the player")
    _write_player(folder / PLAYER, song, made, name, truth)
    progress(1.0, "Done")
    return Result(folder, song.stem, name, made.files, _note(made, clips=config.encoding().clips))


def _write_player(
    path: Path, song: Path, made: FileResult, network: str, truth: Mapping[str, Path]
) -> None:
    with AudioReader(song) as reader:
        info = reader.info
    track = ListeningTrack(
        song.stem,
        info.sample_rate,
        _heard(song),
        {stem: _heard(file) for stem, file in truth.items() if stem in made.files},
        {network: _stems(made, info.samples)},
    )
    write_listening_report(path, ListeningPage(song.stem, models=[network], tracks=[track]))


def _stems(made: FileResult, samples: int) -> dict[str, Audio]:
    """Those of the files, at the rate and of the length of the song, which those of Opus may not have."""
    rate, written = made.sample_rates
    streams: list[tuple[str, Path, int | None]] = [
        (name, file, None) for name, file in made.files.items()
    ]
    if made.is_stem_file:
        file = made.files["stems"]
        streams = [(name, file, place) for place, name in enumerate(StemWriter.STEMS, start=1)]
    stems = {}
    for name, file, stream in streams:
        audio = resample(_heard(file, stream), source=written, wanted=rate)[:, :samples]
        stems[name] = np.pad(audio, ((0, 0), (0, samples - audio.shape[1])), mode="edge")
    return stems


def _heard(file: Path, stream: int | None = None) -> Audio:
    """The file as the player takes it: more than two channels become one."""
    audio = read(file, stream=stream)
    return audio if len(audio) <= 2 else audio.mean(0, keepdims=True)


def _note(made: FileResult, *, clips: bool) -> str:
    if made.gain != 1.0:
        return f"All stems were rescaled by {20 * math.log10(made.gain):.2f} dB to fit full scale."
    if made.overs and clips:
        return f"{made.overs} samples beyond full scale (peak {made.peak:.3f}) were clipped."
    return ""

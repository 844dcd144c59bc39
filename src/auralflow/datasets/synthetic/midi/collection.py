"""A dataset of MIDI files: each a track of stems, in `<folder>/train` and `<folder>/test`."""

from functools import partial
from pathlib import Path
from typing import Literal

from auralflow.audio import Encoding
from auralflow.datasets.synthetic.collection import Collection, divide
from auralflow.datasets.synthetic.midi.grouping import Grouping
from auralflow.datasets.synthetic.midi.rendering import TAIL_SECONDS, find_player, render_midi
from auralflow.datasets.synthetic.midi.score import read_score
from auralflow.datasets.synthetic.midi.soundfont import find_soundfont
from auralflow.datasets.synthetic.recordings import Recording
from auralflow.errors import DataError

__all__ = ["plan_midi_collection"]

_SUFFIXES = (".mid", ".midi")


def plan_midi_collection(
    folder: Path,
    *,
    source: Path,
    soundfont: Path | None = None,
    stems: Grouping = "four",
    vocals_track: str | None = None,
    test: int = 0,
    sample_rate: int = 44_100,
    format: Literal["wav", "flac"] = "wav",  # noqa: A002  (the key of `Encoding`)
    force: bool = False,
) -> Collection:
    """A track for each MIDI file, or each in a folder: the first `test` by name in `test`, the rest in `train`.

    With `stems="four"` a track has drums, bass, other and vocals; with `"families"` a stem for each family of
    instruments that it uses. A track named `vocals_track` within a file is its vocals.

    Raises `DataError` for files that are missing, damaged or empty, `ConfigError` without a soundfont,
    `MissingExtraError` without the extra `midi`, and `OutputError` where a track's folder holds something else.
    """
    find_player()
    font = find_soundfont(soundfont)
    files = _midi_files(source)
    if not 0 <= test <= len(files):
        raise DataError(
            f"{test} of {len(files)} MIDI files cannot be for testing: ask for 0 to {len(files)}"
        )
    recordings = []
    for number, (name, path) in enumerate(files.items()):
        score = read_score(path, grouping=stems, vocals_track=vocals_track)
        samples = round((score.seconds + TAIL_SECONDS) * sample_rate)
        play = partial(
            render_midi,
            path,
            soundfont=font,
            samples=samples,
            sample_rate=sample_rate,
            grouping=stems,
            vocals_track=vocals_track,
        )
        target = folder / ("test" if number < test else "train") / name
        recordings.append(Recording(target, play, samples, tuple(score.notes)))
    encoding = Encoding(format, 16)
    return divide(folder, recordings, sample_rate=sample_rate, encoding=encoding, force=force)


def _midi_files(source: Path) -> dict[str, Path]:
    """Names of tracks and their files, by name; folders below become part of the name."""
    if source.is_file():
        return {source.stem: source}
    if not source.exists():
        raise DataError(f"{source} does not exist: look at the path")
    files = {
        " - ".join(path.relative_to(source).with_suffix("").parts): path
        for path in sorted(source.rglob("*"))
        if path.suffix.lower() in _SUFFIXES and path.is_file()
    }
    if not files:
        raise DataError(f"{source} has no MIDI files: they end in .mid or .midi")
    return files

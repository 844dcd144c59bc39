"""What people bring: whether it can be taken, and a song composed for those who bring nothing."""

import filecmp
import math
from dataclasses import dataclass
from pathlib import Path

from auralflow.audio import AudioInfo, AudioWriter, Encoding, probe
from auralflow.datasets.synthetic import compose_song, song_name
from auralflow.errors import AudioError, AuralflowError

__all__ = ["Sample", "check_song", "clock", "compose_sample", "sentence"]

_RATE = 44_100


def check_song(song: Path, *, max_minutes: float) -> AudioInfo:
    """What the file is; raises `AudioError` if it is not audio, or longer than the page takes."""
    info = probe(song)
    if info.seconds > 60 * max_minutes:
        raise AudioError(
            f"{song} is {clock(info.seconds)} long, and this page takes {clock(60 * max_minutes)}: "
            "cut it, or start the page with a larger --max-minutes"
        )
    return info


def clock(seconds: float) -> str:
    """Minutes and seconds; a part of a second counts as one, so that what is too long looks longer."""
    minutes, rest = divmod(math.ceil(seconds), 60)
    return f"{minutes}:{rest:02d}"


@dataclass(frozen=True)
class Sample:
    """A composed song, whose stems are known."""

    mixture: Path
    truth: dict[str, Path]

    def is_song(self, song: Path) -> bool:
        """Whether a file is this song, which the page may have copied."""
        return song.name == self.mixture.name and filecmp.cmp(song, self.mixture, shallow=False)


def compose_sample(seed: int, folder: Path, *, seconds: float) -> Sample:
    """Compose a song into a folder that need not exist: its mixture, and its stems in a folder of their own."""
    name = song_name(seed)
    stems = compose_song(seed, seconds=seconds, sample_rate=_RATE)
    first, *others = stems.values()
    mixture = folder / f"{name}.wav"
    truth = {stem: folder / f"{name} stems" / f"{stem}.wav" for stem in stems}
    for path, audio in [
        (mixture, sum(others, start=first)),
        *zip(truth.values(), stems.values(), strict=True),
    ]:
        path.parent.mkdir(parents=True, exist_ok=True)
        with AudioWriter(
            path, sample_rate=_RATE, channels=2, encoding=Encoding("wav", 24), force=True
        ) as writer:
            writer.write(audio)
    return Sample(mixture, truth)


def sentence(error: AuralflowError, *paths: Path) -> str:
    """The error as people on the page are told it: files by their names, since the folders are the server's affair."""
    words = str(error)
    for path in paths:
        words = words.replace(str(path), path.name)
    starts_with_file = any(words.startswith(path.name) for path in paths)
    return words if starts_with_file else words[:1].upper() + words[1:]

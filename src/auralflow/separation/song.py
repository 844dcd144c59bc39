"""One song to one file per stem."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from auralflow.audio import AudioInfo, AudioReader, AudioWriter, Backend, Encoding
from auralflow.errors import AudioError, ConfigError, OutputError
from auralflow.models.base import Separator
from auralflow.models.streaming.answer import chosen_rows
from auralflow.models.streaming.options import SeparationOptions
from auralflow.separation.bag import Bag
from auralflow.separation.config import Overs
from auralflow.separation.overs import Level, treatment_of
from auralflow.separation.pipeline import ahead
from auralflow.separation.residual import Remembered, with_residual
from auralflow.separation.staging import refuse_existing, staged
from auralflow.separation.stream import separate_stream
from auralflow.separation.unscaled import read_unscaled, write_unscaled

__all__ = ["BLOCK_SAMPLES", "RESIDUAL", "FileResult", "Progress", "separate_file", "stem_names"]

RESIDUAL = "residual"
"""Name of the file with what is left of the song when all stems are taken out of it."""
BLOCK_SAMPLES = 65_536

Progress = Callable[[Path, int, int], None]
"""Called with the song, the samples that are done and the samples there are, now and then."""


@dataclass(frozen=True)
class FileResult:
    """What became of one song."""

    source: Path
    files: Mapping[str, Path]
    """The file of each stem, and of the residual."""
    seconds: float
    peak: float
    """The highest sample of all stems, before anything was done about it; 1 is full scale."""
    overs: int
    """Samples beyond full scale, over all stems and channels, before anything was done about them."""
    gain: float
    """The factor by which all stems were rescaled: 1 unless that was asked for and necessary."""


def stem_names(
    model: Separator | Bag, *, residual: bool, wanted: Sequence[str] = ()
) -> tuple[str, ...]:
    """The files a network yields, without suffix: those of its targets that are wanted, if any are named.

    Raises `ConfigError` if a target has the residual's name, and for one that the network does not have.
    """
    names = tuple(model.targets[row] for row in chosen_rows(model.targets, wanted))
    if residual and RESIDUAL in names:
        raise ConfigError(
            f"the network has a target called {RESIDUAL}, as the file of what is left over is: pass --no-residual"
        )
    return (*names, RESIDUAL) if residual else names


def separate_file(
    model: Separator | Bag,
    source: Path,
    folder: Path,
    *,
    encoding: Encoding | None = None,
    residual: bool = True,
    overs: Overs = "auto",
    force: bool = False,
    options: SeparationOptions | None = None,
    backend: Backend = "soundfile",
    progress: Progress | None = None,
) -> FileResult:
    """Write `<folder>/<target>.<format>` for each target, of the song's own rate, channel count and length.

    Encoding is 32 bit float wav unless another is given. The stems and the residual sum to the song, to the precision
    of the encoding: none is ever rescaled on its own. All files appear together at the end; after an error or Ctrl-C
    there is none. Memory does not grow with the song; `rescale` keeps a float copy of the stems on the disk meanwhile.

    Raises `AudioError` for a song that cannot be read or that the format cannot hold, `OutputError` for files that
    exist or cannot be written, `ConfigError` for `overs` that the encoding cannot hold, `ModelError` for answers that
    are not audio.
    """
    encoding = encoding or Encoding("wav", 32)
    treatment = treatment_of(overs, encoding)
    options = options or SeparationOptions()
    names = stem_names(model, residual=residual, wanted=options.targets)
    files = {name: folder / f"{name}{encoding.suffix}" for name in names}
    refuse_existing(tuple(files.values()), force=force)
    if any(file.exists() and file.samefile(source) for file in files.values()):
        raise OutputError(
            f"{source} would be written over by one of its own stems: choose another folder"
        )
    level = Level()
    gain = 1.0
    with AudioReader(source, backend=backend) as reader, ExitStack() as stack:
        info = reader.info
        if objection := encoding.objection(info.sample_rate, info.channels):
            raise AudioError(f"the stems of {source} cannot be written: {objection}")
        heard = stack.enter_context(closing(ahead(reader.blocks(BLOCK_SAMPLES))))
        mixture = Remembered(heard)
        stems = separate_stream(
            model, mixture, sample_rate=info.sample_rate, channels=info.channels, options=options
        )
        stems = with_residual(stems, mixture) if residual else stems
        stems = _measured(stems, level, clip=treatment == "clip")
        stems = stack.enter_context(closing(ahead(stems)))
        stems = _reporting(stems, source, info.samples, progress)
        with staged(folder, [file.name for file in files.values()]) as scratch:
            final = [scratch / file.name for file in files.values()]
            if treatment == "rescale":
                unscaled = [scratch / f"unscaled-{number}" for number in range(len(files))]
                write_unscaled(unscaled, stems)
                gain = level.gain
                for copy, file in zip(unscaled, final, strict=True):
                    _rescale(copy, file, info, encoding, gain)
            else:
                _write(final, stems, info, encoding)
    seconds = info.samples / info.sample_rate
    return FileResult(source, files, seconds, level.peak, level.overs, gain)


def _reporting(
    blocks: Iterable[Float[ndarray, "S C T"]], source: Path, total: int, progress: Progress | None
) -> Iterator[Float[ndarray, "S C T"]]:
    done = 0
    for stems in blocks:
        yield stems
        done += stems.shape[-1]
        if progress is not None:
            progress(source, done, total)


def _measured(
    blocks: Iterable[Float[ndarray, "S C T"]], level: Level, *, clip: bool
) -> Iterator[Float[ndarray, "S C T"]]:
    for stems in blocks:
        level.add(stems)
        yield np.clip(stems, -1, 1) if clip else stems


def _write(
    files: Sequence[Path],
    blocks: Iterable[Float[ndarray, "S C T"]],
    info: AudioInfo,
    encoding: Encoding,
) -> None:
    with ExitStack() as stack:
        writers = [
            stack.enter_context(
                AudioWriter(
                    file,
                    sample_rate=info.sample_rate,
                    channels=info.channels,
                    encoding=encoding,
                )
            )
            for file in files
        ]
        for stems in blocks:
            for writer, stem in zip(writers, stems, strict=True):
                writer.write(stem)


def _rescale(unscaled: Path, file: Path, info: AudioInfo, encoding: Encoding, gain: float) -> None:
    blocks = read_unscaled(unscaled, channels=info.channels, block_samples=BLOCK_SAMPLES)
    _write([file], (block[None] * np.float32(gain) for block in blocks), info, encoding)
    unscaled.unlink()

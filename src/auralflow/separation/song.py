"""One song to its files."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from auralflow.audio import (
    AudioInfo,
    AudioReader,
    AudioWriter,
    Backend,
    Encoding,
    StemWriter,
    Tags,
    read_tags,
)
from auralflow.errors import AudioError, OutputError
from auralflow.memory import returning_freed_memory
from auralflow.models.base import Separator
from auralflow.models.streaming.options import SeparationOptions
from auralflow.separation.bag import Bag
from auralflow.separation.config import Overs
from auralflow.separation.naming import file_of
from auralflow.separation.order import Order
from auralflow.separation.overs import Level, treatment_of
from auralflow.separation.parts import plan_parts, with_differences
from auralflow.separation.pipeline import ahead, hand_on
from auralflow.separation.preview import loudest_start
from auralflow.separation.remembering import Remembered
from auralflow.separation.staging import refuse_existing, staged
from auralflow.separation.stream import separate_stream
from auralflow.separation.unscaled import read_unscaled, write_unscaled

__all__ = ["BLOCK_SAMPLES", "FileResult", "Progress", "files_of", "separate_file", "separate_song"]

BLOCK_SAMPLES = 65_536

Progress = Callable[[Path, int, int], None]
"""Called with the song, the samples that are done and the samples there are, now and then."""
_Step = Callable[[Float[ndarray, "P C T"]], Float[ndarray, "P C T"]]
"""What is done with each block. Steps are mapped: a loop would hold on to a block while the next one is computed."""
_STEMS = "stems"
"""What the only file is called where all stems are in it."""


@dataclass(frozen=True)
class FileResult:
    """What became of one song."""

    source: Path
    files: Mapping[str, Path]
    """The file of each stem, of the residual and of the song without stems; `stems` where all are in one."""
    seconds: float
    """Length of what was separated."""
    peak: float
    """The highest sample of all stems, before anything was done about it; 1 is full scale."""
    overs: int
    """Samples beyond full scale, over all stems and channels, before anything was done about them."""
    gain: float
    """The factor by which all stems were rescaled: 1 unless that was asked for and necessary."""
    start_seconds: float | None = None
    """Where in the song a preview begins; None for a song that was separated whole."""
    clipped: int = 0
    """How many of the overs were cut off."""
    sample_rates: tuple[int, int] = (0, 0)
    """Of the song and of the files, in Hz: another for opus only, which has few."""

    @property
    def is_stem_file(self) -> bool:
        """Whether all stems are streams of one file."""
        return [*self.files] == [_STEMS] and self.files[_STEMS].name.endswith(".stem.mp4")


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
    They get the song's tags and cover. A stem.mp4 is one file, `<folder>/<name of the song>.stem.mp4`.

    Raises `AudioError` for a song that cannot be read or that the format cannot hold, `OutputError` for files that
    exist or cannot be written, `ConfigError` for `overs` that the encoding cannot hold, `ModelError` for answers that
    are not audio.
    """
    encoding = encoding or Encoding("wav", 32)
    template = None if encoding.format == "stem.mp4" else "{stem}.{ext}"
    order = Order(encoding, residual=residual, overs=overs, template=template)
    return separate_song(
        model,
        source,
        folder,
        order,
        force=force,
        options=options,
        backend=backend,
        progress=progress,
    )


def separate_song(
    model: Separator | Bag,
    source: Path,
    folder: Path,
    order: Order,
    *,
    song: str | None = None,
    force: bool = False,
    options: SeparationOptions | None = None,
    backend: Backend = "soundfile",
    progress: Progress | None = None,
) -> FileResult:
    """What `separate_file` does, with everything that can be asked for; `song` is the name that the template is given.

    Raises what `separate_file` does, and `ConfigError` for a stem that the network does not have.
    """
    options = options or SeparationOptions()
    plan = plan_parts(model.targets, order, options.targets)
    names = files_of(model, order, song=song or source.stem, wanted=options.targets)
    options = replace(options, targets=plan.targets)
    files = {name: folder / path for name, path in names.items()}
    refuse_existing(tuple(files.values()), force=force)
    if any(file.exists() and file.samefile(source) for file in files.values()):
        raise OutputError(
            f"{source} would be written over by one of its own stems: choose another folder"
        )
    level = Level()
    with (
        returning_freed_memory(),
        AudioReader(source, backend=backend) as reader,
        ExitStack() as stack,
    ):
        info = reader.info
        encoding = order.encoding.suited_to(info)
        treatment = treatment_of(order.overs, encoding)
        if objection := encoding.objection(info.sample_rate, info.channels):
            raise AudioError(f"the stems of {source} cannot be written: {objection}")
        start, stop = _stretch(reader, order)
        heard = reader.blocks(BLOCK_SAMPLES, start=start, stop=stop)
        heard = stack.enter_context(closing(ahead(heard)))
        mixture = Remembered(heard) if plan.needs_mixture else None
        stems = separate_stream(
            model,
            heard if mixture is None else mixture,
            sample_rate=info.sample_rate,
            channels=info.channels,
            options=options,
        )
        parts = with_differences(stems, mixture, plan)
        parts = map(_measuring(level, clip=treatment == "clip"), parts)
        if progress is not None:
            parts = map(_reporting(progress, source, stop - start), parts)
        with staged(folder, [str(path) for path in names.values()]) as scratch:
            writing = _Writing(
                {name: scratch / path for name, path in names.items()},
                [part.name for part in plan.parts],
                info,
                encoding,
                stop - start,
                read_tags(source) if order.tags else Tags(),
            )
            if treatment == "rescale":
                unscaled = [scratch / f".unscaled-{number}" for number in range(len(plan.parts))]
                hand_on(parts, partial(write_unscaled, unscaled))
                writing.write(_rescaled(unscaled, info.channels, level.gain))
                for copy in unscaled:
                    copy.unlink()
            else:
                hand_on(parts, writing.write)
    return FileResult(
        source,
        files,
        (stop - start) / info.sample_rate,
        level.peak,
        level.overs,
        level.gain if treatment == "rescale" else 1.0,
        start / info.sample_rate if order.preview_seconds is not None else None,
        level.overs if treatment == "clip" else 0,
        (info.sample_rate, encoding.rate_for(info.sample_rate)),
    )


def files_of(
    model: Separator | Bag, order: Order, *, song: str, wanted: Sequence[str] = ()
) -> dict[str, Path]:
    """The files that a song of this name becomes, by the names of their stems, below its folder.

    Raises what `plan_parts` does.
    """
    parts = plan_parts(model.targets, order, wanted).parts
    names = [_STEMS] if order.encoding.format == "stem.mp4" else [part.name for part in parts]
    return {
        name: Path(file_of(order.names, song=song, stem=name, encoding=order.encoding))
        for name in names
    }


def _stretch(reader: AudioReader, order: Order) -> tuple[int, int]:
    """The first sample that is separated and the one behind the last."""
    if order.preview_seconds is None:
        return 0, reader.info.samples
    wanted = max(1, round(order.preview_seconds * reader.info.sample_rate))
    start = loudest_start(reader, wanted)
    return start, min(start + wanted, reader.info.samples)


def _reporting(progress: Progress, source: Path, total: int) -> _Step:
    done = 0

    def report(parts: Float[ndarray, "P C T"]) -> Float[ndarray, "P C T"]:
        nonlocal done
        done += parts.shape[-1]
        progress(source, done, total)
        return parts

    return report


def _measuring(level: Level, *, clip: bool) -> _Step:
    def measure(parts: Float[ndarray, "P C T"]) -> Float[ndarray, "P C T"]:
        level.add(parts)
        return np.clip(parts, -1, 1) if clip else parts

    return measure


@dataclass(frozen=True)
class _Writing:
    """Parts of a song to the files that are to hold them."""

    files: Mapping[str, Path]
    parts: Sequence[str]
    info: AudioInfo
    encoding: Encoding
    samples: int
    tags: Tags

    def write(self, blocks: Iterable[Float[ndarray, "P C T"]]) -> None:
        for file in self.files.values():
            file.parent.mkdir(parents=True, exist_ok=True)
        if self.encoding.format == "stem.mp4":
            self._write_together(self.files[_STEMS], blocks)
        else:
            self._write_each([(name, self.files[name]) for name in self.parts], blocks)

    def _write_together(self, file: Path, blocks: Iterable[Float[ndarray, "5 C T"]]) -> None:
        rate, channels = self.info.sample_rate, self.info.channels
        with StemWriter(file, sample_rate=rate, channels=channels, tags=self.tags) as writer:
            for block in blocks:
                writer.write(block)
                del block

    def _write_each(
        self, files: Sequence[tuple[str, Path]], blocks: Iterable[Float[ndarray, "P C T"]]
    ) -> None:
        with ExitStack() as stack:
            writers = [
                stack.enter_context(
                    AudioWriter(
                        file,
                        sample_rate=self.info.sample_rate,
                        channels=self.info.channels,
                        encoding=self.encoding,
                        samples=self.samples,
                        tags=self.tags.of_stem(name),
                    )
                )
                for name, file in files
            ]
            for block in blocks:
                _write_to_each(writers, block)
                del block


def _write_to_each(writers: Sequence[AudioWriter], block: Float[ndarray, "P C T"]) -> None:
    for writer, part in zip(writers, block, strict=True):
        writer.write(part)


def _rescaled(
    files: Sequence[Path], channels: int, gain: float
) -> Iterator[Float[ndarray, "P C T"]]:
    readers = [
        read_unscaled(file, channels=channels, block_samples=BLOCK_SAMPLES) for file in files
    ]
    for parts in zip(*readers, strict=True):
        yield np.stack(parts) * np.float32(gain)

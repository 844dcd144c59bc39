"""Songs and folders of songs, however deep, to a folder of the same shape with the stems of each."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from auralflow.audio import Backend, Encoding
from auralflow.errors import AudioError, ModelError, OutputError
from auralflow.models.base import Separator
from auralflow.models.streaming.options import SeparationOptions
from auralflow.separation.bag import Bag
from auralflow.separation.config import Overs
from auralflow.separation.finding import Song, songs_of
from auralflow.separation.order import Order
from auralflow.separation.records import Records
from auralflow.separation.sharing import Share
from auralflow.separation.song import FileResult, Progress, files_of, separate_song
from auralflow.separation.staging import refuse_existing
from auralflow.separation.together import at_once

__all__ = ["Failure", "TreeResult", "separate_songs", "separate_tree"]

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Failure:
    """A song that could not be separated."""

    source: Path
    reason: str


@dataclass(frozen=True)
class TreeResult:
    """What became of every song, in the order of their names."""

    results: tuple[FileResult, ...]
    failures: tuple[Failure, ...]
    skipped: tuple[Path, ...] = ()
    """Songs that had been separated before, by the same network and in the same way."""


def separate_tree(
    model: Separator | Bag,
    source: Path,
    save: Path,
    *,
    encoding: Encoding | None = None,
    residual: bool = True,
    overs: Overs = "auto",
    force: bool = False,
    options: SeparationOptions | None = None,
    backend: Backend = "soundfile",
    progress: Progress | None = None,
) -> TreeResult:
    """Separate a song to `<save>/<its name>/`, or every song below a folder to `<save>/<its path from there>/`.

    It is `separate_songs` of one source, with the most usual of its order.
    """
    order = Order(encoding or Encoding("wav", 32), residual=residual, overs=overs)
    return separate_songs(
        model,
        [source],
        save,
        order=order,
        force=force,
        options=options,
        backend=backend,
        progress=progress,
    )


def separate_songs(
    model: Separator | Bag,
    sources: Sequence[Path],
    save: Path,
    *,
    order: Order | None = None,
    force: bool = False,
    options: SeparationOptions | None = None,
    jobs: int = 1,
    share: Share | None = None,
    backend: Backend = "soundfile",
    progress: Progress | None = None,
) -> TreeResult:
    """Separate songs, and every song below folders, to files below `save` that `order` names.

    The names lose their suffix, except those of songs that would then be called the same, as song.wav and song.mp3. What
    lies below `save` is never taken for a song. Songs that were done before, by the same network to the same order, are
    skipped, unless `force` is set. Before anything is computed, `OutputError` is raised if another result exists
    already and `force` is not set, and if two songs would be written to one file. A song that cannot be read or
    separated is left out and is a `Failure` in the result, unless it is the only one and not in a folder: then its
    error is raised. `jobs` songs are separated at the same time. With a `share`, the songs of other processes are left to them.

    Raises `DataError` where there is no song.
    """
    order = order or Order()
    options = options or SeparationOptions()
    songs = songs_of(sources, save)
    is_single = len(sources) == 1 and sources[0].is_file()
    planned = [_Planned(song, save / song.place.parent, model, order, options) for song in songs]
    _refuse_shared(planned)
    mine = (share or Share()).of(planned)
    records = Records(save, model, order, options)
    waiting = [
        plan for plan in mine if force or not records.is_done(plan.song.path, plan.song.source)
    ]
    foreign = [
        plan for plan in waiting if not records.is_of_this_work(plan.song.path, plan.song.source)
    ]
    refuse_existing([file for plan in foreign for file in plan.files], force=force)

    def work(plan: _Planned, progress: Progress | None) -> FileResult | Failure:
        source = plan.song.source
        try:
            result = separate_song(
                model,
                source,
                plan.folder,
                order,
                song=plan.song.place.name,
                force=force or plan not in foreign,
                options=options,
                backend=backend,
                progress=progress,
            )
        except (AudioError, ModelError) as error:
            if is_single:
                raise
            _log.warning("%s is left out: %s", source, error)
            return Failure(source, str(error))
        records.keep(plan.song.path, source, result.files.values())
        return result

    with _evaluating(model):
        outcomes = list(at_once(work, waiting, number=jobs, progress=progress))
    return TreeResult(
        tuple(outcome for outcome in outcomes if isinstance(outcome, FileResult)),
        tuple(outcome for outcome in outcomes if isinstance(outcome, Failure)),
        tuple(plan.song.source for plan in mine if plan not in waiting),
    )


class _Planned:
    """A song and where its files go."""

    def __init__(
        self,
        song: Song,
        folder: Path,
        model: Separator | Bag,
        order: Order,
        options: SeparationOptions,
    ) -> None:
        self.song = song
        self.folder = folder
        names = files_of(model, order, song=song.place.name, wanted=options.targets)
        self.files = [folder / name for name in names.values()]


def _refuse_shared(planned: Sequence[_Planned]) -> None:
    """Raise `OutputError` if two songs have a file in common, whatever its case."""
    owners: dict[str, Path] = {}
    for plan in planned:
        for file in plan.files:
            owner = owners.setdefault(str(file).casefold(), plan.song.source)
            if owner != plan.song.source:
                raise OutputError(
                    f"{owner} and {plan.song.source} would both become {file}: separate them to two folders, or let the"
                    " template have {song}"
                )


@contextmanager
def _evaluating(model: Separator | Bag) -> Iterator[None]:
    """Networks in eval mode throughout, since one thread could otherwise put back what another needs."""
    networks = [member.network for member in model.members] if isinstance(model, Bag) else [model]
    training = [module for network in networks for module in network.modules() if module.training]
    for module in training:
        module.training = False
    try:
        yield
    finally:
        for module in training:
            module.training = True

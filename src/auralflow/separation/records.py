"""What has been separated already, so that it is not done again.

A record lies in `<save>/.auralflow/<path of the song>.json`: what the song, the network and the order were, and which files
came of it.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path, PurePath
from typing import Any

import torch

from auralflow.config.files import plain
from auralflow.files import write_whole
from auralflow.models.base import Separator
from auralflow.models.streaming.options import SeparationOptions
from auralflow.separation.bag import Bag, Member
from auralflow.separation.order import Order

__all__ = ["Records"]

_FOLDER = ".auralflow"


class Records:
    """The records of one folder of results, for one network and one order."""

    def __init__(
        self,
        save: Path,
        model: Separator | Bag,
        order: Order,
        options: SeparationOptions,
    ) -> None:
        self._save = save
        asked = asdict(options)
        # It changes how fast the stems come, and nothing of them.
        del asked["batch_size"]
        self._work = _as_read({"model": _digest(model), "order": asdict(order), "options": asked})

    def is_of_this_work(self, song: PurePath, source: Path) -> bool:
        """Whether this song, by its path below its folder, was separated by this network to this order."""
        return self._read(song).get("work") == self._of(source)

    def is_done(self, song: PurePath, source: Path) -> bool:
        """Whether that is so and all its files are still there, as large as they were."""
        files = self._read(song).get("files")
        return (
            self.is_of_this_work(song, source)
            and isinstance(files, dict)
            and all(_size(self._save / name) == size for name, size in files.items())
        )

    def keep(self, song: PurePath, source: Path, files: Iterable[Path]) -> None:
        """Record that the song is done. Raises `OutputError` if the disk does not take it."""
        sizes = {file.relative_to(self._save).as_posix(): _size(file) for file in files}
        record = {"work": self._of(source), "files": sizes}
        write_whole(self._place(song), json.dumps(record, indent=1).encode())

    def _of(self, source: Path) -> dict[str, Any]:
        status = source.stat()
        return {"source": [source.name, status.st_size, status.st_mtime_ns], **self._work}

    def _read(self, song: PurePath) -> dict[str, Any]:
        try:
            record = json.loads(self._place(song).read_bytes())
        except (OSError, ValueError):
            return {}
        return record if isinstance(record, dict) else {}

    def _place(self, song: PurePath) -> Path:
        return self._save / _FOLDER / song.parent / f"{song.name}.json"


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return -1


def _as_read(value: Mapping[str, Any]) -> dict[str, Any]:
    """As it comes back from JSON, where tuples are lists."""
    result: dict[str, Any] = json.loads(json.dumps(value))
    return result


def _digest(model: Separator | Bag) -> str:
    """What tells one network from another: its kind, its settings and its weights."""
    members = model.members if isinstance(model, Bag) else (Member(model),)
    digest = sha256()
    for member in members:
        network = member.network
        about = [type(network).__name__, plain(network.config), repr(network.signal)]
        about += [network.targets, dict(member.weights)]
        digest.update(json.dumps(about, default=str).encode())
        for name, tensor in sorted(network.state_dict().items()):
            digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
            digest.update(
                tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy().data
            )
    return digest.hexdigest()

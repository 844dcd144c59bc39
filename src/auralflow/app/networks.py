"""Which networks the page offers, and the one that was used last, ready for the next song."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from auralflow.checkpoints import find_checkpoint, pretrained_of
from auralflow.errors import CheckpointError, ConfigError, SessionError
from auralflow.models.base import Separator
from auralflow.pretrained import PRETRAINED, cached_path, find_pretrained
from auralflow.pretrained.catalogue import Progress
from auralflow.separation import Bag, open_networks
from auralflow.separation.opening import Part, list_parts
from auralflow.session.folder import ModelFolder, find_session, is_session, models_in

__all__ = ["Networks", "find_networks"]


def find_networks(source: Path | None) -> dict[str, Path | str]:
    """What `open_networks` takes, by the name people choose: a session's trained models, or the one that is named.

    Without a source they are the trained models of the session at the current folder, if there is one, and the listed
    pretrained weights. Raises `SessionError`, `CheckpointError` or `ConfigError` if a source has nothing to offer.
    """
    if source is None:
        return _at_hand()
    given = source.expanduser()
    if given.is_dir() and not ModelFolder(given).exists() and is_session(given):
        return _named(given)
    if published := pretrained_of(source):
        return {published.name: published.name}  # fetched when it is wanted
    parts = list_parts(given)
    if len(parts) > 1 or parts[0].weights:
        return {given.stem: given}
    file = find_checkpoint(given)
    if not file.is_file():
        raise CheckpointError(
            f"{given} is not there: give a session, a model's folder or name, or a checkpoint"
        )
    return {given.stem if given == file else given.resolve().name: given}


def _at_hand() -> dict[str, Path | str]:
    listed = [entry.name for entry in PRETRAINED if not entry.is_member]
    try:
        session = find_session()
    except SessionError:
        return dict(zip(listed, listed, strict=True))
    # A model of one's own goes before pretrained weights of the same name, as everywhere.
    own = _trained(session)
    return {**own, **{name: name for name in listed if name not in own}}


def _named(session: Path) -> dict[str, Path | str]:
    found = _trained(session)
    if not found:
        named = ", ".join(model.name for model in models_in(session)) or "no model at all"
        raise SessionError(
            f"{session} has no trained model ({named}): train one with `auralflow train MODEL --data PATH`, or give a "
            "model's folder or a checkpoint"
        )
    return dict(found)


def _trained(session: Path) -> dict[str, Path]:
    found = {}
    for model in models_in(session):
        try:
            find_checkpoint(model.path.absolute())
        except CheckpointError:
            continue
        found[model.name] = model.path.absolute()
    return found


@dataclass
class Networks:
    """Loads a network when somebody asks for it, and holds one, or one bag, at a time."""

    sources: Mapping[str, Path | str]
    cuda: bool = True
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _held: tuple[list[object], Separator | Bag] | None = None

    def label(self, name: str) -> str:
        """The name as people see it: with what has to be fetched first."""
        source = self.sources[name]
        if isinstance(source, Path):
            return name
        entry = find_pretrained(source)
        members = [find_pretrained(member) for member, _ in entry.members] or [entry]
        if all(cached_path(member.name).is_file() for member in members):
            return name
        size = "" if entry.size is None else f", {entry.size / 1e6:.0f} MB"
        return f"{name} (fetched when first used{size})"

    def load(self, name: str, *, progress: Progress | None = None) -> Separator | Bag:
        """The network of that name; read anew if its weights have changed, as they do while it is trained.

        `progress` is told of what is fetched. Raises `ConfigError` for a name that is not offered, and what
        `open_networks` raises.
        """
        if name not in self.sources:
            raise ConfigError(
                f"{name} is not a network of this page: choose {' or '.join(self.sources)}"
            )
        source = self.sources[name]
        with self._lock:
            version = [_state(part, progress) for part in list_parts(source)]
            if self._held is None or self._held[0] != version:
                self._held = None
                self._held = (version, open_networks(source, cuda=self.cuda))
            return self._held[1]


def _state(part: Part, progress: Progress | None) -> object:
    """What changes when the file of a network does, or what it counts for."""
    file = find_checkpoint(part.model, progress=progress)
    return file, file.stat().st_mtime_ns, part.weights

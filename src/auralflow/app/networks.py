"""Which networks the page offers, and the one that was used last, ready for the next song."""

import threading
from dataclasses import dataclass, field
from pathlib import Path

from auralflow.checkpoints import find_checkpoint, load_model
from auralflow.errors import CheckpointError, ConfigError, SessionError
from auralflow.models.base import Separator
from auralflow.session.folder import ModelFolder, find_session, is_session, models_in

__all__ = ["Networks", "find_networks"]


def find_networks(source: Path | None) -> dict[str, Path]:
    """What `load_model` takes, by the name people choose: a session's trained models, or one model or checkpoint.

    Without a source it is the session at the current folder. Raises `SessionError` or `CheckpointError` if there is
    nothing to offer.
    """
    if source is None:
        return _trained(find_session())
    given = source.expanduser()
    if given.is_dir() and not ModelFolder(given).exists() and is_session(given):
        return _trained(given)
    file = find_checkpoint(given)
    if not file.is_file():
        raise CheckpointError(
            f"{given} is not there: give a session, a model's folder or name, or a checkpoint"
        )
    return {given.stem if given == file else given.resolve().name: given}


def _trained(session: Path) -> dict[str, Path]:
    models = models_in(session)
    found = {}
    for model in models:
        try:
            find_checkpoint(model.path.absolute())
        except CheckpointError:
            continue
        found[model.name] = model.path.absolute()
    if not found:
        named = ", ".join(model.name for model in models) or "no model at all"
        raise SessionError(
            f"{session} has no trained model ({named}): train one with `auralflow train MODEL --data PATH`, or give a "
            "model's folder or a checkpoint"
        )
    return found


@dataclass
class Networks:
    """Loads a network when somebody asks for it, and holds one at a time."""

    sources: dict[str, Path]
    cuda: bool = True
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _held: tuple[tuple[Path, int], Separator] | None = None

    def load(self, name: str) -> Separator:
        """The network of that name; read anew if its weights have changed, as they do while it is trained.

        Raises `ConfigError` for a name that is not offered, and what `load_model` raises.
        """
        if name not in self.sources:
            raise ConfigError(
                f"{name} is not a network of this page: choose {' or '.join(self.sources)}"
            )
        with self._lock:
            file = find_checkpoint(self.sources[name])
            version = (file, file.stat().st_mtime_ns)
            if self._held is None or self._held[0] != version:
                self._held = None
                self._held = (version, load_model(file, cuda=self.cuda))
            return self._held[1]

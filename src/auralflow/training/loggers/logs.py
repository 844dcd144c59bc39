"""All places that a run is logged to, together."""

import logging
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module

from auralflow.config.files import show_value
from auralflow.errors import MissingExtraError
from auralflow.session import ModelFolder
from auralflow.settings import Settings
from auralflow.training.loggers.log import Log, Run

__all__ = ["Logs", "require_loggers", "settings_of"]

log = logging.getLogger(__name__)

_PACKAGES = {"wandb": ("wandb",), "mlflow": ("mlflow", "sqlalchemy", "alembic")}


def require_loggers(names: Sequence[str]) -> None:
    """Raise `MissingExtraError` if a logger's package is not installed."""
    for name in names:
        for package in _PACKAGES.get(name, ()):
            try:
                import_module(package)
            except ModuleNotFoundError as error:
                raise MissingExtraError(
                    f"loggers has {name}, and the package {package}, which it needs, is not installed: "
                    f'run pip install "auralflow[{name}]"'
                ) from error


def _open(name: str, run: Run) -> Log:
    # Each imports its package, which not everyone has.
    if name == "tensorboard":
        from auralflow.training.loggers.tensorboard import TensorBoardLog

        return TensorBoardLog(run)
    if name == "csv":
        from auralflow.training.loggers.table import TableLog

        return TableLog(run)
    if name == "wandb":
        from auralflow.training.loggers.weights_and_biases import WandbLog

        return WandbLog(run)
    from auralflow.training.loggers.mlflow import MlflowLog

    return MlflowLog(run)


def settings_of(settings: Settings) -> dict[str, str]:
    """All keys, dotted, with their values as YAML has them."""
    flat: dict[str, str] = {}

    def add(prefix: str, values: Mapping[str, object]) -> None:
        for key, value in values.items():
            if isinstance(value, Mapping) and value:
                add(f"{prefix}{key}.", value)
            else:
                flat[f"{prefix}{key}"] = show_value(value)

    add("", settings.as_plain())
    return flat


class Logs:
    """The logs that are on. One that fails while training runs is told once, and training goes on."""

    def __init__(self, names: Sequence[str], folder: ModelFolder, settings: Settings) -> None:
        self.names = tuple(names)
        self._folder = folder
        self._settings = settings
        self._logs: dict[str, Log] = {}
        self._failed: set[str] = set()

    def open(self, step: int, identities: Mapping[str, str]) -> None:
        """Begin, or go on after so many steps; raises `TrainingError` for one that cannot."""
        settings = settings_of(self._settings)
        for name in self.names:
            run = Run(self._folder, settings, step, identities.get(name))
            self._logs[name] = _open(name, run)

    def identities(self) -> dict[str, str]:
        """What each log calls the run, to go on with it after an interruption."""
        found = {name: log.identity for name, log in self._logs.items()}
        return {name: identity for name, identity in found.items() if identity is not None}

    def each(self, write: Callable[[Log], None], *, only: Sequence[str] | None = None) -> None:
        """Do something with every log, or with those named; nothing before they are open."""
        for name, place in self._logs.items():
            if only is not None and name not in only:
                continue
            try:
                write(place)
            except Exception as error:
                if name not in self._failed:
                    self._failed.add(name)
                    log.warning(
                        "The logger %s failed (%s: %s); training goes on, and what it misses is not made up for",
                        name,
                        type(error).__name__,
                        error,
                    )

    def close(self, *, finished: bool) -> None:
        """End; nothing is open then."""
        self.each(lambda place: place.close(finished=finished))
        self._logs.clear()

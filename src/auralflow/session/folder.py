"""Where the files of a session and its models are.

<session>/
├── <model>/
│   ├── <model>_config.yaml   data_config.yaml   train_config.yaml
│   ├── checkpoint/<model>_latest.pth, <model>_best.pth, <model>_<epoch>.pth
│   └── metrics.txt   metrics.json
└── runs/                     TensorBoard logs, one run a model
"""

from dataclasses import dataclass
from pathlib import Path

from auralflow.errors import OutputError, SessionError

__all__ = [
    "ModelFolder",
    "create_session",
    "find_model",
    "find_session",
    "is_session",
    "make_folder",
]

RUNS = "runs"
CONFIG_SUFFIXES = (".yaml", ".yml", ".json")


@dataclass(frozen=True)
class ModelFolder:
    """One model of a session. The paths need not exist."""

    path: Path

    @property
    def name(self) -> str:
        """The model's name, which is the folder's."""
        return self.path.name

    @property
    def session(self) -> Path:
        """The session it belongs to."""
        return self.path.parent

    @property
    def checkpoint(self) -> Path:
        """The folder of checkpoints."""
        return self.path / "checkpoint"

    @property
    def runs(self) -> Path:
        """The folder of this model's TensorBoard logs."""
        return self.session / RUNS / self.name

    def config_file(self, section: str) -> Path:
        """The YAML file of a section: `model`, `data` or `train`."""
        stem = self.name if section == "model" else section
        return self.path / f"{stem}_config.yaml"

    def found_config_file(self, section: str) -> Path | None:
        """The section's file as it is there, YAML or JSON, or None."""
        written = self.config_file(section)
        for suffix in CONFIG_SUFFIXES:
            if written.with_suffix(suffix).is_file():
                return written.with_suffix(suffix)
        return None

    def exists(self) -> bool:
        """Whether the folder looks like a model's: it has a configuration or checkpoints."""
        return self.path.is_dir() and (
            self.checkpoint.is_dir()
            or any(self.found_config_file(section) for section in ("model", "data", "train"))
        )


def create_session(path: Path | str) -> Path:
    """Make the folder of a session, or keep it if it is there, and return its absolute path.

    Raises `OutputError` if the folder cannot be made and `SessionError` if a file is in its place.
    """
    folder = Path(path).expanduser().absolute()
    if folder.exists() and not folder.is_dir():
        raise SessionError(f"{folder} is a file: choose another name for the session")
    make_folder(folder / RUNS)
    return folder


def make_folder(folder: Path) -> None:
    """Make a folder and its parents; raise `OutputError` if that cannot be done."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = error.strerror or str(error)
        raise OutputError(
            f"{folder} cannot be made ({reason}): choose a folder that can be written to"
        ) from error


def is_session(folder: Path) -> bool:
    """Whether a folder is a session: it has a `runs` folder or a model in it."""
    return (folder / RUNS).is_dir() or bool(models_in(folder))


def models_in(folder: Path) -> list[ModelFolder]:
    """The models of a session, by name."""
    if not folder.is_dir():
        return []
    inside = (ModelFolder(path) for path in sorted(folder.iterdir()) if path.is_dir())
    return [model for model in inside if model.exists() and model.name != RUNS]


def find_session(start: Path | None = None) -> Path:
    """The session at a folder, by default the current one, or its parent.

    Raises `SessionError` if neither is one.
    """
    here = (start or Path.cwd()).expanduser().absolute()
    for folder in (here, here.parent):
        if is_session(folder):
            return folder
    raise SessionError(
        f"neither {here} nor its parent is a session: make one with `auralflow create NAME`, "
        "or name one with --session PATH"
    )


def find_model(name: str | Path, *, session: Path | None = None) -> ModelFolder:
    """The model folder that a path or a name means.

    A name is looked for in the current folder, or in `session`, and then in the session around the current folder.
    Raises `SessionError` if there is none, with the models that are.
    """
    given = Path(name).expanduser()
    here = session or Path.cwd()
    candidates = [here / given]
    if session is None and not given.is_absolute() and len(given.parts) == 1:
        candidates.append(here.parent / given)
    for candidate in candidates:
        folder = ModelFolder(candidate.absolute())
        if folder.exists():
            return folder
    known = [model.name for model in models_in(here)]
    found = f"found here: {', '.join(known)}" if known else "no models were found here"
    raise SessionError(
        f"{name} is no model folder ({found}): give a folder with a configuration or checkpoints, or make one "
        "with `auralflow config --model BASE --name NAME`"
    )

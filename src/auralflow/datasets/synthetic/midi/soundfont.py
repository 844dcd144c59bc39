"""Where the soundfont is that plays MIDI files."""

import os
from importlib.util import find_spec
from pathlib import Path

from auralflow.errors import ConfigError, DataError

__all__ = ["VARIABLE", "find_soundfont"]

VARIABLE = "AURALFLOW_SOUNDFONT"
_SHIPPED = "TimGM6mb.sf2"


def find_soundfont(given: Path | None) -> Path:
    """The file that was given, or the one that the environment names, or the one that pretty_midi ships.

    Raises `ConfigError` if there is none of them, `DataError` if the file is missing or no soundfont.
    """
    named = os.environ.get(VARIABLE)
    path = given or (Path(named) if named else _shipped())
    if path is None:
        raise ConfigError(
            f"there is no soundfont: pass --soundfont FILE.sf2, set {VARIABLE}, or install one with "
            '`pip install "auralflow[midi]"`'
        )
    path = path.expanduser()
    try:
        with path.open("rb") as file:
            start = file.read(12)
    except OSError as error:
        raise DataError(
            f"the soundfont {path} cannot be read ({error.strerror}): look at --soundfont and {VARIABLE}"
        ) from error
    if start[:4] != b"RIFF" or start[8:] != b"sfbk":
        raise DataError(f"{path} is no SoundFont 2 file: choose one that ends in .sf2")
    return path


def _shipped() -> Path | None:
    """The small General MIDI soundfont in the package pretty_midi, which is not imported for it."""
    spec = find_spec("pretty_midi")
    if spec is None or spec.origin is None:
        return None
    path = Path(spec.origin).with_name(_SHIPPED)
    return path if path.is_file() else None

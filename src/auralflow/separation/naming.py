"""The names of the files that a song becomes, from a template."""

from pathlib import PurePath
from string import Formatter

from auralflow.audio import Encoding
from auralflow.config.layers import did_you_mean
from auralflow.errors import ConfigError

__all__ = ["SONG_FOLDER", "checked_template", "file_of"]

SONG_FOLDER = "{song}/{stem}.{ext}"
_ONE_FILE = "{song}.{ext}"
_FIELDS = ("song", "stem", "ext")


def checked_template(template: str | None, encoding: Encoding) -> str:
    """The template itself, or the default of the format where there is none.

    Raises `ConfigError` for one that is not understood, leads elsewhere, or gives two stems one name.
    """
    is_one_file = encoding.format == "stem.mp4"
    if template is None:
        return _ONE_FILE if is_one_file else SONG_FOLDER
    found = _fields(template)
    path = PurePath(template)
    if not template.endswith(".{ext}"):
        raise ConfigError(
            f"the template {template} does not end in .{{ext}}, by which programs know the format: add it"
        )
    if path.is_absolute() or ".." in path.parts:
        raise ConfigError(
            f"the template {template} leads out of the folder: name that with --save, and files below it here"
        )
    if is_one_file and "stem" in found:
        raise ConfigError(
            f"the template {template} has {{stem}}, but a stem.mp4 file holds all stems: leave it out"
        )
    if not is_one_file and "stem" not in found:
        raise ConfigError(
            f"the template {template} would give all stems of a song one name: add {{stem}}"
        )
    return template


def file_of(template: str, *, song: str, stem: str, encoding: Encoding) -> PurePath:
    """The path of a file, from the folder that the song's files go to."""
    return PurePath(template.format(song=song, stem=stem, ext=encoding.format))


def _fields(template: str) -> set[str]:
    try:
        parts = list(Formatter().parse(template))
    except ValueError as error:
        raise ConfigError(
            f"the template {template} is not understood ({error}): write a brace that is meant as such twice"
        ) from error
    names = [(name, form, conversion) for _, name, form, conversion in parts if name is not None]
    for name, form, conversion in names:
        if name not in _FIELDS or form or conversion:
            known = ", ".join(f"{{{field}}}" for field in _FIELDS)
            hint = "" if name in _FIELDS else did_you_mean(name, _FIELDS).split(" (known")[0]
            raise ConfigError(
                f"the template {template} has a field {_spelt(name, form, conversion)}{hint}: there are {known}"
            )
    return {name for name, _, _ in names}


def _spelt(name: str, form: str | None, conversion: str | None) -> str:
    return (
        "{" + name + (f"!{conversion}" if conversion else "") + (f":{form}" if form else "") + "}"
    )

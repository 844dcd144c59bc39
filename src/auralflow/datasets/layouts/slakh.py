"""Slakh2100: one folder a song with a `metadata.yaml`, the mixture, and one recording an instrument.

`metadata.yaml` gives each recording an instrument class, of which a song may have several; those of one class sound
together as one stem. Classes are written in lower case with hyphens, `sound-effects` and `strings` for
`Strings (continued)`. The folder `omitted`, songs that occur in several splits, is passed over.

Source: Manilow et al., "Cutting Music Source Separation Some Slakh", WASPAA 2019.
"""

import re
from pathlib import Path
from typing import Any

from auralflow.datasets.layouts.candidates import Candidate, Layout, Source, folders_in, tidy_name
from auralflow.errors import DataError

__all__ = ["SLAKH"]

_LIST = "metadata.yaml"
_SUFFIXES = (".flac", ".wav")


def _find(folder: Path) -> list[Candidate]:
    return [_track(path) for path in folders_in(folder) if (path / _LIST).is_file()]


def _track(folder: Path) -> Candidate:
    stems: dict[str, list[Source]] = {}
    for key, entry in _read(folder / _LIST).items():
        file = _existing(folder / "stems" / str(key))
        # What could not be rendered is in the list too, and has no file.
        if file is not None:
            stems.setdefault(_class_name(str(entry["inst_class"])), []).append(Source(file))
    mixture = _existing(folder / "mix")
    return Candidate(
        tidy_name(folder.name),
        folder,
        {name: tuple(parts) for name, parts in sorted(stems.items())},
        None if mixture is None else Source(mixture),
    )


def _existing(place: Path) -> Path | None:
    files = (place.with_name(place.name + suffix) for suffix in _SUFFIXES)
    return next((file for file in files if file.is_file()), None)


def _class_name(written: str) -> str:
    plain = re.sub(r"\(.*?\)", "", written).strip().lower()
    return re.sub(r"[^\w]+", "-", plain).strip("-")


def _read(path: Path) -> dict[str, Any]:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        content = YAML(typ="safe", pure=True).load(path)
        stems: dict[str, Any] = content["stems"]
        for entry in stems.values():
            str(entry["inst_class"])
    except (OSError, YAMLError, UnicodeDecodeError, TypeError, KeyError, AttributeError) as error:
        raise DataError(
            f"{path} is not a list of instruments as Slakh2100 has it ({type(error).__name__}): "
            "replace it with the dataset's own, or remove the folder"
        ) from error
    return stems


SLAKH = Layout(
    "slakh",
    "<track>/metadata.yaml with <track>/stems/S00.flac",
    _find,
    is_marked=True,
    passed_over=frozenset({"omitted"}),
)

"""The page's style and script, which are files in `resources`, and the policy that keeps the page off the network."""

import json
from base64 import b64encode
from functools import cache
from hashlib import sha256
from importlib.resources import files

import matplotlib

from auralflow.report.listening.imaging import LEVEL_STEPS

__all__ = ["policy", "script", "style"]

_VENDORED = ("wavesurfer.min.js", "wavesurfer-regions.min.js")
_SCRIPTS = (
    "decoding.js", "engine.js", "colours.js", "pictures.js", "elements.js", "listening.js", "waveform.js",
    "lanes.js", "controls.js", "player.js", "keys.js", "tables.js", "page.js",
)  # fmt: skip
"""In the order in which they use one another."""


def _resource(name: str) -> str:
    return (files("auralflow.report.listening") / "resources" / name).read_text(encoding="utf-8")


@cache
def style() -> str:
    """The page's style sheet."""
    return _resource("page.css")


@cache
def script() -> str:
    """The libraries with their licence, then the page's own script in one scope."""
    licence = _resource("vendor/wavesurfer.LICENSE")
    libraries = "\n".join(_resource(f"vendor/{name}") for name in _VENDORED)
    own = "\n".join(_resource(name) for name in _SCRIPTS)
    return (
        f"/* wavesurfer.js 8.0.1\n\n{licence}*/\n{libraries}\n"
        f'(() => {{\n"use strict";\nconst LEVEL_COLOURS = {_colours("magma")};\n{own}\n}})();\n'
    )


def policy() -> str:
    """A content security policy under which the page can load nothing and run no other script than its own."""
    digest = b64encode(sha256(script().encode()).digest()).decode("ascii")
    return (
        f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; img-src data:; "
        "media-src data: blob:; base-uri 'none'; form-action 'none'"
    )


def _colours(name: str) -> str:
    """A colour map as a list of [red, green, blue], for each level of the pictures."""
    colours = matplotlib.colormaps[name].resampled(LEVEL_STEPS)
    return json.dumps(
        [colours(step, bytes=True)[:3] for step in range(LEVEL_STEPS)],
        default=int,
        separators=(",", ":"),
    )

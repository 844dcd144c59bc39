"""The web page: a song is dropped on it, and its stems are heard, seen and taken away.

Names are loaded when they are first used: the flags of the command line need `config` only, and Gradio, which the
page is made with, is an extra.
"""

from typing import TYPE_CHECKING

from auralflow.lazy import load_lazily

if TYPE_CHECKING:
    from auralflow.app.config import AppConfig
    from auralflow.app.server import serve

__all__ = ["AppConfig", "serve"]

_HOMES = {"AppConfig": "auralflow.app.config", "serve": "auralflow.app.server"}

__getattr__, __dir__ = load_lazily(__name__, _HOMES, __all__)

"""Weights that others have published: the list of them, and how they get here.

Names are loaded when they are first used: the list needs no torch.
"""

from typing import TYPE_CHECKING

from auralflow.lazy import load_lazily

if TYPE_CHECKING:
    from auralflow.pretrained.catalogue import (
        PRETRAINED,
        Pretrained,
        RemoteFile,
        find_pretrained,
        is_pretrained,
    )
    from auralflow.pretrained.obtaining import cached_path, download, weights_folder

__all__ = [
    "PRETRAINED",
    "Pretrained",
    "RemoteFile",
    "cached_path",
    "download",
    "find_pretrained",
    "is_pretrained",
    "weights_folder",
]

_HOMES = {
    "PRETRAINED": "auralflow.pretrained.catalogue",
    "Pretrained": "auralflow.pretrained.catalogue",
    "RemoteFile": "auralflow.pretrained.catalogue",
    "cached_path": "auralflow.pretrained.obtaining",
    "download": "auralflow.pretrained.obtaining",
    "find_pretrained": "auralflow.pretrained.catalogue",
    "is_pretrained": "auralflow.pretrained.catalogue",
    "weights_folder": "auralflow.pretrained.obtaining",
}

__getattr__, __dir__ = load_lazily(__name__, _HOMES, __all__)

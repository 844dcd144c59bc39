"""A network over audio of any length, rate and channel count, in constant memory.

Names are loaded when they are first used: the flags of the command line need `config` only.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from auralflow.separation.arrays import separate
    from auralflow.separation.blocks import separate_blocks
    from auralflow.separation.config import SeparationConfig
    from auralflow.separation.options import SeparationOptions
    from auralflow.separation.song import FileResult, separate_file
    from auralflow.separation.stream import separate_stream
    from auralflow.separation.tree import Failure, TreeResult, separate_tree

__all__ = [
    "Failure",
    "FileResult",
    "SeparationConfig",
    "SeparationOptions",
    "TreeResult",
    "separate",
    "separate_blocks",
    "separate_file",
    "separate_stream",
    "separate_tree",
]

_HOMES = {
    "Failure": "tree",
    "FileResult": "song",
    "SeparationConfig": "config",
    "SeparationOptions": "options",
    "TreeResult": "tree",
    "separate": "arrays",
    "separate_blocks": "blocks",
    "separate_file": "song",
    "separate_stream": "stream",
    "separate_tree": "tree",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'auralflow.separation' has no attribute {name!r}")
    return getattr(import_module(f"auralflow.separation.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return __all__

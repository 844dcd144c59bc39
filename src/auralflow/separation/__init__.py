"""A network over audio of any length, rate and channel count, in constant memory.

Names are loaded when they are first used: the flags of the command line need `config` only.
"""

from typing import TYPE_CHECKING

from auralflow.lazy import load_lazily

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
    "Failure": "auralflow.separation.tree",
    "FileResult": "auralflow.separation.song",
    "SeparationConfig": "auralflow.separation.config",
    "SeparationOptions": "auralflow.separation.options",
    "TreeResult": "auralflow.separation.tree",
    "separate": "auralflow.separation.arrays",
    "separate_blocks": "auralflow.separation.blocks",
    "separate_file": "auralflow.separation.song",
    "separate_stream": "auralflow.separation.stream",
    "separate_tree": "auralflow.separation.tree",
}

__getattr__, __dir__ = load_lazily(__name__, _HOMES, __all__)

"""A network over audio of any length, rate and channel count, in constant memory.

Names are loaded when they are first used: the flags of the command line need `config` only.
"""

from typing import TYPE_CHECKING

from auralflow.lazy import load_lazily

if TYPE_CHECKING:
    from auralflow.models.streaming.options import SeparationOptions
    from auralflow.separation.arrays import separate
    from auralflow.separation.bag import Bag, Member
    from auralflow.separation.config import SeparationConfig
    from auralflow.separation.opening import load_bag, open_networks
    from auralflow.separation.order import Order
    from auralflow.separation.sharing import Share
    from auralflow.separation.song import FileResult, separate_file
    from auralflow.separation.stream import SongStream, open_stream, separate_stream
    from auralflow.separation.tree import Failure, TreeResult, separate_songs, separate_tree

__all__ = [
    "Bag",
    "Failure",
    "FileResult",
    "Member",
    "Order",
    "SeparationConfig",
    "SeparationOptions",
    "Share",
    "SongStream",
    "TreeResult",
    "load_bag",
    "open_networks",
    "open_stream",
    "separate",
    "separate_file",
    "separate_songs",
    "separate_stream",
    "separate_tree",
]

_HOMES = {
    "Bag": "auralflow.separation.bag",
    "Failure": "auralflow.separation.tree",
    "FileResult": "auralflow.separation.song",
    "Member": "auralflow.separation.bag",
    "Order": "auralflow.separation.order",
    "SeparationConfig": "auralflow.separation.config",
    "SeparationOptions": "auralflow.models.streaming.options",
    "Share": "auralflow.separation.sharing",
    "SongStream": "auralflow.separation.stream",
    "TreeResult": "auralflow.separation.tree",
    "load_bag": "auralflow.separation.opening",
    "open_networks": "auralflow.separation.opening",
    "open_stream": "auralflow.separation.stream",
    "separate": "auralflow.separation.arrays",
    "separate_file": "auralflow.separation.song",
    "separate_songs": "auralflow.separation.tree",
    "separate_stream": "auralflow.separation.stream",
    "separate_tree": "auralflow.separation.tree",
}

__getattr__, __dir__ = load_lazily(__name__, _HOMES, __all__)

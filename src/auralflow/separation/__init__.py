"""A network over audio of any length, rate and channel count, in constant memory.

Names are loaded when they are first used: the flags of the command line need `config` only.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from auralflow.separation.blocks import separate_blocks
    from auralflow.separation.options import SeparationOptions
    from auralflow.separation.stream import separate_stream

__all__ = ["SeparationOptions", "separate_blocks", "separate_stream"]

_HOMES = {
    "SeparationOptions": "options",
    "separate_blocks": "blocks",
    "separate_stream": "stream",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'auralflow.separation' has no attribute {name!r}")
    return getattr(import_module(f"auralflow.separation.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return __all__

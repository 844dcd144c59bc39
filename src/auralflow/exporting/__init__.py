"""Networks as files that run without auralflow.

Names are loaded when they are first used: the command's help needs `formats` only.
"""

from typing import TYPE_CHECKING

from auralflow.lazy import load_lazily

if TYPE_CHECKING:
    from auralflow.exporting.formats import FORMATS, Format
    from auralflow.exporting.run import Exported, export

__all__ = ["FORMATS", "Exported", "Format", "export"]

_HOMES = {
    "FORMATS": "auralflow.exporting.formats",
    "Exported": "auralflow.exporting.run",
    "Format": "auralflow.exporting.formats",
    "export": "auralflow.exporting.run",
}

__getattr__, __dir__ = load_lazily(__name__, _HOMES, __all__)

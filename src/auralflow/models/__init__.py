"""Mixture to stems: one architecture a file, all of them in `catalogue.ARCHITECTURES`."""

from typing import TYPE_CHECKING

from auralflow.lazy import load_lazily

if TYPE_CHECKING:
    from auralflow.models.base import Estimate, Separator
    from auralflow.models.catalogue import ARCHITECTURES
    from auralflow.models.factory import create
    from auralflow.models.signal import Signal
    from auralflow.models.unet.spec import UNetSpec

__all__ = ["ARCHITECTURES", "Estimate", "Separator", "Signal", "UNetSpec", "create"]

_HOMES = {
    "ARCHITECTURES": "auralflow.models.catalogue",
    "Estimate": "auralflow.models.base",
    "Separator": "auralflow.models.base",
    "Signal": "auralflow.models.signal",
    "UNetSpec": "auralflow.models.unet.spec",
    "create": "auralflow.models.factory",
}

__getattr__, __dir__ = load_lazily(__name__, _HOMES, __all__)

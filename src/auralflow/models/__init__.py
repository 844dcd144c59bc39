"""Mixture to stems: one architecture a file, all of them in `catalogue.ARCHITECTURES`."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

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


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'auralflow.models' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__

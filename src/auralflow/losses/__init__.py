"""(estimate, reference) → scalar. Loaded lazily: `losses.names` must not cost an import of torch."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from auralflow.losses.names import LossName

if TYPE_CHECKING:
    from auralflow.losses.catalogue import LOSSES, Loss, create_loss
    from auralflow.losses.regression import l1, l2, smooth_l1

__all__ = ["LOSSES", "Loss", "LossName", "create_loss", "l1", "l2", "smooth_l1"]

_HOMES = {
    "LOSSES": "auralflow.losses.catalogue",
    "Loss": "auralflow.losses.catalogue",
    "create_loss": "auralflow.losses.catalogue",
    "l1": "auralflow.losses.regression",
    "l2": "auralflow.losses.regression",
    "smooth_l1": "auralflow.losses.regression",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'auralflow.losses' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__

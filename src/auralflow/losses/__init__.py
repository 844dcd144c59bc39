"""(estimate, reference) → scalar. Loaded lazily: `losses.names` must not cost an import of torch."""

from typing import TYPE_CHECKING

from auralflow.lazy import load_lazily
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

__getattr__, __dir__ = load_lazily(__name__, _HOMES, __all__)

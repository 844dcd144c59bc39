"""(estimate, reference) → scalar. Loaded lazily: names and options must not cost an import of torch."""

from typing import TYPE_CHECKING

from auralflow.lazy import load_lazily

if TYPE_CHECKING:
    from auralflow.losses.catalogue import LOSSES, LossKind, create_loss
    from auralflow.losses.names import LOSS_NAMES, LossName, parse_loss
    from auralflow.losses.options import LossOptions
    from auralflow.losses.pair import Pair
    from auralflow.losses.regression import l1, l2, smooth_l1
    from auralflow.losses.sound import Resolution
    from auralflow.losses.weighted import WeightedLoss

__all__ = [
    "LOSSES",
    "LOSS_NAMES",
    "LossKind",
    "LossName",
    "LossOptions",
    "Pair",
    "Resolution",
    "WeightedLoss",
    "create_loss",
    "l1",
    "l2",
    "parse_loss",
    "smooth_l1",
]

_HOMES = {
    "LOSSES": "auralflow.losses.catalogue",
    "LOSS_NAMES": "auralflow.losses.names",
    "LossKind": "auralflow.losses.catalogue",
    "LossName": "auralflow.losses.names",
    "LossOptions": "auralflow.losses.options",
    "Pair": "auralflow.losses.pair",
    "Resolution": "auralflow.losses.sound",
    "WeightedLoss": "auralflow.losses.weighted",
    "create_loss": "auralflow.losses.catalogue",
    "l1": "auralflow.losses.regression",
    "l2": "auralflow.losses.regression",
    "parse_loss": "auralflow.losses.names",
    "smooth_l1": "auralflow.losses.regression",
}

__getattr__, __dir__ = load_lazily(__name__, _HOMES, __all__)

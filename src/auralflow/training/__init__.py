"""Training a network on a dataset, on Lightning."""

from typing import TYPE_CHECKING

from auralflow.lazy import load_lazily

if TYPE_CHECKING:
    from auralflow.training.checking.result import Check
    from auralflow.training.checking.run import check
    from auralflow.training.run import TrainingResult, train

__all__ = ["Check", "TrainingResult", "check", "train"]

_HOMES = {
    "Check": "auralflow.training.checking.result",
    "TrainingResult": "auralflow.training.run",
    "check": "auralflow.training.checking.run",
    "train": "auralflow.training.run",
}

__getattr__, __dir__ = load_lazily(__name__, _HOMES, __all__)

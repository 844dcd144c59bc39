"""Training a network on a dataset, on Lightning."""

from typing import TYPE_CHECKING

from auralflow.lazy import load_lazily

if TYPE_CHECKING:
    from auralflow.training.run import TrainingResult, train

__all__ = ["TrainingResult", "train"]

_HOMES = {
    "TrainingResult": "auralflow.training.run",
    "train": "auralflow.training.run",
}

__getattr__, __dir__ = load_lazily(__name__, _HOMES, __all__)

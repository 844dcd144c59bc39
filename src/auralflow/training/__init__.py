"""Training a network on a dataset, on Lightning."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from auralflow.training.run import TrainingResult, train

__all__ = ["TrainingResult", "train"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'auralflow.training' has no attribute {name!r}")
    from auralflow.training import run

    return getattr(run, name)


def __dir__() -> list[str]:
    return __all__

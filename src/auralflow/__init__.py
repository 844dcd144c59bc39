"""auralflow: train, evaluate and use networks that separate music into its sources.

Names are loaded when they are first used, so that `import auralflow` and `auralflow --help` are quick.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from auralflow._version import __version__
from auralflow.errors import AuralflowError

if TYPE_CHECKING:
    from auralflow.checkpoints import load_model
    from auralflow.demo import run_demo
    from auralflow.evaluation import evaluate
    from auralflow.separation import separate
    from auralflow.session import configure, create_session
    from auralflow.training import train

__all__ = [
    "AuralflowError",
    "__version__",
    "configure",
    "create_session",
    "evaluate",
    "load_model",
    "run_demo",
    "separate",
    "train",
]

_HOMES = {
    "configure": "auralflow.session",
    "create_session": "auralflow.session",
    "evaluate": "auralflow.evaluation",
    "load_model": "auralflow.checkpoints",
    "run_demo": "auralflow.demo",
    "separate": "auralflow.separation",
    "train": "auralflow.training",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'auralflow' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return __all__

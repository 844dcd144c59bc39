"""auralflow: train, evaluate and use networks that separate music into its sources.

Names are loaded when they are first used, so that `import auralflow` and `auralflow --help` are quick.
"""

from typing import TYPE_CHECKING

from auralflow._version import __version__
from auralflow.errors import AuralflowError
from auralflow.lazy import load_lazily

if TYPE_CHECKING:
    from auralflow import models
    from auralflow.checkpoints import load_model
    from auralflow.demo import run_demo
    from auralflow.evaluation import evaluate
    from auralflow.export import export
    from auralflow.separation import separate
    from auralflow.session import configure, create_session
    from auralflow.training import check, train

__all__ = [
    "AuralflowError",
    "__version__",
    "check",
    "configure",
    "create_session",
    "evaluate",
    "export",
    "load_model",
    "models",
    "run_demo",
    "separate",
    "train",
]

_HOMES = {
    "check": "auralflow.training",
    "configure": "auralflow.session",
    "create_session": "auralflow.session",
    "evaluate": "auralflow.evaluation",
    "export": "auralflow.export.run",
    "load_model": "auralflow.checkpoints",
    "models": "auralflow.models",
    "run_demo": "auralflow.demo",
    "separate": "auralflow.separation",
    "train": "auralflow.training",
}

__getattr__, __dir__ = load_lazily(__name__, _HOMES, __all__)

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
    from auralflow.evaluation import compare, evaluate
    from auralflow.exporting import export
    from auralflow.hub import pull, push
    from auralflow.pretrained import download
    from auralflow.separation import separate
    from auralflow.session import configure, create_session
    from auralflow.training import check, train

__all__ = [
    "AuralflowError",
    "__version__",
    "check",
    "compare",
    "configure",
    "create_session",
    "download",
    "evaluate",
    "export",
    "load_model",
    "models",
    "pull",
    "push",
    "run_demo",
    "separate",
    "train",
]

_HOMES = {
    "check": "auralflow.training",
    "compare": "auralflow.evaluation",
    "configure": "auralflow.session",
    "create_session": "auralflow.session",
    "download": "auralflow.pretrained",
    "evaluate": "auralflow.evaluation",
    "export": "auralflow.exporting.run",
    "load_model": "auralflow.checkpoints",
    "models": "auralflow.models",
    "pull": "auralflow.hub",
    "push": "auralflow.hub",
    "run_demo": "auralflow.demo",
    "separate": "auralflow.separation",
    "train": "auralflow.training",
}

__getattr__, __dir__ = load_lazily(__name__, _HOMES, __all__)

"""Public names that are imported when they are first used.

A package lists them for type checkers under `TYPE_CHECKING`, and for the program in `_HOMES`:

    _HOMES = {"Stft": "auralflow.dsp.stft"}
    __getattr__, __dir__ = load_lazily(__name__, _HOMES, __all__)
"""

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any

__all__ = ["load_lazily"]


def load_lazily(
    package: str, homes: Mapping[str, str], names: Sequence[str]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """The `__getattr__` and `__dir__` of a package whose names live in the modules `homes` says.

    A room of the package itself, whose home is its own name, is given as the module.
    """

    def get(name: str) -> Any:
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module = import_module(homes[name])
        return module if homes[name] == f"{package}.{name}" else getattr(module, name)

    return get, lambda: list(names)

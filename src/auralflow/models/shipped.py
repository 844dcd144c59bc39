"""Networks with weights that come in the package."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from auralflow.config import Layer, resolve
from auralflow.errors import CheckpointError, ConfigError, ModelError
from auralflow.models.base import Separator
from auralflow.models.catalogue import find_architecture
from auralflow.models.factory import build
from auralflow.models.signal import Signal
from auralflow.tensor_files import SUFFIX, read_tensors

__all__ = ["load_shipped", "shipped_path"]

FOLDER = Path(__file__).resolve().parents[1] / "weights"


def shipped_path(name: str) -> Path:
    """A file of weights in the package; raise `CheckpointError` if the package came without it."""
    path = FOLDER / f"{name}{SUFFIX}"
    if not path.is_file():
        raise CheckpointError(
            f"this copy of auralflow came without the weights {path.name}: install a release, or fetch others with "
            "`auralflow download`"
        )
    return path


def load_shipped(name: str) -> Separator:
    """The network of a file in the package, in eval mode.

    Raises `CheckpointError` if the package came without it, or with one that does not fit.
    """
    path = shipped_path(name)
    file = read_tensors(path)
    try:
        network = _network(file.about["config"], tuple(file.about["targets"]))
        network.load_state_dict(file.tensors)
    except (KeyError, TypeError, ConfigError, ModelError, RuntimeError) as error:
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise CheckpointError(
            f"{path} does not fit this version of auralflow ({reason}): install auralflow anew"
        ) from error
    return network.eval()


def _network(config: Mapping[str, Any], targets: tuple[str, ...]) -> Separator:
    model, data = config["model"], config["data"]
    architecture = find_architecture(model["base-model"])
    section = resolve(architecture.config, [Layer("weights", model)]).value
    signal = Signal(
        data["sample-rate"],
        1 if data["mono"] else 2,
        data["num-fft"],
        data["window-size"],
        data["hop-length"],
        data["chunk-size"],
    )
    return build(section, signal=signal, targets=targets)

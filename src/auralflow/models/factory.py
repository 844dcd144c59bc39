"""A network from its name and keys."""

from collections.abc import Sequence
from typing import Any

from auralflow.config import Layer, resolve
from auralflow.config.base import snake
from auralflow.models.base import Separator
from auralflow.models.catalogue import find_architecture
from auralflow.models.options import NetworkConfig
from auralflow.models.signal import Signal

__all__ = ["build", "create"]


def create(
    name: str,
    *,
    targets: Sequence[str] = ("vocals",),
    channels: int = 2,
    sample_rate: int = 44_100,
    num_fft: int | None = None,
    window_size: int | None = None,
    hop_length: int | None = None,
    chunk_size: float = 3.0,
    **keys: Any,
) -> Separator:
    """A network with fresh weights, in training mode.

    `name` is a class or base of the catalogue, in any case. `keys` are those of its configuration in snake_case,
    nested ones as mappings: `create("unet", max_layers=4, encoder={"kernel_size": 3})`. The three lengths are in samples,
    by default those of the architecture; `chunk_size`, in seconds, is what it is to be trained on, and bounds its depth.

    Raises `ConfigError` for names and keys that do not exist and `ModelError` for values that do not fit together.
    """
    architecture = find_architecture(name)
    config = resolve(
        architecture.config, [Layer(name, architecture.settings), Layer("create", keys)]
    ).value
    lengths = {"num_fft": num_fft, "window_size": window_size, "hop_length": hop_length}
    own: dict[str, int] = {snake(key): value for key, value in architecture.data.items()}
    own |= {key: value for key, value in lengths.items() if value is not None}
    signal = Signal(sample_rate, channels, chunk_size=chunk_size, **own)
    names = (targets,) if isinstance(targets, str) else tuple(targets)
    return build(config, signal=signal, targets=names)


def build(config: NetworkConfig, *, signal: Signal, targets: tuple[str, ...]) -> Separator:
    """The network that a checked configuration describes, with fresh weights."""
    network = find_architecture(config.network).load()
    return network.from_config(config, signal=signal, targets=targets)

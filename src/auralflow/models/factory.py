"""A network from its name and keys."""

from collections.abc import Sequence
from typing import Any

from auralflow.config import Layer, resolve
from auralflow.models.base import Separator
from auralflow.models.catalogue import ModelConfig, find_architecture
from auralflow.models.signal import Signal

__all__ = ["build", "create"]


def create(
    name: str,
    *,
    targets: Sequence[str] = ("vocals",),
    channels: int = 2,
    sample_rate: int = 44_100,
    num_fft: int = 1024,
    window_size: int = 1024,
    hop_length: int = 768,
    **keys: Any,
) -> Separator:
    """A network with fresh weights, in training mode.

    `name` is a class or base of the catalogue, in any case. `keys` are those of its configuration in snake_case,
    nested ones as mappings: `create("unet", max_layers=4, encoder={"kernel_size": 3})`. Lengths are in samples.

    Raises `ConfigError` for names and keys that do not exist and `ModelError` for values that do not fit together.
    """
    architecture = find_architecture(name)
    config = resolve(
        architecture.config, [Layer(name, architecture.settings), Layer("create", keys)]
    ).value
    signal = Signal(sample_rate, channels, num_fft, window_size, hop_length)
    return build(config, signal=signal, targets=tuple(targets))


def build(config: ModelConfig, *, signal: Signal, targets: tuple[str, ...]) -> Separator:
    """The network that a checked configuration describes, with fresh weights."""
    architecture = find_architecture(config.base_model)
    return architecture.load()(config, signal=signal, targets=targets)

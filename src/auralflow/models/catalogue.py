"""The list of all architectures: what follows from a name follows from here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any

from auralflow.config.layers import did_you_mean
from auralflow.errors import ConfigError
from auralflow.models.unet.config import UNetConfig

if TYPE_CHECKING:
    from auralflow.models.base import Separator

__all__ = ["ARCHITECTURES", "Architecture", "ModelConfig", "base_names", "find_architecture"]

ModelConfig = UNetConfig
"""The configuration of any network of the catalogue."""


@dataclass(frozen=True)
class Architecture:
    """One network of the catalogue. The network itself is imported when it is built: it needs torch."""

    name: str
    """Its class."""
    aliases: tuple[str, ...]
    """Other names `--base` takes."""
    summary: str
    config: type[ModelConfig]
    home: str
    """The module that holds the class."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Values of the configuration that make a shared configuration this network."""

    def load(self) -> "type[Separator]":
        """The class of the network."""
        network: type[Separator] = getattr(import_module(self.home), self.name)
        return network


ARCHITECTURES: tuple[Architecture, ...] = (
    Architecture(
        name="UNetSpec",
        aliases=("unet",),
        summary="U-Net on the magnitude spectrogram with a soft mask (Jansson et al., ISMIR 2017)",
        config=UNetConfig,
        home="auralflow.models.unet.spec",
    ),
)


def base_names() -> tuple[str, ...]:
    """Every name that `--base` takes, aliases first."""
    aliases = [alias for entry in ARCHITECTURES for alias in entry.aliases]
    return (*aliases, *(entry.name for entry in ARCHITECTURES))


def find_architecture(name: str) -> Architecture:
    """The architecture of a name, whatever its case.

    Raises `ConfigError` for a name that is not in the catalogue.
    """
    for entry in ARCHITECTURES:
        if name.lower() in (entry.name.lower(), *entry.aliases):
            return entry
    hint = did_you_mean(name.lower(), base_names())
    raise ConfigError(f"{name} is not a base architecture{hint}: choose one of these names")

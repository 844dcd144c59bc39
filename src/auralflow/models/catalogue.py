"""The list of all architectures: what follows from a name follows from here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any

from auralflow.config.layers import did_you_mean
from auralflow.errors import ConfigError
from auralflow.models.adaptive.config import AdaptiveConfig
from auralflow.models.demucs.config import DemucsConfig
from auralflow.models.hdemucs.config import HDemucsConfig
from auralflow.models.htdemucs.config import HTDemucsConfig
from auralflow.models.openunmix.config import OpenUnmixConfig
from auralflow.models.options import NetworkConfig
from auralflow.models.spleeter.config import SpleeterConfig
from auralflow.models.unet.config import UNetConfig

if TYPE_CHECKING:
    from auralflow.models.base import Separator

__all__ = ["ARCHITECTURES", "Architecture", "base_names", "find_architecture"]


@dataclass(frozen=True)
class Architecture:
    """One network of the catalogue. The network itself is imported when it is built: it needs torch."""

    name: str
    """Its class."""
    aliases: tuple[str, ...]
    """Other names `--base` takes."""
    summary: str
    config: type[NetworkConfig]
    home: str
    """The module that holds the class."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Values of the configuration that make a shared configuration this network."""
    data: Mapping[str, Any] = field(default_factory=dict)
    """Defaults of the data section that are this network's own."""

    def load(self) -> "type[Separator]":
        """The class of the network."""
        network: type[Separator] = getattr(import_module(self.home), self.name)
        return network


_LSTM = {"bottleneck": {"type": "lstm"}}
_VARIATIONAL = {"bottleneck": {"variational": True}}
_AUDIO = {"domain": "audio"}


def _unet(
    name: str, summary: str, settings: Mapping[str, Any], *aliases: str, home: str = "networks"
) -> Architecture:
    return Architecture(
        name, aliases, summary, UNetConfig, f"auralflow.models.unet.{home}", settings
    )


ARCHITECTURES: tuple[Architecture, ...] = (
    _unet(
        "UNetSpec",
        "U-Net on the magnitude spectrogram with a soft mask (Jansson et al., ISMIR 2017)",
        {},
        "unet",
    ),
    _unet(
        "UNetRecurrentSpec",
        "UNetSpec with recurrent layers over time in the bottleneck",
        _LSTM,
        "recurrent",
    ),
    _unet("UNetVAESpec", "UNetSpec with a variational bottleneck", _VARIATIONAL),
    _unet(
        "UNetAudio",
        "U-Net on the waveform (after Wave-U-Net, Stoller et al., ISMIR 2018)",
        _AUDIO,
    ),
    _unet(
        "UNetRecurrentAudio",
        "UNetAudio with recurrent layers over time in the bottleneck",
        {**_AUDIO, **_LSTM},
    ),
    _unet("UNetVAEAudio", "UNetAudio with a variational bottleneck", {**_AUDIO, **_VARIATIONAL}),
    Architecture(
        name="AdaptiveUNet",
        aliases=("adaptive",),
        summary="Any U-Net written as lists of layers, on the spectrogram or the waveform",
        config=AdaptiveConfig,
        home="auralflow.models.build",
    ),
    Architecture(
        name="OpenUnmix",
        aliases=("openunmix",),
        summary="Recurrent masks on the magnitude spectrogram, and a Wiener filter (Stöter et al., JOSS 2019)",
        config=OpenUnmixConfig,
        home="auralflow.models.openunmix.network",
        data={"num-fft": 4096, "window-size": 4096, "hop-length": 1024},
    ),
    Architecture(
        name="Demucs",
        aliases=("demucs",),
        summary="Demucs on the waveform, as of 2019 or the time branch of version 3 (Défossez et al., 2019)",
        config=DemucsConfig,
        home="auralflow.models.demucs.network",
    ),
    Architecture(
        name="HDemucs",
        aliases=("hdemucs",),
        summary="Hybrid Demucs, on spectrogram and waveform together (Défossez, MDX workshop 2021)",
        config=HDemucsConfig,
        home="auralflow.models.hdemucs.network",
        data={"num-fft": 4096, "window-size": 4096, "hop-length": 1024},
    ),
    Architecture(
        name="HTDemucs",
        aliases=("htdemucs",),
        summary="Hybrid Demucs with a transformer across both branches (Rouard et al., ICASSP 2023)",
        config=HTDemucsConfig,
        home="auralflow.models.htdemucs.network",
        data={"num-fft": 4096, "window-size": 4096, "hop-length": 1024},
    ),
    Architecture(
        name="SpleeterUNet",
        aliases=("spleeter",),
        summary="Spleeter's U-Nets, whose answers share out the mixture (Hennequin et al., JOSS 2020)",
        config=SpleeterConfig,
        home="auralflow.models.spleeter.network",
        data={"num-fft": 4096, "window-size": 4096, "hop-length": 1024},
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
    aliases = [alias for entry in ARCHITECTURES for alias in entry.aliases]
    hint = did_you_mean(name.lower(), base_names()) or f" (known: {', '.join(aliases)})"
    raise ConfigError(f"{name} is not a base architecture{hint}: choose one of these names")

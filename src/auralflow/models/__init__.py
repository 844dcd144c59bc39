"""Mixture to stems: one architecture a file, all of them in `catalogue.ARCHITECTURES`."""

from typing import TYPE_CHECKING

from auralflow.lazy import load_lazily

if TYPE_CHECKING:
    from auralflow.models.base import Estimate, Separator
    from auralflow.models.build import AdaptiveUNet, UNet
    from auralflow.models.catalogue import ARCHITECTURES
    from auralflow.models.demucs.network import Demucs
    from auralflow.models.factory import create
    from auralflow.models.hdemucs.network import HDemucs
    from auralflow.models.htdemucs.network import HTDemucs
    from auralflow.models.openunmix.network import OpenUnmix
    from auralflow.models.signal import Signal
    from auralflow.models.spleeter.network import SpleeterUNet
    from auralflow.models.summary import Summary, summarise
    from auralflow.models.unet.networks import (
        UNetAudio,
        UNetRecurrentAudio,
        UNetRecurrentSpec,
        UNetSpec,
        UNetVAEAudio,
        UNetVAESpec,
    )

__all__ = [
    "ARCHITECTURES",
    "AdaptiveUNet",
    "Demucs",
    "Estimate",
    "HDemucs",
    "HTDemucs",
    "OpenUnmix",
    "Separator",
    "Signal",
    "SpleeterUNet",
    "Summary",
    "UNet",
    "UNetAudio",
    "UNetRecurrentAudio",
    "UNetRecurrentSpec",
    "UNetSpec",
    "UNetVAEAudio",
    "UNetVAESpec",
    "create",
    "summarise",
]

_HOMES = {
    "ARCHITECTURES": "auralflow.models.catalogue",
    "AdaptiveUNet": "auralflow.models.build",
    "Demucs": "auralflow.models.demucs.network",
    "Estimate": "auralflow.models.base",
    "HDemucs": "auralflow.models.hdemucs.network",
    "HTDemucs": "auralflow.models.htdemucs.network",
    "OpenUnmix": "auralflow.models.openunmix.network",
    "Separator": "auralflow.models.base",
    "Signal": "auralflow.models.signal",
    "SpleeterUNet": "auralflow.models.spleeter.network",
    "Summary": "auralflow.models.summary",
    "UNet": "auralflow.models.build",
    "UNetAudio": "auralflow.models.unet.networks",
    "UNetRecurrentAudio": "auralflow.models.unet.networks",
    "UNetRecurrentSpec": "auralflow.models.unet.networks",
    "UNetSpec": "auralflow.models.unet.networks",
    "UNetVAEAudio": "auralflow.models.unet.networks",
    "UNetVAESpec": "auralflow.models.unet.networks",
    "create": "auralflow.models.factory",
    "summarise": "auralflow.models.summary",
}

__getattr__, __dir__ = load_lazily(__name__, _HOMES, __all__)

"""All settings of one model: the sections `model`, `data` and `train`, and where each value came from."""

from auralflow.settings.presets import preset_layer, preset_names, preset_text
from auralflow.settings.sections import SECTIONS, Settings, all_parameters, read_settings
from auralflow.settings.train import TrainConfig

__all__ = [
    "SECTIONS",
    "Settings",
    "TrainConfig",
    "all_parameters",
    "preset_layer",
    "preset_names",
    "preset_text",
    "read_settings",
]

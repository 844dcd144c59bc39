"""All settings of one model: the sections `model`, `data` and `train`, and where each value came from."""

from auralflow.settings.sections import SECTIONS, Settings, all_parameters, read_settings
from auralflow.settings.train import TrainConfig

__all__ = ["SECTIONS", "Settings", "TrainConfig", "all_parameters", "read_settings"]

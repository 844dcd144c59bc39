"""The keys of `data_config.yaml`."""

from auralflow.augment.options import AugmentConfig
from auralflow.datasets.config import DataConfig

__all__ = ["DataSettings"]


class DataSettings(DataConfig):
    """Audio, dataset and augmentation."""

    augment: AugmentConfig = AugmentConfig.defaults()
    """What is done at random to the stems of a training chunk."""

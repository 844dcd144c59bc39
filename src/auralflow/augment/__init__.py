"""What is done to a batch of stems on the training device before the network hears their sum."""

from auralflow.augment.catalogue import AUGMENTATIONS, Augmentation, augment
from auralflow.augment.mixing import mix

__all__ = ["AUGMENTATIONS", "Augmentation", "augment", "mix"]

"""What is done to a batch of stems on the training device before the network hears their sum."""

from typing import TYPE_CHECKING

from auralflow.lazy import load_lazily

if TYPE_CHECKING:
    from auralflow.augment.augmentation import Augmentation, MixtureAugmentation
    from auralflow.augment.catalogue import AUGMENTATIONS, augment, augment_mixture
    from auralflow.augment.mixing import mix
    from auralflow.augment.options import AugmentConfig, wanted_numbers
    from auralflow.augment.stretching import require_libraries

__all__ = [
    "AUGMENTATIONS",
    "AugmentConfig",
    "Augmentation",
    "MixtureAugmentation",
    "augment",
    "augment_mixture",
    "mix",
    "require_libraries",
    "wanted_numbers",
]

_HOMES = {
    "AUGMENTATIONS": "auralflow.augment.catalogue",
    "AugmentConfig": "auralflow.augment.options",
    "Augmentation": "auralflow.augment.augmentation",
    "MixtureAugmentation": "auralflow.augment.augmentation",
    "augment": "auralflow.augment.catalogue",
    "augment_mixture": "auralflow.augment.catalogue",
    "mix": "auralflow.augment.mixing",
    "require_libraries": "auralflow.augment.stretching",
    "wanted_numbers": "auralflow.augment.options",
}

__getattr__, __dir__ = load_lazily(__name__, _HOMES, __all__)

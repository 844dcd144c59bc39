"""How music may lie in a folder: one file a layout, all of them in `LAYOUTS`."""

from auralflow.datasets.layouts.catalogue import LAYOUTS
from auralflow.datasets.layouts.opening import open_dataset

__all__ = ["LAYOUTS", "open_dataset"]

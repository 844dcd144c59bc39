"""How music may lie in a folder: one file a layout, all of them in `LAYOUTS`."""

from auralflow.datasets.layouts.candidates import Candidate, Layout, Source
from auralflow.datasets.layouts.folders import FOLDERS
from auralflow.datasets.layouts.musdb_stem import MUSDB_STEM

__all__ = ["LAYOUTS", "Candidate", "Layout", "Source"]

LAYOUTS: tuple[Layout, ...] = (FOLDERS, MUSDB_STEM)

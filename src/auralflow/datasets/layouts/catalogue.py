"""The layouts that are looked for."""

from auralflow.datasets.layouts.candidates import Layout
from auralflow.datasets.layouts.folders import FOLDERS
from auralflow.datasets.layouts.musdb_stem import MUSDB_STEM

__all__ = ["LAYOUTS"]

LAYOUTS: tuple[Layout, ...] = (FOLDERS, MUSDB_STEM)

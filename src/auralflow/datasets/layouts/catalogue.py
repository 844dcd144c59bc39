"""The layouts that are looked for."""

from auralflow.datasets.layouts.candidates import Layout
from auralflow.datasets.layouts.folders import FOLDERS
from auralflow.datasets.layouts.moisesdb import MOISESDB
from auralflow.datasets.layouts.musdb_stem import MUSDB_STEM
from auralflow.datasets.layouts.slakh import SLAKH
from auralflow.datasets.layouts.stem_folders import STEM_FOLDERS

__all__ = ["LAYOUTS"]

LAYOUTS: tuple[Layout, ...] = (FOLDERS, MUSDB_STEM, MOISESDB, SLAKH, STEM_FOLDERS)

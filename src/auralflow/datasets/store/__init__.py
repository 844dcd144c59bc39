"""The sample store: every recording as raw samples that a chunk is one slice of."""

from auralflow.datasets.store.cache import cache_folder
from auralflow.datasets.store.store import Store, Work
from auralflow.datasets.store.stored import StoredAudio

__all__ = ["Store", "StoredAudio", "Work", "cache_folder"]

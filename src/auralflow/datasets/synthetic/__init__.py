"""Songs that the project composes itself, so that it can be tried without any data."""

from auralflow.datasets.synthetic.collection import Collection, plan_collection
from auralflow.datasets.synthetic.compose import STEMS, compose_song
from auralflow.datasets.synthetic.files import write_songs
from auralflow.datasets.synthetic.names import song_name

__all__ = [
    "STEMS",
    "Collection",
    "compose_song",
    "plan_collection",
    "song_name",
    "write_songs",
]

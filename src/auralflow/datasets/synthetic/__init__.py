"""Songs that the project composes itself, so that it can be tried without any data."""

from auralflow.datasets.synthetic.compose import STEMS, compose_song
from auralflow.datasets.synthetic.files import write_songs
from auralflow.datasets.synthetic.names import song_name

__all__ = ["STEMS", "compose_song", "song_name", "write_songs"]

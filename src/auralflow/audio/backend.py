"""Which library reads, and which files are taken for audio."""

from typing import Literal

__all__ = ["AUDIO_SUFFIXES", "Backend"]

Backend = Literal["soundfile", "pyav"]
"""`soundfile` tries libsndfile first and lets PyAV (FFmpeg) have the rest; `pyav` asks PyAV for everything."""

AUDIO_SUFFIXES = frozenset(
    {
        ".3gp",
        ".aac",
        ".aif",
        ".aiff",
        ".au",
        ".avi",
        ".caf",
        ".flac",
        ".flv",
        ".m4a",
        ".m4b",
        ".m4v",
        ".mka",
        ".mkv",
        ".mov",
        ".mp3",
        ".mp4",
        ".mpeg",
        ".mpg",
        ".oga",
        ".ogg",
        ".opus",
        ".rf64",
        ".w64",
        ".wav",
        ".webm",
        ".wma",
        ".wmv",
        ".wv",
    }
)
"""File name endings, in lower case with the dot, that a folder is searched for."""

"""Which library reads, and which files are taken for audio."""

from typing import Literal

__all__ = ["AUDIO_SUFFIXES", "Backend"]

Backend = Literal["soundfile", "pyav"]
"""`soundfile` tries libsndfile first and lets PyAV (FFmpeg) have the rest; `pyav` asks PyAV for everything."""

AUDIO_SUFFIXES = frozenset(
    {
        ".aac",
        ".aif",
        ".aiff",
        ".au",
        ".caf",
        ".flac",
        ".m4a",
        ".mka",
        ".mkv",
        ".mov",
        ".mp3",
        ".mp4",
        ".oga",
        ".ogg",
        ".opus",
        ".rf64",
        ".w64",
        ".wav",
        ".webm",
        ".wma",
    }
)
"""File name endings, in lower case with the dot, that a folder is searched for."""

"""What can go wrong, as types.

    AuralflowError            everything below; the command line prints it and exits with code 2
    ├── ConfigError           a key, a value or a flag
    ├── SessionError          the session folder and what should be in it
    ├── DataError             a dataset: its folder, its tracks, its stems
    │   └── AudioError        one audio file
    ├── ModelError            a network that cannot be built, or does not fit its input
    ├── CheckpointError       a file of weights
    ├── DownloadError         weights that cannot be fetched, or are not what was asked for
    ├── TrainingError         a run that cannot go on
    ├── OutputError           a file or folder that cannot be written
    └── MissingExtraError     an optional dependency that is not installed

Every message is one sentence of three parts: the fact, the value found, and what to do about it.
"""

__all__ = [
    "AudioError",
    "AuralflowError",
    "CheckpointError",
    "ConfigError",
    "DataError",
    "DownloadError",
    "MissingExtraError",
    "ModelError",
    "OutputError",
    "SessionError",
    "TrainingError",
]


class AuralflowError(Exception):
    """Base of every error that auralflow raises on purpose."""


class ConfigError(AuralflowError):
    """One or more keys, values or flags are wrong; the message lists all of them."""


class SessionError(AuralflowError):
    """The session folder, or something that should be in it, is missing or in the way."""


class DataError(AuralflowError):
    """A dataset cannot be used as it is."""


class AudioError(DataError):
    """An audio file cannot be read: missing, empty, damaged, or with samples that are not numbers."""


class ModelError(AuralflowError):
    """A network cannot be built from its configuration, or was given what it cannot take."""


class CheckpointError(AuralflowError):
    """A file of weights is missing, damaged, foreign, or of another network."""


class DownloadError(AuralflowError):
    """A file cannot be fetched, breaks off, or holds other bytes than it should."""


class TrainingError(AuralflowError):
    """A training run cannot start or cannot go on."""


class OutputError(AuralflowError):
    """A result cannot be written: it exists, the folder is read-only, or the disk is full."""


class MissingExtraError(AuralflowError):
    """An optional dependency is needed; the message holds the exact install command."""

"""The session folder: the only owner of its layout."""

from auralflow.session.configure import configure, load_settings
from auralflow.session.folder import ModelFolder, create_session, find_model, find_session

__all__ = [
    "ModelFolder",
    "configure",
    "create_session",
    "find_model",
    "find_session",
    "load_settings",
]

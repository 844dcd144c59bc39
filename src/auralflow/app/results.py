"""What becomes of a song on the page: a folder of stems, the player, and all of it as one archive."""

import threading
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

__all__ = ["ARCHIVE", "PLAYER", "Result"]

PLAYER = "player.html"
ARCHIVE = "stems.zip"


@dataclass(frozen=True)
class Result:
    """A separated song."""

    folder: Path
    song: str
    """The song's name, without suffix."""
    network: str
    files: Mapping[str, Path]
    """By stem, the residual among them."""
    note: str = ""
    """What the listener should know about the level, or nothing."""
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def file(self, name: str) -> Path | None:
        """The path of one of the result's files by its own name; None for any other name."""
        if name == ARCHIVE:
            return self._archive()
        known = [*self.files.values(), self.folder / PLAYER]
        return next((path for path in known if path.name == name and path.is_file()), None)

    def download_name(self, path: Path) -> str:
        """What a browser calls the file: the song is in it."""
        if path.name == ARCHIVE:
            return f"{self.song} by {self.network}.zip"
        return f"{self.song} - {path.name}"

    def _archive(self) -> Path:
        """All stems in one file, made when it is first asked for: most people take one stem."""
        target = self.folder / ARCHIVE
        with self._lock:
            if not target.is_file():
                partial = target.with_name(f".{uuid4().hex}")
                # Stored and not deflated: sound hardly shrinks.
                with zipfile.ZipFile(partial, "w") as archive:
                    for path in self.files.values():
                        archive.write(path, self.download_name(path))
                partial.replace(target)
        return target

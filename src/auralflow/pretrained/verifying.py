"""Whether a file is the one that was asked for."""

import hashlib
from pathlib import Path

from auralflow.pretrained.catalogue import RemoteFile

__all__ = ["difference"]

_BLOCK = 1 << 20


def difference(path: Path, wanted: RemoteFile) -> str:
    """In words, what is other about a file than it should be; empty if it is as far as anyone knows the one."""
    size = path.stat().st_size
    if wanted.size is not None and size != wanted.size:
        return f"has {size:,} bytes, not {wanted.size:,}"
    if size == 0:
        return "is empty"
    if wanted.sha256:
        found = _sha256(path)
        if not found.startswith(wanted.sha256):
            digits = len(wanted.sha256)
            return f"has SHA-256 {found[:digits]}, not {wanted.sha256}"
    return ""


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
